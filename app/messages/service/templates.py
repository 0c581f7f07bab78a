"""A programme's own wording of its letters."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, insert, transaction
from app.messages.models import MessageTemplate
from app.messages.rules import TemplateKind
from app.programmes.models import Programme
from app.shared import clock


def save_template(programme: Programme, kind: TemplateKind, *, subject: str, body: str, by: User) -> None:
    """Word a kind of letter; every letter of the kind that is written from now on says so. The text has been checked."""
    values = {"subject": subject, "body": body, "updated_at": clock.now(), "updated_by_id": by.id}
    with transaction():
        adding = insert(MessageTemplate).values(programme_id=programme.id, kind=kind, **values)
        saved = adding.on_conflict_do_update(index_elements=["programme_id", "kind"], set_=values)
        template = db.session.scalars(
            saved.returning(MessageTemplate), execution_options={"populate_existing": True}
        ).one()
        record("message_template.changed", template, by=by, host_id=programme.host_id, fields=[kind.value])


def restore_template(programme: Programme, kind: TemplateKind, *, by: User) -> bool:
    """Let the standard text hold again; False where it does already."""
    with transaction():
        own = sa.select(MessageTemplate).where(
            MessageTemplate.programme_id == programme.id, MessageTemplate.kind == kind
        )
        template = db.session.scalar(own.with_for_update())
        if template is None:
            return False
        record("message_template.restored", template, by=by, host_id=programme.host_id, fields=[kind.value])
        db.session.delete(template)
        return True
