"""The form by which a person registers, and those by which staff add, correct, group or cancel one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired

from app.hosts.models import Host
from app.hosts.queries import OfferedNotice
from app.institutions.queries_offer import offer_of
from app.registration.forms_checks import PublicChecks
from app.registration.forms_person import PersonForm, at_most
from app.registration.forms_questions import QuestionFields
from app.registration.rules import CONSENT_WORDINGS, ConsentKind
from app.shared.codes import new_token
from app.web import opened
from app.web.drawn import DrawnList, draw
from app.web.fields import TickBoxes, options
from app.web.forms import BaseForm
from app.web.locale import current_language

SUBMISSION_KEY = re.compile(r"[A-Za-z0-9_-]{16,43}")


class RegistrationForm(PublicChecks, QuestionFields, PersonForm):
    """The public form: with the stage's own questions, the notice to acknowledge, free consents, and what tells a press of the
    button from another.

    `notice_version` is the one that the page showed: what is acknowledged is what was there to be read.
    """

    after_questions = ("notice", "consent_photo", "consent_whatsapp")

    notice = BooleanField(
        _l("I have read the privacy notice"),
        validators=[
            DataRequired(_l("Tick this after reading the privacy notice; without it we may not keep your data."))
        ],
    )
    consent_photo = BooleanField(CONSENT_WORDINGS[ConsentKind.PHOTO])
    consent_whatsapp = BooleanField(CONSENT_WORDINGS[ConsentKind.WHATSAPP])
    notice_version = HiddenField()
    submission_key = HiddenField(default=new_token)
    second_address = StringField(_l("Leave this field empty"))  # people do not see it; programs fill it in
    opened = HiddenField(default=opened.stamp)

    def __init__(self, host: Host, *, shown: OfferedNotice, **kwargs: Any) -> None:
        super().__init__(host, **kwargs)
        self.shown = shown
        self.notice_has_changed = self.is_submitted() and self.notice_version.data != str(shown.version)
        self.notice_version.data = str(shown.version)
        if self.notice_has_changed:
            self.notice.data = False

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.notice_has_changed and not self.stale:
            self.notice.errors = [
                _("The privacy notice has been changed meanwhile. Please read it as it is now, and tick this.")
            ]
            valid = False
        if self.second_address.data:
            self.second_address.data = self.second_address.raw_data = None
            self.form_errors.append(
                _("A hidden field had been filled in, perhaps by your browser. It is empty now: please send once more.")
            )
            return False
        return valid and self._was_read()

    def _was_read(self) -> bool:
        if not opened.came_too_soon(self.opened.data):
            return True
        if not opened.is_stamp(self.opened.data):
            self.opened.data = opened.stamp()
        self.form_errors.append(_("That was faster than one can read, as programs do it. Please send it once more."))
        return False

    def offer(self) -> None:
        """As every form of a person; the lists are drawn once a process, language and version of what is offered."""
        drawn, language = offer_of(self.host).drawn, current_language()
        lists = (self.category, self.institution, self.identity_type)
        if any((field.name, language) not in drawn for field in lists):
            super().offer()
            drawn.update({(field.name, language): draw(field) for field in lists})
        for field in lists:
            field.widget = DrawnList(drawn[field.name, language])

    @property
    def usable_key(self) -> str | None:
        """The submission key, if it can be one of ours."""
        key = self.submission_key.data or ""
        return key if SUBMISSION_KEY.fullmatch(key) else None


class StaffPersonForm(PersonForm):
    """What staff type for a person: an address is welcome but not required."""

    contact_required = False


class AddPersonForm(QuestionFields, StaffPersonForm):
    """A new person, with his groups; what he answers to the stage's own questions may follow."""

    answers_may_follow = True
    after_questions = ("groups",)

    groups = TickBoxes(_l("Groups"), coerce=int)

    def offer_groups(self, groups: Sequence[Any]) -> None:
        self.groups.choices = options((group.id, group.name) for group in groups)


class GroupsForm(BaseForm):
    """In which groups a person is."""

    groups = TickBoxes(_l("Groups"), coerce=int)


class CancelPersonForm(BaseForm):
    """Staff say why they cancel someone."""

    reason = StringField(
        _l("Reason"), validators=[DataRequired(_l("Write the reason; the person is told it.")), at_most(300)]
    )
