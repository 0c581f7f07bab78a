"""Registering and what follows, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.extensions import db
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.programmes.service import update_stage
from app.registration import service
from app.registration.models import Consent, Participant, Registration
from app.registration.queries import waiting_place
from app.registration.rules import ConsentKind, Outcome, Reason, RegistrationSource, RegistrationState
from app.shared import clock
from app.shared.codes import digest
from app.shared.identity import IdentityType
from tests import factories
from tests.databases import statements
from tests.registration.people import fresh, online, person, registrations, seats_taken, unnumbered

pytestmark = pytest.mark.both_databases
CONFIRMED, OFFERED, WAITLISTED = RegistrationState.CONFIRMED, RegistrationState.OFFERED, RegistrationState.WAITLISTED


@pytest.fixture
def stage(app) -> Stage:
    made = factories.stage(capacity=2)
    for code in ("OPD", "PAKAR", "PERBANKAN"):
        factories.category(made.host, code)
    return made


@pytest.fixture
def staff(stage):
    return factories.user()


def mails() -> list[tuple[str, str]]:
    return [
        (mail.kind, mail.to_address) for mail in db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id))
    ]


def acts() -> list[str]:
    return [
        entry.action
        for entry in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
        if entry.action.startswith("registration.")
    ]


def test_registering_keeps_everything_and_mails_the_ticket(stage: Stage) -> None:
    place = factories.institution(stage.host)
    who = person(institution_id=place.id, institution_name=place.name)
    group, foreign = factories.group(stage.programme), factories.group(factories.programme())
    notice = factories.notice(stage.host)

    done = online(
        stage,
        who,
        notice_id=notice.id,
        consents={ConsentKind.PHOTO},
        group_ids=[group.id, foreign.id],
        submission_key="k",
    )

    made = done.registration
    assert (done.outcome, done.reason, made.state) == (Outcome.CONFIRMED, None, CONFIRMED)
    assert (made.full_name, made.sort_name, made.category.code) == ("Siti Aminah B, S.Kom.", "siti aminah b", "OPD")
    assert (made.institution.name, made.notice_id, made.submission_key) == (place.name, notice.id, "k")
    assert made.ticket_hash == digest(made.ticket_code) and made.badge_code != made.ticket_code
    assert [one.name for one in made.groups] == [group.name]
    consent = db.session.scalars(sa.select(Consent)).one()
    assert consent.kind is ConsentKind.PHOTO and len(consent.wording) > 20
    assert made.participant.identity_number == who.identity_number
    assert mails() == [("registration.ticket", who.email)]
    assert seats_taken(stage) == 1


def test_when_full_the_next_wait_in_order(stage: Stage) -> None:
    done = [online(stage, person(number)) for number in range(1, 5)]
    assert [one.outcome for one in done] == [Outcome.CONFIRMED] * 2 + [Outcome.WAITLISTED] * 2
    assert [waiting_place(one.registration) for one in done] == [None, None, 1, 2]
    assert mails()[-1] == ("registration.waitlisted", person(4).email)
    assert seats_taken(stage) == 2


@pytest.mark.parametrize(
    "again",
    [
        person(name="Other Name", email="x@y.go.id", phone=None),
        person(
            identity_number=None, identity_type=IdentityType.NONE, phone=None, email="SITI1@tanjungpinangkota.go.id"
        ),
        person(identity_type=IdentityType.NIDN, identity_number="0012345678", email=None),
    ],
    ids=["same number", "no number, same name and e-mail", "other kind of number, same name and phone"],
)
def test_the_same_person_again_is_mailed_the_ticket_on_file(stage: Stage, again) -> None:
    first = online(stage, person())
    done = online(stage, again)
    assert (done.outcome, done.registration.id) == (Outcome.ALREADY, first.registration.id)
    assert mails() == [("registration.ticket", person().email)] * 2
    assert acts() == ["registration.ticket_sent_again"]
    assert len(registrations(stage)) == 1 and seats_taken(stage) == 1


def test_a_ticket_is_not_mailed_again_and_again(stage: Stage) -> None:
    online(stage, person())
    for _ in range(9):
        assert online(stage, person()).outcome is Outcome.ALREADY
    assert len(mails()) == 4


def test_a_colleague_with_the_offices_address_is_another_person(stage: Stage) -> None:
    assert online(stage, unnumbered()).outcome is Outcome.CONFIRMED
    assert online(stage, unnumbered(name="Tengku Dewi", phone="+6281100000002")).outcome is Outcome.CONFIRMED


def test_two_banks_may_give_the_same_staff_number(stage: Stage) -> None:
    teller = {"category_code": "PERBANKAN", "identity_type": IdentityType.COMPANY, "identity_number": "1001"}
    assert online(stage, person(1, institution_name="Bank A", **teller)).outcome is Outcome.CONFIRMED
    assert online(stage, person(2, institution_name="Bank B", **teller)).outcome is Outcome.CONFIRMED
    assert online(stage, person(3, institution_name="Bank B", **teller)).outcome is Outcome.ALREADY


def test_hosts_know_nothing_of_each_other(stage: Stage) -> None:
    elsewhere = factories.stage()
    factories.category(elsewhere.host, "OPD")
    online(stage, person())
    assert online(elsewhere, person()).outcome is Outcome.CONFIRMED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 2


def test_a_second_press_of_the_button_gives_the_first_answer(stage: Stage) -> None:
    first = online(stage, person(), submission_key="key")
    second = online(stage, person(), submission_key="key")
    assert second.outcome is Outcome.CONFIRMED and second.registration.id == first.registration.id
    assert len(mails()) == 1


def test_a_form_given_back_by_the_browser_serves_a_colleague_too(stage: Stage) -> None:
    first = online(stage, person(1), submission_key="key")
    second = online(stage, person(2), submission_key="key")
    assert second.outcome is Outcome.CONFIRMED and second.registration.id != first.registration.id


def test_a_press_on_the_waiting_list_is_answered_as_such(stage: Stage) -> None:
    for number in (1, 2):
        online(stage, person(number))
    assert [online(stage, person(3), submission_key="k").outcome for _ in range(2)] == [Outcome.WAITLISTED] * 2


def test_the_window_binds_the_public_and_not_staff(stage: Stage, staff) -> None:
    late = stage.registration_closes_at + timedelta(minutes=1)
    with clock.frozen(late):
        refused = online(stage, person(1))
        assert (refused.outcome, refused.registration) == (Outcome.REFUSED, None)
        assert refused.reason in (Reason.CLOSED, Reason.OVER)
        added = service.register(stage, person(1), source=RegistrationSource.STAFF, by=staff)
        assert added.outcome is Outcome.CONFIRMED
        again = service.register(stage, person(1), source=RegistrationSource.WALK_IN, by=staff)
        assert (again.outcome, again.registration.id) == (Outcome.ALREADY, added.registration.id)
    assert acts() == ["registration.added"] and len(mails()) == 1


def test_a_prerequisite_asks_for_a_confirmed_place(stage: Stage) -> None:
    following = factories.stage(stage.programme, prerequisite_id=stage.id)
    assert online(following, person(1)).reason is Reason.PREREQUISITE
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 0
    for number in (1, 2, 3):
        online(stage, person(number))
    assert online(following, person(1)).outcome is Outcome.CONFIRMED
    assert online(following, person(3)).reason is Reason.PREREQUISITE  # only on the waiting list


def test_the_person_is_known_at_the_next_stage_and_staff_add_his_number(stage: Stage, staff) -> None:
    following = factories.stage(stage.programme)
    first = online(stage, person(identity_type=IdentityType.NONE, identity_number=None)).registration
    second = service.register(following, person(), source=RegistrationSource.STAFF, by=staff).registration
    assert first.participant_id == second.participant_id
    assert fresh(first).participant.identity_number == person().identity_number
    assert online(following, person(email="lain@x.go.id", phone=None, name="Siti")).outcome is Outcome.ALREADY


def test_a_stranger_cannot_give_a_known_person_an_invented_number(stage: Stage) -> None:
    """With it the person himself, who types his true one, would be taken for somebody else."""
    following, last = factories.stage(stage.programme), factories.stage(stage.programme)
    known = online(stage, person(identity_type=IdentityType.NONE, identity_number=None)).registration
    forged = online(following, person(identity_number=person(2).identity_number)).registration
    assert (forged.participant_id, forged.identity_number) == (known.participant_id, person(2).identity_number)
    assert fresh(known).participant.identity_number is None
    assert online(last, person()).registration.participant_id == known.participant_id


def test_names_that_grow_in_canonical_form_still_fit(stage: Stage) -> None:
    """One letter may become two or eighteen where names are compared; the columns hold 120."""
    for number, name in enumerate(("ß" * 70, "ﷺ" * 20 + " Salim"), start=1):
        made = online(stage, person(number, name=name)).registration
        assert made.name == name and len(fresh(made).sort_name) <= 120
        assert online(stage, person(number, name=name)).outcome is Outcome.ALREADY
        assert online(
            stage, person(number, name=name, identity_type=IdentityType.NONE, identity_number=None)
        ).outcome is (Outcome.ALREADY)


def test_a_long_name_with_long_titles_is_mailed(stage: Stage) -> None:
    online(stage, person(title_before="Prof. " * 10, name="Siti " * 24, title_after="M.T., " * 13))
    assert len(db.session.scalars(sa.select(OutboxMessage)).one().to_name) <= 200


def test_an_employer_with_an_odd_name_still_tells_its_numbers_apart(stage: Stage) -> None:
    bank = {"category_code": "PERBANKAN", "identity_type": IdentityType.COMPANY, "identity_number": "17"}
    online(stage, person(1, institution_name="ß" * 200, **bank))
    again = online(stage, person(2, institution_name="ß" * 200, **bank))
    assert again.outcome is Outcome.ALREADY


def test_the_holders_reason_is_not_written_into_the_trail(stage: Stage, staff) -> None:
    by_holder, by_staff = (online(stage, person(number)).registration for number in (1, 2))
    service.cancel(by_holder, reason="Saya sakit keras")
    service.cancel(by_staff, reason="Berhalangan", by=staff)
    kept = sa.select(AuditEntry.reason).filter_by(action="registration.cancelled").order_by(AuditEntry.id)
    assert list(db.session.scalars(kept)) == ["", "Berhalangan"]
    assert fresh(by_holder).cancel_reason == "Saya sakit keras"


def test_what_the_public_types_does_not_change_a_known_person(stage: Stage) -> None:
    following = factories.stage(stage.programme)
    online(stage, person())
    online(following, person(name="Impostor", email="impostor@x.id"))
    known = db.session.scalars(sa.select(Participant)).one()
    assert (known.name, known.email) == (person().name, person().email)


def test_a_cancelled_seat_is_offered_to_the_first_in_line(stage: Stage, frozen_clock) -> None:
    frozen_clock(clock.now())
    made = [online(stage, person(number)).registration for number in range(1, 5)]
    assert service.cancel(made[0], reason="Dinas luar")
    assert [fresh(one).state for one in made] == [RegistrationState.CANCELLED, CONFIRMED, OFFERED, WAITLISTED]
    assert fresh(made[2]).offer_until == clock.now() + timedelta(hours=stage.offer_hours)
    assert mails()[-2:] == [("registration.cancelled", person(1).email), ("registration.offered", person(3).email)]
    assert seats_taken(stage) == 2
    assert not service.cancel(fresh(made[0]))
    assert service.cancel(fresh(made[3])) and seats_taken(stage) == 2
    assert service.cancel(fresh(made[1])) and seats_taken(stage) == 1


def test_who_cancelled_may_come_back(stage: Stage) -> None:
    first = online(stage, person()).registration
    service.cancel(first)
    again = online(stage, person())
    assert again.outcome is Outcome.CONFIRMED and again.registration.id != first.id
    assert again.registration.ticket_code != fresh(first).ticket_code
    assert again.registration.participant_id == first.participant_id


def test_nobody_is_called_to_a_stage_that_is_over(stage: Stage) -> None:
    made = [online(stage, person(number)).registration for number in range(1, 4)]
    with clock.frozen(clock.now() + timedelta(days=30)):
        service.cancel(made[0])
    assert fresh(made[2]).state is WAITLISTED and seats_taken(stage) == 1


def test_more_room_calls_the_waiting(stage: Stage, staff) -> None:
    made = [online(stage, person(number)).registration for number in range(1, 6)]
    update_stage(fresh(stage), by=staff, capacity=4)
    assert [fresh(one).state for one in made] == [CONFIRMED] * 2 + [OFFERED] * 2 + [WAITLISTED]
    assert mails()[-1] == ("registration.offered", person(4).email)


def test_a_seat_given_by_hand_needs_a_free_one(stage: Stage, staff) -> None:
    made = [online(stage, person(number)).registration for number in range(1, 5)]
    assert service.give_seat(made[3], by=staff) is Reason.FULL
    with db.engine.begin() as connection:
        connection.execute(sa.update(Stage).where(Stage.id == stage.id).values(capacity=3))
    assert service.give_seat(fresh(made[3]), by=staff) is None
    assert [fresh(one).state for one in made[2:]] == [WAITLISTED, CONFIRMED]
    assert service.give_seat(fresh(made[3]), by=staff) is Reason.NOT_WAITING
    assert seats_taken(stage) == 3


def test_a_correction_reaches_the_person_and_leaves_a_trace(stage: Stage, staff) -> None:
    made = online(stage, person()).registration
    right = person(name="Siti Aminah Putri", category_code="PAKAR", email="Baru@x.go.id")
    assert service.correct(made, right, by=staff) is None
    made = fresh(made)
    assert (made.name, made.sort_name, made.category.code) == (right.name, "siti aminah putri", "PAKAR")
    assert (made.participant.name, made.participant.email) == (right.name, "baru@x.go.id")
    entry = db.session.scalars(sa.select(AuditEntry).filter_by(action="registration.corrected")).one()
    assert entry.fields == ["name", "category_code", "email"] and entry.actor_id == staff.id
    assert service.correct(made, right, by=staff) is None and acts().count("registration.corrected") == 1


def test_nobody_is_corrected_into_another_person(stage: Stage, staff) -> None:
    _first, second = (online(stage, person(number)).registration for number in (1, 2))
    taken = person(2, identity_number=person(1).identity_number)
    assert service.correct(second, taken, by=staff) is Reason.NUMBER_TAKEN
    twin = person(1, identity_type=IdentityType.NONE, identity_number=None)
    assert service.correct(fresh(second), twin, by=staff) is Reason.PERSON_TAKEN
    assert fresh(second).identity_number == person(2).identity_number
    assert fresh(second).participant.name == person(2).name


def test_staff_send_a_ticket_again_as_often_as_it_takes(stage: Stage, staff) -> None:
    made = online(stage, person()).registration
    assert all(service.resend_ticket(fresh(made), by=staff) for _ in range(6))
    service.cancel(fresh(made), by=staff, reason="x")
    assert not service.resend_ticket(fresh(made), by=staff)
    silent = online(stage, unnumbered(email=None)).registration
    assert not service.resend_ticket(silent, by=staff)


def test_groups_are_those_of_the_programme(stage: Stage, staff) -> None:
    made = online(stage, person()).registration
    ours, foreign = factories.group(stage.programme), factories.group(factories.programme())
    service.set_groups(made, [ours.id, foreign.id], by=staff)
    assert [one.id for one in fresh(made).groups] == [ours.id]
    service.set_groups(fresh(made), [], by=staff)
    assert fresh(made).groups == [] and acts().count("registration.grouped") == 2


def test_registering_needs_few_statements(stage: Stage) -> None:
    with statements() as seen:
        online(stage, person(), submission_key="key", consents=set(ConsentKind))
    assert len(seen) <= 8, seen
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Registration)) == 1
