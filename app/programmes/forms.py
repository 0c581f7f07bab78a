"""Forms of programmes, stages, groups and staff."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.accounts.rules import NAME_LENGTH, PASSWORD_LONGEST, PROGRAMME_ROLES, ROLE_LABELS, Role
from app.programmes.models import Programme, Stage
from app.programmes.queries import find_programme, find_stage, stages_of
from app.programmes.rules import SLUG_LENGTH, ProgrammeRefusal, ProgrammeRefused, slug_is_sound
from app.shared import clock
from app.shared.dates import local_date, zone_label
from app.shared.mailbox import parse_email
from app.shared.numbers import roman
from app.shared.text import slugify
from app.web.fields import EMAIL_INPUT, SECRET_INPUT, options, sensible_year
from app.web.forms import BaseForm, LocalDateTimeField

HIGHEST_NUMBER = 99
_SLUG_HELP = _l(
    "Part of the web address: small letters, digits and dashes. It cannot be changed later; empty: made from the name."
)


def sound_slug(form: BaseForm, field: Any) -> None:
    if field.data and not slug_is_sound(field.data):
        raise ValidationError(str(ProgrammeRefused(ProgrammeRefusal.BAD_SLUG).sentence))


class RefusalForm(BaseForm):
    """A form that can show why the rules refused it, at the field that it concerns."""

    def show(self, refused: Any) -> None:
        """`refused` has a `sentence`, and perhaps the name of a `field`."""
        field = self._fields.get(getattr(refused, "field", ""))
        if field is None:
            self.form_errors.append(str(refused.sentence))
        else:
            field.errors = [*field.errors, str(refused.sentence)]


class ProgrammeForm(RefusalForm):
    """The settings of a programme."""

    name = StringField(_l("Name of the programme"), [DataRequired(), Length(max=200)])
    summary = TextAreaField(_l("Summary for the public"), [Length(max=5000)], render_kw={"rows": 4})
    published = BooleanField(_l("Shown to the public"))


class NewProgrammeForm(RefusalForm):
    name = StringField(_l("Name of the programme"), [DataRequired(), Length(max=200)])
    slug = StringField(_l("Web address"), [Length(max=SLUG_LENGTH), sound_slug], description=_SLUG_HELP)
    summary = TextAreaField(_l("Summary for the public"), [Length(max=5000)], render_kw={"rows": 4})

    def chosen_slug(self) -> str:
        """What was typed, else a free one made from the name."""
        return self.slug.data or free_slug(self.name.data, find_programme)


class GroupForm(RefusalForm):
    name = StringField(_l("Name of the group"), [DataRequired(), Length(max=120)], id="group_name")


class StaffForm(RefusalForm):
    """Someone new, or someone known by the e-mail address, with one or several roles on the programme."""

    email = StringField(
        _l("E-mail address"),
        [DataRequired(), Length(max=254)],
        render_kw=EMAIL_INPUT,
    )
    name = StringField(
        _l("Name"),
        [Length(max=NAME_LENGTH)],
        description=_l("Not needed for someone who has an account already."),
        render_kw={"autocomplete": "off"},
    )
    manager = BooleanField(ROLE_LABELS[Role.MANAGER])
    organiser = BooleanField(ROLE_LABELS[Role.ORGANISER])
    facilitator = BooleanField(ROLE_LABELS[Role.FACILITATOR])
    certifier = BooleanField(ROLE_LABELS[Role.CERTIFIER])
    viewer = BooleanField(ROLE_LABELS[Role.VIEWER])
    password = StringField(
        _l("Password"),
        [Length(max=PASSWORD_LONGEST)],
        description=_l("Empty: a password is made and shown once."),
        render_kw=SECRET_INPUT,
    )

    def validate_email(self, field: Any) -> None:
        problem = parse_email(field.data, allow_reserved=True).problem
        if problem:
            raise ValidationError(problem)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if not self.chosen_roles:
            self.form_errors.append(gettext("Choose at least one role."))
            return False
        return valid

    @property
    def chosen_roles(self) -> list[Role]:
        return [role for role in PROGRAMME_ROLES if self._fields[role.value].data]


class StageForm(RefusalForm):
    """The settings of a stage; dates are days and times on the host's clock. Make it with `for_new` or `for_stage`."""

    number = IntegerField(
        _l("Number"),
        [InputRequired(), NumberRange(0, HIGHEST_NUMBER)],
        description=_l("0 for the preparation, then 1, 2, 3 …"),
    )
    name = StringField(_l("Name of the stage"), [DataRequired(), Length(max=200)])
    slug = StringField(_l("Web address"), [Length(max=SLUG_LENGTH), sound_slug], description=_SLUG_HELP)
    starts_on = DateField(_l("First day"), [InputRequired(), sensible_year])
    ends_on = DateField(_l("Last day"), [InputRequired(), sensible_year])
    venue = StringField(_l("Venue"), [Length(max=200)])
    address = StringField(_l("Address of the venue"), [Length(max=300)])
    registration_opens_at = LocalDateTimeField(_l("Registration opens"), [InputRequired(), sensible_year])
    registration_closes_at = LocalDateTimeField(_l("Registration closes"), [InputRequired(), sensible_year])
    capacity = IntegerField(
        _l("Seats"),
        [Optional(), NumberRange(1, 100_000)],
        description=_l("Empty: no limit. When full, people go on the waiting list."),
    )
    offer_hours = IntegerField(
        _l("Hours to answer an offered seat"),
        [InputRequired(), NumberRange(1, 336)],
        description=_l("A freed seat is offered to the first of the waiting list for so long, then to the next."),
    )
    approval_required = BooleanField(
        _l("Registrations online wait for approval"),
        description=_l("A seat is kept until staff decide. Who is invited or added by staff does not wait."),
    )
    prerequisite = SelectField(_l("Only for those who were at"), coerce=int)
    late_tolerance_minutes = IntegerField(
        _l("Tolerance in minutes"),
        [InputRequired(), NumberRange(0, 1440)],
        description=_l("Whoever comes later than this after the start of a session gets no JP for it."),
    )
    min_jp_percent = IntegerField(
        _l("Least share of the JP, in per cent"),
        [Optional(), NumberRange(1, 100)],
        description=_l("Needed for the certificate. Empty: no such condition."),
    )
    feedback_required = BooleanField(_l("The certificate needs the required questionnaires answered"))
    summary = TextAreaField(_l("Summary for the public"), [Length(max=5000)], render_kw={"rows": 4})
    result = StringField(
        _l("Result of the stage"), [Length(max=300)], description=_l("For example: draft of Buku 2 (masterplan).")
    )
    published = BooleanField(_l("Shown to the public"))

    @classmethod
    def for_new(cls, programme: Programme) -> StageForm:
        """With what is likely typed in: the next number, a month from now, registration open until the eve."""
        form = cls(zone=programme.host.timezone, data=_likely(programme))
        form._offer_prerequisites(programme, None)
        return form

    @classmethod
    def for_stage(cls, stage: Stage) -> StageForm:
        """For changing a stage; its web address is fixed."""
        known = {column.key: getattr(stage, column.key) for column in Stage.__table__.columns}
        form = cls(zone=stage.timezone, data=known | {"prerequisite": stage.prerequisite_id or 0})
        del form.slug
        form._offer_prerequisites(stage.programme, stage)
        return form

    @property
    def zone_label(self) -> str:
        """WIB, WITA or WIT: whose clock the times are of."""
        return zone_label(self.meta.zone)

    def values(self) -> dict[str, Any]:
        """What programmes.service takes, without the slug."""
        names = [name for name in self._fields if name not in ("slug", "prerequisite", self.meta.csrf_field_name)]
        chosen = {name: self._fields[name].data for name in names}
        return chosen | {"prerequisite": self._prerequisites.get(self.prerequisite.data)}

    def chosen_slug(self) -> str:
        """What was typed, else a free one made from the name."""
        return self.slug.data or free_slug(self.name.data, find_stage)

    def _offer_prerequisites(self, programme: Programme, but: Stage | None) -> None:
        self._prerequisites = {stage.id: stage for stage in stages_of(programme) if but is None or stage.id != but.id}
        named = [(stage.id, stage.name) for stage in self._prerequisites.values()]
        self.prerequisite.choices = options([(0, gettext("Everyone")), *named])


def free_slug(name: str | None, find: Any) -> str:
    """A slug made from a name, with a number where it is taken already."""
    plain = slugify(name, SLUG_LENGTH) or "kegiatan"
    if find(plain) is None:
        return plain
    stem = plain[: SLUG_LENGTH - 4].rstrip("-")
    return next(slug for slug in (f"{stem}-{number}" for number in range(2, 1000)) if find(slug) is None)


def _likely(programme: Programme) -> dict[str, Any]:
    stages = stages_of(programme)
    zone = programme.host.timezone
    today = local_date(clock.now(), zone)
    starts_on = today + timedelta(days=30)
    number = min(max((stage.number for stage in stages), default=0) + 1, HIGHEST_NUMBER)
    last = stages[-1] if stages else None
    return {
        "number": number,
        "name": gettext("Stage %(numeral)s", numeral=roman(number)),
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=1),
        "venue": last.venue if last else "",
        "address": last.address if last else "",
        "registration_opens_at": _local(today, time(8), zone),
        "registration_closes_at": _local(starts_on - timedelta(days=1), time(16), zone),
        "capacity": last.capacity if last else None,
        "offer_hours": last.offer_hours if last else 24,
        "approval_required": last.approval_required if last else False,
        "prerequisite": 0,
        "late_tolerance_minutes": last.late_tolerance_minutes if last else 30,
        "min_jp_percent": last.min_jp_percent if last else 80,
        "feedback_required": last.feedback_required if last else False,
        "published": True,
    }


def _local(day: date, hour: time, zone: str) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(zone))
