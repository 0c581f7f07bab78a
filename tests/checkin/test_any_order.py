"""The order in which doors find their network again does not matter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.checkin import service
from app.checkin.models import Attendance, Scan
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import ScanSource
from app.checkin.service import ScanItem
from app.extensions import db
from app.shared import clock
from app.shared.codes import digest
from tests import factories
from tests.checkin.test_stateful import DEVICES, SKEWS, decided, devices


def come_to(point_id: int, device_ids: list[int]) -> list[Any]:
    """What has become of the scans of a checkpoint, without their decisions, which tell who came first to be known."""
    attended = sa.select(Attendance.registration_id, Attendance.at, Attendance.scan_id, Attendance.annulled_at)
    about = sa.select(Scan.scan_id, ScanIncident.kind, ScanIncident.counted_id.is_(None)).join(
        Scan, Scan.id == ScanIncident.scan_id
    )
    counted = sa.select(Scan.scan_id).join(ScanIncident, ScanIncident.counted_id == Scan.id)
    told = (
        sorted(map(str, db.session.execute(attended.where(Attendance.checkpoint_id == point_id)))),
        sorted(map(str, db.session.execute(about.where(ScanIncident.checkpoint_id == point_id)))),
        sorted(map(str, db.session.execute(counted.where(ScanIncident.checkpoint_id == point_id)))),
    )
    return [[line.replace(f"{point_id}-", "") for line in part] for part in told]


offline_scans = st.lists(st.tuples(devices, st.integers(0, 1), st.integers(0, 8), decided), min_size=1, max_size=9)


@pytest.mark.both_databases
def test_the_order_in_which_doors_find_their_network_again_does_not_matter(app: Flask, counts) -> None:
    """The same scans at two checkpoints, after an annulment, in two orders and other batches, some of them twice."""
    stage = factories.stage()
    crowd = [factories.registration(stage).ticket_code for _ in range(2)]
    made = [factories.device(stage)[0] for _ in SKEWS]
    tokens, ids, stage_id = [one.token_hash for one in made], [one.id for one in made], stage.id
    now = clock.now().replace(microsecond=0)

    def point() -> int:
        return factories.checkpoint(db.session.get_one(factories.Stage, stage_id)).id

    def record(point_id: int, batch: list[Any]) -> None:
        for device in range(DEVICES):
            items = [scan(point_id, one) for one in batch if one[1][0] == device]
            if items:
                sent_at = clock.now() + SKEWS[device]
                service.record_scans(token_hash=tokens[device], checkpoint_id=point_id, items=items, sent_at=sent_at)

    def scan(point_id: int, numbered: Any) -> ScanItem:
        number, (device, person, minute, offline) = numbered
        return ScanItem(
            scan_id=f"{point_id}-{number:02}",
            code_hash=digest(crowd[person]),
            occurred_at=now + timedelta(minutes=minute) + SKEWS[device],
            source=ScanSource.CAMERA,
            offline_decision=offline,
        )

    @settings(max_examples=counts(12, full=400), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(scans=offline_scans, annulled=st.booleans(), data=st.data())
    def check(scans: list[Any], annulled: bool, data: st.DataObject) -> None:
        numbered = list(enumerate(scans))
        come = []
        for _ in range(2):
            point_id = point()
            if annulled:
                with clock.frozen(now + timedelta(minutes=4)):
                    record(point_id, [(99, (0, 0, 3, None))])
                    for one in db.session.scalars(sa.select(Attendance).filter_by(checkpoint_id=point_id)):
                        service.annul(one, reason="salah", by=None)
            twice = data.draw(st.lists(st.sampled_from(numbered), max_size=4))
            order = data.draw(st.permutations([*numbered, *twice]))
            size = data.draw(st.integers(1, len(order)))
            with clock.frozen(now + timedelta(hours=1)):
                for start in range(0, len(order), size):
                    record(point_id, order[start : start + size])
            come.append(come_to(point_id, ids))
        assert come[0] == come[1]

    check()
