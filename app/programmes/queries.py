"""Reads of programmes, stages and groups."""

from __future__ import annotations

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from app.accounts.permissions import Scope, Subject, register_subject
from app.extensions import db
from app.hosts.models import Host
from app.hosts.queries import find_host
from app.programmes.models import ParticipantGroup, Programme, Stage


def find_programme(slug: str) -> Programme | None:
    return db.session.scalar(sa.select(Programme).where(Programme.slug == slug))


def find_stage(slug: str) -> Stage | None:
    return db.session.scalar(STAGE_OF_SLUG, {"slug": slug})


STAGE_OF_SLUG = sa.select(Stage).where(Stage.slug == sa.bindparam("slug"))


def get_published_programme(slug: str) -> Programme:
    """What the public may see; raises NotFound (404)."""
    programme = find_programme(slug)
    if programme is None or not programme.published:
        raise NotFound
    return programme


def get_published_stage(slug: str) -> Stage:
    """What the public may see: a published stage of a published programme; raises NotFound (404)."""
    stage = find_stage(slug)
    if stage is None or not stage.published or not stage.programme.published:
        raise NotFound
    return stage


def stages_of(programme: Programme) -> list[Stage]:
    """A programme's stages in order."""
    return list(db.session.scalars(sa.select(Stage).where(Stage.programme_id == programme.id).order_by(Stage.number)))


def programmes_of(host: Host) -> list[Programme]:
    """A host's programmes, the newest first."""
    of_host = sa.select(Programme).where(Programme.host_id == host.id)
    return list(db.session.scalars(of_host.order_by(Programme.created_at.desc(), Programme.id.desc())))


def stage_counts(programmes: list[Programme]) -> dict[int, int]:
    """How many stages each programme has, by its id; those without are left out."""
    counting = (
        sa.select(Stage.programme_id, sa.func.count())
        .where(Stage.programme_id.in_([programme.id for programme in programmes]))
        .group_by(Stage.programme_id)
    )
    return {programme_id: count for programme_id, count in db.session.execute(counting)}


def groups_of(programme: Programme) -> list[ParticipantGroup]:
    """In their order."""
    of_programme = sa.select(ParticipantGroup).where(ParticipantGroup.programme_id == programme.id)
    return list(db.session.scalars(of_programme.order_by(ParticipantGroup.position, ParticipantGroup.name)))


def find_group(programme: Programme, group_id: int) -> ParticipantGroup | None:
    """None for those of other programmes."""
    return db.session.scalar(
        sa.select(ParticipantGroup).where(
            ParticipantGroup.id == group_id, ParticipantGroup.programme_id == programme.id
        )
    )


register_subject("host", Subject(find_host, lambda host: Scope(host.id), Host))
register_subject(
    "programme", Subject(find_programme, lambda programme: Scope(programme.host_id, programme.id), Programme)
)
register_subject("stage", Subject(find_stage, lambda stage: Scope(stage.programme.host_id, stage.programme_id), Stage))
