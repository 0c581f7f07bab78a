"""What the recording of scans reads first, in Core: the device and its checkpoint, who is expected, how many are there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.agenda.models import AgendaSession, session_group
from app.checkin import rules
from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice, checkpoint_session
from app.checkin.queries_devices import HELD
from app.checkin.rules import Place
from app.extensions import is_postgresql
from app.hosts.models import Host
from app.programmes.models import Programme, Stage
from app.registration.models import Registration, registration_group
from app.registration.rules import RegistrationState
from app.shared.dates import local_date


class UnknownDevice(LookupError):
    """No device has this token."""


class UnknownCheckpoint(LookupError):
    """No checkpoint of the device's stage has this id."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A device at a checkpoint of its stage. `quarantined`: it may no longer scan. `known_scans`: how many of the ids are stored.

    `uses_groups`: whether any session of the stage is for some groups alone. `seats_taken`: of the stage.
    """

    token_hash: str

    device_id: int
    device_name: str
    quarantined: bool
    stage_id: int
    host_id: int
    zone: str
    checkpoint_id: int
    opens_at: datetime
    closes_at: datetime
    uses_groups: bool
    seats_taken: int
    known_scans: int


def one_of(column: Any, name: str, *, arrays: bool) -> sa.ColumnElement[bool]:
    """The column is among the strings bound as `name`. As an array they are one value, and the statement is the same for any number."""
    if arrays:
        return column == sa.any_(sa.bindparam(name, type_=sa.ARRAY(sa.String)))
    return column.in_(sa.bindparam(name, expanding=True))


def _known_scans(arrays: bool) -> Any:
    """How many are stored; of an array one after the other is looked for (see people.py)."""
    counted = sa.select(sa.func.count())
    if not arrays:
        return counted.where(one_of(Scan.scan_id, "scan_ids", arrays=False))
    ids = sa.bindparam("scan_ids", type_=sa.ARRAY(sa.String))
    sent = sa.func.unnest(ids).table_valued("id").render_derived("sent")
    return counted.select_from(sent).where(sa.select(sa.true()).where(Scan.scan_id == sent.c.id).scalar_subquery())


@cache
def entry_statement(arrays: bool) -> Any:
    """A device at a checkpoint; entry_of reads its row. `arrays`: whether the database knows them, for `one_of`."""
    return (
        sa.select(
            ScannerDevice.token_hash,
            ScannerDevice.id.label("device_id"),
            ScannerDevice.name.label("device_name"),
            HELD.label("held"),
            ScannerDevice.revoked_at,
            ScannerDevice.expires_at,
            ScannerDevice.stage_id,
            Programme.host_id,
            Host.timezone.label("zone"),
            Checkpoint.id.label("checkpoint_id"),
            Checkpoint.opens_at,
            Checkpoint.closes_at,
            Stage.seats_taken,
            _known_scans(arrays).scalar_subquery().label("known_scans"),
            sa.select(session_group.c.group_id)
            .join(AgendaSession, AgendaSession.id == session_group.c.session_id)
            .where(AgendaSession.stage_id == ScannerDevice.stage_id)
            .correlate(ScannerDevice)
            .exists()
            .label("uses_groups"),
        )
        .join(Stage, Stage.id == ScannerDevice.stage_id)
        .join(Programme, Programme.id == Stage.programme_id)
        .join(Host, Host.id == Programme.host_id)
        .outerjoin(Checkpoint, sa.and_(Checkpoint.stage_id == Stage.id, Checkpoint.id == sa.bindparam("point")))
        .where(ScannerDevice.token_hash == sa.bindparam("token_hash"))
    )


def enter(
    connection: Connection, token_hash: str, checkpoint_id: int, *, scan_ids: Sequence[str], now: datetime
) -> Entry:
    """The device of a token at a checkpoint. Raises UnknownDevice or UnknownCheckpoint."""
    values = {"token_hash": token_hash, "point": checkpoint_id, "scan_ids": list(scan_ids)}
    return entry_of(connection.execute(entry_statement(len(scan_ids) > 1 and is_postgresql()), values).first(), now)


def entry_of(row: Any, now: datetime) -> Entry:
    """Of a row of entry_statement. Raises as enter does."""
    if row is None:
        raise UnknownDevice
    if row.checkpoint_id is None:
        raise UnknownCheckpoint
    return Entry(
        token_hash=row.token_hash,
        device_id=row.device_id,
        device_name=row.device_name,
        quarantined=not row.held or row.revoked_at is not None or now >= row.expires_at,
        stage_id=row.stage_id,
        host_id=row.host_id,
        zone=row.zone,
        checkpoint_id=row.checkpoint_id,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        uses_groups=bool(row.uses_groups),
        seats_taken=row.seats_taken,
        known_scans=row.known_scans,
    )


_AUDIENCES = (
    sa.select(
        AgendaSession.id,
        AgendaSession.starts_at,
        session_group.c.group_id,
        checkpoint_session.c.checkpoint_id.label("chosen"),
    )
    .outerjoin(session_group, session_group.c.session_id == AgendaSession.id)
    .outerjoin(
        checkpoint_session,
        sa.and_(
            checkpoint_session.c.session_id == AgendaSession.id,
            checkpoint_session.c.checkpoint_id == sa.bindparam("point"),
        ),
    )
    .where(AgendaSession.stage_id == sa.bindparam("stage_id"))
)


def place_of(connection: Connection, entry: Entry) -> Place:
    """The checkpoint as decisions see it: its window, and who is expected at the sessions it covers."""
    plain = Place(stage_id=entry.stage_id, opens_at=entry.opens_at, closes_at=entry.closes_at)
    return _with_audience(connection, plain, entry.checkpoint_id, entry.zone) if entry.uses_groups else plain


def place_at(connection: Connection, checkpoint: Checkpoint) -> Place:
    """As place_of, without a device."""
    plain = Place(stage_id=checkpoint.stage_id, opens_at=checkpoint.opens_at, closes_at=checkpoint.closes_at)
    return _with_audience(connection, plain, checkpoint.id, checkpoint.stage.timezone)


def _with_audience(connection: Connection, place: Place, checkpoint_id: int, zone: str) -> Place:
    rows = connection.execute(_AUDIENCES, {"point": checkpoint_id, "stage_id": place.stage_id}).all()
    has_explicit = any(row.chosen for row in rows)
    day = local_date(place.opens_at, zone)
    audiences: dict[int, set[int]] = {}
    for row in rows:
        starts = local_date(row.starts_at, zone)
        if not rules.covers(
            explicit=bool(row.chosen), has_explicit=has_explicit, checkpoint_day=day, session_day=starts
        ):
            continue
        audience = audiences.setdefault(row.id, set())
        if row.group_id is not None:
            audience.add(row.group_id)
    expected = rules.expected_groups(frozenset(audience) for audience in audiences.values())
    return replace(place, expected_groups=expected)


_CONFIRMED = sa.select(sa.func.count()).where(
    Registration.stage_id == sa.bindparam("stage_id"), Registration.state == RegistrationState.CONFIRMED
)
_OF_GROUPS = _CONFIRMED.where(
    Registration.id.in_(
        sa.select(registration_group.c.registration_id).where(
            registration_group.c.group_id.in_(sa.bindparam("groups", expanding=True))
        )
    )
)
_PRESENT = sa.select(sa.func.count()).where(
    Attendance.checkpoint_id == sa.bindparam("point"), Attendance.annulled_at.is_(None)
)
PRESENT = _PRESENT.scalar_subquery().label("present")
_COUNT_ALL, _COUNT_OF_GROUPS = sa.select(_CONFIRMED.scalar_subquery()), sa.select(_OF_GROUPS.scalar_subquery())
FRESH_SECONDS = 2.0
MOST_KEPT = 1_000
EXACT_UP_TO = 1_000
"""So many people at a checkpoint are counted at every scan; of more each process counts once a second and adds who comes by it."""
_kept: dict[tuple[Any, ...], tuple[float, int]] = {}
_there: dict[int, tuple[float, int]] = {}


def expected(connection: Connection, place: Place) -> int:
    """How many are expected at a checkpoint."""
    if not place.expected_groups:
        return connection.execute(_COUNT_ALL, {"stage_id": place.stage_id}).scalar_one()
    values = {"stage_id": place.stage_id, "groups": list(place.expected_groups)}
    return connection.execute(_COUNT_OF_GROUPS, values).scalar_one()


def expected_lately(connection: Connection, entry: Entry, place: Place) -> int:
    """As expected(), which may be two seconds old as long as no seat was taken or given back since.

    Counting thousands for every scan is what would make the doors of a large stage slow.
    """
    key = (entry.token_hash, entry.checkpoint_id, entry.seats_taken, place.expected_groups)
    counted_at, count = _kept.get(key, (0.0, 0))
    now = time.monotonic()
    if not counted_at or now - counted_at > FRESH_SECONDS:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        count = expected(connection, place)
        _kept[key] = (now, count)
    return count


def present(connection: Connection, entry: Entry) -> int:
    """How many are there."""
    return connection.execute(sa.select(PRESENT), {"point": entry.checkpoint_id}).scalar_one()


def present_lately(checkpoint_id: int) -> int | None:
    """How many were there less than a second ago; None where it is to be counted, as always while they are not too many to count."""
    counted_at, count = _there.get(checkpoint_id, (0.0, 0))
    return count if counted_at and time.monotonic() - counted_at < FRESH_SECONDS / 2 else None


def note_present(checkpoint_id: int, count: int, *, counted: bool) -> None:
    """Keep how many are there now, `counted` or by what has come since."""
    if count < EXACT_UP_TO:
        _there.pop(checkpoint_id, None)
        return
    if len(_there) >= MOST_KEPT:
        _there.clear()
    before = _there.get(checkpoint_id, (0.0, 0))[0]
    _there[checkpoint_id] = (time.monotonic() if counted or not before else before, count)
