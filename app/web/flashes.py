"""Short messages on the next page, each with the tone that gives it colour and icon."""

from __future__ import annotations

import enum

from flask import flash


class Tone(enum.StrEnum):
    """The categories of Flask's flash, named as Bootstrap names its alerts."""

    SUCCESS = "success"
    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"


def done(message: str) -> None:
    """What was asked has been done."""
    flash(message, Tone.SUCCESS)


def inform(message: str) -> None:
    flash(message, Tone.INFO)


def warn(message: str) -> None:
    flash(message, Tone.WARNING)


def refuse(message: str) -> None:
    """What was asked has not been done, and why."""
    flash(message, Tone.DANGER)
