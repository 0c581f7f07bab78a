"""Merging as an administrator does it, and what it means to whoever holds the old ticket."""

from uuid import uuid4

import pytest

from app.checkin.models import Attendance
from app.extensions import db
from app.registration.models import Registration
from app.shared import clock
from tests import factories
from tests.journey import scene as scenes
from tests.journey.merging import NIP, SLIP, entered, merge, rows
from tests.pages import browse
from tests.personas import People


@pytest.fixture
def scene(people: People) -> scenes.Scene:
    return scenes.lay(people.stage)


@pytest.fixture
def two(people: People, scene: scenes.Scene) -> tuple[Registration, Registration]:
    """The same person twice at the stage; the first came and is in a group, the second has answered and a certificate."""
    kept = entered(people, scene, "Dewi Lestari", NIP, groups=[scene.group])
    lost = entered(people, scene, "Dewi Lestary", SLIP)
    factories.attendance(kept, scene.door)
    scenes.answer(scene.questionnaire, lost)
    scenes.certify(lost)
    return kept, lost


def test_nothing_is_done_that_was_not_shown(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept, lost = two
    client = people.administrator.client
    address = f"/panel/penyelenggara/{people.host.slug}/peserta-ganda/{kept.participant_id}/{lost.participant_id}"
    page = client.get(address)
    factories.attendance(lost, factories.checkpoint(scene.stage))
    lost_id = lost.id
    page = page.submit("form.form", status=422)
    assert page.select(".alert-danger")
    assert db.session.get_one(Registration, lost_id).merged_into_id is None
    page = page.submit("form.form")
    assert page.select(".alert-success")
    assert db.session.get_one(Registration, lost_id).merged_into_id
    client.get(address, status=404)


def test_of_two_presses_the_second_is_told(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept, lost = two
    address = f"/panel/penyelenggara/{people.host.slug}/peserta-ganda/{kept.participant_id}/{lost.participant_id}"
    page = people.administrator.client.get(address)
    page.submit("form.form")
    again = page.submit("form.form", status=422)
    assert again.select(".alert-danger") and not again.select(".pair-table")


def test_the_old_ticket_leads_whoever_holds_it_to_the_one_that_goes_on(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept, lost = two
    codes, lost_id = (kept.ticket_code, lost.ticket_code), lost.id
    merge(people, kept, lost)
    visitor = browse(people.app)
    page = visitor.get(f"/t/{codes[1]}")
    assert page.url.endswith(f"/t/{codes[0]}") and "Dewi Lestari" in page.words()
    person = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta/{lost_id}")
    assert person.follow("main dd a[href*='/peserta/']").texts("h1") == ["Dewi Lestari"]


def test_the_choices_of_the_page_decide(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration]
) -> None:
    kept, lost = two
    ids = (kept.id, lost.id, lost.participant_id)
    address = f"/panel/penyelenggara/{people.host.slug}/peserta-ganda/{kept.participant_id}/{lost.participant_id}"
    page = people.administrator.client.get(
        f"{address}?keep={lost.participant_id}&stay-{people.stage.id}={lost.id}"
    ).submit("form.form")
    assert page.select(".alert-success")
    stays = db.session.get_one(Registration, ids[1])
    assert (stays.participant_id, stays.merged_into_id) == (ids[2], None)
    assert db.session.get_one(Registration, ids[0]).merged_into_id == ids[1]


@pytest.mark.both_databases
@pytest.mark.parametrize("code", ["ticket_hash", "badge_hash"])
def test_the_old_code_is_admitted_at_the_door_as_the_one_that_goes_on(
    people: People, scene: scenes.Scene, two: tuple[Registration, Registration], code: str
) -> None:
    kept, lost = two
    door, (_device, token) = factories.checkpoint(scene.stage), factories.device(scene.stage)
    ids, held_up = (kept.id, lost.id), getattr(lost, code)
    merge(people, kept, lost)
    scan = {"scan_id": str(uuid4()), "code_hash": held_up, "occurred_at": clock.now().isoformat(), "source": "camera"}
    answer = browse(people.app).request_raw(
        f"/api/v1/checkpoints/{door.id}/scans",
        method="POST",
        json={"scans": [scan]},
        headers={"Authorization": f"Bearer {token}"},
    )
    (result,) = answer.json["results"]
    assert (result["decision"], result["person"]["name"]) == ("admitted", "Dewi Lestari")
    assert [one.registration_id for one in rows(Attendance, checkpoint_id=door.id)] == [ids[0]]
