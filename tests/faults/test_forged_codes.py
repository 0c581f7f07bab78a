"""Forged, mistyped and other stages' codes in great numbers: none lets anybody in, whatever the door has seen before."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, Reason, ScanSource
from app.checkin.service import MOST_SCANS, ScanItem, record_scans
from app.extensions import db
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock, codes
from tests import factories

pytestmark = [pytest.mark.fault, pytest.mark.both_databases]
PEOPLE = 20


class Hall:
    """A door with people who are confirmed, and others whose codes must open nothing."""

    def __init__(self) -> None:
        self.stage = factories.stage()
        self.checkpoint: Checkpoint = factories.checkpoint(self.stage)
        self.device, self.token = factories.device(self.stage)
        self.confirmed = [factories.registration(self.stage) for _ in range(PEOPLE)]
        sibling, stranger = factories.stage(self.stage.programme), factories.stage()
        self.elsewhere = [factories.registration(one) for one in (sibling, stranger) for _ in range(PEOPLE // 2)]
        self.ended = [factories.registration(self.stage, state=RegistrationState.CANCELLED) for _ in range(3)]
        self.waiting = [factories.registration(self.stage, state=RegistrationState.WAITLISTED) for _ in range(3)]
        known = [*self.confirmed, *self.elsewhere, *self.ended, *self.waiting]
        self.known = {codes.canonical(code) for one in known for code in both(one)}
        self.drawn = random.Random(20190708)

    def upload(self, written: list[str], **values: Any) -> Counter[tuple[Decision, Reason | None]]:
        """Every one as a scan of its own; how often which answer."""
        answers: Counter[tuple[Decision, Reason | None]] = Counter()
        for first in range(0, len(written), MOST_SCANS):
            part = [self._scan(code, **values) for code in written[first : first + MOST_SCANS]]
            recorded = record_scans(
                token_hash=codes.token_digest(self.token), checkpoint_id=self.checkpoint.id, items=part
            )
            answers.update((one.decision, one.reason) for one in recorded.results)
        return answers

    def _scan(self, code: str, **values: Any) -> ScanItem:
        known = {"scan_id": codes.new_code(), "code_hash": codes.digest(code), "occurred_at": clock.now()}
        return ScanItem(**{"source": ScanSource.CAMERA} | known | values)

    def mistyped(self, number: int) -> Iterator[str]:
        """Real codes with one letter wrong, two letters changed about, one too few or one too many; never a real one."""
        while number:
            code = self.drawn.choice([code for one in self.confirmed for code in both(one)])
            wrong = self.drawn.choice([_other_letter, _changed_about, _too_short, _too_long])(code, self.drawn)
            if codes.canonical(wrong) not in self.known:
                number -= 1
                yield wrong

    def present(self) -> set[int]:
        in_force = sa.select(Attendance.registration_id).where(Attendance.annulled_at.is_(None))
        return set(db.session.scalars(in_force))


def both(one: Registration) -> tuple[str, str]:
    return one.ticket_code, one.badge_code


def _other_letter(code: str, drawn: random.Random) -> str:
    place = drawn.randrange(len(code))
    return code[:place] + drawn.choice(codes.ALPHABET) + code[place + 1 :]


def _changed_about(code: str, drawn: random.Random) -> str:
    place = drawn.randrange(len(code) - 1)
    return code[:place] + code[place + 1] + code[place] + code[place + 2 :]


def _too_short(code: str, drawn: random.Random) -> str:
    place = drawn.randrange(len(code))
    return code[:place] + code[place + 1 :]


def _too_long(code: str, drawn: random.Random) -> str:
    place = drawn.randrange(len(code))
    return code[:place] + drawn.choice(codes.ALPHABET) + code[place:]


@pytest.fixture
def hall(app: Flask) -> Hall:
    return Hall()


def test_forged_codes_admit_nobody(hall: Hall, counts: Any) -> None:
    number = counts(1_500, full=100_000)
    answers = hall.upload([codes.new_code() for _ in range(number)])
    assert answers == {(Decision.REFUSED, Reason.UNKNOWN): number}
    _nobody_came(hall, scans=number)


def test_mistyped_codes_admit_nobody(hall: Hall, counts: Any) -> None:
    number = counts(1_500, full=100_000)
    answers = hall.upload(list(hall.mistyped(number)), source=ScanSource.TYPED)
    assert answers == {(Decision.REFUSED, Reason.UNKNOWN): number}
    _nobody_came(hall, scans=number)


def test_codes_of_others_admit_nobody(hall: Hall, counts: Any) -> None:
    number = counts(1_500, full=100_000)
    own = [*hall.elsewhere, *hall.ended, *hall.waiting]
    written = [hall.drawn.choice(both(hall.drawn.choice(own))) for _ in range(number)]
    answers = hall.upload(written)
    assert {decision for decision, _reason in answers} == {Decision.REFUSED}
    assert {reason for _decision, reason in answers} == {
        Reason.OTHER_STAGE,
        Reason.CANCELLED,
        Reason.NOT_CONFIRMED,
    }
    _nobody_came(hall, scans=number)


def test_what_phones_without_network_let_in_is_for_staff_alone(hall: Hall, counts: Any) -> None:
    """A phone that does not know a code lets its holder in: a fact that staff settle, and no attendance."""
    number = counts(500, full=20_000)
    half = [codes.new_code() for _ in range(number // 2)]
    written = [*half, *hall.mistyped(number - len(half))]
    answers = hall.upload(written, offline_decision=Decision.PARKED)
    assert answers == {(Decision.PARKED, Reason.UNKNOWN): number}
    _nobody_came(hall, scans=number, incidents=number)


def test_true_ones_among_forged_ones_are_admitted_and_nobody_else(hall: Hall, counts: Any) -> None:
    number = counts(800, full=20_000)
    true = [hall.drawn.choice(both(one)) for one in hall.confirmed]
    written = [*true, *hall.mistyped(number), *(codes.new_code() for _ in range(number))]
    hall.drawn.shuffle(written)
    answers = hall.upload(written)
    assert answers == {(Decision.ADMITTED, None): PEOPLE, (Decision.REFUSED, Reason.UNKNOWN): 2 * number}
    assert hall.present() == {one.id for one in hall.confirmed}


def test_a_device_of_another_stage_admits_none_of_ours(hall: Hall) -> None:
    foreign = factories.stage()
    _record, hall.token = factories.device(foreign)
    hall.checkpoint = factories.checkpoint(foreign)
    answers = hall.upload([code for one in hall.confirmed for code in both(one)])
    assert answers == {(Decision.REFUSED, Reason.OTHER_STAGE): 2 * PEOPLE}
    assert db.session.scalar(sa.select(sa.func.count(ScannerDevice.id))) == 2
    assert hall.present() == set()


def _nobody_came(hall: Hall, *, scans: int, incidents: int = 0) -> None:
    assert hall.present() == set()
    assert db.session.scalar(sa.select(sa.func.count(Scan.id))) == scans
    assert db.session.scalar(sa.select(sa.func.count(ScanIncident.id))) == incidents
