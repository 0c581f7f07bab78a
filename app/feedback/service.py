"""Opening, closing and answering questionnaires.

Who answers is anonymous: answering is neither audited nor logged, and closing lays receipts and responses anew in random
order, so that not even the order in which the database keeps them joins a person with an answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.agenda.models import AgendaSession, Speaker
from app.agenda.rules import SessionKind, SpeakerPart, expects
from app.agenda.service import on_session_removal
from app.audit.service import record
from app.extensions import db, insert, is_postgresql, lock, transaction
from app.feedback import defaults, queries, rules
from app.feedback.models import FeedbackAnswer, FeedbackReceipt, FeedbackResponse, Question, Questionnaire
from app.feedback.rules import AnswerOutcome, Asked, QuestionKind, QuestionnaireKind, QuestionnaireState
from app.programmes.models import Stage
from app.programmes.service import on_stage_created
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock, codes


def create_defaults(stage: Stage) -> None:
    """Give a new stage its questionnaires: about the organisation, and for suggestions and commitment."""
    with transaction():
        for position, kind in enumerate((QuestionnaireKind.ORGANISATION, QuestionnaireKind.SUGGESTIONS), start=1):
            db.session.add(
                Questionnaire(
                    stage_id=stage.id,
                    kind=kind,
                    title=defaults.TITLES[kind],
                    token=codes.new_code(),
                    required=kind is QuestionnaireKind.ORGANISATION,
                    position=position,
                    questions=_default_questions(kind),
                )
            )
        db.session.flush()


def create_speaker_questionnaire(
    session: AgendaSession, speaker: Speaker, *, by: User | None = None
) -> Questionnaire | None:
    """Ask about a speaker of a session. None when it is asked already."""
    with transaction():
        new_id = db.session.scalar(
            insert(Questionnaire)
            .values(
                stage_id=session.stage_id,
                session_id=session.id,
                speaker_id=speaker.id,
                kind=QuestionnaireKind.SPEAKER,
                title=speaker.full_name,
                token=codes.new_code(),
                required=False,
                position=0,
            )
            .on_conflict_do_nothing(index_elements=["session_id", "speaker_id"])
            .returning(Questionnaire.id)
        )
        if new_id is None:
            return None
        questionnaire = db.session.get_one(Questionnaire, new_id)
        questionnaire.questions = _default_questions(QuestionnaireKind.SPEAKER)
        _record("questionnaire.created", questionnaire, by=by)
    return questionnaire


def create_speaker_questionnaires(stage: Stage, *, by: User | None = None) -> int:
    """Ask about every speaker of every lesson of the stage who is not asked about yet; returns how many were new."""
    with transaction():
        sessions = db.session.scalars(
            sa.select(AgendaSession)
            .where(AgendaSession.stage_id == stage.id, AgendaSession.kind == SessionKind.LESSON)
            .order_by(AgendaSession.starts_at)
        )
        made = [
            create_speaker_questionnaire(session, leader.speaker, by=by)
            for session in sessions
            for leader in session.speakers
            if leader.part is SpeakerPart.SPEAKER
        ]
    return sum(questionnaire is not None for questionnaire in made)


def open_questionnaire(questionnaire: Questionnaire, *, by: User | None) -> None:
    """Take answers from now on; one that was closed opens again. FeedbackError when nothing is asked."""
    with transaction():
        lock(questionnaire)
        if questionnaire.state is QuestionnaireState.OPEN:
            return
        if not queries.questions_asked(questionnaire):
            raise rules.FeedbackError(_l("Add a question before you open this questionnaire."))
        results = queries.results(questionnaire)
        if results.shown:
            questionnaire.answers_seen = results.responses
        questionnaire.opened_at = questionnaire.opened_at or clock.now()
        questionnaire.closed_at = None
        _record("questionnaire.opened", questionnaire, by=by)


def close_questionnaire(questionnaire: Questionnaire, *, by: User | None) -> None:
    """Take no more answers, and mix those there are."""
    with transaction():
        lock(questionnaire)
        if questionnaire.state is not QuestionnaireState.OPEN:
            return
        questionnaire.closed_at = clock.now()
        if is_postgresql():
            _lay_anew(questionnaire)
        _record("questionnaire.closed", questionnaire, by=by)


def remove_questionnaire(questionnaire: Questionnaire, *, by: User | None) -> None:
    """Remove one that nobody has answered. FeedbackError when somebody has."""
    with transaction():
        lock(questionnaire)
        if queries.answered_count(questionnaire):
            raise rules.FeedbackError(_l("This questionnaire has answers and cannot be removed."))
        _record("questionnaire.removed", questionnaire, by=by)
        db.session.delete(questionnaire)


def set_required(questionnaire: Questionnaire, required: bool, *, by: User | None) -> None:
    """Say whether the certificate asks for this questionnaire (where the stage asks for feedback at all)."""
    with transaction():
        lock(questionnaire)
        if questionnaire.required != required:
            questionnaire.required = required
            _record("questionnaire.edited", questionnaire, by=by, fields=["required"])


def add_question(
    questionnaire: Questionnaire, *, kind: QuestionKind, text: str, required: bool = True, by: User | None
) -> Question:
    """Ask one thing more. FeedbackError when a speaker's questionnaire would ask for more than five numbers."""
    with transaction():
        lock(questionnaire)
        asked = queries.questions_asked(questionnaire)
        scales = sum(question.kind is QuestionKind.SCALE for question in asked)
        of_speaker = questionnaire.kind is QuestionnaireKind.SPEAKER
        if of_speaker and kind is QuestionKind.SCALE and scales >= rules.MOST_SPEAKER_SCALES:
            raise rules.FeedbackError(
                _l("A speaker's questionnaire has at most five questions on a scale. Retire one first.")
            )
        last = max((question.position for question in questionnaire.questions), default=0)
        question = Question(kind=kind, text=text, required=required, position=last + 1)
        questionnaire.questions.append(question)
        _record("questionnaire.edited", questionnaire, by=by, fields=["questions"])
    return question


def edit_question(question: Question, *, text: str, required: bool, by: User | None) -> None:
    """Reword a question. FeedbackError once it has answers: they were given to the old words."""
    with transaction():
        lock(question, mode="read")
        lock(question.questionnaire)
        if queries.has_answers(question) and text != question.text:
            raise rules.FeedbackError(_l("This question has answers; retire it and add a new one."))
        question.text, question.required = text, required
        _record("questionnaire.edited", question.questionnaire, by=by, fields=["questions"])


def retire_question(question: Question, *, by: User | None) -> None:
    """Ask it no more: with answers it is kept for the results, without it goes. FeedbackError for the last one while open."""
    with transaction():
        questionnaire = question.questionnaire
        lock(questionnaire)
        asked = queries.questions_asked(questionnaire)
        if asked == [question] and questionnaire.state is QuestionnaireState.OPEN:
            raise rules.FeedbackError(_l("An open questionnaire needs at least one question."))
        if queries.has_answers(question):
            question.retired = True
        else:
            questionnaire.questions.remove(question)
        _record("questionnaire.edited", questionnaire, by=by, fields=["questions"])


def move_question(question: Question, *, up: bool, by: User | None) -> None:
    """Change places with the question before (or after) it; at the end of the list nothing changes."""
    with transaction():
        questionnaire = question.questionnaire
        lock(questionnaire)
        order = queries.questions_asked(questionnaire)
        here = order.index(question) if question in order else -1
        there = here - 1 if up else here + 1
        if here < 0 or not 0 <= there < len(order):
            return
        order[here], order[there] = order[there], order[here]
        for position, moved in enumerate(order, start=1):
            moved.position = position
        _record("questionnaire.edited", questionnaire, by=by, fields=["order"])


def answer(questionnaire: Questionnaire, registration: Registration, answers: Mapping[int, Any]) -> AnswerOutcome:
    """Take a person's answers, once. `answers` by question id: numbers for scales and commitments, else text.

    Raises BadAnswers, and keeps nothing, when one is missing or wrong.
    """
    with transaction():
        lock(questionnaire, mode="share")  # closing waits for us, and we for it
        refusal = may_answer(questionnaire, registration)
        if refusal is not None:
            return refusal
        kept = rules.check_answers(asked(questionnaire), answers)
        receipt = (
            insert(FeedbackReceipt)
            .values(registration_id=registration.id, questionnaire_id=questionnaire.id)
            .on_conflict_do_nothing()
            .returning(FeedbackReceipt.registration_id)
        )
        if db.session.scalar(receipt) is None:
            return AnswerOutcome.ALREADY
        db.session.add(_response(questionnaire, kept))
    return AnswerOutcome.ACCEPTED


def may_answer(questionnaire: Questionnaire, registration: Registration) -> AnswerOutcome | None:
    """Why this person may not answer now; None if he may, or has already."""
    session = questionnaire.session
    audience = frozenset(group.id for group in session.groups) if session else frozenset()
    return rules.may_answer(
        questionnaire.state,
        confirmed=registration.state is RegistrationState.CONFIRMED and registration.stage_id == questionnaire.stage_id,
        expected=expects(audience, frozenset(group.id for group in registration.groups)),
    )


def asked(questionnaire: Questionnaire) -> list[Asked]:
    """The questions in use, for the rules."""
    return [
        Asked(id=question.id, kind=question.kind, required=question.required)
        for question in queries.questions_asked(questionnaire)
    ]


def _keep_answered(session: AgendaSession) -> Any:
    statement = sa.select(Questionnaire).where(Questionnaire.session_id == session.id).with_for_update()
    for questionnaire in db.session.scalars(statement):
        if queries.answered_count(questionnaire):
            return _l("The session's questionnaire has answers, so the session cannot be removed.")
    return None


def _record(action: str, questionnaire: Questionnaire, *, by: User | None, fields: list[str] | None = None) -> None:
    record(action, questionnaire, by=by, host_id=questionnaire.stage.programme.host_id, fields=fields)


def _default_questions(kind: QuestionnaireKind) -> list[Question]:
    return [
        Question(kind=question_kind, text=text, required=required, position=position)
        for position, (question_kind, text, required) in enumerate(defaults.QUESTIONS[kind], start=1)
    ]


def _response(questionnaire: Questionnaire, kept: Mapping[int, int | str]) -> FeedbackResponse:
    return FeedbackResponse(
        id=secrets.token_hex(16),
        questionnaire_id=questionnaire.id,
        answers=[
            FeedbackAnswer(question_id=key, text=value)
            if isinstance(value, str)
            else FeedbackAnswer(question_id=key, number=value)
            for key, value in kept.items()
        ],
    )


def _lay_anew(questionnaire: Questionnaire) -> None:
    """Write receipts, responses and answers anew, each in an order of its own drawn by chance.

    PostgreSQL keeps rows as they came, with the number of the transaction that wrote them; SQLite keeps these by their keys.
    """
    of_questionnaire = sa.select(FeedbackResponse.id).where(FeedbackResponse.questionnaire_id == questionnaire.id)
    tables: tuple[tuple[Any, Any], ...] = (
        (FeedbackReceipt, FeedbackReceipt.questionnaire_id == questionnaire.id),
        (FeedbackResponse, FeedbackResponse.questionnaire_id == questionnaire.id),
        (FeedbackAnswer, FeedbackAnswer.response_id.in_(of_questionnaire)),
    )
    kept = [_rows(model.__table__, condition) for model, condition in tables]
    for model, condition in reversed(tables):
        db.session.execute(sa.delete(model).where(condition), execution_options={"synchronize_session": False})
    for (model, _), rows in zip(tables, kept, strict=True):
        if rows:
            db.session.execute(sa.insert(model.__table__), rows)


def _rows(table: Any, condition: Any) -> list[dict[str, Any]]:
    rows = [dict(row) for row in db.session.execute(sa.select(table).where(condition)).mappings()]
    secrets.SystemRandom().shuffle(rows)
    return rows


on_stage_created(create_defaults)
on_session_removal(_keep_answered)
