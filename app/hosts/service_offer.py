"""The version of what a host's registration form offers: it changes with its categories, its institutions and its notice."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app.extensions import db
from app.hosts.models import Host, PrivacyNotice, new_offer_version


def renew_offer(host_id: int) -> None:
    """After a change of what is offered that is not made through an object of a followed kind; within the open transaction."""
    _renew(db.session.connection(), host_id)


def follow(*kinds: type[Any]) -> None:
    """Renew the version with each object of these kinds (they have a `host_id`) that is added, changed or deleted."""
    for kind in kinds:
        for moment in ("after_insert", "after_update", "after_delete"):
            sa.event.listen(kind, moment, _after)


def _after(_mapper: Any, connection: Any, changed: Any) -> None:
    _renew(connection, changed.host_id)


def _renew(connection: Any, host_id: int) -> None:
    host = Host.__table__
    connection.execute(sa.update(host).where(host.c.id == host_id).values(offer_version=new_offer_version()))


follow(PrivacyNotice)
