"""Forms of templates and of messages to a segment; a placeholder that is wrong is named with the nearest right one."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, IntegerField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.checkin.queries import checkpoints_of
from app.feedback.queries import questionnaires_of
from app.institutions.queries import categories_of, institutions_of
from app.messages.defaults import Text
from app.messages.rules import LONGEST_BODY, LONGEST_SUBJECT, TemplateKind, text_problem
from app.messages.rules_segments import (
    PLAN_PROBLEMS,
    PROBLEM_FIELDS,
    TIMING_LABELS,
    Plan,
    PlanProblem,
    Segment,
    Timing,
    mark,
    plan_problem,
    read_mark,
)
from app.programmes.models import Stage
from app.programmes.queries import groups_of
from app.registration.rules import STATE_LABELS, RegistrationState
from app.registration.rules_people import ANSWERING_LABELS, Answering
from app.shared import clock
from app.web.fields import TickBoxes, options, sensible_year
from app.web.forms import BaseForm, LocalDateTimeField

ANY = ("", _l("All"))
NOW = Plan()


class PlaceholdersFit:
    """Every placeholder is one that the form's kind of letter knows."""

    def __init__(self, *, subject: bool = False) -> None:
        self.subject = subject

    def __call__(self, form: Form, field: Field) -> None:
        if problem := text_problem(form.kind, field.data or "", subject=self.subject):
            raise ValidationError(problem)


class TextForm(BaseForm):
    """Subject and body of a letter; `kind` decides which placeholders there are."""

    subject = StringField(_l("Subject"), [DataRequired(), Length(max=LONGEST_SUBJECT), PlaceholdersFit(subject=True)])
    body = TextAreaField(_l("Text"), [DataRequired(), Length(max=LONGEST_BODY), PlaceholdersFit()])

    def __init__(self, kind: TemplateKind | None, *args: Any, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(*args, **kwargs)

    @property
    def text(self) -> Text:
        return Text(self.subject.data or "", self.body.data or "")


class CampaignForm(TextForm):
    """A message: what it says, to whom, and when. Make it with `campaign_form`."""

    states = TickBoxes(
        _l("State of the registration"),
        choices=options((state.value, STATE_LABELS[state]) for state in RegistrationState),
        description=_l("None ticked: everybody who has not cancelled and was not rejected."),
    )
    category = SelectField(_l("Category"), default="")
    institution = SelectField(_l("Institution"), default="")
    group = SelectField(_l("Group"), default="")
    attendance = SelectField(_l("Attendance"), default="")
    feedback = SelectField(_l("Feedback"), default="")
    answering = SelectField(
        _l("Questions of the stage"),
        choices=options([ANY, *((one.value, text) for one, text in ANSWERING_LABELS.items())]),
        default="",
    )
    timing = RadioField(
        _l("When it is sent"),
        choices=options((timing.value, label) for timing, label in TIMING_LABELS.items()),
        default=Timing.NOW.value,
    )
    days = IntegerField(_l("Number of days"), [Optional()])
    clock = TimeField(_l("At this hour"), [Optional()])
    moment = LocalDateTimeField(_l("Date and time"), [Optional(), sensible_year])

    stage: Stage

    def offer(self, stage: Stage) -> None:
        """Fill the lists with what the stage has."""
        self.stage = stage
        self.category.choices = options([ANY, *((one.code, one.name) for one in categories_of(stage.host))])
        self.institution.choices = options([ANY, *((str(one.id), one.name) for one in institutions_of(stage.host))])
        self.group.choices = options([ANY, *((str(one.id), one.name) for one in groups_of(stage.programme))])
        self.attendance.choices = options([ANY, *_both(_PRESENT, checkpoints_of(stage), "name")])
        self.feedback.choices = options([ANY, *_both(_ANSWERED, questionnaires_of(stage), "title")])

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        problem = self._plan_problem()
        if problem is not None:
            self.show(problem)
        return valid and problem is None

    def show(self, problem: PlanProblem) -> None:
        """Say what keeps the plan from being followed where it is mended."""
        field = self[PROBLEM_FIELDS[problem]]
        field.errors = [*field.errors, PLAN_PROBLEMS[problem]]

    @property
    def segment(self) -> Segment:
        present, checkpoint = read_mark(self.attendance.data or "")
        answered, questionnaire = read_mark(self.feedback.data or "")
        return Segment(
            states=tuple(RegistrationState(one) for one in self.states.data or ()),
            category=self.category.data or "",
            institution=int(self.institution.data) if self.institution.data else None,
            group=int(self.group.data) if self.group.data else None,
            checkpoint=checkpoint,
            present=present,
            questionnaire=questionnaire,
            answered=answered,
            answering=Answering(self.answering.data) if self.answering.data else None,
        )

    @property
    def plan(self) -> Plan:
        timing = Timing(self.timing.data)
        return Plan(timing=timing, days=self.days.data, clock=self.clock.data, moment=self.moment.data)

    def _plan_problem(self) -> PlanProblem | None:
        if self.timing.errors or self.days.errors or self.clock.errors or self.moment.errors:
            return None
        stage = self.stage
        return plan_problem(
            self.plan, starts_on=stage.starts_on, ends_on=stage.ends_on, zone=stage.timezone, now=clock.now()
        )


_PRESENT = (_l("Present: %(name)s"), _l("Expected, not present: %(name)s"))
_ANSWERED = (_l("Has answered: %(name)s"), _l("Has not answered: %(name)s"))


def _both(labels: tuple[Any, Any], things: Any, name: str) -> list[tuple[str, str]]:
    """For each thing, both that somebody was there and that he was not."""
    return [
        (mark(is_so, thing.id), str(label) % {"name": getattr(thing, name)})
        for thing in things
        for is_so, label in zip((True, False), labels, strict=True)
    ]


def campaign_form(
    stage: Stage, kind: TemplateKind | None, *, text: Text, segment: Segment, plan: Plan = NOW
) -> CampaignForm:
    """The form of a message that begins from this text, these people and this time."""
    form = CampaignForm(kind, data=_shown(text, segment, plan), zone=stage.timezone)
    form.offer(stage)
    return form


def _shown(text: Text, segment: Segment, plan: Plan) -> dict[str, Any]:
    return {
        "subject": text.subject,
        "body": text.body,
        "states": [state.value for state in segment.states],
        "category": segment.category,
        "institution": str(segment.institution or ""),
        "group": str(segment.group or ""),
        "attendance": mark(segment.present, segment.checkpoint),
        "feedback": mark(segment.answered, segment.questionnaire),
        "answering": segment.answering.value if segment.answering else "",
        "timing": plan.timing.value,
        "days": plan.days,
        "clock": plan.clock,
        "moment": plan.moment,
    }
