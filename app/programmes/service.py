"""Creating and changing programmes, their stages and groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, insert, lock, transaction, wait_turn
from app.hosts.models import Host
from app.programmes.models import ParticipantGroup, Programme, Stage
from app.programmes.rules import (
    TURN,
    ProgrammeRefusal,
    ProgrammeRefused,
    prerequisite_problem,
    slug_is_sound,
    stage_problem,
)
from app.shared import clock
from app.shared.text import squash

PROGRAMME_FIELDS = ("name", "summary", "published")
STAGE_FIELDS = (
    "number",
    "name",
    "summary",
    "result",
    "venue",
    "address",
    "starts_on",
    "ends_on",
    "registration_opens_at",
    "registration_closes_at",
    "capacity",
    "approval_required",
    "offer_hours",
    "prerequisite",
    "late_tolerance_minutes",
    "min_jp_percent",
    "feedback_required",
    "published",
)
WHAT_OTHERS_FOLLOW = frozenset({"starts_on", "ends_on", "capacity"})

StageHook = Callable[[Stage], None]
ChangeHook = Callable[[Stage, Mapping[str, Any]], None]
GroupHook = Callable[[ParticipantGroup], None]
_created_hooks: list[StageHook] = []
_changed_hooks: list[ChangeHook] = []
_renamed_hooks: list[GroupHook] = []


def on_stage_created(hook: StageHook) -> None:
    """Run `hook` inside the transaction that creates a stage."""
    if hook not in _created_hooks:
        _created_hooks.append(hook)


def on_stage_changed(hook: ChangeHook) -> None:
    """Run `hook` inside the transaction that changed a stage's days or its capacity.

    It is told the stage and the values that it had before, by column.
    """
    if hook not in _changed_hooks:
        _changed_hooks.append(hook)


def on_group_renamed(hook: GroupHook) -> None:
    """Run `hook` inside the transaction that calls a group by another name."""
    if hook not in _renamed_hooks:
        _renamed_hooks.append(hook)


def create_programme(host: Host, *, slug: str, name: str, summary: str = "", by: User | None = None) -> Programme:
    """Raises ProgrammeRefused. The slug is unique in the installation and never changes: links are printed on paper."""
    _require_slug(slug)
    with transaction():
        values = {
            "host_id": host.id,
            "slug": slug,
            "name": _clean_name(name),
            "summary": summary,
            "published": True,
            "created_at": clock.now(),
        }
        programme_id = _insert_by_slug(Programme, values)
        programme = db.session.get_one(Programme, programme_id)
        record("programme.created", programme, by=by, host_id=host.id)
    return programme


def update_programme(programme: Programme, *, by: User | None, **fields: Any) -> Programme:
    """Change any of PROGRAMME_FIELDS. Raises ProgrammeRefused."""
    _require_known(fields, PROGRAMME_FIELDS)
    with transaction():
        changed = _assign(programme, fields)
        if changed:
            record("programme.changed", programme, by=by, host_id=programme.host_id, fields=changed)
    return programme


def create_stage(
    programme: Programme,
    *,
    slug: str,
    number: int,
    name: str,
    starts_on: date,
    ends_on: date,
    registration_opens_at: datetime,
    registration_closes_at: datetime,
    venue: str = "",
    address: str = "",
    summary: str = "",
    result: str = "",
    capacity: int | None = None,
    approval_required: bool = False,
    offer_hours: int = 24,
    prerequisite: Stage | None = None,
    late_tolerance_minutes: int = 30,
    min_jp_percent: int | None = 80,
    feedback_required: bool = False,
    published: bool = True,
    by: User | None = None,
) -> Stage:
    """Raises ProgrammeRefused. Other rooms add what a stage begins with through `on_stage_created`."""
    values: dict[str, Any] = {
        "programme_id": programme.id,
        "slug": slug,
        "number": number,
        "name": _clean_name(name),
        "summary": summary,
        "result": result,
        "venue": venue,
        "address": address,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "registration_opens_at": registration_opens_at,
        "registration_closes_at": registration_closes_at,
        "capacity": capacity,
        "approval_required": approval_required,
        "offer_hours": offer_hours,
        "seats_taken": 0,
        "prerequisite_id": prerequisite.id if prerequisite else None,
        "late_tolerance_minutes": late_tolerance_minutes,
        "min_jp_percent": min_jp_percent,
        "feedback_required": feedback_required,
        "published": published,
    }
    return _insert_stage(programme, values, by=by)


def update_stage(stage: Stage, *, by: User | None, **fields: Any) -> Stage:
    """Change any of STAGE_FIELDS. Raises ProgrammeRefused."""
    _require_known(fields, STAGE_FIELDS)
    if "prerequisite" in fields:
        prerequisite = fields.pop("prerequisite")
        fields["prerequisite_id"] = prerequisite.id if prerequisite else None
    with transaction():
        wait_turn(TURN, stage.id)
        lock(stage, mode="no_key_update")  # before the programme, as whoever registers holds it first
        _lock_programme(stage.programme_id)
        before = {column.key: getattr(stage, column.key) for column in Stage.__table__.columns}
        _check_stage(stage.programme, before | fields, stage_id=stage.id)
        changed = _assign(stage, fields)
        if changed:
            record("stage.changed", stage, by=by, host_id=stage.programme.host_id, fields=changed)
        if WHAT_OTHERS_FOLLOW & set(changed):
            for hook in _changed_hooks:
                hook(stage, before)
    return stage


def add_group(programme: Programme, name: str, *, by: User | None = None) -> ParticipantGroup:
    """At the end of the list. Raises ProgrammeRefused."""
    with transaction():
        _lock_programme(programme.id)
        cleaned = _free_group_name(programme.id, name)
        last = db.session.scalar(
            sa.select(sa.func.max(ParticipantGroup.position)).where(ParticipantGroup.programme_id == programme.id)
        )
        group = ParticipantGroup(programme_id=programme.id, name=cleaned, position=(last or 0) + 1)
        db.session.add(group)
        record("participant_group.added", group, by=by, host_id=programme.host_id)
    return group


def rename_group(group: ParticipantGroup, name: str, *, by: User | None) -> None:
    """Raises ProgrammeRefused."""
    with transaction():
        lock(group)
        _lock_programme(group.programme_id)
        group.name = _free_group_name(group.programme_id, name, but=group.id)
        record("participant_group.changed", group, by=by, host_id=group.programme.host_id, fields=["name"])
        for hook in _renamed_hooks:
            hook(group)


def remove_group(group: ParticipantGroup, *, by: User | None) -> None:
    """Raises ProgrammeRefused while people or sessions are in it."""
    with transaction():
        lock(group)
        if _is_referred_to(group):
            raise ProgrammeRefused(ProgrammeRefusal.GROUP_IN_USE)
        record("participant_group.removed", group, by=by, host_id=group.programme.host_id)
        db.session.delete(group)


def _insert_stage(programme: Programme, values: dict[str, Any], *, by: User | None) -> Stage:
    _require_slug(values["slug"])
    with transaction():
        _lock_programme(programme.id)
        _check_stage(programme, values, stage_id=None)
        stage_id = _insert_by_slug(Stage, values | {"created_at": clock.now()})
        stage = db.session.get_one(Stage, stage_id)
        record("stage.created", stage, by=by, host_id=programme.host_id)
        for hook in _created_hooks:
            hook(stage)
    return stage


def _check_stage(programme: Programme, values: dict[str, Any], *, stage_id: int | None) -> None:
    numbers, prerequisites = {}, {}
    for other in db.session.execute(
        sa.select(Stage.id, Stage.number, Stage.prerequisite_id).where(Stage.programme_id == programme.id)
    ):
        numbers[other.number] = other.id
        prerequisites[other.id] = other.prerequisite_id
    if numbers.get(values["number"], stage_id) != stage_id:
        raise ProgrammeRefused(ProgrammeRefusal.NUMBER_TAKEN)
    ends_at = datetime.combine(values["ends_on"] + timedelta(days=1), time(), ZoneInfo(programme.host.timezone))
    problem = stage_problem(
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        registration_opens_at=values["registration_opens_at"],
        registration_closes_at=values["registration_closes_at"],
        ends_at=ends_at,
        capacity=values["capacity"],
        seats_taken=values["seats_taken"],
        late_tolerance_minutes=values["late_tolerance_minutes"],
        min_jp_percent=values["min_jp_percent"],
    ) or prerequisite_problem(stage_id, values["prerequisite_id"], prerequisites)
    if problem:
        raise ProgrammeRefused(problem)


def _insert_by_slug(model: Any, values: dict[str, Any]) -> int:
    inserting = insert(model).values(**values).on_conflict_do_nothing(index_elements=[model.slug])
    row_id: int | None = db.session.scalar(inserting.returning(model.id))
    if row_id is None:
        raise ProgrammeRefused(ProgrammeRefusal.SLUG_TAKEN)
    return row_id


def _assign(record_: Any, fields: dict[str, Any]) -> list[str]:
    """Set what differs and return its names."""
    if "name" in fields:
        fields = fields | {"name": _clean_name(fields["name"])}
    changed = sorted(name for name, value in fields.items() if getattr(record_, name) != value)
    for name in changed:
        setattr(record_, name, fields[name])
    db.session.flush()
    return changed


def _free_group_name(programme_id: int, name: str, *, but: int | None = None) -> str:
    cleaned = _clean_name(name)
    same = sa.select(ParticipantGroup.id).where(
        ParticipantGroup.programme_id == programme_id,
        sa.func.lower(ParticipantGroup.name) == cleaned.lower(),
        ParticipantGroup.id != (but or 0),
    )
    if db.session.scalar(sa.select(same.exists())):
        raise ProgrammeRefused(ProgrammeRefusal.GROUP_NAME_TAKEN)
    return cleaned


def _is_referred_to(group: ParticipantGroup) -> bool:
    """Asks every table that points to groups, also those of rooms above this one, which it may not import."""
    pointing = [
        column
        for table in db.metadata.tables.values()
        for column in table.columns
        if any(key.column is ParticipantGroup.__table__.c.id for key in column.foreign_keys)
    ]
    return any(db.session.scalar(sa.select(sa.exists().where(column == group.id))) for column in pointing)


def _require_slug(slug: str) -> None:
    if not slug_is_sound(slug):
        raise ProgrammeRefused(ProgrammeRefusal.BAD_SLUG)


def _require_known(fields: dict[str, Any], known: tuple[str, ...]) -> None:
    unknown = fields.keys() - set(known)
    if unknown:
        raise TypeError(f"no such field: {', '.join(sorted(unknown))}")


def _clean_name(name: str) -> str:
    cleaned = squash(name)
    if not cleaned:
        raise ProgrammeRefused(ProgrammeRefusal.NO_NAME)
    return cleaned


def _lock_programme(programme_id: int) -> None:
    """One writer at a time, so that a number or a name that is free stays free until it is taken.

    Rows that merely point to the programme, such as the mail of a registration, are not kept waiting.
    """
    db.session.execute(sa.select(Programme.id).where(Programme.id == programme_id).with_for_update(key_share=True))
