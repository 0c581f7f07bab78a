"""A disk that takes no more: whoever hands in or prints a file is told so in one sentence, and nothing half written stays.

The disk is full beyond the first 64 KiB of each file (RLIMIT_FSIZE holds for root too), which only PostgreSQL's own disk
is spared; or the folder of uploads cannot be made at all.
"""

import io
import random
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from app.certificates import queries, service, service_printing
from app.certificates.models import Certificate, CertificateCounter
from app.extensions import db
from app.hosts.queries import emblem_bytes
from app.hosts.service import set_emblem
from app.jobs.models import Job
from app.jobs.rules import JobState
from tests.certificates.scene import Scene, scene
from tests.pages import Page, forget_what_was_read
from tests.personas import People

pytestmark = [pytest.mark.fault, pytest.mark.postgres]
Full = Callable[[], AbstractContextManager[None]]
ROOM = 64 * 1024
SENTENCE = "penyimpanan server penuh"


def picture(seed: int = 1) -> bytes:
    """Noise, which as PNG needs more room than there is."""
    noise = random.Random(seed).randbytes(200 * 200 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (200, 200), noise).save(out, "PNG")
    return out.getvalue()


@contextmanager
def no_room() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture(params=["no room", "no folder"])
def full(request: pytest.FixtureRequest, app: Flask, tmp_path: Path) -> Full:
    """`with full():` a disk that takes no file."""

    @contextmanager
    def no_folder() -> Iterator[None]:
        former, in_the_way = app.config["UPLOAD_DIR"], tmp_path / "file"
        in_the_way.touch()
        app.config["UPLOAD_DIR"] = str(in_the_way / "uploads")
        try:
            yield
        finally:
            app.config["UPLOAD_DIR"] = former

    return no_room if request.param == "no room" else no_folder


def files(app: Flask) -> set[str]:
    return {path.name for path in Path(app.config["UPLOAD_DIR"]).rglob("*") if path.is_file()}


def hand_in(people: People, **values: Any) -> Page:
    page = people.administrator.client.get(f"/panel/penyelenggara/{people.host.slug}")
    return page.submit("main form", emblem=(io.BytesIO(picture(2)), "lambang.png"), **values)


def finished_job() -> Job:
    forget_what_was_read()
    return db.session.scalars(sa.select(Job).order_by(Job.id.desc()).limit(1)).one()


@pytest.fixture
def place(people: People) -> Scene:
    """A stage of `people.programme` at a host with an emblem."""
    set_emblem(people.host, picture(), by=None)
    return scene(stage=people.stage)


def test_an_emblem(app: Flask, people: People, full: Full) -> None:
    set_emblem(people.host, picture(), by=None)
    former, before = emblem_bytes(people.host), files(app)
    with full():
        page = hand_in(people, status=422, city="Kota yang diketik")
    assert SENTENCE in page.texts("#emblem-error")[0]
    assert page.one("[name=city]").get("value") == "Kota yang diketik"
    forget_what_was_read()
    assert (people.host.city, emblem_bytes(people.host)) == ("Tanjungpinang", former)
    assert files(app) == before
    hand_in(people)
    assert emblem_bytes(people.host) not in (None, former)
    assert len(files(app)) == len(before)


def test_printing_all_certificates(app: Flask, people: People, place: Scene, work: Any) -> None:
    """The print of before is kept."""
    place.crowd(3)
    service.issue_some(place.stage, by=None)
    service_printing.enqueue_print(place.stage, by=None)
    work()
    before = files(app)
    client = people.certifier.client
    with no_room():
        progress = client.get(f"/panel/kegiatan/{place.stage.slug}/sertifikat").submit("form[action$=cetak]")
        work()
        words = client.get(progress.url).words()
    failed = finished_job()
    assert (failed.state, SENTENCE in failed.error, SENTENCE in words) == (JobState.FAILED, True, True)
    assert files(app) == before
    service_printing.enqueue_print(place.stage, by=None)
    work()
    assert finished_job().state is JobState.DONE
    assert len(files(app)) == len(before) and files(app) != before


def test_issuing_when_the_emblem_cannot_be_kept(app: Flask, people: People, place: Scene, work: Any) -> None:
    """No number is spent on a certificate that was not issued."""
    someone, before = place.present(), files(app)
    place.crowd(2)
    client = people.certifier.client
    with no_room():
        person = client.get(f"/panel/kegiatan/{place.stage.slug}/sertifikat/peserta/{someone.id}")
        page = person.submit("form[action$=terbitkan]", status=503)
        service.enqueue_issue(place.stage, by=None)
        work()
    assert SENTENCE in page.words()
    assert SENTENCE in finished_job().error
    assert files(app) == before
    for model in (Certificate, CertificateCounter):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
    service.enqueue_issue(place.stage, by=None)
    work()
    assert {one.sequence for one in db.session.scalars(sa.select(Certificate))} == {1, 2, 3}
    assert len(queries.certificates_of(place.stage)) == 3
