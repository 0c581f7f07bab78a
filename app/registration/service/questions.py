"""The questions of a stage, which change under the stage's lock as its registrations do, and the answers to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, transaction
from app.hosts.service_offer import follow
from app.programmes.models import Programme, Stage
from app.registration import queries_questions as queries
from app.registration.models import Registration
from app.registration.models_documents import Document
from app.registration.models_questions import RegistrationAnswer, RegistrationQuestion
from app.registration.rules_answers import WITH_OPTIONS, AnswerKind, QuestionTerms, Value, check, chosen
from app.registration.rules_documents import HandedIn, KeptFile
from app.registration.rules_questions import (
    MOST_QUESTIONS,
    QuestionRefusal,
    QuestionRefused,
    in_good_order,
    refusal_of_content,
)
from app.registration.service import documents, seats
from app.registration.service.holding import hold
from app.shared import clock


def add_question(stage: Stage, terms: QuestionTerms, *, by: User | None) -> RegistrationQuestion:
    """Ask one more thing, last of all. Raises QuestionRefused."""
    with transaction():
        stage = seats.lock(stage)
        asked = queries.questions_of(stage)
        _refuse(QuestionRefusal.TOO_MANY if len(asked) >= MOST_QUESTIONS else None)
        _refuse(refusal_of_content(terms, [one.terms for one in asked]))
        question = RegistrationQuestion(
            stage_id=stage.id, position=_next_position(asked), created_at=clock.now(), **_columns(terms)
        )
        db.session.add(question)
        record("registration_question.added", question, by=by, host_id=stage.programme.host_id)
    return question


def change_question(question: RegistrationQuestion, terms: QuestionTerms, *, by: User | None) -> None:
    """Ask it otherwise. What people have answered keeps its meaning: the kind and the chosen options stay. Raises QuestionRefused."""
    with transaction():
        stage, question = _hold(question)
        asked = queries.questions_of(stage)
        place = (question.position, question.id)
        earlier = [one.terms for one in asked if question.retired_at or (one.position, one.id) < place]
        _refuse(_refusal_of_meaning(question, terms))
        _refuse(refusal_of_content(terms, [one for one in earlier if one.id != question.id]))
        changed = [name for name, value in _columns(terms).items() if getattr(question, name) != value]
        for name in changed:
            setattr(question, name, _columns(terms)[name])
        if changed:
            record(
                "registration_question.changed",
                question,
                by=by,
                host_id=stage.programme.host_id,
                fields=sorted(changed),
            )


def move_question(question: RegistrationQuestion, *, up: bool, by: User | None) -> None:
    """One place up or down. Raises QuestionRefused where it would stand above the question whose answer shows it."""
    with transaction():
        stage, question = _hold(question)
        ids = [one.id for one in queries.questions_of(stage)]
        if question.id not in ids:
            return
        here = ids.index(question.id)
        there = here - 1 if up else here + 1
        if 0 <= there < len(ids):
            ids[here], ids[there] = ids[there], ids[here]
            arrange_questions(stage, ids, by=by)


def arrange_questions(stage: Stage, ids: Iterable[int], *, by: User | None) -> None:
    """Put the questions into this order; one that is not named keeps its place behind those that are. Raises QuestionRefused."""
    with transaction():
        stage = seats.lock(stage)
        asked = queries.questions_of(stage)
        wanted = {question_id: place for place, question_id in enumerate(dict.fromkeys(ids))}
        ordered = sorted(asked, key=lambda one: wanted.get(one.id, len(wanted)))
        if ordered == asked:
            return
        _refuse(None if in_good_order([one.terms for one in ordered]) else QuestionRefusal.ORDER)
        for position, question in enumerate(ordered, 1):
            question.position = position
        record("registration_question.arranged", stage, by=by, host_id=stage.programme.host_id)


def retire_question(question: RegistrationQuestion, *, by: User | None) -> None:
    """Ask it no more; the answers stay. Raises QuestionRefused."""
    with transaction():
        stage, question = _hold(question)
        if question.retired_at is not None:
            return
        needed = any(one.retired_at is None for one in queries.dependent_questions(question))
        _refuse(QuestionRefusal.OTHERS_DEPEND if needed else None)
        question.retired_at = clock.now()
        record("registration_question.retired", question, by=by, host_id=stage.programme.host_id)


def restore_question(question: RegistrationQuestion, *, by: User | None) -> None:
    """Ask it again, last of all. Raises QuestionRefused."""
    with transaction():
        stage, question = _hold(question)
        if question.retired_at is None:
            return
        asked = queries.questions_of(stage)
        _refuse(QuestionRefusal.TOO_MANY if len(asked) >= MOST_QUESTIONS else None)
        _refuse(refusal_of_content(question.terms, [one.terms for one in asked]))
        question.retired_at = None
        question.position = _next_position(asked)
        record("registration_question.restored", question, by=by, host_id=stage.programme.host_id)


def remove_question(question: RegistrationQuestion, *, by: User | None) -> None:
    """Delete a question that nobody has answered. Raises QuestionRefused."""
    with transaction():
        stage, question = _hold(question)
        _refuse(QuestionRefusal.HAS_ANSWERS if queries.values_given(question) else None)
        _refuse(QuestionRefusal.OTHERS_DEPEND if queries.dependent_questions(question) else None)
        record("registration_question.removed", question, by=by, host_id=stage.programme.host_id)
        db.session.delete(question)


def save_answers(registration: Registration, answers: Mapping[int, Value]) -> None:
    """Keep what was answered with a new registration: canonical values of rules_questions.check_answers, by question.

    Within the transaction that registers. What the stage does not ask (any more, or of this kind) is left out. Without
    answers it asks the database nothing.
    """
    save_all_answers({registration: answers})


def save_all_answers(given: Mapping[Registration, Mapping[int, Value]]) -> None:
    """As save_answers(), of many people of one stage at once."""
    stage = next((registration.stage for registration, answers in given.items() if answers), None)
    if stage is None:
        return
    asked = {question.id: question for question in queries.questions_of(stage)}
    rows = []
    for registration, answers in given.items():
        for question_id, sent in answers.items():
            question = asked.get(question_id)
            value = check(question.terms, sent).value if question else None
            if question is not None and isinstance(value, str | HandedIn):
                rows.append(_row(registration, question, value))
    if rows:
        db.session.execute(sa.insert(RegistrationAnswer), rows)


def change_answers(registration: Registration, answers: Mapping[int, Value], *, by: User | None) -> None:
    """Answer all questions of the stage anew: those missing from `answers` become unanswered; retired ones are left alone.

    A file is replaced by a HandedIn; a KeptFile leaves it as it is.
    """
    with transaction():
        stage, registration = hold(registration)
        former = {answer.question_id: answer for answer in queries.answers_to(registration)}
        asked = {question.id: question for question in queries.questions_of(stage)}
        changed = [
            question_id for question_id in asked if not _is_same(answers.get(question_id), former.get(question_id))
        ]
        if not changed:
            return
        _forget(registration, changed)
        save_answers(registration, {key: value for key, value in answers.items() if key in changed})
        fields = [f"q{question_id}" for question_id in changed]
        record("registration.answered_anew", registration, by=by, host_id=stage.programme.host_id, fields=fields)


def answer_own(registration: Registration, answers: Mapping[int, Value]) -> bool:
    """Answer as the holder of the ticket; False where registration or stage have ended meanwhile."""
    with transaction():
        _stage, registration = hold(registration)
        if not queries.is_answerable(registration):
            return False
        change_answers(registration, answers, by=None)
    return True


def _forget(registration: Registration, question_ids: Sequence[int]) -> None:
    own = (RegistrationAnswer.registration_id == registration.id, RegistrationAnswer.question_id.in_(question_ids))
    db.session.execute(sa.delete(RegistrationAnswer).where(*own))
    files = sa.select(Document).where(
        Document.registration_id == registration.id, Document.question_id.in_(question_ids)
    )
    for document in db.session.scalars(files).all():
        documents.remove(document)


def _is_same(sent: Value | None, former: RegistrationAnswer | None) -> bool:
    if former is None:
        return sent is None
    return isinstance(sent, KeptFile) or sent == former.value


def _row(registration: Registration, question: RegistrationQuestion, value: str | HandedIn) -> dict[str, Any]:
    if isinstance(value, HandedIn):
        documents.keep(value, stage=registration.stage, registration=registration, question_id=question.id)
        value = value.file_name
    return {
        "registration_id": registration.id,
        "question_id": question.id,
        "value": value,
        "wording": question.text if question.kind is AnswerKind.STATEMENT else "",
        "answered_at": clock.now(),
    }


def _hold(question: RegistrationQuestion) -> tuple[Stage, RegistrationQuestion]:
    """The stage with its row held, and the question read anew."""
    stage = seats.lock(question.stage_id)
    db.session.refresh(question)
    return stage, question


def _refusal_of_meaning(question: RegistrationQuestion, terms: QuestionTerms) -> QuestionRefusal | None:
    """Whether the change would turn answers given, or the conditions of other questions, into something else."""
    values = queries.values_given(question)
    if values and terms.kind is not question.kind:
        return QuestionRefusal.KIND_FIXED
    if terms.kind in WITH_OPTIONS and {one for value in values for one in chosen(value)} - set(terms.options):
        return QuestionRefusal.OPTION_CHOSEN
    needed = {one.depends_value for one in queries.dependent_questions(question)}
    return QuestionRefusal.OPTION_NEEDED if needed - set(terms.possible_values) else None


def _refuse(refusal: QuestionRefusal | None) -> None:
    if refusal is not None:
        raise QuestionRefused(refusal)


def _next_position(asked: Sequence[RegistrationQuestion]) -> int:
    return max((one.position for one in asked), default=0) + 1


def _columns(terms: QuestionTerms) -> dict[str, Any]:
    return {
        "kind": terms.kind,
        "text": terms.text,
        "help": terms.help,
        "required": terms.required,
        "options": list(terms.options),
        "least": terms.least,
        "most": terms.most,
        "categories": sorted(terms.categories),
        "depends_on_id": terms.depends_on,
        "depends_value": terms.depends_value,
    }


def _host_of(question: RegistrationQuestion) -> Any:
    programme = sa.select(Programme.host_id).join(Stage, Stage.programme_id == Programme.id)
    return programme.where(Stage.id == question.stage_id).scalar_subquery()


follow(RegistrationQuestion, host_of=_host_of)
