"""Forms of checkpoints and corrections. Times are read on the host's wall clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from app.agenda.models import AgendaSession
from app.checkin.models import Checkpoint
from app.checkin.rules import IncidentKind, Settlement
from app.programmes.models import Stage
from app.shared.dates import local_date, long_date, time_span
from app.web.fields import TickBoxes, options, sensible_year
from app.web.forms import BaseForm, LocalDateTimeField
from app.web.locale import current_language


class CheckpointForm(BaseForm):
    name = StringField(_l("Name"), [InputRequired(), Length(max=120)])
    opens_at = LocalDateTimeField(_l("Opens"), [InputRequired(), sensible_year])
    closes_at = LocalDateTimeField(_l("Closes"), [InputRequired(), sensible_year])
    sessions = TickBoxes(
        _l("Sessions it covers"),
        coerce=int,
        description=_l(
            "Whoever is admitted here counts as present at these. Without a choice: all sessions of its day."
        ),
    )

    @classmethod
    def of(cls, checkpoint: Checkpoint, *, zone: str) -> CheckpointForm:
        """Filled with what the checkpoint is. Its sessions are ticked by their ids, so the record itself cannot fill the form."""
        known = {
            "name": checkpoint.name,
            "opens_at": checkpoint.opens_at,
            "closes_at": checkpoint.closes_at,
            "sessions": [session.id for session in checkpoint.sessions],
        }
        return cls(zone=zone, data=known)

    def offer(self, stage: Stage, sessions: Sequence[AgendaSession]) -> None:
        """Let the stage's sessions be chosen, each with its day and time."""
        self.sessions.choices = options((session.id, _session_label(stage, session)) for session in sessions)

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {
            "name": self.name.data,
            "opens_at": self.opens_at.data,
            "closes_at": self.closes_at.data,
            "session_ids": self.sessions.data or [],
        }


class ReasonForm(BaseForm):
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=300)])


class SettleForm(BaseForm):
    """One tap on an incident: what it is settled as."""

    settlement = SelectField(choices=options((one.value, one.value) for one in Settlement))

    @property
    def chosen(self) -> Settlement:
        return Settlement(self.settlement.data)


class SettleAllForm(SettleForm):
    kind = SelectField(choices=options((one.value, one.value) for one in IncidentKind))


class EnrolForm(BaseForm):
    """What a browser says that is to become a scanner: the stage, by its slug, and its own name."""

    stage = StringField()
    name = StringField()


def _session_label(stage: Stage, session: AgendaSession) -> str:
    language = current_language()
    day = long_date(local_date(session.starts_at, stage.timezone), language)
    return f"{day}, {time_span(session.starts_at, session.ends_at, stage.timezone, language)}: {session.title}"
