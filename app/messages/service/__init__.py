"""Use-cases of messages: to word a programme's letters, and to write to a segment of a stage's people."""

from app.messages.emails import compose
from app.messages.service.campaigns import (
    MessageRefused,
    cancel_campaign,
    draft_campaign,
    edit_campaign,
    reschedule,
    send_campaign,
    take_back,
)
from app.messages.service.sending import send_due_campaigns
from app.messages.service.templates import restore_template, save_template

__all__ = [
    "MessageRefused",
    "cancel_campaign",
    "compose",
    "draft_campaign",
    "edit_campaign",
    "reschedule",
    "restore_template",
    "save_template",
    "send_campaign",
    "send_due_campaigns",
    "take_back",
]
