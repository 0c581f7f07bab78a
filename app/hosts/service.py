"""Creating and changing hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from app.audit.service import record
from app.extensions import after_commit, db, insert, lock, transaction
from app.hosts.models import Host, PrivacyNotice
from app.hosts.queries import EMBLEMS, has_stages
from app.hosts.rules import EDITABLE, HostRefusal, HostRefused, check_slug, check_zone, clean_emblem, first_notice
from app.shared import clock
from app.web import uploads

_created_hooks: list[Callable[[Host], None]] = []


def on_host_created(hook: Callable[[Host], None]) -> None:
    """Run `hook` inside the transaction that creates a host."""
    if hook not in _created_hooks:
        _created_hooks.append(hook)


def create_host(
    *,
    slug: str,
    name: str,
    parent_name: str = "",
    city: str = "",
    address: str = "",
    phone: str = "",
    email: str = "",
    website: str = "",
    timezone: str = "Asia/Jakarta",
    by: Any = None,
) -> Host:
    """A new host with its first privacy notice. Raises HostRefused."""
    check_slug(slug)
    check_zone(timezone)
    values = {
        "slug": slug,
        "name": name,
        "parent_name": parent_name,
        "city": city,
        "address": address,
        "phone": phone,
        "email": email,
        "website": website,
        "timezone": timezone,
        "created_at": clock.now(),
    }
    with transaction():
        creating = insert(Host).values(**values).on_conflict_do_nothing(index_elements=[Host.slug]).returning(Host.id)
        host_id = db.session.scalar(creating)
        if host_id is None:
            raise HostRefused(HostRefusal.SLUG_TAKEN)
        host = db.session.get_one(Host, host_id)
        record("host.created", host, by=by, host_id=host.id)
        publish_notice(host, first_notice(name, email), by=by)
        for hook in _created_hooks:
            hook(host)
    return host


def update_host(
    host: Host, *, by: Any, picture: bytes | None = None, without_emblem: bool = False, **fields: Any
) -> Host:
    """Change any of EDITABLE; `picture` becomes the emblem, `without_emblem` removes it. All or nothing.

    The zone is fixed once there are stages: their days, windows and checkpoints are moments that would not move with it.

    Raises HostRefused, hosts.rules.BadImage, web.uploads.NotStored.
    """
    unknown = fields.keys() - set(EDITABLE)
    if unknown:
        raise TypeError(f"not a field of a host: {', '.join(sorted(unknown))}")
    check_zone(fields.get("timezone", host.timezone))
    name_of_new = uploads.store(EMBLEMS, clean_emblem(picture), ".png") if picture else None
    with _discarded_on_failure(name_of_new), transaction():
        changed = sorted(name for name, value in fields.items() if getattr(host, name) != value)
        if "timezone" in changed and has_stages(host):
            raise HostRefused(HostRefusal.ZONE_FIXED)
        for name in changed:
            setattr(host, name, fields[name])
        if changed:
            record("host.changed", host, by=by, host_id=host.id, fields=changed)
        if name_of_new or (without_emblem and host.emblem):
            _replace_emblem(host, name_of_new, by=by)
    return host


def set_emblem(host: Host, data: bytes, *, by: Any) -> None:
    """Take a picture as the emblem. Raises hosts.rules.BadImage."""
    update_host(host, by=by, picture=data)


def remove_emblem(host: Host, *, by: Any) -> None:
    update_host(host, by=by, without_emblem=True)


def publish_notice(host: Host, body: str, *, by: Any = None) -> PrivacyNotice:
    """A new version, in force at once; former versions stay, since people acknowledged them."""
    with transaction():
        lock(host, mode="no_key_update")
        last = db.session.scalar(sa.select(sa.func.max(PrivacyNotice.version)).where(PrivacyNotice.host_id == host.id))
        notice = PrivacyNotice(host_id=host.id, version=(last or 0) + 1, body=body.strip(), published_at=clock.now())
        db.session.add(notice)
        record("privacy_notice.published", notice, by=by, host_id=host.id)
    return notice


def _replace_emblem(host: Host, name: str | None, *, by: Any) -> None:
    db.session.flush()
    lock(host, mode="no_key_update")
    former, host.emblem = host.emblem, name
    record("host.emblem_changed", host, by=by, host_id=host.id, fields=["emblem"])
    if former:
        after_commit(lambda: uploads.discard(EMBLEMS, former))


@contextmanager
def _discarded_on_failure(name: str | None) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if name:
            uploads.discard(EMBLEMS, name)
        raise
