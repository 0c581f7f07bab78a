"""Reads of a stage's own questions, of what was answered, and of the files that belong to a registration or an invitation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from app.extensions import db, is_writing
from app.institutions.models import InstitutionCategory
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.models_documents import Document
from app.registration.models_questions import RegistrationAnswer, RegistrationQuestion
from app.registration.models_seats import Invitation
from app.registration.rules_answers import AnswerKind, QuestionTerms, Value, shown_answer
from app.registration.rules_questions import concerning, left_open, may_answer
from app.registration.rules_seats import told_state
from app.shared import clock
from app.shared.dates import local_date
from app.shared.kept import Kept

PARTS = 400


@dataclass(frozen=True)
class Asked:
    """What one person is asked by his stage, what of it he must answer still, and whether he may."""

    questions: Sequence[QuestionTerms] = ()
    open: Sequence[QuestionTerms] = ()
    changeable: bool = False


def questions_of(stage: Stage, *, retired: bool = False) -> list[RegistrationQuestion]:
    """What the stage asks, in order; `retired`: with what it asks no more, which comes last."""
    statement = sa.select(RegistrationQuestion).where(RegistrationQuestion.stage_id == stage.id)
    if not retired:
        statement = statement.where(RegistrationQuestion.retired_at.is_(None))
    asked_no_more = RegistrationQuestion.retired_at.is_not(None)
    ordered = statement.order_by(asked_no_more, RegistrationQuestion.position, RegistrationQuestion.id)
    return list(db.session.scalars(ordered))


def terms_asked(stage: Stage) -> list[QuestionTerms]:
    """What the stage asks, as plain values, in order; read once a process and version of what its host offers."""

    def read() -> list[QuestionTerms]:
        return [question.terms for question in db.session.scalars(ASKED, {"stage_id": stage.id})]

    return read() if is_writing() else list(_terms.get(stage.id, stage.host.offer_version, read))


_terms: Kept[list[QuestionTerms]] = Kept()


ASKED = (
    sa.select(RegistrationQuestion)
    .where(RegistrationQuestion.stage_id == sa.bindparam("stage_id"), RegistrationQuestion.retired_at.is_(None))
    .order_by(RegistrationQuestion.position, RegistrationQuestion.id)
)


def find_question(stage: Stage, question_id: int) -> RegistrationQuestion | None:
    """A stage's question by its id, retired or not."""
    return db.session.scalar(sa.select(RegistrationQuestion).filter_by(stage_id=stage.id, id=question_id))


def answer_counts(stage: Stage) -> dict[int, int]:
    """How many people have answered each question, by its id; a question without answers is not named."""
    statement = (
        sa.select(RegistrationAnswer.question_id, sa.func.count())
        .join(RegistrationQuestion, RegistrationQuestion.id == RegistrationAnswer.question_id)
        .where(RegistrationQuestion.stage_id == stage.id)
        .group_by(RegistrationAnswer.question_id)
    )
    return {question_id: count for question_id, count in db.session.execute(statement)}


def values_given(question: RegistrationQuestion) -> set[str]:
    """The different answers that were given to a question, in canonical form."""
    statement = sa.select(RegistrationAnswer.value).where(RegistrationAnswer.question_id == question.id).distinct()
    return set(db.session.scalars(statement))


def dependent_questions(question: RegistrationQuestion) -> list[RegistrationQuestion]:
    """What is asked only after an answer to this question; retired ones included, since they can come back."""
    return list(db.session.scalars(sa.select(RegistrationQuestion).filter_by(depends_on_id=question.id)))


def answers_to(registration: Registration) -> list[RegistrationAnswer]:
    """What a person answered, in the order of the questions, those of retired questions included."""
    statement = (
        sa.select(RegistrationAnswer)
        .join(RegistrationAnswer.question)
        .where(RegistrationAnswer.registration_id == registration.id)
        .options(contains_eager(RegistrationAnswer.question))
        .order_by(RegistrationQuestion.position, RegistrationQuestion.id)
    )
    return list(db.session.scalars(statement))


def answers_of(registration_ids: Collection[int], locale: str = "id") -> dict[int, dict[int, str]]:
    """What these people answered as text to read, by the ids of registration and question; who answered nothing has {}."""
    found: dict[int, dict[int, str]] = {registration_id: {} for registration_id in registration_ids}
    columns = (RegistrationAnswer.registration_id, RegistrationAnswer.question_id, RegistrationAnswer.value)
    for part in _parts(sorted(found)):
        statement = (
            sa.select(*columns, RegistrationQuestion.kind)
            .join(RegistrationQuestion, RegistrationQuestion.id == RegistrationAnswer.question_id)
            .where(RegistrationAnswer.registration_id.in_(part))
        )
        for registration_id, question_id, value, kind in db.session.execute(statement):
            found[registration_id][question_id] = shown_answer(kind, value, locale)
    return found


def answered_with(question: RegistrationQuestion, value: str) -> sa.ColumnElement[bool]:
    """A condition on registrations: who gave this answer, in canonical form; of several choices, who chose this one too."""
    given = sa.select(RegistrationAnswer.registration_id).where(RegistrationAnswer.question_id == question.id)
    if question.kind is AnswerKind.SEVERAL_CHOICES:
        within = sa.literal("\n") + RegistrationAnswer.value + sa.literal("\n")
        return Registration.id.in_(given.where(within.contains(f"\n{value}\n", autoescape=True)))
    return Registration.id.in_(given.where(RegistrationAnswer.value == value))


def leaves_open(questions: Sequence[RegistrationQuestion]) -> sa.ColumnElement[bool]:
    """A condition on registrations of the stage that asks these, all of them in order: who must answer one of them still.

    The same as rules_questions.left_open, for lists.
    """
    by_id = {one.id: one for one in questions}
    shown: dict[int, sa.ColumnElement[bool]] = {}
    for one in questions:
        asked: list[sa.ColumnElement[bool]] = [sa.true()]
        if one.categories:
            meant = sa.select(InstitutionCategory.id).where(InstitutionCategory.code.in_(one.categories))
            asked.append(Registration.category_id.in_(meant))
        if one.depends_on_id is not None:
            asked += [shown[one.depends_on_id], answered_with(by_id[one.depends_on_id], one.depends_value)]
        shown[one.id] = sa.and_(*asked)
    return sa.or_(sa.false(), *(sa.and_(shown[one.id], ~_has_answered(one)) for one in questions if one.required))


def _has_answered(question: RegistrationQuestion) -> sa.ColumnElement[bool]:
    given = RegistrationAnswer.question_id == question.id
    return sa.exists().where(RegistrationAnswer.registration_id == Registration.id, given)


def asked_of(registrations: Collection[Registration]) -> dict[int, Asked]:
    """What each of these people is asked, by the id of the registration, in two queries at most.

    A statement that somebody agreed to stands there in the words to which he agreed.
    """
    stage_ids = {one.stage_id for one in registrations}
    statement = sa.select(RegistrationQuestion).where(
        RegistrationQuestion.stage_id.in_(stage_ids), RegistrationQuestion.retired_at.is_(None)
    )
    by_stage: dict[int, list[QuestionTerms]] = {}
    for question in db.session.scalars(statement.order_by(RegistrationQuestion.position, RegistrationQuestion.id)):
        by_stage.setdefault(question.stage_id, []).append(question.terms)
    if not by_stage:
        return {one.id: Asked() for one in registrations}
    given: dict[int, dict[int, RegistrationAnswer]] = {one.id: {} for one in registrations}
    for answer in db.session.scalars(
        sa.select(RegistrationAnswer).where(RegistrationAnswer.registration_id.in_(given))
    ):
        given[answer.registration_id][answer.question_id] = answer
    return {one.id: _asked(one, by_stage.get(one.stage_id, []), given[one.id]) for one in registrations}


def _asked(one: Registration, terms: Sequence[QuestionTerms], given: dict[int, RegistrationAnswer]) -> Asked:
    agreed = {question_id: answer.wording for question_id, answer in given.items() if answer.wording}
    worded = [replace(question, text=agreed.get(question.id, question.text)) for question in terms]
    values = {question_id: answer.value for question_id, answer in given.items()}
    meant = concerning(worded, one.category.code)
    return Asked(meant, left_open(meant, one.category.code, values), bool(meant) and is_answerable(one))


def is_answerable(registration: Registration) -> bool:
    """Whether the holder may answer, or change what he answered, now."""
    stage = registration.stage
    today = local_date(clock.now(), stage.timezone)
    told = told_state(registration.state, undo_until=registration.undo_until, now=clock.now())
    return may_answer(told, ends_on=stage.ends_on, today=today)


def values_of(registration: Registration) -> dict[int, Value]:
    """What a person answered in canonical form, by the id of the question; a file by its name."""
    columns = sa.select(RegistrationAnswer.question_id, RegistrationAnswer.value)
    rows = db.session.execute(columns.where(RegistrationAnswer.registration_id == registration.id))
    return {question_id: value for question_id, value in rows}


def documents_of(registration: Registration) -> list[Document]:
    """The files of a registration, the oldest first."""
    return list(
        db.session.scalars(sa.select(Document).filter_by(registration_id=registration.id).order_by(Document.id))
    )


def documents_of_invitation(invitation: Invitation) -> list[Document]:
    """The files that an institution's contact handed in, the oldest first."""
    return list(db.session.scalars(sa.select(Document).filter_by(invitation_id=invitation.id).order_by(Document.id)))


def find_document(
    document_id: int, *, stage: Stage | None = None, registration: Registration | None = None
) -> Document | None:
    """A file by its id, if it belongs to the stage or the registration that is named (TypeError where neither is)."""
    owners: dict[str, Stage | Registration | None] = {"stage_id": stage, "registration_id": registration}
    named = {column: owner.id for column, owner in owners.items() if owner is not None}
    if not named:
        raise TypeError("whose document?")
    return db.session.scalar(sa.select(Document).filter_by(id=document_id, **named))


def find_invited_document(token: str, document_id: int) -> Document | None:
    """A file that was handed in for the invitation of a token."""
    statement = sa.select(Document).join(Invitation, Invitation.id == Document.invitation_id)
    return db.session.scalar(statement.where(Invitation.token == token, Document.id == document_id))


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[first : first + PARTS] for first in range(0, len(ids), PARTS))
