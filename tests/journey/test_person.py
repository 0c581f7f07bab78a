"""The way of one person through the stage, on the person's page."""

import pytest
from flask import Flask

from app.certificates import service as certificates
from app.certificates.queries import certificate_of
from app.checkin import service as checkin
from app.checkin.rules import ScanSource
from tests import factories
from tests.checkin.doors import scan
from tests.journey import scene as scenes
from tests.pages import Page
from tests.personas import People


@pytest.fixture
def scene(people: People) -> scenes.Scene:
    return scenes.lay(people.stage)


def page_of(people: People, scene: scenes.Scene, who: str, role: str = "manager") -> Page:
    path = f"/panel/kegiatan/{people.stage.slug}/peserta/{scene.people[who].id}"
    return people.staff[role].client.get(path)


def test_it_is_drawn_with_times_answers_and_the_number(people: People, scene: scenes.Scene) -> None:
    page = page_of(people, scene, "certified")
    assert page.texts("ol.journey li.done .label") == ["Pendaftaran", "Presensi", "Umpan balik", "Sertifikat"]
    certificate = certificate_of(scene.people["certified"])
    for words in (scene.door.name, scene.questionnaire.title, certificate.number):
        assert words in page.words()
    assert page.follow(f"main a[href$='/sertifikat/peserta/{scene.people['certified'].id}']").status == 200


def test_what_comes_next_is_marked(people: People, scene: scenes.Scene) -> None:
    page = page_of(people, scene, "absent")
    assert page.texts("ol.journey li.current .label") == ["Presensi"]
    board = page.follow("main a[href*='/presensi?cari=']")
    assert "Cahya Absent" in board.words() and "Budi Present" not in board.words()


def test_nothing_comes_next_after_cancelling(people: People, scene: scenes.Scene) -> None:
    assert not page_of(people, scene, "cancelled").select("ol.journey li.current")


def test_a_revoked_certificate_is_shown_as_such(people: People, scene: scenes.Scene) -> None:
    certificates.revoke(certificate_of(scene.people["certified"]), reason="Nama keliru", by=None)
    page = page_of(people, scene, "certified")
    assert "Nama keliru" in page.words() and "Dicabut" in page.texts("main .badge")


def test_leads_to_the_ticket_and_its_paper(people: People, scene: scenes.Scene) -> None:
    page = page_of(people, scene, "present")
    code = scene.people["present"].ticket_code
    assert page.follow(f"main a[href='/t/{code}']").status == 200
    assert page.follow(f"main a[href='/t/{code}.pdf']").data.startswith(b"%PDF")


def test_each_role_is_led_where_it_may_go(app: Flask, people: People, scene: scenes.Scene) -> None:
    assert not page_of(people, scene, "present", "organiser").select("main a[href*='/sertifikat/']")
    assert not page_of(people, scene, "absent", "certifier").select("main a[href*='/presensi?cari=']")


def test_attendance_says_by_what_and_by_whom_it_was_recorded(people: People) -> None:
    person, clerk = factories.registration(people.stage), people.organiser.user
    points = [factories.checkpoint(people.stage, name=f"Hari {number}") for number in range(3)]
    device, _ = factories.device(people.stage, name="Meja Panitia")
    scan(device, points[0], person)
    scan(device, points[1], person, source=ScanSource.PAPER)
    checkin.mark_present(person, points[2], reason="Baterai habis", by=clerk)
    page = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta/{person.id}")
    told = sorted(
        line.partition(" · ")[2] for line in page.texts("section[aria-labelledby=person-journey] dd .d-block")
    )
    assert told == sorted(["Meja Panitia", "Meja Panitia · dari lembar kertas", f"{clerk.name} · Baterai habis"])
