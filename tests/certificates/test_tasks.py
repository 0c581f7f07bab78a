"""What the worker does: issuing in chunks that can be taken up again, printing, telling, and clearing away."""

import os
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from app.certificates import queries, service, service_printing, tasks
from app.certificates.models import Certificate
from app.extensions import db, transaction
from app.hosts.service import set_emblem
from app.jobs.models import Job
from app.jobs.rules import JobState
from app.jobs.service import find_job
from app.shared import clock
from app.web.places import upload_folder
from tests import factories
from tests.certificates.scene import scene
from tests.pages import PageClient
from tests.paper.reading import codes_of, pages_of
from tests.paper.samples import emblem


@pytest.fixture(autouse=True)
def within(app: Flask) -> None:
    """Every test needs the application."""


def finished(token: str) -> Job:
    job = find_job(token)
    assert job is not None
    assert job.state is JobState.DONE, job.error
    return job


def test_all_are_issued_with_progress(work: Any) -> None:
    place = scene()
    place.crowd(27)
    place.absent()
    token = service.enqueue_issue(place.stage, by=factories.user()).token
    work()
    job = finished(token)
    assert (job.done, job.total, job.result) == (27, 27, {"issued": 27})
    assert len(queries.certificates_of(place.stage)) == 27


def test_a_job_that_was_lost_half_way_goes_on_and_issues_nothing_twice(work: Any) -> None:
    place = scene()
    place.crowd(30)
    token = service.enqueue_issue(place.stage, by=None).token
    service.issue_some(place.stage, by=None, most=10)
    with transaction():
        job = find_job(token)
        assert job is not None
        job.state, job.done, job.total = JobState.RUNNING, 10, 30
        job.lease_until = clock.now() - timedelta(seconds=1)
    work()
    job = finished(token)
    assert (job.done, job.total, job.attempts) == (30, 30, 1)
    assert sorted(db.session.scalars(sa.select(Certificate.sequence))) == list(range(1, 31))


def test_running_again_finds_nothing_to_do(work: Any) -> None:
    place = scene()
    place.crowd(2)
    service.enqueue_issue(place.stage, by=None)
    work()
    token = service.enqueue_issue(place.stage, by=None).token
    work()
    assert finished(token).result == {"issued": 0}


def test_people_are_told_by_mail_with_the_way_to_their_certificate(smtp: Any, work: Any) -> None:
    place = scene()
    registration = place.present("Siti Aminah", email="siti@example.org")
    ticket = registration.ticket_code
    certificate = service.issue(registration, by=None)
    number, code = certificate.number, certificate.code
    work()
    (message,) = smtp.to("siti@example.org")
    text = message.get_body(("plain",)).get_content()
    assert f"http://localhost/t/{ticket}" in text
    assert number in text
    assert code not in text
    assert "Sertifikat" in message["Subject"]


def test_nobody_is_told_of_a_certificate_that_was_revoked_meanwhile(smtp: Any, work: Any) -> None:
    certificate = service.issue(scene().present(email="siti@example.org"), by=None)
    service.revoke(certificate, reason="Salah", by=None)
    work()
    assert smtp.messages == []


def test_all_are_printed_into_one_file_in_order_of_institution(work: Any) -> None:
    place = scene()
    place.present("Cici", institution_name="Dinas B")
    place.present("Zaki", institution_name="Dinas A")
    service.issue_some(place.stage, by=None)
    token = service_printing.enqueue_print(place.stage, by=None).token
    work()
    job = finished(token)
    path = service_printing.print_file(job)
    assert path is not None
    data = path.read_bytes()
    fronts = pages_of(data)[::2]
    assert len(fronts) == 2
    assert "Zaki" in fronts[0] and "Cici" in fronts[1]
    first = queries.certificates_of(place.stage)[0]
    assert codes_of(data) == [first.snapshot["qr_text"]]
    assert job.result == {"printed": 2, "pages": 4, "file": path.name}


def test_a_new_print_takes_the_place_of_the_former_of_its_stage_only(work: Any) -> None:
    one, other = scene(), scene()
    for place in (one, other):
        place.present()
        service.issue_some(place.stage, by=None)
        service_printing.enqueue_print(place.stage, by=None)
    work()
    service_printing.enqueue_print(one.stage, by=None)
    work()
    assert len(list(upload_folder("prints").iterdir())) == 2


def test_a_picture_that_is_gone_is_left_out_and_the_rest_is_printed(
    client: PageClient, work: Any, caplog: pytest.LogCaptureFixture
) -> None:
    place = scene()
    registration = place.present("Siti Aminah")
    set_emblem(place.stage.host, emblem(), by=factories.user())
    key = service.issue(registration, by=None).snapshot["emblem"]
    (upload_folder("certificates") / key).unlink()
    token = service_printing.enqueue_print(place.stage, by=None).token
    ticket = registration.ticket_code
    work()
    path = service_printing.print_file(finished(token))
    assert path is not None
    assert "Siti Aminah" in pages_of(path.read_bytes())[0]
    assert "Siti Aminah" in pages_of(client.get(f"/t/{ticket}/sertifikat.pdf").data)[0]
    assert f"picture {key} is gone" in caplog.text


def test_with_nothing_to_print_no_file_is_made(work: Any) -> None:
    place = scene()
    token = service_printing.enqueue_print(place.stage, by=None).token
    work()
    job = finished(token)
    assert job.result == {"printed": 0}
    assert service_printing.print_file(job) is None


def test_prints_are_cleared_away_after_a_day() -> None:
    folder = upload_folder("prints")
    folder.mkdir(parents=True)
    old, new = folder / "1-old.pdf", folder / "1-new.pdf"
    for path in (old, new):
        path.write_bytes(b"%PDF")
    yesterday = (clock.now() - timedelta(days=1, minutes=1)).timestamp()
    os.utime(old, (yesterday, yesterday))
    tasks.remove_old_prints()
    assert list(folder.iterdir()) == [new]


def command(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["certificates", "issue", *arguments])


def test_the_command_issues_and_says_so(app: Flask) -> None:
    place = scene()
    place.crowd(3)
    result = command(app, "--stage", place.stage.slug)
    assert result.exit_code == 0, result.output
    assert "Issued 3 certificates" in result.output
    assert len(queries.certificates_of(place.stage)) == 3


def test_the_command_names_what_is_wrong(app: Flask) -> None:
    assert "There is no stage tidak-ada" in command(app, "--stage", "tidak-ada").output
    place = scene()
    place.present()
    service.save_design(place.stage.programme, by=None, signer_name="")
    result = command(app, "--stage", place.stage.slug)
    assert result.exit_code == 1
    assert "Error" in result.output
