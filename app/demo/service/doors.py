"""The doors of the stage that is on today: two devices and a table, people who come in a rush, and what staff must settle."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from app.accounts.models import User
from app.checkin import service as checkin
from app.checkin.models import Checkpoint, ScannerDevice
from app.checkin.rules import Decision, ScanSource
from app.programmes.models import Stage
from app.registration.models import Registration
from app.shared import clock
from app.shared.codes import digest, new_code, new_token

DOORS = {"Pintu Utama": 0.5, "Pintu Samping": 0.3, "Meja Registrasi": 0.2}  # and how many of the people come by each
RUSH = timedelta(minutes=75)


def rush_of(stage: Stage, now: datetime) -> tuple[datetime, datetime]:
    """From when to when people came today: in the morning, or where it is early still in the hour before now."""
    zone = ZoneInfo(stage.timezone)
    midnight, morning = (datetime.combine(stage.starts_on, at, zone).astimezone(UTC) for at in (time(0), time(7, 20)))
    since = morning if now >= morning + RUSH else max(midnight, now - RUSH)
    return since, min(now, since + RUSH)


def let_in(
    stage: Stage, checkpoint: Checkpoint, present: list[Registration], absent: list[Registration], *, by: User
) -> None:
    """`present` come through the doors; of two of them and of some who are `absent` there is something to settle."""
    random = Random(2)
    since, until = rush_of(stage, clock.now())
    with clock.frozen(since):
        devices = {name: checkin.enrol(stage, name=name, user=by)[0] for name in DOORS}
        spare = checkin.enrol(stage, name="Ponsel Cadangan", user=by)[0]
    came: dict[str, list[checkin.ScanItem]] = {name: [] for name in DOORS}
    for person in present:
        (name,) = random.choices(list(DOORS), list(DOORS.values()))
        moment = since + (until - since) * random.triangular(0, 1, 0.35)
        came[name].append(_item(person.ticket_hash, moment))
    span = until - since
    first, second = (came["Pintu Utama"][number] for number in (1, 2))
    came["Pintu Samping"] += [
        _item(one.code_hash, min(one.occurred_at + timedelta(minutes=2), until), Decision.ADMITTED)
        for one in (first, second)
    ]
    came["Pintu Samping"].append(_item(digest(new_code()), since + span * 0.5, Decision.PARKED))
    came["Pintu Utama"].append(_item(digest(new_code()), since + span * 0.6))
    with clock.frozen(until):
        for name, items in came.items():
            _send(devices[name], checkpoint, sorted(items, key=lambda one: one.occurred_at))
        checkin.note_unsent(devices["Pintu Samping"].token_hash, 2)
        checkin.revoke_device(spare, by=by)
        _send(spare, checkpoint, [_item(absent[0].ticket_hash, since + span * 0.4, Decision.ADMITTED)])
        _walk_in(stage, devices["Meja Registrasi"], checkpoint, represented=present[3], at=since + span * 0.7)


def _item(code_hash: str, moment: datetime, offline: Decision | None = None) -> checkin.ScanItem:
    return checkin.ScanItem(
        scan_id=new_token()[:32],
        code_hash=code_hash,
        occurred_at=moment,
        source=ScanSource.CAMERA,
        offline_decision=offline,
    )


def _send(device: ScannerDevice, checkpoint: Checkpoint, items: list[checkin.ScanItem]) -> None:
    checkin.record_scans(token_hash=device.token_hash, checkpoint_id=checkpoint.id, items=items, sent_at=clock.now())


def _walk_in(
    stage: Stage, device: ScannerDevice, checkpoint: Checkpoint, *, represented: Registration, at: datetime
) -> None:
    """Somebody comes in place of a person who is there already, so that staff must decide."""
    form = checkin.read_walk_in(
        {
            "scan_id": new_token()[:32],
            "occurred_at": at.isoformat(),
            "name": "Zulfikar Hamdani",
            "institution": "Dinas Contoh",
            "position": "Analis Kebijakan",
            "phone": "+6281299900111",
            "represents": represented.ticket_hash,
        },
        stage.host,
    )
    checkin.record_walk_ins(device=device, held=True, checkpoint=checkpoint, items=[form])
