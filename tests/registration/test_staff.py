"""What staff do with people: every page with every role, and nothing of another programme or host."""

import io
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.extensions import db, transaction
from app.institutions.service import seed_categories
from app.registration.models import Consent, Registration
from app.registration.rules import ConsentKind, Outcome, RegistrationSource, RegistrationState
from app.shared import clock
from tests import factories
from tests.databases import statements
from tests.pages import PageClient
from tests.personas import People, gather
from tests.registration.people import fresh, online, person, registrations

EDITORS = ("administrator", "manager", "organiser")
READERS = (*EDITORS, "certifier")
OTHERS = ("facilitator", "viewer")
ACTIONS = ("perbaiki", "batal", "tempat", "kirim-ulang", "kelompok")
FORM = "main form[data-person]"
TYPED = {"category": "PAKAR", "name": "Tengku Dewi", "identity_type": "NONE", "position": "Ahli"}


@pytest.fixture
def people(app) -> People:
    gathered = gather(app)
    seed_categories(gathered.host)
    return gathered


@pytest.fixture
def made(people: People) -> Registration:
    return online(people.stage, person()).registration


@pytest.fixture
def organiser(people: People) -> PageClient:
    return people.organiser.client


def list_of(people: People) -> str:
    return f"/panel/kegiatan/{people.stage.slug}/peserta"


def page_of(people: People, made: Registration) -> str:
    return f"{list_of(people)}/{made.id}"


def posted(client: PageClient, address: str, page: Any, **values: Any) -> int:
    """Post with the token of a page; the status, redirects not followed."""
    data = {"csrf_token": page.select("[name=csrf_token]")[0].get("value"), **values}
    return client.request_raw(address, method="POST", data=data).status_code


def last_act() -> AuditEntry:
    return db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


@pytest.mark.parametrize("role", READERS)
def test_who_reads_people_sees_one(people: People, made: Registration, role: str) -> None:
    page = getattr(people, role).client.get(page_of(people, made))
    assert made.full_name in page.one("h1").text_content()
    assert "19850720 201001 2 001" in page.one("main").text_content()
    assert bool(page.select(FORM)) == (role in EDITORS)


@pytest.mark.parametrize("role", [*OTHERS, "certifier"])
def test_who_may_not_change_people_cannot(people: People, made: Registration, role: str) -> None:
    client = getattr(people, role).client
    client.get(f"{list_of(people)}/tambah", status=403)
    page = client.get("/panel")
    for action in ACTIONS:
        assert posted(client, f"{page_of(people, made)}/{action}", page, reason="x") == 403
    if role in OTHERS:
        client.get(page_of(people, made), status=403)
        client.get(f"{list_of(people)}/ekspor.xlsx", status=403)


def test_strangers_find_nothing(people: People, made: Registration) -> None:
    outsider, address = people.outsider.client, page_of(people, made)
    page = outsider.get("/panel")
    for path in (address, f"{list_of(people)}/tambah", f"{list_of(people)}/ekspor.xlsx"):
        outsider.get(path, status=404)
        assert people.visitor.request_raw(path).status_code == 302
    for action in ACTIONS:
        assert posted(outsider, f"{address}/{action}", page) == 404
    elsewhere = factories.registration(people.other_stage)
    people.organiser.client.get(page_of(people, elsewhere), status=404)
    assert fresh(made).state is RegistrationState.CONFIRMED


def test_a_person_is_added_at_the_door(people: People, organiser: PageClient) -> None:
    group = factories.group(people.programme)
    page = organiser.get(f"{list_of(people)}/tambah").submit(FORM, **TYPED, groups=[str(group.id)])
    added = registrations(people.stage)[0]
    assert page.url.endswith(page_of(people, added)) and page.select(".alert-success")
    assert (added.source, added.email, added.phone) == (RegistrationSource.WALK_IN, None, None)
    assert [one.id for one in added.groups] == [group.id]
    assert last_act().action == "registration.added" and last_act().actor_id == people.organiser.user.id


NUMBERLESS = {"category": "KECAMATAN", "institution_other": "Dinas", "name": "Tengku Dewi", "phone": "0812 3456 7890"}


def test_a_number_may_follow_later(people: People, organiser: PageClient) -> None:
    page = organiser.get(f"{list_of(people)}/tambah").submit(FORM, **NUMBERLESS)
    [added] = registrations(people.stage)
    assert added.identity_number is None and "NIP / NI PPPK Menyusul" in page.words()
    assert page.values("form[action$=perbaiki]")["identity_type"] == "NIP"

    page = page.submit("form[action$=perbaiki]", position="Analis")
    assert fresh(added).position == "Analis" and fresh(added).identity_number is None

    page = page.submit("form[action$=perbaiki]", identity_number="198507202010012001")
    assert fresh(added).identity_number == "198507202010012001" and "Menyusul" not in page.words()
    page.submit("form[action$=perbaiki]", identity_number="", status=422)
    assert fresh(added).identity_number == "198507202010012001"


def test_a_number_that_is_typed_is_checked_by_staff_too(people: People, organiser: PageClient) -> None:
    page = organiser.get(f"{list_of(people)}/tambah")
    page.submit(FORM, **NUMBERLESS, identity_type="NIP", identity_number="123", status=422)
    assert registrations(people.stage) == []


def test_who_registers_himself_later_is_known_without_his_number(people: People, organiser: PageClient) -> None:
    organiser.get(f"{list_of(people)}/tambah").submit(FORM, **NUMBERLESS)
    assert online(people.stage, person(name="Tengku Dewi", phone="+6281234567890")).outcome is Outcome.ALREADY


def test_adding_somebody_twice_leads_to_the_first(people: People, made: Registration, organiser: PageClient) -> None:
    values = TYPED | {"name": made.name, "email": made.email, "category": "PAKAR"}
    page = organiser.get(f"{list_of(people)}/tambah").submit(FORM, **values)
    assert page.url.endswith(page_of(people, made)) and page.select(".alert-warning")
    assert len(registrations(people.stage)) == 1


def test_adding_says_what_is_wrong_and_who_waits(people: People, organiser: PageClient) -> None:
    page = organiser.get(f"{list_of(people)}/tambah").submit(FORM, **TYPED | {"name": "", "phone": "1"}, status=422)
    assert len(page.select(".invalid-feedback")) == 2 and page.values(FORM)["position"] == "Ahli"
    full = factories.stage(people.programme, capacity=1)
    factories.registration(full)
    address = f"/panel/kegiatan/{full.slug}/peserta/tambah"
    assert organiser.get(address).select(".alert-warning")
    organiser.get(address).submit(FORM, **TYPED)
    assert registrations(full)[1].state is RegistrationState.WAITLISTED


def test_adding_keeps_to_the_prerequisite(people: People, organiser: PageClient) -> None:
    following = factories.stage(people.programme, prerequisite_id=people.stage.id)
    page = organiser.get(f"/panel/kegiatan/{following.slug}/peserta/tambah").submit(FORM, **TYPED, status=422)
    assert page.select(".alert-danger") and page.values(FORM)["name"] == "Tengku Dewi"


def test_details_are_corrected(people: People, made: Registration, organiser: PageClient) -> None:
    page = organiser.get(page_of(people, made))
    assert page.values(FORM)["identity_number"] == "19850720 201001 2 001"
    page.submit(FORM, name="Siti Aminah Putri", rank="IV/a")
    assert (fresh(made).name, fresh(made).rank, fresh(made).identity_number) == (
        "Siti Aminah Putri",
        "IV/a",
        made.identity_number,
    )
    assert last_act().fields == ["name", "rank"]
    organiser.get(page_of(people, made)).submit(FORM, name="", status=422)
    assert fresh(made).name == "Siti Aminah Putri"


def test_a_number_of_another_person_is_refused(people: People, made: Registration, organiser: PageClient) -> None:
    other = online(people.stage, person(2)).registration
    page = organiser.get(page_of(people, other)).submit(FORM, identity_number=made.identity_number, status=422)
    assert "orang lain" in page.one(".alert-danger").text_content()
    assert page.one("#correct").get("open") is not None
    assert fresh(other).identity_number == person(2).identity_number


def test_a_retired_institution_may_stay(people: People, organiser: PageClient) -> None:
    place = factories.institution(people.host, "OPD", retired=True)
    made = online(people.stage, person(institution_id=place.id, institution_name=place.name)).registration
    organiser.get(page_of(people, made)).submit(FORM, position="Kepala Bidang")
    assert (fresh(made).institution_id, fresh(made).position) == (place.id, "Kepala Bidang")


@pytest.mark.parametrize(
    "state", [RegistrationState.CONFIRMED, RegistrationState.PENDING, RegistrationState.WAITLISTED]
)
@pytest.mark.parametrize("email", ["siti@kota.test", None])
def test_telling_by_mail_is_promised_only_where_there_is_an_address(
    people: People, organiser: PageClient, state: RegistrationState, email: str | None
) -> None:
    waits = state is RegistrationState.WAITLISTED
    known = {"waiting_since": clock.now()} if waits else {}
    one = factories.registration(people.stage, state=state, email=email, **known)
    pages = [organiser.get(page_of(people, one)), *([organiser.get(f"{list_of(people)}/antrean")] if waits else [])]
    for page in pages:
        dialogs = " ".join(form.text_content() for form in page.select("details.confirm"))
        assert ("lewat surel" in dialogs) is bool(email) and ("Alamat surel tidak ada" in dialogs) is (email is None)


def test_a_cancellation_needs_a_reason(people: People, made: Registration, organiser: PageClient) -> None:
    page = organiser.get(page_of(people, made))
    page.submit("form[action$=batal]", reason=" ", status=422)
    assert fresh(made).state is RegistrationState.CONFIRMED
    page = page.submit("form[action$=batal]", reason="Dinas luar")
    assert fresh(made).state is RegistrationState.CANCELLED and last_act().reason == "Dinas luar"
    assert "Dinas luar" in page.one("main").text_content() and not page.select("form[action$=batal]")


def test_a_seat_by_hand(people: People, organiser: PageClient) -> None:
    full = factories.stage(people.programme, capacity=1)
    first, second = (online(full, person(number)).registration for number in (1, 2))
    address = f"/panel/kegiatan/{full.slug}/peserta/{second.id}"
    page = organiser.get(address).submit("form[action$=tempat]", reason="Diminta pimpinan")
    assert page.select(".alert-danger") and fresh(second).state is RegistrationState.WAITLISTED
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE stage SET capacity = 2 WHERE id = :id"), {"id": full.id})
    page.submit("form[action$=tempat]", reason="Diminta pimpinan")
    assert fresh(second).state is RegistrationState.CONFIRMED and fresh(first).state is RegistrationState.CONFIRMED


def test_groups_and_the_ticket_again(people: People, made: Registration, organiser: PageClient) -> None:
    ours, foreign = factories.group(people.programme), factories.group(people.other_stage.programme)
    page = organiser.get(page_of(people, made)).submit("form[action$=kelompok]", groups=[str(ours.id)])
    assert [one.id for one in fresh(made).groups] == [ours.id] and ours.name in page.one("main").text_content()
    assert posted(organiser, f"{page_of(people, made)}/kelompok", page, groups=[str(foreign.id)]) == 303
    assert [one.id for one in fresh(made).groups] == [ours.id]
    assert page.submit("form[action$=kirim-ulang]").select(".alert-success")
    assert last_act().action == "registration.ticket_sent_again"


def test_a_button_without_its_token_does_nothing(people: People, made: Registration, organiser: PageClient) -> None:
    for action in ACTIONS:
        data = {"reason": "x", "csrf_token": "old"}
        assert organiser.request_raw(f"{page_of(people, made)}/{action}", method="POST", data=data).status_code in (
            400,
            422,
        )
    assert fresh(made).state is RegistrationState.CONFIRMED


def sheet_of(client: PageClient, address: str) -> list[tuple[Any, ...]]:
    answer = client.request_raw(address)
    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    return list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows())


def test_the_list_is_taken_away_as_a_spreadsheet(people: People, made: Registration, organiser: PageClient) -> None:
    group = factories.group(people.programme)
    online(people.stage, person(2, name="=HYPERLINK(1)", position="-", email="+a@x.go.id"), group_ids=[group.id])
    rows = sheet_of(organiser, f"{list_of(people)}/ekspor.xlsx?all_columns=1")
    heads = [cell.value for cell in rows[0]]
    assert heads[:3] == ["No.", "Nama", "Instansi"]
    evil, siti = (dict(zip(heads, row, strict=True)) for row in rows[1:])
    assert [evil[name].value for name in ("Nama", "Nomor identitas")] == [
        "'=HYPERLINK(1), S.Kom.",
        "19850720 201001 2 002",
    ]
    assert all(cell.data_type != "f" for row in rows for cell in row)
    assert evil["Nomor identitas"].number_format == "@" and siti["Nomor HP"].value == "0812-3450-0001"
    assert (evil["Jabatan"].value, evil["Kelompok"].value, evil["Surel"].value) == ("-", group.name, "'+a@x.go.id")
    assert siti["Terdaftar pada"].is_date


def test_the_spreadsheet_says_who_consented_to_what(people: People, organiser: PageClient) -> None:
    online(people.stage, person(1, name="Ali"), consents=[ConsentKind.PHOTO])
    online(people.stage, person(2, name="Budi"), consents=[ConsentKind.WHATSAPP])
    withdraw(ConsentKind.PHOTO)
    address = f"{list_of(people)}/ekspor.xlsx?column=photo&column=whatsapp"
    headings, ali, budi = ([cell.value for cell in row] for row in sheet_of(organiser, address))
    assert headings == ["No.", "Nama", "Publikasi foto", "Pesan WhatsApp"]
    assert (ali[2:], budi[2:]) == (["Ditarik", "Tidak"], ["Tidak", "Ya"])


def test_the_spreadsheet_takes_as_many_statements_for_many_people_as_for_few(
    people: People, organiser: PageClient
) -> None:
    def ask() -> int:
        with statements() as seen:
            sheet_of(organiser, f"{list_of(people)}/ekspor.xlsx")
        return len(seen)

    online(people.stage, person(1), consents=[ConsentKind.PHOTO])
    few = ask()
    for number in range(2, 8):
        online(people.stage, person(number), consents=[ConsentKind.PHOTO])
    assert ask() == few


def test_one_sign_that_xml_lacks_does_not_spoil_the_spreadsheet(
    people: People, made: Registration, organiser: PageClient
) -> None:
    factories.registration(people.stage, name="Budi", position="Staf \uffff\x01")
    rows = sheet_of(organiser, f"{list_of(people)}/ekspor.xlsx?column=position")
    assert {row[2].value for row in rows[1:]} >= {"Staf "}


def test_the_spreadsheet_keeps_to_the_filters(people: People, made: Registration, organiser: PageClient) -> None:
    online(people.stage, person(2, category_code="PAKAR", name="Raja Ismail"))
    address = f"{list_of(people)}/ekspor.xlsx"
    assert [row[0].value for row in sheet_of(organiser, f"{address}?category=PAKAR")] == ["No.", 1]
    assert len(sheet_of(organiser, f"{address}?q=raja")) == 2
    assert len(sheet_of(organiser, f"{address}?state=cancelled")) == 1
    assert len(sheet_of(organiser, f"{address}?state=nonsense&group=x&institution=99")) == 1


def withdraw(kind: ConsentKind) -> None:
    with transaction():
        db.session.execute(sa.update(Consent).where(Consent.kind == kind).values(withdrawn_at=clock.now()))


def test_a_person_is_written_to_by_whatsapp_only_with_consent(people: People, organiser: PageClient) -> None:
    willing, unwilling, changed = (
        online(people.stage, person(number), consents=consents).registration.id
        for number, consents in enumerate([[ConsentKind.WHATSAPP], [ConsentKind.PHOTO], []], start=1)
    )
    pages = {one: organiser.get(f"{list_of(people)}/{one}") for one in (willing, unwilling, changed)}
    assert [bool(page.select("main a[href*='wa.me']")) for page in pages.values()] == [True, False, False]
    assert all(page.select("main a[href^='tel:']") for page in pages.values())
    texts = [" ".join(page.words().split()) for page in pages.values()]
    assert "Pesan WhatsApp Diberikan" in texts[0] and "Publikasi foto Tidak diberikan" in texts[0]
    assert "Pesan WhatsApp Tidak diberikan" in texts[1] and "Publikasi foto Diberikan" in texts[1]
    withdraw(ConsentKind.WHATSAPP)
    page = organiser.get(f"{list_of(people)}/{willing}")
    assert not page.select("main a[href*='wa.me']") and "Pesan WhatsApp Ditarik" in " ".join(page.words().split())


def test_a_person_who_does_not_exist(people: People, organiser: PageClient) -> None:
    organiser.get(f"{list_of(people)}/999999", status=404)
    organiser.put(f"{list_of(people)}/tambah", status=405)
