"""Links that prove an address, and what people ask about their data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.extensions import db
from app.hosts.models import Host
from app.privacy.rules import LinkPurpose, RequestKind, RequestState
from app.registration.models import Participant
from app.shared.columns import JSON, UtcDateTime, enum_column

OPEN = sa.text("state = 'open'")


class PersonLink(db.Model):
    """A link that was mailed to `email` (in its comparable form) and proves, used once, that whoever used it reads mail there.

    The token is not kept: it is made of the nonce and the secret key when the mail is written (service/links.py), and known
    again by its hash. Once used to enter, the row is the visit: of `participant_id`, once one has been chosen.
    """

    __tablename__ = "person_link"
    __table_args__ = (
        sa.Index("ix_person_link_email", "email"),
        sa.Index("ix_person_link_participant", "participant_id"),
        sa.Index("ix_person_link_expires", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[LinkPurpose] = mapped_column(enum_column(LinkPurpose))
    nonce: Mapped[str] = mapped_column(sa.String(43))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    email: Mapped[str] = mapped_column(sa.String(254))
    participant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("participant.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    participant: Mapped[Participant | None] = relationship()


class DataRequest(db.Model):
    """What a person asks about his data (UU 27/2022); it is to be settled before `due_at`.

    `proposed` holds the values asked for, by field of PersonDetails (rules.stored). Of one kind a person has one open request.
    """

    __tablename__ = "data_request"
    __table_args__ = (
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled_at"),
        sa.CheckConstraint("state <> 'refused' OR answer <> ''", name="refused_with_reason"),
        sa.Index(
            "uq_data_request_open", "participant_id", "kind", unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        ),
        sa.Index("ix_data_request_host", "host_id", "state", "due_at"),
        sa.Index("ix_data_request_participant", "participant_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id", ondelete="CASCADE"))
    kind: Mapped[RequestKind] = mapped_column(enum_column(RequestKind))
    state: Mapped[RequestState] = mapped_column(enum_column(RequestState), default=RequestState.OPEN)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    proposed: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    answer: Mapped[str] = mapped_column(sa.Text, default="")

    host: Mapped[Host] = relationship()
    participant: Mapped[Participant] = relationship()
    settled_by: Mapped[User | None] = relationship()
