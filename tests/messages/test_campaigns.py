"""Messages to a segment: to whom, when, and to each person once, whatever becomes of the worker."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.accounts.models import User
from app.extensions import db, transaction
from app.feedback.models import FeedbackReceipt
from app.jobs.models import OutboxMessage
from app.messages import queries, service
from app.messages.models import Campaign, CampaignRecipient
from app.messages.queries_people import counts_of
from app.messages.rules_segments import CampaignState, Plan, Segment, Timing, read_clock
from app.messages.service import MessageRefused, sending
from app.programmes.models import Stage
from app.programmes.service import update_stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.registration.rules_answers import AnswerKind
from app.registration.rules_people import Answering
from app.registration.service.questions import change_answers
from app.shared import clock
from tests import factories
from tests.mailbox import Mailbox
from tests.registration.questions import asked

EVERYBODY = Segment(states=())


@pytest.fixture
def stage(app: Any) -> Stage:
    return factories.stage()


@pytest.fixture
def staff(app: Any) -> User:
    return factories.user()


def draft(stage: Stage, by: User, *, segment: Segment = EVERYBODY, plan: Plan | None = None, **text: Any) -> Campaign:
    known = {"subject": "Halo {nama}", "body": "Yth. {nama},\n\nBuka tiket: {tautan_tiket}"} | text
    return service.draft_campaign(stage, kind=None, segment=segment, plan=plan or Plan(), by=by, **known)


def send(campaign: Campaign, by: User) -> None:
    service.send_campaign(campaign, by=by)
    service.send_due_campaigns()


def state(campaign: Campaign) -> CampaignState:
    return db.session.get_one(Campaign, campaign.id, populate_existing=True).state


def names_in(stage: Stage, segment: Segment) -> list[str]:
    return [one.name for one in db.session.scalars(queries.people_in(stage, segment))]


def addresses() -> list[str]:
    return sorted(db.session.scalars(sa.select(OutboxMessage.to_address)))


@pytest.mark.both_databases
def test_everybody_of_the_segment_is_written_to_once_however_often_the_worker_looks(
    stage: Stage, staff: User, smtp: Mailbox, work: Any
) -> None:
    people = [factories.registration(stage, name=f"Peserta {letter}") for letter in "ABC"]
    factories.registration(stage, name="Batal", state=RegistrationState.CANCELLED)
    factories.registration(stage, name="Tanpa Alamat", email=None)
    factories.registration(factories.stage(stage.programme), name="Tahap Lain")
    campaign = draft(stage, staff)
    service.send_campaign(campaign, by=staff)
    work()
    service.send_due_campaigns()
    work()
    assert sorted(mail["Subject"] for mail in smtp.messages) == [f"Halo Peserta {letter}" for letter in "ABC"]
    [mail] = smtp.to(people[0].email)
    assert f"/t/{people[0].ticket_code}" in mail.get_body(("plain",)).get_content()
    assert f"/t/{people[0].ticket_code}" in mail.get_body(("html",)).get_content()
    sent = db.session.get_one(Campaign, campaign.id, populate_existing=True)
    assert (sent.state, sent.without_address) == (CampaignState.SENT, 1) and sent.finished_at is not None


@pytest.mark.both_databases
def test_a_worker_that_dies_between_two_chunks_loses_nobody_and_writes_to_nobody_twice(
    stage: Stage, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        factories.registration(stage, email=f"orang{number}@kota.test")
    monkeypatch.setattr(sending, "CHUNK", 2)
    campaign = draft(stage, staff)
    service.send_campaign(campaign, by=staff)
    posting, posted = sending._post, []

    def dies(*args: Any) -> None:
        posting(*args)
        posted.append(1)
        if len(posted) == 2:
            raise SystemExit

    monkeypatch.setattr(sending, "_post", dies)
    with pytest.raises(SystemExit):
        service.send_due_campaigns()
    assert len(addresses()) == 2 and state(campaign) is CampaignState.SENDING
    service.send_due_campaigns()
    assert addresses() == [f"orang{number}@kota.test" for number in range(5)]
    assert state(campaign) is CampaignState.SENT
    assert db.session.scalar(sa.select(sa.func.count(CampaignRecipient.id))) == 5


@pytest.mark.both_databases
def test_a_shared_address_gets_a_letter_for_each_and_a_person_who_registered_anew_one(
    stage: Stage, staff: User
) -> None:
    office = "dinas@kota.test"
    for name in ("Siti", "Budi"):
        factories.registration(stage, name=name, email=office)
    again = factories.participant(stage.host, name="Raja", email="raja@kota.test")
    factories.registration(stage, participant=again, state=RegistrationState.CANCELLED)
    factories.registration(stage, participant=again)
    both = Segment(states=(RegistrationState.CONFIRMED, RegistrationState.CANCELLED))
    assert counts_of(stage, both).people == 3
    send(draft(stage, staff, segment=both), staff)
    assert addresses() == [office, office, "raja@kota.test"]


def test_who_registers_anew_while_it_is_sent_is_not_written_to_again(stage: Stage, staff: User) -> None:
    first = factories.registration(stage)
    campaign = draft(stage, staff, segment=Segment(states=tuple(RegistrationState)))
    send(campaign, staff)
    with transaction():
        db.session.get_one(Registration, first.id).state = RegistrationState.CANCELLED
        db.session.get_one(Campaign, campaign.id).state = CampaignState.SENDING
    factories.registration(stage, participant=first.participant)
    service.send_due_campaigns()
    assert len(addresses()) == 1


@pytest.mark.both_databases
def test_segments_narrow_by_all_that_is_known_of_people(stage: Stage) -> None:
    group = factories.group(stage.programme)
    bank = factories.institution(stage.host, "PERBANKAN")
    asked_group = factories.agenda_session(stage, groups=[group])
    door = factories.checkpoint(stage, sessions=[asked_group])
    questionnaire = factories.questionnaire(stage)
    siti = factories.registration(stage, name="Siti", groups=[group])
    factories.registration(stage, name="Budi", groups=[group])
    factories.registration(stage, name="Raja", institution=bank)
    factories.registration(stage, name="Wati", state=RegistrationState.WAITLISTED, waiting_since=clock.now())
    factories.attendance(siti, door)
    with transaction():
        db.session.add(FeedbackReceipt(registration_id=siti.id, questionnaire_id=questionnaire.id))
    assert names_in(stage, EVERYBODY) == ["Budi", "Raja", "Siti", "Wati"]
    assert names_in(stage, Segment()) == ["Budi", "Raja", "Siti"]
    assert names_in(stage, Segment(states=(RegistrationState.WAITLISTED,))) == ["Wati"]
    assert names_in(stage, Segment(category="PERBANKAN")) == ["Raja"]
    assert names_in(stage, Segment(institution=bank.id)) == ["Raja"]
    assert names_in(stage, Segment(group=group.id)) == ["Budi", "Siti"]
    assert names_in(stage, Segment(checkpoint=door.id, present=True)) == ["Siti"]
    assert names_in(stage, Segment(checkpoint=door.id, present=False)) == ["Budi"]
    assert names_in(stage, Segment(questionnaire=questionnaire.id, answered=True)) == ["Siti"]
    assert names_in(stage, Segment(questionnaire=questionnaire.id, answered=False)) == ["Budi", "Raja"]
    assert names_in(stage, Segment(checkpoint=999999)) == []
    elsewhere = factories.checkpoint(factories.stage(stage.programme))
    assert names_in(stage, Segment(checkpoint=elsewhere.id)) == []


@pytest.mark.both_databases
def test_a_segment_can_be_those_who_have_not_answered_what_the_stage_asks(stage: Stage) -> None:
    question = asked(stage, AnswerKind.SHORT_TEXT, required=True)
    siti = factories.registration(stage, name="Siti")
    factories.registration(stage, name="Budi")
    factories.registration(stage, name="Wati", state=RegistrationState.CANCELLED, ended_at=clock.now())
    change_answers(siti, {question.id: "Teks"}, by=None)
    assert names_in(stage, Segment(answering=Answering.OPEN)) == ["Budi"]
    assert names_in(stage, Segment(answering=Answering.COMPLETE)) == ["Siti"]
    assert names_in(stage, Segment(states=(RegistrationState.CANCELLED,), answering=Answering.OPEN)) == []


@pytest.mark.both_databases
def test_a_message_leaves_at_its_time_to_who_is_there_then(stage: Stage, staff: User, frozen_clock: Any) -> None:
    moment = frozen_clock()
    factories.registration(stage, email="dulu@kota.test")
    campaign = draft(stage, staff, plan=Plan(timing=Timing.AT, moment=moment + timedelta(hours=2)))
    service.send_campaign(campaign, by=staff)
    service.send_due_campaigns()
    assert addresses() == [] and state(campaign) is CampaignState.SCHEDULED
    factories.registration(stage, email="baru@kota.test")
    frozen_clock(moment + timedelta(hours=2))
    service.send_due_campaigns()
    assert addresses() == ["baru@kota.test", "dulu@kota.test"]


@pytest.mark.both_databases
def test_a_relative_time_moves_with_the_stage(staff: User, frozen_clock: Any) -> None:
    now = frozen_clock()
    today = now.date()
    stage = factories.stage(starts_on=today + timedelta(days=10), ends_on=today + timedelta(days=11))
    plan = Plan(timing=Timing.BEFORE, days=3, clock=read_clock("08:00"))
    campaign = draft(stage, staff, plan=plan)
    assert campaign.due_at is None
    service.send_campaign(campaign, by=staff)
    assert campaign.due_at == factories.at(stage, 8, day=-3)
    update_stage(
        stage,
        starts_on=stage.starts_on + timedelta(days=7),
        ends_on=stage.ends_on + timedelta(days=7),
        by=staff,
    )
    moved = db.session.get_one(Campaign, campaign.id, populate_existing=True)
    assert moved.due_at == factories.at(moved.stage, 8, day=-3) and moved.plan == plan


def test_what_waits_can_be_changed_taken_back_and_cancelled_and_what_is_sent_cannot(
    stage: Stage, staff: User, frozen_clock: Any
) -> None:
    moment = frozen_clock()
    factories.registration(stage)
    later = Plan(timing=Timing.AT, moment=moment + timedelta(days=1))
    campaign = draft(stage, staff, plan=later)
    service.send_campaign(campaign, by=staff)
    sooner = Plan(timing=Timing.AT, moment=moment + timedelta(hours=1))
    service.edit_campaign(campaign, subject="Baru", body="Isi", segment=Segment(), plan=sooner, by=staff)
    assert (campaign.due_at, campaign.subject, state(campaign)) == (sooner.moment, "Baru", CampaignState.SCHEDULED)
    service.take_back(campaign, by=staff)
    assert state(campaign) is CampaignState.DRAFT
    service.cancel_campaign(campaign, by=staff)
    assert state(campaign) is CampaignState.CANCELLED
    with pytest.raises(MessageRefused):
        service.send_campaign(campaign, by=staff)
    sent = draft(stage, staff)
    send(sent, staff)
    for refused in (service.cancel_campaign, service.take_back, service.send_campaign):
        with pytest.raises(MessageRefused):
            refused(sent, by=staff)


def test_a_moment_that_passed_while_it_was_a_draft_is_not_scheduled(
    stage: Stage, staff: User, frozen_clock: Any
) -> None:
    moment = frozen_clock()
    campaign = draft(stage, staff, plan=Plan(timing=Timing.AT, moment=moment + timedelta(hours=1)))
    frozen_clock(moment + timedelta(hours=2))
    with pytest.raises(MessageRefused, match="past"):
        service.send_campaign(campaign, by=staff)
    assert state(campaign) is CampaignState.DRAFT


def test_nothing_is_sent_where_nobody_has_an_address(stage: Stage, staff: User) -> None:
    factories.registration(stage, email=None)
    with pytest.raises(MessageRefused, match="nobody"):
        service.send_campaign(draft(stage, staff), by=staff)


def test_who_has_cancelled_meanwhile_gets_no_reminder(stage: Stage, staff: User, smtp: Mailbox, work: Any) -> None:
    registration = factories.registration(stage)
    send(draft(stage, staff, segment=Segment()), staff)
    with transaction():
        db.session.get_one(Registration, registration.id).state = RegistrationState.CANCELLED
    work()
    assert smtp.messages == []


def test_the_sweep_sends_what_is_due(stage: Stage, staff: User, frozen_clock: Any) -> None:
    from app.jobs.service import sweep

    moment = frozen_clock()
    factories.registration(stage)
    campaign = draft(stage, staff, plan=Plan(timing=Timing.AT, moment=moment + timedelta(minutes=5)))
    service.send_campaign(campaign, by=staff)
    frozen_clock(moment + timedelta(minutes=6))
    sweep()
    sweep()
    assert len(addresses()) == 1 and state(campaign) is CampaignState.SENT


def test_bad_addresses_are_counted(stage: Stage) -> None:
    from app.jobs.service import mark_bad

    factories.registration(stage, email="Siti@kota.test")
    factories.registration(stage, email=None)
    mark_bad(stage.host.id, "siti@KOTA.test", reason="550")
    counts = counts_of(stage, EVERYBODY)
    assert (counts.people, counts.with_address, counts.without_address, counts.bad) == (2, 1, 1, 1)


def test_the_recipient_and_the_mail_are_bound_to_each_other(stage: Stage, staff: User) -> None:
    registration = factories.registration(stage)
    campaign = draft(stage, staff)
    send(campaign, staff)
    mail = db.session.scalars(sa.select(OutboxMessage)).one()
    assert mail.dedupe_key == f"campaign:{campaign.id}:{registration.id}"
    assert mail.created_at <= clock.now() and mail.programme_id == stage.programme_id
