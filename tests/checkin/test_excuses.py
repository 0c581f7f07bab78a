"""Izin: given once, withdrawn, and what it is worth in JP and for the certificate."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.audit.models import AuditEntry
from app.certificates.queries import standing_of
from app.checkin import queries, service
from app.checkin.models import Excuse
from app.checkin.queries_person import jp_of
from app.checkin.rules import CheckinError, JpTally
from app.extensions import db
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from tests import factories
from tests.certificates.scene import Scene, scene

pytestmark = pytest.mark.both_databases


@pytest.fixture
def day(app: Flask) -> Scene:
    """Two lessons of 2 JP at one checkpoint, and a rule that asks for half of them."""
    return scene(min_jp_percent=50)


def excuse(person: Registration, day: Scene, *, with_jp: bool = True, reason: str = "Dinas luar") -> Excuse:
    return service.give_excuse(person, day.checkpoint, with_jp=with_jp, reason=reason, by=None)


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_with_jp_it_counts_as_attended_and_earns_the_certificate(day: Scene) -> None:
    person = day.absent()
    assert not standing_of(person).earned
    given = excuse(person, day)
    assert queries.jp_tally(day.stage)[person.id] == JpTally(4, 4)
    assert queries.jp_tally(day.stage, [person.id])[person.id] == JpTally(4, 4)
    assert jp_of([person])[person.id] == JpTally(4, 4)
    assert standing_of(person).earned
    assert service.withdraw_excuse(given, by=None) is True
    assert service.withdraw_excuse(given, by=None) is False
    assert queries.jp_tally(day.stage)[person.id] == jp_of([person])[person.id] == JpTally(0, 4)
    assert not standing_of(person).earned


def test_without_jp_it_earns_nothing_and_takes_nothing_away(day: Scene) -> None:
    away, there = day.absent(), day.present()
    for person in (away, there):
        excuse(person, day, with_jp=False)
    assert queries.jp_tally(day.stage) == {away.id: JpTally(0, 4), there.id: JpTally(4, 4)}
    assert (standing_of(away).earned, standing_of(there).earned) == (False, True)


def test_an_excuse_from_one_checkpoint_says_nothing_of_another(day: Scene) -> None:
    later = factories.agenda_session(
        day.stage, starts_at=factories.at(day.stage, 13), ends_at=factories.at(day.stage, 14, 30)
    )
    factories.checkpoint(day.stage, sessions=[later])
    person = day.absent()
    excuse(person, day)
    assert queries.jp_tally(day.stage)[person.id] == JpTally(4, 6)


def test_one_is_in_force_and_can_be_changed(day: Scene) -> None:
    person = day.absent()
    first, same = excuse(person, day), excuse(person, day)
    changed = excuse(person, day, with_jp=False, reason="Sakit")
    assert first.id == same.id == changed.id
    assert (changed.with_jp, changed.reason) == (False, "Sakit")
    service.withdraw_excuse(changed, by=None)
    assert excuse(person, day).id != changed.id
    assert actions() == ["excuse.given", "excuse.changed", "excuse.withdrawn", "excuse.given"]


def test_the_trail_does_not_say_why(day: Scene) -> None:
    person = day.absent()
    excuse(person, day, reason="Sakit tifus")
    excuse(person, day, reason="Sakit tifus, dirawat")
    excuse(person, day, with_jp=False, reason="Sakit tifus, dirawat")
    entries = list(db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))
    assert [(one.action, one.fields, one.reason) for one in entries] == [
        ("excuse.given", [], ""),
        ("excuse.changed", ["reason"], ""),
        ("excuse.changed", ["with_jp"], ""),
    ]


def test_what_is_refused(day: Scene) -> None:
    with pytest.raises(CheckinError):
        excuse(day.absent(), day, reason=" ")
    for person in (factories.registration(), day.absent(state=RegistrationState.CANCELLED)):
        with pytest.raises(CheckinError):
            excuse(person, day)
    assert db.session.scalar(sa.select(sa.func.count(Excuse.id))) == 0
