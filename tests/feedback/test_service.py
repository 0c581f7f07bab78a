"""Questionnaires from their making to their answers, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask

from app.agenda import service as agenda
from app.agenda.rules import SessionInUse, SpeakerPart
from app.audit.models import AuditEntry
from app.extensions import db
from app.feedback import queries, service
from app.feedback.models import FeedbackAnswer, FeedbackReceipt, FeedbackResponse, Question, Questionnaire
from app.feedback.rules import (
    AnswerOutcome,
    BadAnswers,
    FeedbackError,
    QuestionKind,
    QuestionnaireKind,
    QuestionnaireState,
)
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from tests import factories

pytestmark = pytest.mark.both_databases


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def full_answers(questionnaire: Questionnaire, number: int = 4, text: str = "Baik") -> dict[int, int | str]:
    values = {QuestionKind.SCALE: number, QuestionKind.COMMITMENT: 1, QuestionKind.TEXT: text}
    return {question.id: values[question.kind] for question in questionnaire.questions}


def test_a_stage_begins_with_two_questionnaires(app: Flask) -> None:
    stage = factories.stage()

    service.create_defaults(stage)

    organisation, suggestions = queries.questionnaires_of(stage)
    assert (organisation.kind, suggestions.kind) == (QuestionnaireKind.ORGANISATION, QuestionnaireKind.SUGGESTIONS)
    assert organisation.required and not suggestions.required
    assert organisation.state is QuestionnaireState.DRAFT
    assert [question.kind for question in organisation.questions].count(QuestionKind.SCALE) == 5
    assert [question.kind for question in suggestions.questions] == [QuestionKind.TEXT, QuestionKind.COMMITMENT]


def test_every_speaker_of_a_lesson_is_asked_about_once(app: Flask) -> None:
    session = factories.agenda_session()
    stage, speaker = session.stage, factories.speaker(session.stage.host)
    factories.session_speaker(session, speaker)
    factories.session_speaker(session, factories.speaker(stage.host), SpeakerPart.MODERATOR)

    assert service.create_speaker_questionnaires(stage) == 1
    assert service.create_speaker_questionnaires(stage) == 0
    assert service.create_speaker_questionnaire(session, speaker) is None

    [questionnaire] = queries.questionnaires_of(stage)
    assert questionnaire.title == speaker.full_name
    assert [question.kind for question in questionnaire.questions].count(QuestionKind.SCALE) == 5


def test_opening_and_closing_are_recorded_once(app: Flask) -> None:
    questionnaire, by = factories.questionnaire(factories.stage(), opened_at=None), factories.user()

    for _ in range(2):
        service.open_questionnaire(questionnaire, by=by)
    opened_at = questionnaire.opened_at
    for _ in range(2):
        service.close_questionnaire(questionnaire, by=by)
    assert questionnaire.state is QuestionnaireState.CLOSED
    service.open_questionnaire(questionnaire, by=by)

    assert questionnaire.state is QuestionnaireState.OPEN and questionnaire.opened_at == opened_at
    acts = db.session.execute(sa.select(AuditEntry.action, AuditEntry.actor_id).order_by(AuditEntry.id)).all()
    names = ["questionnaire.opened", "questionnaire.closed", "questionnaire.opened"]
    assert acts == [(name, by.id) for name in names]


def test_an_empty_questionnaire_cannot_be_opened(app: Flask) -> None:
    questionnaire = factories.questionnaire(factories.stage(), opened_at=None)
    for question in list(questionnaire.questions):
        service.retire_question(question, by=None)

    with pytest.raises(FeedbackError):
        service.open_questionnaire(questionnaire, by=None)


def test_an_answer_is_taken_once(app: Flask) -> None:
    stage = factories.stage()
    registration, questionnaire = factories.registration(stage), factories.questionnaire(stage)

    first = service.answer(questionnaire, registration, full_answers(questionnaire, 5))
    again = service.answer(questionnaire, registration, full_answers(questionnaire, 1))

    assert (first, again) == (AnswerOutcome.ACCEPTED, AnswerOutcome.ALREADY)
    assert (count(FeedbackReceipt), count(FeedbackResponse), count(FeedbackAnswer)) == (1, 1, 2)
    assert queries.results(questionnaire).overall.mean == 5
    assert count(AuditEntry) == 0


def test_who_may_not_answer_is_told_and_nothing_is_stored(app: Flask) -> None:
    stage = factories.stage()
    questionnaire = factories.questionnaire(stage)
    cancelled = factories.registration(stage, state=RegistrationState.CANCELLED)
    stranger, guest = factories.registration(), factories.registration(stage)
    closed = factories.questionnaire(stage, closed_at=questionnaire.opened_at)
    draft = factories.questionnaire(stage, opened_at=None)

    outcomes = [
        service.answer(asked, who, full_answers(asked))
        for asked, who in [(questionnaire, cancelled), (questionnaire, stranger), (closed, guest), (draft, guest)]
    ]

    refused = AnswerOutcome.NOT_CONFIRMED
    assert outcomes == [refused, refused, AnswerOutcome.CLOSED, AnswerOutcome.NOT_OPEN_YET]
    assert count(FeedbackReceipt) == count(FeedbackResponse) == 0


def speaker_questionnaire(stage_session: object) -> Questionnaire:
    session = stage_session
    made = service.create_speaker_questionnaire(session, factories.speaker(session.stage.host))  # type: ignore[arg-type, attr-defined]
    assert made is not None
    service.open_questionnaire(made, by=None)
    return made


def test_a_speaker_is_judged_by_those_expected_at_the_session(app: Flask) -> None:
    stage = factories.stage()
    group = factories.group(stage.programme)
    questionnaire = speaker_questionnaire(factories.agenda_session(stage, groups=[group]))
    member, other = factories.registration(stage, groups=[group]), factories.registration(stage)

    assert queries.expected_counts(stage) == {questionnaire.id: 1}
    assert [offered.questionnaire.id for offered in queries.open_for(member)] == [questionnaire.id]
    assert queries.open_for(other) == []
    assert service.answer(questionnaire, other, full_answers(questionnaire)) is AnswerOutcome.NOT_EXPECTED
    assert service.answer(questionnaire, member, full_answers(questionnaire)) is AnswerOutcome.ACCEPTED
    assert [offered.answered for offered in queries.open_for(member)] == [True]
    assert queries.answered_counts(stage) == {questionnaire.id: 1}


def test_wrong_answers_store_nothing(app: Flask) -> None:
    stage = factories.stage()
    registration, questionnaire = factories.registration(stage), factories.questionnaire(stage)

    with pytest.raises(BadAnswers):
        service.answer(questionnaire, registration, {questionnaire.questions[0].id: 6})

    assert count(FeedbackReceipt) == count(FeedbackResponse) == 0


def test_two_presses_at_the_same_time_give_one_answer(app: Flask) -> None:
    stage = factories.stage()
    registration_id, questionnaire = factories.registration(stage).id, factories.questionnaire(stage)
    questionnaire_id, answers, presses = questionnaire.id, full_answers(questionnaire), 6
    start = Barrier(presses)
    db.session.rollback()

    def press(_: int) -> AnswerOutcome:
        with app.app_context():
            asked = db.session.get_one(Questionnaire, questionnaire_id)
            who = db.session.get_one(Registration, registration_id)
            start.wait(10)
            return service.answer(asked, who, answers)

    with ThreadPoolExecutor(presses) as pool:
        outcomes = list(pool.map(press, range(presses)))

    assert sorted(outcome.value for outcome in outcomes) == ["accepted"] + ["already"] * (presses - 1)
    assert (count(FeedbackReceipt), count(FeedbackResponse)) == (1, 1)


def test_who_has_answered_all_that_is_required(app: Flask) -> None:
    stage = factories.stage()
    group = factories.group(stage.programme)
    member, other = factories.registration(stage, groups=[group]), factories.registration(stage)
    factories.registration(stage, state=RegistrationState.CANCELLED)
    assert queries.has_answered_all_required(stage) == {member.id, other.id}

    for_all = factories.questionnaire(stage, required=True)
    for_group = speaker_questionnaire(factories.agenda_session(stage, groups=[group]))
    service.set_required(for_group, True, by=None)
    assert queries.has_answered_all_required(stage) == set()

    for who in (member, other):
        service.answer(for_all, who, full_answers(for_all))
    assert queries.has_answered_all_required(stage) == {other.id}

    service.answer(for_group, member, full_answers(for_group))
    assert queries.has_answered_all_required(stage) == {member.id, other.id}


def test_a_question_with_answers_is_retired_and_keeps_them(app: Flask) -> None:
    stage = factories.stage()
    questionnaire = factories.questionnaire(stage)
    scale, text = questionnaire.questions
    service.answer(questionnaire, factories.registration(stage), {scale.id: 3})

    with pytest.raises(FeedbackError):
        service.edit_question(scale, text="Lain", required=True, by=None)
    service.retire_question(scale, by=None)
    with pytest.raises(FeedbackError):
        service.retire_question(text, by=None)
    service.close_questionnaire(questionnaire, by=None)
    service.retire_question(text, by=None)

    assert [(question.id, question.retired) for question in questionnaire.questions] == [(scale.id, True)]
    assert queries.results(questionnaire).questions[0].tally.count == 1


def test_questions_change_places(app: Flask) -> None:
    questionnaire = factories.questionnaire(factories.stage())
    first, second = questionnaire.questions
    third = service.add_question(questionnaire, kind=QuestionKind.COMMITMENT, text="Bersedia?", by=None)

    service.move_question(third, up=True, by=None)
    service.move_question(first, up=True, by=None)
    assert queries.questions_asked(questionnaire) == [first, third, second]

    service.move_question(first, up=False, by=None)
    db.session.expire_all()
    assert queries.questions_asked(questionnaire) == [third, first, second]


def test_a_speaker_questionnaire_has_at_most_five_scales(app: Flask) -> None:
    questionnaire = speaker_questionnaire(factories.agenda_session())

    with pytest.raises(FeedbackError):
        service.add_question(questionnaire, kind=QuestionKind.SCALE, text="Busana", by=None)
    service.add_question(questionnaire, kind=QuestionKind.TEXT, text="Lainnya", by=None)

    assert count(Question) == 7


def test_a_session_with_answers_about_it_stays(app: Flask) -> None:
    session = factories.agenda_session()
    questionnaire = speaker_questionnaire(session)
    service.answer(questionnaire, factories.registration(session.stage), full_answers(questionnaire))

    with pytest.raises(SessionInUse):
        agenda.remove_session(session)
    with pytest.raises(FeedbackError):
        service.remove_questionnaire(questionnaire, by=None)

    assert count(Questionnaire) == 1


def test_a_session_without_answers_takes_its_questionnaire_along(app: Flask) -> None:
    session = factories.agenda_session()
    speaker_questionnaire(session)

    agenda.remove_session(session)

    assert count(Questionnaire) == count(Question) == 0
