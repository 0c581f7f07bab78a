"""Reads of programmes, stages and groups."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts.permissions import Scope, Subject, register_subject
from app.extensions import db
from app.hosts.models import Host
from app.programmes.models import Programme, Stage


def find_host(slug: str) -> Host | None:
    return db.session.scalar(sa.select(Host).where(Host.slug == slug))


def find_programme(slug: str) -> Programme | None:
    return db.session.scalar(sa.select(Programme).where(Programme.slug == slug))


def find_stage(slug: str) -> Stage | None:
    return db.session.scalar(sa.select(Stage).where(Stage.slug == slug))


def stages_of(programme: Programme) -> list[Stage]:
    """A programme's stages in order."""
    return list(db.session.scalars(sa.select(Stage).where(Stage.programme_id == programme.id).order_by(Stage.number)))


register_subject("host", Subject(find_host, lambda host: Scope(host.id), Host))
register_subject("programme", Subject(find_programme, lambda programme: Scope(programme.host_id, programme.id), Programme))
register_subject("stage", Subject(find_stage, lambda stage: Scope(stage.programme.host_id, stage.programme_id), Stage))
