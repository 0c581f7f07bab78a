"""Forms that put attendance right: one person added or excused by hand, and a signed sheet."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional, ValidationError

from app.checkin.models import Checkpoint
from app.checkin.rules import CorrectionKind
from app.checkin.rules_paper import SignedRow, signed_at
from app.shared import clock
from app.shared.text import squash
from app.web.fields import options, sensible_year
from app.web.forms import BaseForm, LocalDateTimeField

LONGEST_REASON = 300


class HandKind(enum.StrEnum):
    """What is recorded by hand: an attendance and why, or an excuse."""

    PAPER = "paper"
    DEVICE_LOST = "device_lost"
    OTHER = "other"
    EXCUSED = "excused"
    EXCUSED_WITH_JP = "excused_with_jp"


HAND_LABELS = {
    HandKind.PAPER: _l("Present: signed on paper"),
    HandKind.DEVICE_LOST: _l("Present: the device failed or was lost"),
    HandKind.OTHER: _l("Present: another reason"),
    HandKind.EXCUSED: _l("Excused, without JP"),
    HandKind.EXCUSED_WITH_JP: _l("Excused, with JP"),
}
EXCUSES = (HandKind.EXCUSED, HandKind.EXCUSED_WITH_JP)
CORRECTIONS = {
    HandKind.PAPER: CorrectionKind.PAPER,
    HandKind.DEVICE_LOST: CorrectionKind.DEVICE_LOST,
    HandKind.OTHER: CorrectionKind.OTHER,
}


class HandForm(BaseForm):
    """The reason goes without saying where the kind says it: signed on paper, device lost."""

    kind = SelectField(_l("What is recorded"), default=HandKind.OTHER.value)
    reason = StringField(_l("Reason"), [Length(max=LONGEST_REASON)])
    at = LocalDateTimeField(_l("Came at"), [Optional(), sensible_year])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = options((kind.value, label) for kind, label in HAND_LABELS.items())

    def validate_reason(self, field: StringField) -> None:
        if not field.data and self.kind.data not in (HandKind.PAPER.value, HandKind.DEVICE_LOST.value):
            raise ValidationError(gettext("Say why, so that others can follow it later."))

    @property
    def chosen(self) -> HandKind:
        return HandKind(self.kind.data)

    @property
    def said(self) -> str:
        """The reason that was typed, or else the kind in the words of the page."""
        return self.reason.data or str(HAND_LABELS[self.chosen]).partition(": ")[2]


class SheetForm(BaseForm):
    """A page of a signed sheet. Each row's tick is an `id`, its time `at-<id>`; `at` is for the rows without one."""

    at = StringField(_l("Time for rows without one"), [Length(max=8)])
    note = StringField(_l("Note"), [Length(max=LONGEST_REASON)])

    def rows(self, sent: MultiDict[str, str], checkpoint: Checkpoint, zone: str) -> tuple[list[SignedRow], list[int]]:
        """The ticked rows, and the ids of those whose time is no time of the checkpoint."""

        def moment(typed: str) -> datetime | None:
            return _signed_at(typed, checkpoint, zone)

        usual = moment(self.at.data or "")
        rows, wrong = [], []
        for registration_id in _ids(sent):
            typed = squash(sent.get(f"at-{registration_id}"))
            at = moment(typed) if typed else usual
            if typed and at is None:
                wrong.append(registration_id)
            rows.append(SignedRow(registration_id, at))
        return rows, wrong

    def usual_is_wrong(self, checkpoint: Checkpoint, zone: str) -> bool:
        typed = self.at.data or ""
        return bool(typed) and _signed_at(typed, checkpoint, zone) is None


def _signed_at(typed: str, checkpoint: Checkpoint, zone: str) -> datetime | None:
    """As signed_at; None too for a time that has not come yet."""
    at = signed_at(typed, opens_at=checkpoint.opens_at, closes_at=checkpoint.closes_at, zone=zone)
    return None if at is None or at > clock.now() else at


def _ids(sent: MultiDict[str, str]) -> list[int]:
    """Of the rows ticked, each once."""
    found = (int(one) for one in sent.getlist("id") if one.isascii() and one.isdecimal() and len(one) < 10)
    return list(dict.fromkeys(found))
