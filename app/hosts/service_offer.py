"""The version of what a host's registration form offers: it changes with its categories, its
institutions, its notice and the questions of its stages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from app.extensions import db
from app.hosts.models import Host, PrivacyNotice, new_offer_version


def renew_offer(host_id: int) -> None:
    """After a change of what is offered that is not made through an object of a followed kind; within the open transaction."""
    _renew(db.session.connection(), host_id)


def follow(*kinds: type[Any], host_of: Callable[[Any], Any] = lambda changed: changed.host_id) -> None:
    """Renew the version with each object of these kinds that is added, changed or deleted.

    `host_of` answers the host's id, or a subquery that does.
    """

    def renew(_mapper: Any, connection: Any, changed: Any) -> None:
        _renew(connection, host_of(changed))

    for kind in kinds:
        for moment in ("after_insert", "after_update", "after_delete"):
            sa.event.listen(kind, moment, renew)


def _renew(connection: Any, host_id: Any) -> None:
    host = Host.__table__
    connection.execute(sa.update(host).where(host.c.id == host_id).values(offer_version=new_offer_version()))


follow(PrivacyNotice)
