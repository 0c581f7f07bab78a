"""A seat is given on, or two people become one, at the moment when its holder is scanned. On PostgreSQL, where both go on at once."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin import service
from app.checkin.rules import Decision, Reason
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
        db.session.remove()

        def send() -> None:
            sent = service.record_scans(token_hash=token_hash, checkpoint_id=point_id, items=items)
            answers.extend((one.decision, one.reason) for one in sent.results)

        this = Registration.id == self.ids[0]
        with db.engine.connect() as giving, giving.begin():
            giving.execute(sa.select(Registration.id).where(this).with_for_update())
            with meanwhile(self.app, send):
                ending = sa.update(Registration).where(this).values(state=RegistrationState.CANCELLED, **changed)
                giving.execute(ending)
                giving.commit()
        return answers

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
