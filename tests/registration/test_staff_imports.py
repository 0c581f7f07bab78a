"""The pages of importing: who may, what is shown, and the whole way from a table to registered people."""

import io

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from app.extensions import db, transaction
from app.jobs.models import Job
from app.jobs.rules import JobState
from app.registration.models_imports import ImportRow, ImportRun
from app.registration.models_questions import RegistrationAnswer, RegistrationQuestion
from app.registration.rules_answers import AnswerKind
from app.registration.rules_import import EXAMPLE, TEMPLATE, Field, ImportState, match_columns
from app.shared import clock
from app.shared.tables import read_table
from tests import factories
from tests.databases import statements
from tests.pages import Page
from tests.personas import STAFF, People
from tests.registration.imports import HEADER, handed_in, imported, line, nip, people_of, text
from tests.shared.sheets import workbook

MAY = ("administrator", "manager", "organiser")


def home(people: People) -> str:
    return f"/panel/kegiatan/{people.stage.slug}/peserta/impor"


@pytest.fixture
def office(people: People) -> People:
    """A host with a category and an institution."""
    factories.category(people.host, identity_types=["NIP"], identity_required=True)
    factories.institution(people.host, name="Dinas Uji")
    return people


def hand_in(people: People, *lines: str, status: int = 200) -> Page:
    page = people.organiser.client.get(home(people))
    return page.submit("main form[enctype]", file=(io.BytesIO(text(*lines).encode()), "peserta.csv"), status=status)


def test_who_may_import(people: People) -> None:
    run = handed_in(people.stage, line(1))
    for role in STAFF:
        client = getattr(people, role).client
        status = 200 if role in MAY else 403
        for address in ("", "/templat.xlsx", "/templat.csv", f"/{run.id}/kolom", f"/{run.id}/salah.xlsx"):
            client.get(home(people) + address, status=status, check=False)
    for address in ("", f"/{run.id}", f"/{run.id}/salah.xlsx"):
        people.outsider.client.get(home(people) + address, status=404, check=False)
    assert "/masuk" in people.visitor.get(home(people)).url


def test_a_table_belongs_to_its_stage(people: People) -> None:
    elsewhere = handed_in(people.other_stage, line(1))
    client = people.organiser.client
    client.get(f"{home(people)}/{elsewhere.id}", status=404)
    client.get(f"{home(people)}/99999", status=404)
    client.get(f"{home(people)}/{elsewhere.id}/salah.xlsx", status=404)
    client.get(f"{home(people)}/{elsewhere.id}/jalankan", status=405)


def test_posts_need_their_token(people: People) -> None:
    run = handed_in(people.stage, line(1))
    client = people.organiser.client
    client.post(f"{home(people)}/{run.id}/hapus", status=400)
    client.post(f"{home(people)}/{run.id}/kolom", data={"column_name": "0", "column_phone": "1"}, status=422)
    client.post(f"{home(people)}/{run.id}/jalankan", data={"mode": "good"}, status=422)
    client.post(home(people), data={"pasted": text(line(2))}, status=422)
    assert db.session.scalars(sa.select(ImportRun.state)).all() == [ImportState.UPLOADED]


def test_the_whole_way(office: People, work) -> None:
    page = hand_in(office, line(1), line(2, nip="1,98507E+17"), line(3))
    assert page.url.endswith("/kolom") and "Peserta Ab" in page.text
    page = page.submit("main form.surface")
    assert "/panel/pekerjaan/" in page.url
    work()
    page = office.organiser.client.get(page.url).follow(".actions a.btn-primary")
    assert [tile.text_content().strip() for tile in page.select(".tile .value")] == ["2", "0", "0", "0", "1"]
    assert "notasi ilmiah" in page.text and "B · NIP" in page.text
    page = page.submit("main form.surface")
    work()
    page = office.organiser.client.get(page.url)
    assert "2 orang telah diimpor" in page.text
    page = page.follow(".actions a.btn-primary")
    assert len(people_of(office.stage)) == 2
    listed = office.organiser.client.get(f"{page.url}?hasil=new")
    assert any("/peserta/" in link.get("href") for link in listed.select("tbody a"))
    assert "Sudah diimpor" in office.organiser.client.get(home(office)).text


def test_pasted_cells_do_as_well(office: People) -> None:
    page = office.organiser.client.get(home(office))
    page = page.submit("main form[enctype]", pasted="\tNama\tNIP\n1\tAni\t" + nip(1) + "\n")
    assert page.url.endswith("/kolom")
    assert page.values("main form.surface")["column_identity_number"] == "2"


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"%PDF-1.7", "PDF"), (b"", "Pilih berkas"), (b"Nama;NIP\n", "tidak ada baris"), (b"PK\x03\x04", "rusak")],
)
def test_a_file_that_is_refused_says_why(people: People, data: bytes, words: str) -> None:
    page = people.organiser.client.get(home(people))
    file = {"file": (io.BytesIO(data), "peserta.xlsx")} if data else {}
    page = page.submit("main form[enctype]", status=422, **file)
    assert words in page.text and db.session.scalar(sa.select(ImportRun)) is None


def test_columns_can_be_named_by_hand(office: People, work) -> None:
    rows = [("Siapa", "Nomor", "Apa"), ("Ani", nip(1), "x"), ("Budi", nip(2), "y")]
    page = office.organiser.client.get(home(office))
    page = page.submit("main form[enctype]", file=(io.BytesIO(workbook(rows)), "aneh.xlsx"))
    page = page.submit("main form.surface", status=422)
    assert "Tentukan kolom yang memuat nama" in page.text
    page = page.submit("main form.surface", column_name="0", column_identity_number="0", status=422)
    assert "sudah dipakai" in page.text
    page.submit("main form.surface", column_name="0", column_identity_number="1", category="OPD")
    work()
    run = db.session.scalars(sa.select(ImportRun)).one()
    assert (run.columns, run.category, run.state) == ({"name": 0, "identity_number": 1}, "OPD", ImportState.CHECKED)
    page = office.organiser.client.get(f"{home(office)}/{run.id}")
    assert (
        "instansi" in page.text.lower()
        and page.follow("a[href$='/kolom']").values("main form.surface")["column_name"] == "0"
    )


def test_where_all_are_registered_there_is_nothing_to_start(office: People, work) -> None:
    imported(office.stage, line(1))
    hand_in(office, line(1)).submit("main form.surface")
    work()
    run = db.session.scalars(sa.select(ImportRun).order_by(ImportRun.id.desc())).first()
    assert run is not None
    page = office.organiser.client.get(f"{home(office)}/{run.id}")
    assert "sudah terdaftar" in page.text and not page.select("form[action$='/jalankan']")


def test_starting_twice_imports_once(office: People, work) -> None:
    hand_in(office, line(1)).submit("main form.surface")
    work()
    run = db.session.scalars(sa.select(ImportRun)).one()
    page = office.organiser.client.get(f"{home(office)}/{run.id}")
    page.submit("main form.surface")
    page.submit("main form.surface")
    work()
    assert len(people_of(office.stage)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Job)) == 2


def test_work_that_was_given_up_is_taken_up_by_a_button(office: People) -> None:
    hand_in(office, line(1)).submit("main form.surface")
    with transaction():
        db.session.execute(sa.update(Job).values(state=JobState.FAILED))
    run = db.session.scalars(sa.select(ImportRun)).one()
    page = office.organiser.client.get(f"{home(office)}/{run.id}")
    assert page.submit("main form").url.endswith("/kolom")


def test_a_table_is_deleted_by_a_button(office: People) -> None:
    page = hand_in(office, line(1))
    page = page.submit("main details form")
    assert "dihapus" in page.text and db.session.scalar(sa.select(ImportRow)) is None


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_template_is_read_back_by_its_names(office: People, kind: str) -> None:
    factories.group(office.programme, name="Smart Living")
    page = office.organiser.client.get(f"{home(office)}/templat.{kind}", check=False)
    assert "attachment" in page.headers["Content-Disposition"]
    table = read_table(page.data)
    assert match_columns(table.header) == {field.value: place for place, field in enumerate(TEMPLATE)}
    told = dict(zip(TEMPLATE, (cell.text for cell in table.rows[0].cells), strict=True))
    assert told[Field.NUMBER] == EXAMPLE[Field.NUMBER] and told[Field.INSTITUTION] == "Dinas Uji"
    assert len(table.rows) == 1


def test_the_templates_cells_are_text_and_its_lists_are_beside(office: People) -> None:
    factories.group(office.programme, name="Smart Living")
    page = office.organiser.client.get(f"{home(office)}/templat.xlsx", check=False)
    first, second = load_workbook(io.BytesIO(page.data)).worksheets
    formats = [(one.min, one.max, one.number_format) for one in first.column_dimensions.values()]
    assert {one[2] for one in formats} == {"@"} and max(one[1] for one in formats) == len(TEMPLATE)
    assert {value for row in second.iter_rows(values_only=True) for value in row} >= {
        "Opd",
        "Dinas Uji",
        "Smart Living",
    }
    assert len(first.data_validations.dataValidation) == 3


def test_the_rows_to_be_mended_can_be_handed_in_again(office: People) -> None:
    run = imported(office.stage, line(1), line(2, nip="12", name="=1+1"), line(3, email="x"))
    page = office.organiser.client.get(f"{home(office)}/{run.id}/salah.xlsx", check=False)
    table = read_table(page.data)
    assert {key: table.header[place] for key, place in match_columns(table.header).items()}["identity_number"] == "NIP"
    assert [row.cells[-2].text for row in table.rows] == ["3", "4"]
    assert "NIP" in table.rows[0].cells[-1].text and table.rows[0].cells[0].text == "=1+1"
    sheet = load_workbook(io.BytesIO(page.data)).active
    assert sheet is not None and all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_result_takes_as_many_statements_for_many_rows_as_for_few(office: People) -> None:
    def count(*lines: str) -> int:
        run = imported(office.stage, *lines)
        with statements() as seen:
            office.organiser.client.get(f"{home(office)}/{run.id}?hasil=wrong")
        return len(seen)

    count(line(1, nip="x"))
    assert count(line(1, nip="x")) == count(*(line(number, nip="x") for number in range(1, 40)))


def test_a_stages_questions_are_answered_by_columns(office: People, work) -> None:
    with transaction():
        db.session.add(
            RegistrationQuestion(
                stage_id=office.stage.id,
                kind=AnswerKind.DATE,
                text="Tanggal tiba",
                position=1,
                created_at=clock.now(),
            )
        )
    page = office.organiser.client.get(home(office))
    pasted = f"{HEADER};Tanggal tiba\n{line(1)};8/7/2019\n{line(2)};entah\n{line(3)};"
    page = page.submit("main form[enctype]", pasted=pasted)
    assert "Tanggal tiba" in page.text
    page.submit("main form.surface")
    work()
    run = db.session.scalars(sa.select(ImportRun)).one()
    page = office.organiser.client.get(f"{home(office)}/{run.id}")
    assert "H · Tanggal tiba" in page.text
    page.submit("main form.surface")
    work()
    assert db.session.scalars(sa.select(RegistrationAnswer.value)).all() == ["2019-07-08"]
    assert len(people_of(office.stage)) == 2
