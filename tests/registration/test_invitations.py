"""Invitations: seats reserved until a deadline, letters and reminders, and what becomes of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.institutions.models import Institution
from app.jobs.models import OutboxMessage
from app.jobs.service import sweep
from app.programmes.models import Stage
from app.registration import service
from app.registration.models_seats import Invitation
from app.registration.queries_invitations import InvitationFilter, find_by_token, invitation_counts, select_invitations
from app.registration.rules import Outcome, Reason, RegistrationState
from app.registration.rules_invitations import (
    filled,
    match_invitation_columns,
    read_seats,
    shown_state,
    strange_placeholders,
    usual_deadline,
)
from app.registration.rules_seats import InvitationState, QuotaKind
from app.shared import clock
from tests import factories
from tests.registration.people import fresh, online, person, seats_taken

SOON = timedelta(hours=5)


@pytest.fixture
def stage(app: Flask) -> Stage:
    made = factories.stage(capacity=10)
    factories.category(made.host, "OPD")
    return made


@pytest.fixture
def dinas(stage: Stage) -> Institution:
    return factories.institution(stage.host, "OPD", name="Dinas Kesehatan")


def invited(stage: Stage, institution: Institution, seats: int = 3, **values: Any) -> Invitation:
    deadline = values.pop("deadline", clock.now() + SOON)
    return service.create_invitation(stage, institution, seats_asked=seats, deadline=deadline, by=None, **values)


def posted(kind: str) -> list[str]:
    return list(db.session.scalars(sa.select(OutboxMessage.to_address).filter_by(kind=kind).order_by(OutboxMessage.id)))


@pytest.mark.both_databases
class TestSeats:
    def test_are_reserved_from_the_moment_it_is_entered(self, stage: Stage, dinas: Institution) -> None:
        invited(stage, dinas, 8)
        assert seats_taken(stage) == 8
        assert [online(stage, person(n)).outcome for n in (1, 2, 3)] == [
            Outcome.CONFIRMED,
            Outcome.CONFIRMED,
            Outcome.WAITLISTED,
        ]

    @pytest.mark.parametrize("reason", [Reason.FULL, Reason.CATEGORY_FULL, Reason.INSTITUTION_FULL])
    def test_that_are_not_there_refuse_it_and_nothing_is_taken(
        self, stage: Stage, dinas: Institution, reason: Reason
    ) -> None:
        kinds = {
            Reason.CATEGORY_FULL: (QuotaKind.CATEGORY, dinas.category_id),
            Reason.INSTITUTION_FULL: (QuotaKind.INSTITUTION, dinas.id),
        }
        if reason in kinds:
            kind, target = kinds[reason]
            service.set_quota(stage, kind=kind, target_id=target, capacity=2, by=factories.user())
        with pytest.raises(service.InvitationRefused) as refused:
            invited(stage, dinas, 3 if reason in kinds else 11)
        assert refused.value.reason is reason
        assert seats_taken(stage) == 0
        assert service.free_for(fresh(stage), dinas) == (2 if reason in kinds else 10)

    def test_follow_a_change_of_their_number(self, stage: Stage, dinas: Institution) -> None:
        invitation = invited(stage, dinas, 3)
        service.change_invitation(invitation, seats_asked=5, by=None)
        assert seats_taken(stage) == 5
        service.nominate(invitation, person(1))
        service.nominate(invitation, person(2))
        with pytest.raises(service.InvitationRefused):
            service.change_invitation(invitation, seats_asked=1, by=None)
        service.change_invitation(invitation, seats_asked=2, by=None)
        assert (seats_taken(stage), fresh(invitation).reserved) == (2, 2)

    def test_are_given_back_at_the_deadline_and_offered_on(
        self, stage: Stage, dinas: Institution, frozen_clock: Any
    ) -> None:
        invitation = invited(stage, dinas, 10)
        service.nominate(invitation, person(1))
        waiting = online(stage, person(2)).registration
        frozen_clock(clock.now() + SOON - timedelta(seconds=1))
        sweep()
        assert fresh(invitation).state is InvitationState.ANSWERED
        frozen_clock(clock.now() + timedelta(seconds=2))
        sweep()
        assert fresh(invitation).state is InvitationState.EXPIRED
        assert (invitation.reserved, invitation.used) == (1, 1)
        assert fresh(waiting).state is RegistrationState.OFFERED
        assert seats_taken(stage) == 2

    def test_come_back_with_a_new_deadline(self, stage: Stage, dinas: Institution) -> None:
        invitation = invited(stage, dinas, 3)
        token = invitation.token
        assert service.withdraw_invitation(invitation, by=None)
        assert not service.withdraw_invitation(invitation, by=None)
        assert seats_taken(stage) == 0
        service.change_invitation(invitation, deadline=invitation.deadline, by=None)
        assert (seats_taken(stage), fresh(invitation).state) == (3, InvitationState.DRAFTED)
        assert invitation.token != token and find_by_token(token) is None

    def test_get_a_new_deadline_where_it_has_just_passed_and_their_number_changes(
        self, stage: Stage, dinas: Institution, frozen_clock: Any
    ) -> None:
        """No sweep has ended the invitation yet: more seats for it would be taken away again by the next."""
        invitation = invited(stage, dinas, 2)
        frozen_clock(clock.now() + SOON)
        service.invite(stage, {dinas.id: 2}, by=None)
        assert fresh(invitation).deadline <= clock.now()
        service.invite(stage, {dinas.id: 3}, by=None)
        assert fresh(invitation).deadline > clock.now() and invitation.seats == 3

    def test_declined_ones_are_free_and_those_named_stay(self, stage: Stage, dinas: Institution) -> None:
        invitation = invited(stage, dinas, 3)
        named = service.nominate(invitation, person(1)).registration
        assert service.decline(invitation, reason="Rapat paripurna")
        assert not service.decline(invitation, reason="lagi")
        assert (seats_taken(stage), fresh(invitation).decline_reason) == (1, "Rapat paripurna")
        assert fresh(named).state is RegistrationState.CONFIRMED
        service.cancel(named)
        assert (seats_taken(stage), fresh(invitation).reserved, invitation.used) == (0, 0, 0)

    def test_an_institution_is_invited_once(self, stage: Stage, dinas: Institution) -> None:
        invited(stage, dinas)
        with pytest.raises(service.InvitationRefused) as refused:
            invited(stage, dinas)
        assert refused.value.reason is Reason.ALREADY_INVITED
        assert seats_taken(stage) == 3

    def test_a_deadline_that_has_passed_is_refused(self, stage: Stage, dinas: Institution) -> None:
        with pytest.raises(service.InvitationRefused) as refused:
            invited(stage, dinas, deadline=clock.now())
        assert refused.value.reason is Reason.DEADLINE_PASSED


class TestLetters:
    def test_go_to_those_with_an_address_and_the_others_are_named(self, stage: Stage, dinas: Institution) -> None:
        mute = factories.institution(stage.host, "OPD", name="Dinas Sosial")
        ids = [invited(stage, dinas, contact_email="umum@dinkes.go.id").id, invited(stage, mute).id]
        asked = service.send_invitations(stage, ids, by=None)
        assert (asked.mailed, asked.unaddressed) == (1, ["Dinas Sosial"])
        assert posted("invitation.letter") == ["umum@dinkes.go.id"]
        states = {one.institution_id: one.state for one in service.invitations_of(stage)}
        assert states == {dinas.id: InvitationState.SENT, mute.id: InvitationState.DRAFTED}
        assert service.mark_sent(stage, ids, by=None) == 1
        assert all(one.sent_at for one in service.invitations_of(stage))

    def test_are_not_sent_for_what_has_ended(self, stage: Stage, dinas: Institution) -> None:
        invitation = invited(stage, dinas, contact_email="umum@dinkes.go.id")
        service.withdraw_invitation(invitation, by=None)
        assert service.send_invitations(stage, [invitation.id], by=None).closed == 1
        assert posted("invitation.letter") == []

    def test_of_another_stage_are_left_alone(self, stage: Stage, dinas: Institution) -> None:
        other = factories.stage(stage.programme)
        invitation = invited(other, dinas, contact_email="umum@dinkes.go.id")
        assert service.send_invitations(stage, [invitation.id], by=None).mailed == 0

    def test_reminders_go_once_a_day_to_those_who_were_asked_and_are_silent(
        self, stage: Stage, dinas: Institution, frozen_clock: Any
    ) -> None:
        late = clock.now() + timedelta(days=3)
        drafted, named = (factories.institution(stage.host, "OPD") for _ in range(2))
        silent = invited(stage, dinas, contact_email="umum@dinkes.go.id", deadline=late)
        answered = invited(stage, named, contact_email="umum@dinsos.go.id", deadline=late)
        ids = [silent.id, answered.id, invited(stage, drafted, contact_email="umum@dishub.go.id", deadline=late).id]
        service.send_invitations(stage, ids[:2], by=None)
        service.nominate(answered, person(1))
        first = service.remind(stage, ids, by=None)
        assert (first.mailed, first.settled) == (1, 2)
        again = service.remind(stage, ids, by=None)
        assert (again.mailed, again.waiting) == (0, 1)
        assert service.remind(stage, ids, by=None, insist=True).mailed == 1
        frozen_clock(clock.now() + timedelta(days=1, minutes=1))
        assert service.remind(stage, ids, by=None).mailed == 1
        assert posted("invitation.reminder") == ["umum@dinkes.go.id"] * 3

    def test_the_worker_writes_them_with_the_letter_attached(
        self, stage: Stage, dinas: Institution, smtp: Any, work: Any
    ) -> None:
        invitation = invited(stage, dinas, contact_email="umum@dinkes.go.id", contact_name="Ibu Rina")
        service.send_invitations(stage, [invitation.id], by=None)
        token = invitation.token
        work()
        [letter] = smtp.to("umum@dinkes.go.id")
        assert any(part.get_content_type() == "application/pdf" for part in letter.walk())
        assert f"/undangan/{token}" in letter.get_body(("plain",)).get_content()


class TestRules:
    def test_expired_at_the_deadline_unless_people_were_named(self) -> None:
        at = datetime(2019, 7, 1, 9, tzinfo=UTC)
        before, sent = at - timedelta(seconds=1), InvitationState.SENT
        assert shown_state(sent, deadline=at, used=0, now=before) is sent
        assert shown_state(sent, deadline=at, used=0, now=at) is InvitationState.EXPIRED
        assert shown_state(InvitationState.EXPIRED, deadline=at, used=1, now=at) is InvitationState.ANSWERED
        assert shown_state(InvitationState.DECLINED, deadline=at, used=1, now=at) is InvitationState.DECLINED

    @pytest.mark.both_databases
    def test_lists_and_counts_show_the_same_states(self, stage: Stage, frozen_clock: Any) -> None:
        made = [invited(stage, factories.institution(stage.host, "OPD"), 1) for _ in range(5)]
        service.mark_sent(stage, [made[0].id], by=None)
        service.nominate(made[1], person(1))
        service.decline(made[2], reason="-")
        service.withdraw_invitation(made[3], by=None)
        for moment in (clock.now(), clock.now() + SOON):
            frozen_clock(moment)
            counts = invitation_counts(stage)
            for state in InvitationState:
                listed = db.session.scalars(select_invitations(stage, InvitationFilter(state=state))).unique().all()
                shown = {shown_state(one.state, deadline=one.deadline, used=one.used, now=moment) for one in listed}
                assert len(listed) == counts[state] and shown <= {state}
            assert sum(counts.values()) == 5

    def test_the_usual_deadline_is_the_next_that_lies_ahead(self, stage: Stage) -> None:
        day = datetime(2019, 7, 8, tzinfo=UTC).date()
        terms = {
            "closes_at": datetime(2019, 7, 7, 9, tzinfo=UTC),
            "starts_on": day,
            "ends_on": day,
            "zone": "Asia/Jakarta",
        }
        moments = [datetime(2019, 7, 7, hour, tzinfo=UTC) for hour in (8, 10, 18)]
        found = [usual_deadline(moment, **terms) for moment in moments]
        assert found[0] == terms["closes_at"]
        assert found[1] == datetime(2019, 7, 7, 17, tzinfo=UTC) and found[2] == datetime(2019, 7, 8, 17, tzinfo=UTC)
        assert usual_deadline(datetime(2019, 7, 9, tzinfo=UTC), **terms) is None

    def test_columns_are_known_by_many_names(self) -> None:
        header = ("No", "Nama Instansi", "Jumlah Peserta", "Nama Kontak", "E-mail", "No. HP/WA", "Nomor Surat")
        assert match_invitation_columns(header) == {
            "institution": 1,
            "seats": 2,
            "contact_name": 3,
            "email": 4,
            "phone": 5,
            "letter_number": 6,
        }

    @pytest.mark.parametrize(
        ("said", "number"),
        [("2", 2), ("2 orang", 2), ("2,0", 2), ("0", None), ("dua", None), ("", None), ("999", None)],
    )
    def test_numbers_of_people_are_read(self, said: str, number: int | None) -> None:
        found, problem = read_seats(said)
        assert found == number and bool(problem) is (number is None)

    def test_placeholders_are_filled_and_strange_ones_found(self) -> None:
        assert filled("{tahap} untuk {jumlah} {x}", {"tahap": "Tahap I", "jumlah": "2"}) == "Tahap I untuk 2 {x}"
        assert strange_placeholders("{tahap} {x}") == ["x"]
