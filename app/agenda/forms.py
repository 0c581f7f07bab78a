"""Forms of the agenda. Days and times are read on the host's wall clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.agenda.models import AgendaSession, Speaker
from app.agenda.rules import (
    KIND_LABELS,
    PART_LABELS,
    AgendaError,
    EndsBeforeStart,
    NewSpeaker,
    OutsideStage,
    SessionKind,
    SpeakerPart,
    TooLong,
    time_problems,
)
from app.programmes.models import ParticipantGroup, Stage
from app.shared.dates import local
from app.web.fields import TickBoxes, options, sensible_year
from app.web.forms import BaseForm

PARTS = options((part.value, label) for part, label in PART_LABELS.items())
FREE_ROWS = 2
MOST_LEADERS = 12
FIELD_OF_ERROR: dict[type[AgendaError], str] = {EndsBeforeStart: "ends", TooLong: "ends", OutsideStage: "day"}


class LeaderForm(Form):
    """One known speaker and the part taken; no speaker chosen means nobody."""

    speaker = SelectField(_l("Speaker"), coerce=int, default=0)
    part = SelectField(_l("Part"), choices=PARTS)


class SessionForm(BaseForm):
    """An entry of the rundown. Make it with `session_form`."""

    kind = SelectField(_l("Kind"), choices=options((kind.value, label) for kind, label in KIND_LABELS.items()))
    title = StringField(_l("Title"), [DataRequired(), Length(max=200)])
    day = DateField(_l("Day"), [InputRequired(), sensible_year])
    starts = TimeField(_l("Begins at"), [InputRequired()])
    ends = TimeField(_l("Ends at"), [InputRequired()])
    room = StringField(_l("Room"), [Length(max=120)])
    groups = TickBoxes(_l("Expected groups"), coerce=int, description=_l("None ticked: everyone is expected."))
    jp_override = IntegerField(
        _l("JP set by hand"),
        [Optional(), NumberRange(0, 24)],
        description=_l("Empty: counted from the length, one JP for each full 45 minutes of a lesson or discussion."),
    )
    leaders = FieldList(FormField(LeaderForm), max_entries=MOST_LEADERS)
    more_leaders = SubmitField(_l("Add speakers"))
    new_title_before = StringField(_l("Title before the name"), [Length(max=60)])
    new_name = StringField(_l("Name of a new speaker"), [Length(max=120)])
    new_title_after = StringField(_l("Titles after the name"), [Length(max=80)])
    new_position = StringField(_l("Position"), [Length(max=160)])
    new_institution = StringField(_l("Institution"), [Length(max=200)])
    new_part = SelectField(_l("Part of the new speaker"), choices=PARTS)

    stage_days: tuple[date, date]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        problems = self._time_problems()
        for problem in problems:
            self.show(problem())
        if not self.new_name.data and any(
            (self.new_title_before.data, self.new_title_after.data, self.new_position.data)
        ):
            self.new_name.errors = [*self.new_name.errors, gettext("Type the name of the new speaker too.")]
            return False
        return valid and not problems

    @property
    def wants_more_rows(self) -> bool:
        """Whether the button for more speakers sent the form: nothing is saved then."""
        return self.is_submitted() and bool(self.more_leaders.data)

    def add_rows(self) -> None:
        """Rows for further speakers, as many as a new form begins with."""
        for _number in range(min(FREE_ROWS, MOST_LEADERS - len(self.leaders))):
            self.leaders.append_entry()

    @property
    def can_grow(self) -> bool:
        return len(self.leaders) < MOST_LEADERS

    def values(self) -> dict[str, Any]:
        """What agenda.service takes."""
        starts_at, ends_at = self._window()
        return {
            "kind": SessionKind(self.kind.data),
            "title": self.title.data,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "room": self.room.data or "",
            "jp_override": self.jp_override.data,
            "group_ids": self.groups.data or [],
            "speakers": self._speakers(),
        }

    def show(self, error: AgendaError) -> None:
        """Say at its field why the rules refused it."""
        field = self._fields.get(FIELD_OF_ERROR.get(type(error), ""))
        if field is None:
            self.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]

    def _time_problems(self) -> list[type[AgendaError]]:
        if any(field.errors or field.data is None for field in (self.day, self.starts, self.ends)):
            return []
        first, last = self.stage_days
        return time_problems(*self._window(), first_day=first, last_day=last, zone=self.meta.zone)

    def _window(self) -> tuple[datetime, datetime]:
        """Begin and end. An end at 00.00 is midnight after the day."""
        ends_on = self.day.data + timedelta(days=1) if self.ends.data == time(0) else self.day.data
        return self._moment(self.day.data, self.starts.data), self._moment(ends_on, self.ends.data)

    def _moment(self, day: Any, clock_time: time) -> datetime:
        return datetime.combine(day, clock_time, ZoneInfo(self.meta.zone)).astimezone(UTC)

    def _speakers(self) -> list[tuple[int | NewSpeaker, SpeakerPart]]:
        chosen: list[tuple[int | NewSpeaker, SpeakerPart]] = [
            (row.speaker.data, SpeakerPart(row.part.data)) for row in self.leaders if row.speaker.data
        ]
        if self.new_name.data:
            chosen.append((self._new_speaker(), SpeakerPart(self.new_part.data)))
        return chosen

    def _new_speaker(self) -> NewSpeaker:
        return NewSpeaker(
            name=self.new_name.data or "",
            title_before=self.new_title_before.data or "",
            title_after=self.new_title_after.data or "",
            position=self.new_position.data or "",
            institution=self.new_institution.data or "",
        )


class SpeakerForm(BaseForm):
    """A narasumber, moderator or facilitator known to the host."""

    title_before = StringField(_l("Title before the name"), [Length(max=60)])
    name = StringField(_l("Name"), [DataRequired(), Length(max=120)])
    title_after = StringField(_l("Titles after the name"), [Length(max=80)])
    position = StringField(_l("Position"), [Length(max=160)])
    institution = StringField(_l("Institution"), [Length(max=200)])


def session_form(
    stage: Stage,
    *,
    groups: Sequence[ParticipantGroup],
    speakers: Sequence[Speaker],
    session: AgendaSession | None = None,
    after: AgendaSession | None = None,
) -> SessionForm:
    """The form of a session, or of a new one that begins where `after` ends."""
    form = SessionForm(zone=stage.timezone, data=_of_session(session) if session else _of_new(stage, after))
    form.stage_days = (stage.starts_on, stage.ends_on)
    form.groups.choices = options((group.id, group.name) for group in groups)
    while len(form.leaders) < MOST_LEADERS and _free_rows(form) < FREE_ROWS and not form.is_submitted():
        form.leaders.append_entry()
    if form.wants_more_rows:
        form.add_rows()
    for row in form.leaders:
        row.speaker.choices = options([(0, gettext("Nobody")), *((one.id, one.full_name) for one in speakers)])
    return form


def _free_rows(form: SessionForm) -> int:
    return sum(not row.speaker.data for row in form.leaders)


def _of_session(session: AgendaSession) -> dict[str, Any]:
    zone = session.stage.timezone
    starts, ends = local(session.starts_at, zone), local(session.ends_at, zone)
    return {
        "kind": session.kind.value,
        "title": session.title,
        "day": starts.date(),
        "starts": starts.time(),
        "ends": ends.time(),
        "room": session.room,
        "groups": [group.id for group in session.groups],
        "jp_override": session.jp_override,
        "leaders": [{"speaker": leader.speaker_id, "part": leader.part.value} for leader in session.speakers],
    }


def _of_new(stage: Stage, after: AgendaSession | None) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": SessionKind.LESSON.value, "day": stage.starts_on}
    if after is not None:
        ends = local(after.ends_at, stage.timezone)
        values |= {"day": local(after.starts_at, stage.timezone).date(), "starts": ends.time(), "room": after.room}
    return values
