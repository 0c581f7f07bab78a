"""Files and tables that an invited institution hands in on its private page."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.programmes.models import Stage
from app.registration import service
from app.registration.models_documents import Document
from app.registration.models_seats import Invitation
from app.registration.rules_invitations import MOST_DOCUMENTS
from app.shared import clock
from tests import factories
from tests.pages import Page, PageClient, browse
from tests.paper.reading import codes_of, pages_of
from tests.registration.people import NIP, online, person, registrations, seats_taken
from tests.registration.test_nomination import page_of

TABLE = "main form[enctype='multipart/form-data']"
TAKE_OVER = "main form:has(input[name=confirmed])"


@pytest.fixture
def stage(app: Flask) -> Stage:
    made = factories.stage(capacity=20)
    factories.category(made.host, "OPD", identity_types=["NIP"], identity_required=True)
    factories.notice(made.host)
    return made


@pytest.fixture
def invitation(stage: Stage) -> Invitation:
    of, until = factories.institution(stage.host, "OPD"), clock.now() + timedelta(hours=5)
    return service.create_invitation(stage, of, seats_asked=2, deadline=until, by=None)


@pytest.fixture
def contact(app: Flask) -> PageClient:
    return browse(app)


class TestFiles:
    PNG = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )

    def test_the_letter_of_assignment_is_kept_handed_out_and_removed(
        self, contact: PageClient, invitation: Invitation, app: Flask
    ) -> None:
        form = "form[action*='/berkas']"
        page = contact.get(page_of(invitation)).submit(form, file=(io.BytesIO(self.PNG), "surat tugas.png"))
        [kept] = db.session.scalars(sa.select(Document))
        assert kept.invitation_id == invitation.id
        got = contact.request_raw(page_of(invitation, f"/berkas/{kept.id}"))
        assert got.status_code == 200 and "attachment" in got.headers["Content-Disposition"]
        page.submit(f"form[action$='/berkas/{kept.id}/hapus']")
        assert db.session.scalar(sa.select(sa.func.count(Document.id))) == 0

    def test_an_institution_keeps_ten_at_most(self, contact: PageClient, invitation: Invitation) -> None:
        for number in range(MOST_DOCUMENTS + 1):
            upload = {"file": (io.BytesIO(self.PNG), f"surat{number}.png")}
            page = contact.get(page_of(invitation)).submit("form[action*='/berkas']:has(input[type=file])", **upload)
        assert page.select("#flashes .alert-danger")
        assert db.session.scalar(sa.select(sa.func.count(Document.id))) == MOST_DOCUMENTS

    def test_what_is_no_letter_is_refused_with_a_sentence(self, contact: PageClient, invitation: Invitation) -> None:
        form = "form[action*='/berkas']"
        page = contact.get(page_of(invitation)).submit(form, file=(io.BytesIO(b"MZ.."), "surat.pdf"), status=422)
        assert page.one("[name=file]").get("aria-invalid") == "true"
        contact.get(page_of(invitation)).submit(form, status=422)

    def test_the_letter_is_read_back_and_its_code_leads_here(self, contact: PageClient, invitation: Invitation) -> None:
        pdf = contact.request_raw(page_of(invitation, "/surat.pdf")).data
        [page] = pages_of(pdf)
        for words in (f"Pimpinan {invitation.institution.name}", "2 (dua) orang", invitation.stage.name):
            assert words in page
        [code] = codes_of(pdf)
        assert code.endswith(page_of(invitation))


class TestTables:
    HEADER = "No\tNama\tNIP\tJabatan\tSurel\tNo. HP\n"

    def rows(self, *numbers: int) -> str:
        return self.HEADER + "".join(
            f"{n}\tDrs. Siti Aminah {'ABCDEFGHIJ'[n]}, M.Si.\t{NIP.format(n)}\tAnalis\tsiti{n}@kota.go.id\t0812345{n:05}\n"
            for n in numbers
        )

    def look(self, contact: PageClient, invitation: Invitation, text: str, status: int = 200) -> Page:
        return contact.get(page_of(invitation, "/tabel")).submit(TABLE, pasted=text, status=status)

    def test_is_shown_first_and_added_after(self, contact: PageClient, stage: Stage, invitation: Invitation) -> None:
        page = self.look(contact, invitation, self.rows(1, 2))
        assert registrations(stage) == [] and page.texts("td .state") == ["Akan didaftarkan"] * 2
        page = page.submit(TAKE_OVER, status=422)
        page = page.submit(TAKE_OVER, told="y")
        assert page.url == page_of(invitation) and "2 orang didaftarkan" in page.words()
        assert [one.full_name for one in registrations(stage)] == [
            "Drs. Siti Aminah B, M.Si.",
            "Drs. Siti Aminah C, M.Si.",
        ]

    def test_more_rows_than_seats_says_which_fit(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        page = self.look(contact, invitation, self.rows(1, 2, 3))
        assert page.texts("td .state") == ["Akan didaftarkan", "Akan didaftarkan", "Kursi habis"]
        page = page.submit(TAKE_OVER, status=422)
        page = page.submit(TAKE_OVER, told="y", status=422)
        assert len(registrations(stage)) == 2 and seats_taken(stage) == 2
        assert "Siti Aminah D" in page.one("textarea#rest").text and not page.select(TAKE_OVER)

    def test_seats_that_went_meanwhile_are_said(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        page = self.look(contact, invitation, self.rows(1, 2))
        service.nominate(invitation, person(7))
        page = page.submit(TAKE_OVER, told="y", status=422)
        assert len(registrations(stage)) == 2
        assert "Semua kursi undangan ini sudah terisi" in page.words() and "Siti Aminah C" in page.words()
        assert "Siti Aminah C" in page.one("textarea#rest").text

    def test_wrong_rows_are_named_by_cell_and_can_be_mended(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        text = self.rows(1) + f"2\tRaja Ismail\t1,98507E+17\tAnalis\traja@kota\t\n3\tSiti\t{NIP.format(1)}\t\t\t\n"
        page = self.look(contact, invitation, text)
        assert page.texts("td .state") == ["Akan didaftarkan", "Perlu diperbaiki", "Dua kali dalam tabel"]
        assert "notasi ilmiah" in page.words() or "Nomor identitas" in page.words()
        assert "Raja Ismail" in page.one("textarea#rest").text
        page = page.submit(TAKE_OVER, status=422)
        assert "Raja Ismail" in page.one("textarea#rest").text
        page = page.submit(TAKE_OVER, told="y", status=422)
        assert len(registrations(stage)) == 1
        page = page.submit(TABLE, pasted=page.one("textarea#rest").text.replace("1,98507E+17", NIP.format(2)))
        assert page.texts("td .state") == ["Perlu diperbaiki", "Sudah ada dalam daftar"]

    def test_who_is_on_the_list_is_passed_over(self, contact: PageClient, stage: Stage, invitation: Invitation) -> None:
        service.nominate(invitation, person(1))
        online(stage, person(3, institution_name="Bank"))
        page = self.look(contact, invitation, self.rows(1, 2, 3))
        assert page.texts("td .state") == [
            "Sudah ada dalam daftar",
            "Akan didaftarkan",
            "Sudah terdaftar lewat jalur lain",
        ]

    @pytest.mark.parametrize(
        "text", ["", "Jabatan\tNIP\nAnalis\t1\n", "Nama\n"], ids=["nothing", "no names", "only a header"]
    )
    def test_what_is_no_table_of_people_is_given_back(
        self, contact: PageClient, invitation: Invitation, text: str
    ) -> None:
        page = self.look(contact, invitation, text, status=422)
        assert page.select("[role=alert]") and page.one("textarea").text.strip() == text.strip()

    def test_a_file_is_read_too(self, contact: PageClient, stage: Stage, invitation: Invitation) -> None:
        data = self.rows(1).replace("\t", ";").encode()
        page = contact.get(page_of(invitation, "/tabel")).submit(TABLE, file=(io.BytesIO(data), "peserta.csv"))
        page.submit(TAKE_OVER, told="y")
        assert len(registrations(stage)) == 1
        wrong = (io.BytesIO(b"%PDF-1.7"), "peserta.xlsx")
        page = contact.get(page_of(invitation, "/tabel")).submit(TABLE, file=wrong, status=422)
        assert page.one("[name=file]").get("aria-invalid") == "true"
