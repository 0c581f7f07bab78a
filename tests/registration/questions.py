"""Questions of a stage, for the tests of this room."""

import io
from typing import Any

from app.programmes.models import Stage
from app.registration.models_questions import RegistrationQuestion
from app.registration.queries_questions import answers_of
from app.registration.rules_answers import AnswerKind, QuestionTerms
from app.registration.service.questions import add_question
from tests.pages import Page, PageClient
from tests.registration.people import registrations
from tests.registration.test_views import FORM, TYPED, address

SIZES = ("S", "M", "L")


def terms(kind: AnswerKind, id: int = 0, **values: Any) -> QuestionTerms:
    known: dict[str, Any] = {"text": f"Pertanyaan {kind.value}"}
    if kind in (AnswerKind.ONE_CHOICE, AnswerKind.SEVERAL_CHOICES):
        known["options"] = SIZES
    return QuestionTerms(id=id, kind=kind, **known | values)


def asked(stage: Stage, kind: AnswerKind, **values: Any) -> RegistrationQuestion:
    """A question that the stage asks from now on."""
    return add_question(stage, terms(kind, **values), by=None)


def editor(stage: Stage, rest: str = "") -> str:
    return f"/panel/kegiatan/{stage.slug}/pengaturan/pertanyaan{rest}"


def opened(client: PageClient, stage: Stage) -> Page:
    return client.get(address(stage))


def sent(page: Page, *, status: int = 200, **answers: Any) -> Page:
    """The public form filled in with a person of an OPD whose institution is typed, and these answers."""
    known = TYPED | {"notice": True, "institution": "other", "institution_other": "Dinas Kominfo"}
    return page.submit(FORM, status=status, **known | answers)


def answers_in(stage: Stage) -> dict[int, str]:
    """What the only person of the stage answered."""
    (made,) = registrations(stage)
    return answers_of([made.id])[made.id]


def upload(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name
