"""Kinds of questionnaires and questions, and how results are read."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l

LEAST_ANSWERS_SHOWN = 5
SCALE = (1, 2, 3, 4, 5)


class QuestionnaireKind(enum.Enum):
    ORGANISATION = "organisation"
    SPEAKER = "speaker"
    SUGGESTIONS = "suggestions"


class QuestionKind(enum.Enum):
    SCALE = "scale"
    TEXT = "text"
    COMMITMENT = "commitment"


class QuestionnaireState(enum.Enum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


KIND_LABELS = {
    QuestionnaireKind.ORGANISATION: _l("Organisation"),
    QuestionnaireKind.SPEAKER: _l("Speaker's evaluation"),
    QuestionnaireKind.SUGGESTIONS: _l("Suggestions and commitment"),
}
QUESTION_KIND_LABELS = {
    QuestionKind.SCALE: _l("Scale of 1 to 5"),
    QuestionKind.TEXT: _l("Free text"),
    QuestionKind.COMMITMENT: _l("Commitment (willing or not)"),
}
STATE_LABELS = {
    QuestionnaireState.DRAFT: _l("Not opened yet"),
    QuestionnaireState.OPEN: _l("Open"),
    QuestionnaireState.CLOSED: _l("Closed"),
}
