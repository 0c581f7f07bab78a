"""What is sent when two people are made one."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from app.web.forms import BaseForm


class MergeForm(BaseForm):
    """`keep` is the participant who goes on, `stay` the registrations that do (ids), `fingerprint` that of the plan shown.

    `drop`: the addresses that the plan names are let go.
    """

    keep = HiddenField()
    stay = HiddenField()
    fingerprint = HiddenField()
    drop = BooleanField(_l("Do not keep the other address: it leads nowhere from then on"))
