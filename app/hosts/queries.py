"""Reads of hosts and their privacy notices."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.extensions import db
from app.hosts.models import Host, PrivacyNotice
from app.paper.letterhead import Letterhead
from app.shared.kept import Kept
from app.web import uploads

EMBLEMS = "emblems"


def find_host(slug: str) -> Host | None:
    return db.session.scalar(sa.select(Host).where(Host.slug == slug))


def hosts() -> list[Host]:
    """All hosts by name."""
    return list(db.session.scalars(sa.select(Host).order_by(Host.name)))


def has_stages(host: Host) -> bool:
    """Whether times have been set on the host's clock. Their room stands above this one: the tables are asked by their names."""
    programme, stage = db.metadata.tables["programme"], db.metadata.tables["stage"]
    of_host = sa.select(stage.c.id).join(programme, programme.c.id == stage.c.programme_id)
    return bool(db.session.scalar(sa.select(of_host.where(programme.c.host_id == host.id).exists())))


def notice_in_force(host: Host) -> PrivacyNotice:
    """The highest version; every host has at least one."""
    newest = sa.select(PrivacyNotice).where(PrivacyNotice.host_id == host.id).order_by(PrivacyNotice.version.desc())
    return db.session.scalars(newest.limit(1)).one()


@dataclass(frozen=True)
class OfferedNotice:
    """The notice in force as the registration form shows it."""

    id: int
    version: int
    body: str


_offered: Kept[OfferedNotice] = Kept()


def notice_offered(host: Host) -> OfferedNotice:
    """As notice_in_force(), read once a process and version of the offer."""

    def read() -> OfferedNotice:
        notice = notice_in_force(host)
        return OfferedNotice(notice.id, notice.version, notice.body)

    return _offered.get(host.id, host.offer_version, read)


def notices_of(host: Host) -> list[PrivacyNotice]:
    """All versions, the one in force first."""
    of_host = sa.select(PrivacyNotice).where(PrivacyNotice.host_id == host.id)
    return list(db.session.scalars(of_host.order_by(PrivacyNotice.version.desc())))


def emblem_bytes(host: Host) -> bytes | None:
    """The emblem as PNG; None where there is none."""
    return uploads.read(EMBLEMS, host.emblem) if host.emblem else None


def address_lines(host: Host) -> tuple[str, ...]:
    """Where the host is and how to reach it, as its papers say."""
    contacts = (("Telepon", host.phone), ("Surel", host.email), ("Laman", host.website))
    reached = ", ".join(f"{label} {value}" for label, value in contacts if value)
    names_city = host.address.casefold().rstrip(" .,").endswith(host.city.casefold())
    lines = (", ".join(part for part in (host.address, "" if names_city else host.city) if part), reached)
    return tuple(line for line in lines if line)


def letterhead_of(host: Host) -> Letterhead:
    """The head of the host's papers: whose office, which office, and how to reach it."""
    return Letterhead(parent=host.parent_name, name=host.name, address=address_lines(host), emblem=emblem_bytes(host))
