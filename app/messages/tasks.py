"""What the worker may run for messages: every letter by its kind, and what a sweep looks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.certificates.service import READY
from app.jobs.service import Progress, on_sweep, register_letter, register_work
from app.messages import emails, service
from app.messages.rules import KIND_LABELS, LETTER, TemplateKind
from app.messages.service.sending import SEND


def send_now(_progress: Progress, _args: Mapping[str, Any]) -> dict[str, Any]:
    """Write to the people of the messages that are due."""
    return {"posted": service.send_due_campaigns()}


def sweep() -> None:
    """Messages that have fallen due, and such as a worker left half-way."""
    service.send_due_campaigns()


for _kind, (_template, _state) in emails.REGISTRATION_LETTERS.items():
    register_letter(_kind, emails.of_registration(_template, _state), label=KIND_LABELS[_template])
for _kind, _template in emails.INVITATION_LETTERS.items():
    register_letter(_kind, emails.of_invitation(_template), label=KIND_LABELS[_template])
register_letter(READY, emails.certificate_ready, label=KIND_LABELS[TemplateKind.CERTIFICATE_READY])
register_letter(LETTER, emails.campaign_letter, label=_l("Message to participants"))
register_work(SEND, send_now)
on_sweep(sweep)
