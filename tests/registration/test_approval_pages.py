"""The queue of who waits for approval: found, accepted or rejected together, undone, and mailed only after that."""

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from app.extensions import db, transaction
from app.institutions.service import seed_categories
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Participant, Registration
from app.registration.rules import RegistrationSource, RegistrationState
from app.registration.service.decisions import settle_decisions
from app.shared import clock
from tests import factories
from tests.databases import statements
from tests.pages import Page, PageClient
from tests.personas import People, gather
from tests.registration.people import fresh, online, person

CONFIRMED, PENDING, REJECTED = RegistrationState.CONFIRMED, RegistrationState.PENDING, RegistrationState.REJECTED
QUEUE = "main form:has(.table)"


@pytest.fixture
def people(app, frozen_clock) -> People:
    frozen_clock(clock.now().replace(microsecond=0))
    gathered = gather(app)
    seed_categories(gathered.host)
    with transaction():
        gathered.stage.approval_required = True
    return gathered


def queue_of(people: People) -> str:
    return f"/panel/kegiatan/{people.stage.slug}/peserta/persetujuan"


def waiting(people: People, count: int, *, first: int = 1) -> list[Registration]:
    return [online(people.stage, person(number)).registration for number in range(first, first + count)]


def opened(people: People, role: str = "organiser", query: str = "") -> Page:
    return people.staff[role].client.get(queue_of(people) + query)


def reject(page: Page, client: PageClient, address: str, *, status: int = 200, **values) -> Page:
    data = {"csrf_token": page.select("[name=csrf_token]")[0].get("value")} | values
    return client.post(f"{address}/tolak", data=data, status=status)


def later(frozen_clock, **span) -> None:
    frozen_clock(clock.now() + timedelta(**span))


def test_who_came_first_stands_on_top_with_what_matters(people: People) -> None:
    made = waiting(people, 2)
    page = opened(people)
    assert [row.text_content() for row in page.select("tbody .card-title a")] == [one.full_name for one in made]
    for text in ("NIP", "Pranata Komputer", "Penata", person(1).email, "Organisasi Perangkat Daerah"):
        assert text in page.one("tbody tr:first-child").text_content()


def test_some_are_accepted_and_their_tickets_wait_ten_minutes(people: People, smtp, work, frozen_clock) -> None:
    first, second = waiting(people, 2)
    page = opened(people).submit(QUEUE, id=str(first.id))
    assert "1 pendaftaran disetujui. Dapat diurungkan selama sepuluh menit" in page.words()
    assert (fresh(first).state, fresh(second).state) == (CONFIRMED, PENDING)
    work()
    assert not [mail for mail in smtp.to(first.email) if "tiket" in mail["Subject"].lower()]
    later(frozen_clock, minutes=11)
    work()
    settle_decisions()
    assert fresh(first).undo_until is None
    assert [mail for mail in smtp.to(first.email) if "tiket" in mail["Subject"].lower()]
    assert not opened(people).select(".decided")


def test_a_decision_is_undone_with_one_press(people: People) -> None:
    made = waiting(people, 3)
    page = opened(people).submit(QUEUE, id=[str(one.id) for one in made])
    assert "3 pendaftaran disetujui." in page.one(".decided").text_content()
    assert "Sisa 10 menit" in page.one(".decided").text_content()
    page = page.submit(".decided-head form:has([name=batch])")
    assert "3 keputusan diurungkan." in page.words()
    assert [fresh(one).state for one in made] == [PENDING] * 3
    assert set(db.session.scalars(sa.select(OutboxMessage.kind))) == {"registration.pending"}


def test_one_of_several_is_undone(people: People) -> None:
    first, second = waiting(people, 2)
    page = opened(people).submit(QUEUE, id=[str(first.id), str(second.id)])
    page.submit(f".plain-list form:has([name=id][value='{first.id}'])")
    assert (fresh(first).state, fresh(second).state) == (PENDING, CONFIRMED)


def test_it_is_too_late_after_ten_minutes(people: People, frozen_clock) -> None:
    [made] = waiting(people, 1)
    page = opened(people).submit(QUEUE, id=str(made.id))
    later(frozen_clock, minutes=10, seconds=1)
    page = page.submit(".decided-head form:has([name=batch])")
    assert "sepuluh menit sudah lewat" in page.words()
    assert fresh(made).state is CONFIRMED


def test_whoever_ends_meanwhile_gets_no_ticket(people: People) -> None:
    first, second = waiting(people, 2)
    opened(people).submit(QUEUE, id=[str(first.id), str(second.id)])
    service.cancel(fresh(first))
    service.replace(fresh(second), person(3), source=RegistrationSource.STAFF, by=people.organiser.user)
    tickets = sa.select(OutboxMessage.to_address).where(OutboxMessage.kind == "registration.ticket")
    assert list(db.session.scalars(tickets)) == [person(3).email]


def test_the_reason_is_kept_and_mailed(people: People, smtp, work, frozen_clock) -> None:
    made = waiting(people, 2)
    page = opened(people)
    page = reject(
        page,
        people.organiser.client,
        queue_of(people),
        id=[one.id for one in made],
        ready="category",
        reason="Silakan mendaftar di tahap berikutnya.",
    )
    reason = "Kursi untuk unsur ini sudah terisi. Silakan mendaftar di tahap berikutnya."
    assert "2 pendaftaran ditolak." in page.words() and reason in page.words()
    assert {(fresh(one).state, fresh(one).cancel_reason) for one in made} == {(REJECTED, reason)}
    later(frozen_clock, minutes=11)
    work()
    settle_decisions()
    body = smtp.to(made[0].email)[-1].get_body(("plain",)).get_content()
    assert reason in " ".join(body.split())


def test_nobody_is_rejected_without_a_reason_and_the_ticks_stay(people: People) -> None:
    made = waiting(people, 2)
    page = opened(people)
    for typed in ({"ready": ""}, {"ready": "other"}, {"ready": "other", "reason": "x" * 301}):
        answer = reject(page, people.organiser.client, queue_of(people), status=422, id=[made[1].id], **typed)
        assert answer.select(".invalid-feedback") and answer.select("details.confirm[open]")
        assert [box.get("value") for box in answer.select("[name=id][checked]")] == [str(made[1].id)]
    assert fresh(made[1]).state is PENDING


def test_nobody_ticked(people: People) -> None:
    waiting(people, 1)
    assert "Centang peserta terlebih dahulu" in opened(people).submit(QUEUE).words()
    page = reject(opened(people), people.organiser.client, queue_of(people), status=422, ready="data")
    assert "Centang peserta terlebih dahulu" in page.words()


def test_filters_stay_in_the_address_and_bound_what_all_means(people: People) -> None:
    made = waiting(people, 2)
    other = online(people.stage, person(3, name="Budi Karya", category_code="PAKAR")).registration
    page = opened(people, query="?category=PAKAR&q=budi")
    assert [row.text_content() for row in page.select("tbody .card-title a")] == [other.full_name]
    data = {"csrf_token": page.select("[name=csrf_token]")[0].get("value"), "all": "1"}
    page = people.organiser.client.post(page.form(QUEUE).action, data=data)
    assert "category=PAKAR" in page.url and "q=budi" in page.url
    assert [fresh(one).state for one in (*made, other)] == [PENDING, PENDING, CONFIRMED]
    assert not page.select("tbody")


def test_one_of_another_stage_cannot_be_slipped_in(people: People) -> None:
    foreign = factories.registration(people.other_stage, state=PENDING)
    waiting(people, 1)
    page = opened(people)
    data = {"csrf_token": page.select("[name=csrf_token]")[0].get("value"), "id": [foreign.id]}
    people.organiser.client.post(f"{queue_of(people)}/terima", data=data)
    people.organiser.client.post(f"{queue_of(people)}/urungkan", data=data)
    assert fresh(foreign).state is PENDING


@pytest.mark.parametrize("role", ["administrator", "manager", "organiser"])
def test_who_may_decide(people: People, role: str) -> None:
    [made] = waiting(people, 1)
    opened(people, role).submit(QUEUE, id=str(made.id))
    assert fresh(made).state is CONFIRMED


@pytest.mark.parametrize("role", ["facilitator", "viewer", "certifier", "outsider"])
def test_who_may_not(people: People, role: str) -> None:
    [made] = waiting(people, 1)
    client = people.staff[role].client
    sees = role == "certifier"
    page = client.get(queue_of(people), status=200 if sees else 404 if role == "outsider" else 403)
    assert not page.select("[name=id]")
    token = client.get("/panel").select("[name=csrf_token]")[0].get("value")
    for action in ("terima", "tolak", "urungkan"):
        data = {"csrf_token": token, "id": made.id, "ready": "data"}
        client.post(f"{queue_of(people)}/{action}", data=data, status=404 if role == "outsider" else 403)
    assert fresh(made).state is PENDING


def test_the_panel_and_the_dashboard_lead_there(people: People) -> None:
    waiting(people, 2)
    page = people.organiser.client.get("/panel")
    assert "2 menunggu persetujuan" in page.words()
    assert page.follow("main a[href$='/persetujuan']").url == queue_of(people)
    board = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}")
    assert board.follow(".tiles a[href$='/persetujuan']").url == queue_of(people)
    assert "menunggu persetujuan" not in people.viewer.client.get("/panel").words()


def test_from_the_persons_own_page(people: People) -> None:
    first, second = waiting(people, 2)
    address = f"/panel/kegiatan/{people.stage.slug}/peserta"
    client = people.organiser.client
    client.get(f"{address}/{first.id}").submit("form[action$='/terima']")
    client.get(f"{address}/{second.id}").submit("form[action$='/tolak']", reason="Bukan peserta kegiatan ini.")
    assert (fresh(first).state, fresh(second).state) == (CONFIRMED, REJECTED)
    assert fresh(second).cancel_reason == "Bukan peserta kegiatan ini."
    client.get(f"{address}/{second.id}").submit("form[action$='/urungkan']")
    assert fresh(second).state is PENDING


def test_the_page_asks_as_much_of_the_database_for_many(people: People) -> None:
    waiting(people, 3)
    opened(people)
    with statements() as few:
        opened(people)
    waiting(people, 30, first=4)
    with statements() as many:
        opened(people)
    assert len(many) == len(few)


@pytest.mark.both_databases
def test_five_hundred_are_decided_by_as_many_statements_as_five(app) -> None:
    stage, staff = factories.stage(), factories.user()
    host = stage.host
    place, who = factories.institution(host), [factories.participant(host) for _ in range(5)]
    few = [factories.registration(stage, participant=one, institution=place, state=PENDING).id for one in who]
    many = many_pending(stage, 500, like=few[0])

    def counted(deed) -> int:
        db.session.rollback()
        with statements() as seen:
            assert deed() > 0
        return len(seen)

    for deed in (
        lambda ids: service.approve(stage, ids, by=staff),
        lambda ids: service.undo_decisions(stage, ids, by=staff),
        lambda ids: service.reject(stage, ids, reason="Penuh", by=staff),
    ):
        assert counted(partial(deed, many)) == counted(partial(deed, few)) <= 12
    letters = sa.select(sa.func.count()).where(OutboxMessage.kind == "registration.rejected")
    assert db.session.scalar(letters) == 505


def many_pending(stage: Stage, count: int, *, like: int) -> list[int]:
    """Registrations of so many other people, copied from one in two statements."""
    model = db.session.get_one(Registration, like)
    values = {column.key: getattr(model, column.key) for column in Registration.__table__.columns if column.key != "id"}
    whom = {
        column.key: getattr(model.participant, column.key)
        for column in Participant.__table__.columns
        if column.key != "id"
    }
    with transaction():
        known = [whom | {"name_key": f"peserta {n}", "email": f"p{n}@x.test", "phone": None} for n in range(count)]
        ids = db.session.scalars(sa.insert(Participant).returning(Participant.id), known).all()
        rows = []
        for number, participant_id in enumerate(ids):
            codes = {name: f"{name[0]}{number:015}" for name in ("ticket_code", "badge_code")}
            hashes = {name: f"{name[0]}{number:063}" for name in ("ticket_hash", "badge_hash")}
            rows.append(values | {"participant_id": participant_id, "email": f"p{number}@x.test"} | codes | hashes)
        made = list(db.session.scalars(sa.insert(Registration).returning(Registration.id), rows))
        db.session.execute(sa.update(Stage).where(Stage.id == stage.id).values(seats_taken=Stage.seats_taken + count))
    return made
