"""Forms of a participant's own pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField

from app.registration.forms_person import PersonForm
from app.registration.rules import ConsentKind
from app.web.fields import options
from app.web.forms import BaseForm


class OwnDataForm(PersonForm):
    """A person's own data, by the rules by which he registered."""


class ConsentForm(BaseForm):
    """To give a free consent or to take it back."""

    kind = RadioField(_l("Consent"), choices=options((kind.value, kind.value) for kind in ConsentKind))
    give = HiddenField()

    @property
    def chosen(self) -> ConsentKind:
        """Only after validation."""
        return ConsentKind(self.kind.data)
