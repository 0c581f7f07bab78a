"""A seat is given on, or two people become one, at the moment when its holder is scanned or recorded by hand.

On PostgreSQL, where both go on at once.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import User
from app.checkin import service
from app.checkin.models import Checkpoint
from app.checkin.rules import CheckinError, Decision, Reason
from app.checkin.rules_paper import SignedRow
from app.extensions import db
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock
from tests import factories
from tests.checkin.door import Door, attendances, incidents, scan
from tests.checkin.test_deadlocks import meanwhile

pytestmark = pytest.mark.postgres


class Scanning:
    """A door that scans people while one of them, `holder`, is held by somebody who changes him."""

    def __init__(self, app: Flask) -> None:
        self.app, self.door = app, Door()
        self.holder = factories.registration(self.door.stage)
        self.other = factories.registration(self.door.stage)
        self.ids = self.holder.id, self.other.id
        self.codes = self.holder.ticket_code, self.other.ticket_code
        self.to = self.door.checkpoint.id, self.door.device.token_hash

    def scan(
        self, *codes: str, offline: Decision | None = None, **changed: Any
    ) -> list[tuple[Decision, Reason | None]]:
        """What the door is told of these, where the holder is changed so before it has stored them."""
        at = clock.now() - timedelta(seconds=1)
        items = [scan(code, occurred_at=at, offline_decision=offline) for code in codes]
        answers: list[Any] = []
        point_id, token_hash = self.to

        def send() -> None:
            sent = service.record_scans(token_hash=token_hash, checkpoint_id=point_id, items=items)
            answers.extend((one.decision, one.reason) for one in sent.results)

        self.while_given_on(send, **changed)
        return answers

    def while_given_on(self, act: Callable[[], Any], **changed: Any) -> None:
        """Do something while the holder's seat is being given on."""
        db.session.remove()
        this = Registration.id == self.ids[0]
        with db.engine.connect() as giving, giving.begin():
            giving.execute(sa.select(Registration.id).where(this).with_for_update())
            with meanwhile(self.app, act):
                ending = sa.update(Registration).where(this).values(state=RegistrationState.CANCELLED, **changed)
                giving.execute(ending)
                giving.commit()

    def point(self) -> Checkpoint:
        return db.session.get_one(Checkpoint, self.to[0])

    def there(self) -> list[int]:
        return sorted(one.registration_id for one in attendances())


@pytest.fixture
def scanning(app: Flask) -> Scanning:
    return Scanning(app)


def test_whose_seat_was_given_on_is_refused(scanning: Scanning) -> None:
    assert scanning.scan(scanning.codes[0]) == [(Decision.REFUSED, Reason.CANCELLED)]
    assert (scanning.there(), incidents()) == ([], [])


def test_whom_the_phone_let_in_meanwhile_is_an_incident(scanning: Scanning) -> None:
    answers = scanning.scan(scanning.codes[0], offline=Decision.ADMITTED)
    assert answers == [(Decision.REFUSED, Reason.CANCELLED)]
    assert (scanning.there(), [one[0] for one in incidents()]) == ([], ["let_in"])


def test_of_a_batch_the_others_are_let_in(scanning: Scanning) -> None:
    answers = scanning.scan(*scanning.codes, offline=Decision.ADMITTED)
    assert answers == [(Decision.REFUSED, Reason.CANCELLED), (Decision.ADMITTED, None)]
    assert (scanning.there(), [one[0] for one in incidents()]) == ([scanning.ids[1]], ["let_in"])


@pytest.mark.parametrize("both", [False, True])
def test_who_became_another_is_there_once_as_that_one(scanning: Scanning, both: bool) -> None:
    codes = scanning.codes if both else scanning.codes[:1]
    answers = scanning.scan(*codes, merged_into_id=scanning.ids[1])
    assert sorted(str(decision.value) for decision, _ in answers) == ["admitted", "repeat"][: len(codes)]
    assert scanning.there() == [scanning.ids[1]]


def test_whose_seat_was_given_on_is_not_recorded_by_hand(scanning: Scanning) -> None:
    def mark() -> None:
        holder = db.session.get_one(Registration, scanning.ids[0])
        with pytest.raises(CheckinError):
            service.mark_present(holder, scanning.point(), reason="Kertas", by=None)

    scanning.while_given_on(mark)
    assert scanning.there() == []


def test_nor_by_a_signed_sheet_which_takes_the_others(scanning: Scanning) -> None:
    clerk_id, found = factories.user().id, []

    def key_in() -> None:
        clerk, rows = db.session.get_one(User, clerk_id), [SignedRow(one) for one in scanning.ids]
        keyed = service.record_signed(scanning.point(), rows, reason="Kertas", by=clerk)
        found.append((keyed.added, len(keyed.refused)))

    scanning.while_given_on(key_in)
    assert (scanning.there(), found) == ([scanning.ids[1]], [(1, 1)])
