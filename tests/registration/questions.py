"""Questions of a stage, for the tests of this room."""

from typing import Any

from app.programmes.models import Stage
from app.registration.models_questions import RegistrationQuestion
from app.registration.rules_answers import AnswerKind, QuestionTerms
from app.registration.service.questions import add_question

SIZES = ("S", "M", "L")


def terms(kind: AnswerKind, id: int = 0, **values: Any) -> QuestionTerms:
    known: dict[str, Any] = {"text": f"Pertanyaan {kind.value}"}
    if kind in (AnswerKind.ONE_CHOICE, AnswerKind.SEVERAL_CHOICES):
        known["options"] = SIZES
    return QuestionTerms(id=id, kind=kind, **known | values)


def asked(stage: Stage, kind: AnswerKind, **values: Any) -> RegistrationQuestion:
    """A question that the stage asks from now on."""
    return add_question(stage, terms(kind, **values), by=None)
