"""What is sent when two people are made one."""

from __future__ import annotations

from wtforms import HiddenField

from app.web.forms import BaseForm


class MergeForm(BaseForm):
    """`keep` is the participant who goes on, `stay` the registrations that do (ids), `fingerprint` that of the plan shown."""

    keep = HiddenField()
    stay = HiddenField()
    fingerprint = HiddenField()
