"""Reads of questionnaires and of what was answered."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.agenda.models import AgendaSession, session_group
from app.agenda.rules import expects
from app.extensions import db
from app.feedback import rules
from app.feedback.models import FeedbackAnswer, FeedbackReceipt, FeedbackResponse, Question, Questionnaire
from app.feedback.rules import COMMITMENT_LABELS, SCALE, QuestionKind, Tally
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.queries import groups_of_confirmed
from app.registration.rules import RegistrationState

# Not by `random.seed`: what people wrote is shown in an order that tells nothing.
_shuffler = random.SystemRandom()


@dataclass(frozen=True)
class OfferedQuestionnaire:
    """An open questionnaire as its participant sees it."""

    questionnaire: Questionnaire
    answered: bool


@dataclass(frozen=True)
class QuestionResult:
    """What was answered to one question: numbers in `tally`, or `texts` in random order."""

    question: Question
    tally: Tally
    texts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Results:
    """What a questionnaire brought. While `shown` is False nothing but `responses` may be read from it."""

    questionnaire: Questionnaire
    responses: int
    overall: Tally
    questions: list[QuestionResult]

    @property
    def shown(self) -> bool:
        asked_about = self.questionnaire
        return rules.results_shown(asked_about.state, answers=self.responses, seen=asked_about.answers_seen)


def questionnaires_of(stage: Stage) -> list[Questionnaire]:
    """A stage's questionnaires: those of sessions in the order of time, then those of the whole stage."""
    statement = (
        sa.select(Questionnaire)
        .outerjoin(Questionnaire.session)
        .where(Questionnaire.stage_id == stage.id)
        .order_by(Questionnaire.session_id.is_(None), AgendaSession.starts_at, Questionnaire.position, Questionnaire.id)
        .options(
            contains_eager(Questionnaire.session),
            joinedload(Questionnaire.speaker),
            selectinload(Questionnaire.questions),
        )
    )
    return list(db.session.scalars(statement))


def find_questionnaire(stage: Stage, questionnaire_id: int) -> Questionnaire | None:
    return db.session.scalar(
        sa.select(Questionnaire).where(Questionnaire.id == questionnaire_id, Questionnaire.stage_id == stage.id)
    )


def find_by_token(token: str) -> Questionnaire | None:
    """The questionnaire of a public address."""
    return db.session.scalar(sa.select(Questionnaire).where(Questionnaire.token == token))


def find_question(questionnaire: Questionnaire, question_id: int) -> Question | None:
    return db.session.scalar(
        sa.select(Question).where(Question.id == question_id, Question.questionnaire_id == questionnaire.id)
    )


def questions_asked(questionnaire: Questionnaire) -> list[Question]:
    """The questions in use, in order."""
    return [question for question in questionnaire.questions if not question.retired]


def has_answered(questionnaire: Questionnaire, registration: Registration) -> bool:
    return db.session.get(FeedbackReceipt, (registration.id, questionnaire.id)) is not None


def has_answers(question: Question) -> bool:
    """Whether anyone has answered this question."""
    statement = sa.select(sa.exists().where(FeedbackAnswer.question_id == question.id))
    return bool(db.session.scalar(statement))


def answered_questions(questionnaire: Questionnaire) -> set[int]:
    """The ids of the questions that have answers."""
    statement = (
        sa.select(FeedbackAnswer.question_id)
        .join(Question, Question.id == FeedbackAnswer.question_id)
        .where(Question.questionnaire_id == questionnaire.id)
        .distinct()
    )
    return set(db.session.scalars(statement))


def answered_count(questionnaire: Questionnaire) -> int:
    """How many have answered so far."""
    statement = sa.select(sa.func.count()).where(FeedbackReceipt.questionnaire_id == questionnaire.id)
    return db.session.scalar(statement) or 0


def answered_counts(stage: Stage) -> dict[int, int]:
    """How many have answered each questionnaire of the stage, by its id; those with none are missing."""
    statement = (
        sa.select(FeedbackReceipt.questionnaire_id, sa.func.count())
        .join(Questionnaire, Questionnaire.id == FeedbackReceipt.questionnaire_id)
        .where(Questionnaire.stage_id == stage.id)
        .group_by(FeedbackReceipt.questionnaire_id)
    )
    return {questionnaire_id: count for questionnaire_id, count in db.session.execute(statement)}


def expected_counts(stage: Stage) -> dict[int, int]:
    """How many confirmed participants may answer each questionnaire of the stage, by its id."""
    return _counted(stage, groups_of_confirmed(stage))


def has_answered_all_required(stage: Stage) -> set[int]:
    """Ids of the confirmed registrations that have answered every required questionnaire meant for them.

    One that was never opened is required all the same. Where nothing is required, everyone is in.
    """
    people = groups_of_confirmed(stage)
    audiences = _audiences(stage)
    required = list(
        db.session.execute(
            sa.select(Questionnaire.id, Questionnaire.session_id).where(
                Questionnaire.stage_id == stage.id, Questionnaire.required
            )
        )
    )
    receipts = _receipts(stage)
    return {
        registration_id
        for registration_id, groups in people.items()
        if all(
            (registration_id, questionnaire_id) in receipts
            for questionnaire_id, session_id in required
            if expects(audiences[session_id], groups)
        )
    }


def open_for(registration: Registration) -> list[OfferedQuestionnaire]:
    """The open questionnaires that this person may answer or has answered; none unless confirmed."""
    if registration.state is not RegistrationState.CONFIRMED:
        return []
    groups = frozenset(group.id for group in registration.groups)
    audiences = _audiences(registration.stage)
    answered = set(
        db.session.scalars(
            sa.select(FeedbackReceipt.questionnaire_id).where(FeedbackReceipt.registration_id == registration.id)
        )
    )
    return [
        OfferedQuestionnaire(questionnaire, questionnaire.id in answered)
        for questionnaire in questionnaires_of(registration.stage)
        if questionnaire.state is rules.QuestionnaireState.OPEN and expects(audiences[questionnaire.session_id], groups)
    ]


def results(questionnaire: Questionnaire) -> Results:
    """Numbers and texts of every question that is asked or has answers."""
    numbers, texts = _given(questionnaire)
    asked = [q for q in questionnaire.questions if not q.retired or q.id in numbers or q.id in texts]
    scales = [q.id for q in asked if q.kind is QuestionKind.SCALE]
    return Results(
        questionnaire=questionnaire,
        responses=_response_count(questionnaire),
        overall=rules.tally(number for key in scales for number in numbers[key]),
        questions=[_result(question, numbers[question.id], texts[question.id]) for question in asked],
    )


def _result(question: Question, numbers: list[int], texts: list[str]) -> QuestionResult:
    choices = SCALE if question.kind is QuestionKind.SCALE else tuple(COMMITMENT_LABELS)
    _shuffler.shuffle(texts)
    return QuestionResult(question, rules.tally(numbers, choices), texts)


def _given(questionnaire: Questionnaire) -> tuple[dict[int, list[int]], dict[int, list[str]]]:
    statement = (
        sa.select(FeedbackAnswer.question_id, FeedbackAnswer.number, FeedbackAnswer.text)
        .join(Question, Question.id == FeedbackAnswer.question_id)
        .where(Question.questionnaire_id == questionnaire.id)
    )
    numbers: dict[int, list[int]] = defaultdict(list)
    texts: dict[int, list[str]] = defaultdict(list)
    for question_id, number, text in db.session.execute(statement):
        if number is not None:
            numbers[question_id].append(number)
        else:
            texts[question_id].append(text)
    return numbers, texts


def _response_count(questionnaire: Questionnaire) -> int:
    statement = sa.select(sa.func.count()).where(FeedbackResponse.questionnaire_id == questionnaire.id)
    return db.session.scalar(statement) or 0


def _counted(stage: Stage, people: dict[int, frozenset[int]]) -> dict[int, int]:
    audiences = _audiences(stage)
    statement = sa.select(Questionnaire.id, Questionnaire.session_id).where(Questionnaire.stage_id == stage.id)
    return {
        questionnaire_id: sum(expects(audiences[session_id], groups) for groups in people.values())
        for questionnaire_id, session_id in db.session.execute(statement)
    }


def _audiences(stage: Stage) -> dict[int | None, frozenset[int]]:
    """The groups of each session of the stage; of None (the whole stage) no groups, which means everyone."""
    statement = (
        sa.select(AgendaSession.id, session_group.c.group_id)
        .outerjoin(session_group, session_group.c.session_id == AgendaSession.id)
        .where(AgendaSession.stage_id == stage.id)
    )
    found: dict[int | None, set[int]] = defaultdict(set, {None: set()})
    for session_id, group_id in db.session.execute(statement):
        found[session_id].update([] if group_id is None else [group_id])
    return {session_id: frozenset(groups) for session_id, groups in found.items()}


def _receipts(stage: Stage) -> set[tuple[int, int]]:
    statement = (
        sa.select(FeedbackReceipt.registration_id, FeedbackReceipt.questionnaire_id)
        .join(Questionnaire, Questionnaire.id == FeedbackReceipt.questionnaire_id)
        .where(Questionnaire.stage_id == stage.id)
    )
    return {(registration_id, questionnaire_id) for registration_id, questionnaire_id in db.session.execute(statement)}
