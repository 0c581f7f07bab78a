"""What the public sees: the front page, a programme, a stage."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import transaction
from app.programmes.models import Stage
from app.shared import clock
from tests import factories
from tests.journey import scene as scenes
from tests.journey.counting import counted
from tests.pages import PageClient, browse


@pytest.fixture
def stage(app: Flask) -> Stage:
    return scenes.in_two_weeks()


class TestFrontPage:
    def test_leads_to_the_programme_and_its_stages(self, client: PageClient, stage: Stage) -> None:
        page = client.get("/")
        assert page.texts("h2 a") == ["Gerakan Smart City"]
        assert "Pendaftaran dibuka" in page.words()
        programme = page.follow("h2 a")
        assert programme.texts("h1") == ["Gerakan Smart City"]
        assert programme.follow("a.stage-card").url == f"/kegiatan/{stage.slug}"

    def test_without_any_programme_it_says_so(self, client: PageClient) -> None:
        assert client.get("/").select(".empty")

    def test_hides_what_is_not_published(self, client: PageClient, stage: Stage) -> None:
        hidden = factories.stage(stage.programme, name="Rahasia", published=False)
        for address in ("/", f"/program/{stage.programme.slug}"):
            assert "Rahasia" not in client.get(address).words()
        client.get(f"/kegiatan/{hidden.slug}", status=404)

    def test_a_programme_that_is_not_published_is_not_there(self, client: PageClient, stage: Stage) -> None:
        with transaction():
            stage.programme.published = False
        client.get(f"/program/{stage.programme.slug}", status=404)
        client.get(f"/kegiatan/{stage.slug}", status=404)
        assert "Gerakan" not in client.get("/").words()

    def test_unknown_addresses(self, client: PageClient) -> None:
        client.get("/program/tidak-ada", status=404)
        client.get("/kegiatan/tidak-ada", status=404)

    def test_speaks_english_on_request(self, client: PageClient, stage: Stage) -> None:
        page = client.get("/").follow("a.language")
        assert page.tree.get("lang") == "en"
        assert "Registration open" in page.words()


class TestStage:
    def test_open_with_seats_left(self, client: PageClient, stage: Stage) -> None:
        page = client.get(f"/kegiatan/{stage.slug}")
        assert "10 kursi tersisa" in page.words()
        assert page.follow(f"a[href='/kegiatan/{stage.slug}/daftar']").status == 200

    def test_full_still_takes_people_onto_the_waiting_list(self, client: PageClient, stage: Stage) -> None:
        with transaction():
            stage.capacity = 1
        factories.registration(stage)
        page = client.get(f"/kegiatan/{stage.slug}")
        assert "daftar tunggu" in page.words().lower()
        assert page.select(f"a[href='/kegiatan/{stage.slug}/daftar']")

    def test_not_open_yet_says_when(self, client: PageClient, stage: Stage) -> None:
        with transaction():
            stage.registration_opens_at = clock.now() + timedelta(days=2)
        page = client.get(f"/kegiatan/{stage.slug}")
        assert not page.select("a[href$='/daftar']")
        assert "Pendaftaran dibuka" in page.words()

    def test_closed_says_since_when(self, client: PageClient, stage: Stage) -> None:
        with transaction():
            stage.registration_closes_at = clock.now() - timedelta(hours=1)
        page = client.get(f"/kegiatan/{stage.slug}")
        assert not page.select("a[href$='/daftar']")
        assert "ditutup" in page.words()

    def test_over(self, client: PageClient, stage: Stage) -> None:
        scenes.move(stage, -30)
        page = client.get(f"/kegiatan/{stage.slug}")
        assert not page.select("a[href$='/daftar']")
        assert "selesai" in page.words().lower()

    def test_dates_hours_agenda_and_speakers(self, client: PageClient, stage: Stage) -> None:
        session = factories.agenda_session(stage, title="Memilih quick win")
        factories.session_speaker(session, factories.speaker(stage.host, name="Rina Marlina", title_after="S.Psi."))
        page = client.get(f"/kegiatan/{stage.slug}")
        words = page.words()
        for expected in ("Memilih quick win", "Rina Marlina, S.Psi.", "08.00–09.30 WIB", "Aula Kantor Wali Kota"):
            assert expected in words
        assert page.follow("a[href$='agenda.ics']", check=False).headers["Content-Type"].startswith("text/calendar")
        assert page.follow("a[href$='agenda.pdf']").data.startswith(b"%PDF")

    def test_nobody_who_has_registered_is_named(self, client: PageClient, stage: Stage) -> None:
        factories.registration(stage, name="Siti Aminah")
        assert "Siti" not in client.get(f"/kegiatan/{stage.slug}").text


def test_a_stage_page_asks_as_many_questions_for_many_sessions_as_for_few(app: Flask, stage: Stage) -> None:
    def ask() -> int:
        with counted() as statements:
            browse(app).get(f"/kegiatan/{stage.slug}")
        return len(statements)

    speaker = factories.speaker(stage.host)
    for number in range(3):
        factories.session_speaker(factories.agenda_session(stage, title=f"Sesi {number}"), speaker)
    few = ask()
    for number in range(20):
        factories.session_speaker(
            factories.agenda_session(stage, title=f"Lagi {number}"), factories.speaker(stage.host)
        )
    assert ask() == few


def test_a_day_in_utc_is_not_taken_for_the_hosts(client: PageClient, frozen_clock: Any, stage: Stage) -> None:
    frozen_clock(
        datetime.combine(stage.ends_on, datetime.min.time(), UTC) + timedelta(hours=18)
    )  # the next day, 01.00 WIB
    assert "selesai" in client.get(f"/kegiatan/{stage.slug}").words().lower()
