"""The path that every person and stage walks, and where a stage stands in time."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from datetime import date, datetime
from itertools import dropwhile
from typing import Any

from flask_babel import lazy_gettext as _l

from app.registration.rules import ENDED, RegistrationState


class Step(enum.Enum):
    """Undangan → Pendaftaran → Presensi → Umpan balik → Sertifikat."""

    INVITED = "invited"
    REGISTERED = "registered"
    PRESENT = "present"
    ANSWERED = "answered"
    CERTIFIED = "certified"


STEP_LABELS = {
    Step.INVITED: _l("Invitation"),
    Step.REGISTERED: _l("Registration"),
    Step.PRESENT: _l("Attendance"),
    Step.ANSWERED: _l("Feedback"),
    Step.CERTIFIED: _l("Certificate"),
}
STEP_COUNT_LABELS = {
    Step.INVITED: _l("invited"),
    Step.REGISTERED: _l("registered"),
    Step.PRESENT: _l("present"),
    Step.ANSWERED: _l("have answered"),
    Step.CERTIFIED: _l("certified"),
}


class StagePhase(enum.Enum):
    """Where a stage stands on a given day."""

    COMING = "coming"
    OPEN = "open"
    RUNNING = "running"
    OVER = "over"

    @property
    def label(self) -> Any:
        return PHASE_LABELS[self]


PHASE_LABELS = {
    StagePhase.COMING: _l("Coming"),
    StagePhase.OPEN: _l("Registration open"),
    StagePhase.RUNNING: _l("Running today"),
    StagePhase.OVER: _l("Over"),
}


def phase(
    *, starts_on: date, ends_on: date, opens_at: datetime, closes_at: datetime, now: datetime, today: date
) -> StagePhase:
    """Where a stage stands: `now` against its registration window, `today` (in the host's zone) against its days."""
    if today > ends_on:
        return StagePhase.OVER
    if today >= starts_on:
        return StagePhase.RUNNING
    return StagePhase.OPEN if opens_at <= now < closes_at else StagePhase.COMING


def drawn_path(reached: Collection[Step], *, stopped: bool = False) -> list[dict[str, Any]]:
    """A person's steps as they are drawn: what is reached, the one that comes next, the rest. `stopped`: nothing comes next."""
    shown = [step for step in Step if step is not Step.INVITED]
    current = None if stopped else next((step for step in shown if step not in reached), None)
    states = {step: "done" if step in reached else ("current" if step is current else "todo") for step in shown}
    return [{"key": step.value, "label": STEP_LABELS[step], "state": states[step]} for step in shown]


def stage_progress(counts: Mapping[Step, int], stage_phase: StagePhase) -> dict[Step, str]:
    """How far a stage has come: steps that are complete are done, the one under way is current, the rest are to do.

    Registration and attendance are complete when their time is over; feedback and certificates when everybody who came has them.
    """
    came = counts[Step.PRESENT]
    complete = {
        Step.INVITED: counts[Step.INVITED] > 0,
        Step.REGISTERED: counts[Step.REGISTERED] > 0 and stage_phase in (StagePhase.RUNNING, StagePhase.OVER),
        Step.PRESENT: came > 0 and (stage_phase is StagePhase.OVER or came >= counts[Step.REGISTERED]),
        Step.ANSWERED: counts[Step.ANSWERED] >= came > 0,
        Step.CERTIFIED: counts[Step.CERTIFIED] >= came > 0,
    }
    begun = list(dropwhile(lambda step: not counts[step], Step)) or list(Step)
    current = next((step for step in begun if not complete[step]), None)
    return {step: "done" if complete[step] else ("current" if step is current else "todo") for step in Step}


def may_cancel(state: RegistrationState, stage_phase: StagePhase) -> bool:
    """Whether the holder may still give the seat back by himself: not once the stage runs, when the seat is no use to others.

    An offer can be declined as long as the stage lasts: it would hold the seat until its deadline.
    """
    if state is RegistrationState.OFFERED:
        return stage_phase is not StagePhase.OVER
    return state not in ENDED and stage_phase in (StagePhase.COMING, StagePhase.OPEN)
