"""How many people each institution is asked to send: the numbers on one page, by unsur, and what follows from them."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.audit.models import AuditEntry
from app.extensions import db
from app.institutions.models import Institution
from app.programmes.models import Stage
from app.registration import service
from app.registration.models_seats import Invitation
from app.registration.rules_seats import InvitationState
from tests import factories
from tests.databases import statements
from tests.pages import PageClient, browse
from tests.personas import STAFF, People

FORM = "main form[action*='undangan'][method=post]"
READS = {"administrator", "manager", "organiser", "certifier"}


@pytest.fixture
def organiser(people: People) -> PageClient:
    return people.organiser.client


@pytest.fixture
def dinas(people: People) -> Institution:
    return factories.institution(people.host, "OPD", name="Dinas Kesehatan")


@pytest.fixture
def bank(people: People) -> Institution:
    return factories.institution(people.host, "PERBANKAN", name="Bank Riau Kepri")


def page_of(stage: Stage) -> str:
    return f"/panel/kegiatan/{stage.slug}/undangan/jumlah"


def box(institution: Institution) -> str:
    return f"seats_{institution.id}"


def asked(stage: Stage) -> dict[int, int]:
    """The seats as the database has them, by the id of the institution."""
    found = sa.select(Invitation.institution_id, Invitation.seats).where(
        Invitation.stage_id == stage.id, Invitation.state != InvitationState.WITHDRAWN
    )
    return {institution_id: seats for institution_id, seats in db.session.execute(found)}


def invited_on_the_dashboard(client: PageClient, stage: Stage) -> str:
    page = client.get(f"/panel/kegiatan/{stage.slug}")
    return str(page.one("ol.journey li:first-child .count").text_content()).strip()


def test_numbers_are_typed_changed_and_taken_back(
    people: People, organiser: PageClient, dinas: Institution, bank: Institution
) -> None:
    page = organiser.get(page_of(people.stage)).submit(FORM, **{box(dinas): "4", box(bank): "2"})
    assert asked(people.stage) == {dinas.id: 4, bank.id: 2}
    assert "6 orang" in page.words() and page.values(FORM)[box(dinas)] == "4"

    page = page.submit(FORM, **{box(dinas): "5", box(bank): ""})
    assert asked(people.stage) == {dinas.id: 5}

    page.submit(FORM, **{box(dinas): "0"})
    assert asked(people.stage) == {}


def test_each_change_is_in_the_trail_and_none_where_nothing_changed(
    people: People, organiser: PageClient, dinas: Institution
) -> None:
    page = organiser.get(page_of(people.stage)).submit(FORM, **{box(dinas): "4"})
    page.submit(FORM)
    [entry] = db.session.scalars(sa.select(AuditEntry).filter_by(subject_type="invitation"))
    assert entry.actor_id == people.organiser.user.id and entry.action == "invitation.created"


@pytest.mark.parametrize("wrong", ["-1", "201", "empat", "1.5", "9" * 30, "<b>"])
def test_wrong_numbers_keep_what_was_typed_and_store_nothing(
    people: People, organiser: PageClient, dinas: Institution, bank: Institution, wrong: str
) -> None:
    service.invite(people.stage, {bank.id: 2}, by=people.organiser.user)
    page = organiser.get(page_of(people.stage)).submit(FORM, **{box(dinas): wrong, box(bank): "3"}, status=422)
    assert page.values(FORM)[box(dinas)] == wrong and page.values(FORM)[box(bank)] == "3"
    assert page.one(f"[name={box(dinas)}]").get("aria-invalid") == "true"
    assert page.one(f"[name={box(bank)}]").get("aria-invalid") == "false"
    assert len(page.texts(".invalid-feedback")) == 1 and page.select(".alert-danger")
    assert asked(people.stage) == {bank.id: 2}


def test_a_page_narrowed_to_an_unsur_leaves_the_others_alone(
    people: People, organiser: PageClient, dinas: Institution, bank: Institution
) -> None:
    service.invite(people.stage, {dinas.id: 4, bank.id: 2}, by=people.organiser.user)
    page = organiser.get(f"{page_of(people.stage)}?category=OPD")
    assert "Bank Riau Kepri" not in page.words() and not page.select(f"[name={box(bank)}]")
    assert "6 orang" in page.words()  # asked of all

    page = page.submit(FORM, **{box(dinas): "1"})

    assert asked(people.stage) == {dinas.id: 1, bank.id: 2}
    assert "category=OPD" in page.url and not page.select(f"[name={box(bank)}]")


@pytest.mark.parametrize("typed", ["riau", "BANK  riau", "brk"])
def test_a_search_shows_some_and_leaves_the_numbers_of_the_others_alone(
    people: People, organiser: PageClient, dinas: Institution, typed: str
) -> None:
    bank = factories.institution(people.host, "PERBANKAN", name="Bank Riau Kepri", short_name="BRK")
    service.invite(people.stage, {dinas.id: 4, bank.id: 2}, by=people.organiser.user)
    page = organiser.get(page_of(people.stage)).submit("main form[role=search]", q=typed)
    assert page.select(f"[name={box(bank)}]") and not page.select(f"[name={box(dinas)}]")
    page = page.submit(FORM, **{box(bank): "3"})
    assert asked(people.stage) == {dinas.id: 4, bank.id: 3}
    assert page.one("[name=q]").get("value") == " ".join(typed.split()) and not page.select(f"[name={box(dinas)}]")


def test_a_search_that_finds_nothing_says_so(people: People, organiser: PageClient, dinas: Institution) -> None:
    page = organiser.get(f"{page_of(people.stage)}?q=tidak+ada")
    assert page.select(".empty") and not page.select(FORM) and "tidak ada" in page.one("[name=q]").get("value")


def test_an_institution_of_another_page_cannot_be_slipped_in(
    people: People, organiser: PageClient, dinas: Institution, bank: Institution
) -> None:
    foreign = factories.institution(people.other_host, "OPD")
    values = organiser.get(f"{page_of(people.stage)}?category=OPD").values(FORM)
    slipped = {box(dinas): "1", box(bank): "9", box(foreign): "9"}
    organiser.post(f"{page_of(people.stage)}?category=OPD", data=values | slipped)
    assert asked(people.stage) == {dinas.id: 1}


def test_an_unknown_unsur_narrows_nothing(people: People, organiser: PageClient, dinas: Institution) -> None:
    assert "Dinas Kesehatan" in organiser.get(f"{page_of(people.stage)}?category=PARTAI").words()


def test_who_came_of_it_stands_beside_with_a_way_to_them(
    people: People, organiser: PageClient, dinas: Institution
) -> None:
    factories.registration(people.stage, institution=dinas, name="Siti Aminah")
    page = organiser.get(page_of(people.stage))
    assert "Siti Aminah" in page.follow(f"main td a[href$='institution={dinas.id}']").words()


def test_the_dashboard_follows(people: People, organiser: PageClient, dinas: Institution, bank: Institution) -> None:
    page = organiser.get(page_of(people.stage)).submit(FORM, **{box(dinas): "4", box(bank): "2"})
    assert invited_on_the_dashboard(organiser, people.stage) == "6"
    page.submit(FORM, **{box(bank): ""})
    assert invited_on_the_dashboard(organiser, people.stage) == "4"


def test_without_any_institution_the_page_says_who_keeps_them(people: People, organiser: PageClient) -> None:
    page = organiser.get(page_of(people.stage))
    assert page.select(".empty") and not page.select(FORM)


@pytest.mark.parametrize("role", STAFF)
def test_who_reads_and_who_changes(people: People, dinas: Institution, role: str) -> None:
    service.invite(people.stage, {dinas.id: 4}, by=people.organiser.user)
    client = getattr(people, role).client
    if role not in READS:
        client.get(page_of(people.stage), status=403)
        return
    page = client.get(page_of(people.stage))
    changes = role != "certifier"
    assert "Dinas Kesehatan" in page.words()
    assert bool(page.select(f"[name={box(dinas)}]")) is changes
    assert bool(page.select(f"{FORM} button[type=submit]")) is changes


@pytest.mark.parametrize("role", STAFF)
def test_who_may_not_change_numbers_cannot_by_force(people: People, dinas: Institution, role: str) -> None:
    client = getattr(people, role).client
    changes = role in READS - {"certifier"}
    token = client.get("/panel").values("form")["csrf_token"]
    answer = client.request_raw(page_of(people.stage), method="POST", data={"csrf_token": token, box(dinas): "3"})
    assert answer.status_code == (302 if changes else 403)
    assert asked(people.stage) == ({dinas.id: 3} if changes else {})


def test_strangers_find_nothing(people: People, dinas: Institution) -> None:
    people.outsider.client.get(page_of(people.stage), status=404)
    answer = browse(people.app).request_raw(page_of(people.stage))
    assert answer.status_code == 302 and "/masuk" in answer.headers["Location"]


def test_a_lost_session_gives_the_numbers_back(people: People, organiser: PageClient, dinas: Institution) -> None:
    values = organiser.get(page_of(people.stage)).values(FORM) | {box(dinas): "7", "csrf_token": "old"}
    page = organiser.post(page_of(people.stage), data=values, status=422)
    assert page.values(FORM)[box(dinas)] == "7" and asked(people.stage) == {}
    page.submit(FORM)
    assert asked(people.stage) == {dinas.id: 7}


def test_the_page_takes_as_many_statements_for_many_institutions_as_for_few(
    people: People, organiser: PageClient
) -> None:
    def ask() -> int:
        with statements() as seen:
            organiser.get(page_of(people.stage))
        return len(seen)

    def add(many: int) -> None:
        for _ in range(many):
            factories.institution(people.host, "OPD")

    add(2)
    few = ask()
    add(30)
    assert ask() == few


@pytest.mark.both_databases
def test_inviting_twice_keeps_one_number(app: Flask) -> None:
    stage, by = factories.stage(), factories.user()
    dinas = factories.institution(stage.host)
    kept = []
    for seats in (3, 3, 8, 0, 0, 5):
        assert service.invite(stage, {dinas.id: seats}, by=by) == []
        kept.append(asked(stage).get(dinas.id, 0))
    assert kept == [3, 3, 8, 0, 0, 5]
    assert db.session.scalar(sa.select(sa.func.count(Invitation.id))) == 1


def test_numbers_that_do_not_fit_are_named_and_stay_typed(
    people: People, organiser: PageClient, dinas: Institution, bank: Institution
) -> None:
    people.stage.capacity = 5
    db.session.commit()
    page = organiser.get(page_of(people.stage)).submit(FORM, **{box(dinas): "4", box(bank): "2"}, status=422)
    assert asked(people.stage) == {dinas.id: 4}
    assert "Bank Riau Kepri: kursi tidak cukup; 1 kursi tersisa." in page.words()
    assert page.values(FORM)[box(bank)] == "2"
