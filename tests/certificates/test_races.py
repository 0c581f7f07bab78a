"""Two clerks at once, and a worker that is taken over: nobody gets two certificates, no number is lost or given twice."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.certificates import service
from app.certificates.models import Certificate, CertificateCounter
from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration
from tests.certificates.scene import scene


def at_once(app: Flask, number: int, act: Callable[[], Any]) -> None:
    """Run `act` in several threads that start together, each with its own session; what one raises is raised here."""
    barrier, problems = threading.Barrier(number), []

    def run() -> None:
        with app.app_context():
            barrier.wait()
            try:
                act()
            except Exception as problem:
                problems.append(problem)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    if problems:
        raise problems[0]


def issued() -> list[tuple[int, int]]:
    rows = db.session.execute(sa.select(Certificate.sequence, Certificate.registration_id))
    return sorted((sequence, registration_id) for sequence, registration_id in rows)


@pytest.mark.both_databases
def test_two_clerks_issue_to_all_at_once(app: Flask) -> None:
    place = scene()
    crowd = {registration.id for registration in place.crowd(13)}
    stage_id = place.stage.id

    def issue_all() -> None:
        left = 1
        while left:
            _issued, left = service.issue_some(db.session.get_one(Stage, stage_id), by=None, most=3)

    at_once(app, 3, issue_all)
    assert [sequence for sequence, _registration in issued()] == list(range(1, 14))
    assert {registration for _sequence, registration in issued()} == crowd
    assert db.session.scalars(sa.select(CertificateCounter.last)).one() == 13


@pytest.mark.both_databases
def test_two_clerks_issue_to_one_person_at_once(app: Flask) -> None:
    registration_id = scene().present().id
    at_once(app, 4, lambda: service.issue(db.session.get_one(Registration, registration_id), by=None))
    assert issued() == [(1, registration_id)]
    assert db.session.scalars(sa.select(CertificateCounter.last)).one() == 1


@pytest.mark.both_databases
def test_two_clerks_replace_at_once(app: Flask) -> None:
    registration = scene().present()
    certificate_id = service.issue(registration, by=None).id

    def reissue() -> None:
        try:
            service.reissue(db.session.get_one(Certificate, certificate_id), by=None, reason="Nama keliru")
        except service.NotInForce:
            return

    at_once(app, 3, reissue)
    versions = db.session.scalars(sa.select(Certificate.version).order_by(Certificate.version)).all()
    assert versions == [1, 2]


@pytest.mark.both_databases
def test_two_presses_of_the_button_start_one_job(app: Flask) -> None:
    place = scene()
    place.present()
    stage_id, tokens = place.stage.id, []
    at_once(app, 3, lambda: tokens.append(service.enqueue_issue(db.session.get_one(Stage, stage_id), by=None).token))
    assert len(tokens) == 3
    assert len(set(tokens)) == 1
