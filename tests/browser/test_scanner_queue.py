"""What is on its way from the scanner to the server: clocks that are set, servers that fail, stages that change, forms to mend."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision
from app.extensions import db, transaction
from app.institutions.models import Institution
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from tests import factories
from tests.browser.scanning import all_sent, answered, equip, kept, start_scanning, stored, told, when
from tests.network import Network
from tests.pages import forget_what_was_read
from tests.personas import People

pytestmark = pytest.mark.browser
OWN_CLOCK = """
const real = Date;
window.behind = 2 * 3600 * 1000;
Date = class extends real {
  constructor(...all) { super(...(all.length ? all : [real.now() - window.behind])); }
  static now() { return real.now() - window.behind; }
};
"""
RENAMED = """
(name) => new Promise((resolve) => {
  const opening = indexedDB.open("bimtek-scanner");
  opening.onsuccess = () => {
    const queue = opening.result.transaction("queue", "readwrite").objectStore("queue");
    queue.getAll().onsuccess = ({ target }) => queue.put({ ...target.result[0], body: { ...target.result[0].body, name } });
    queue.transaction.oncomplete = () => (opening.result.close(), resolve());
  };
})
"""
UNREADABLE = "www.contoh.test"  # letters and dots, but no name


def test_a_clock_that_is_put_right_meanwhile_moves_no_scan(
    open_page: Any, people: People, point: Checkpoint, network: Network
) -> None:
    code = people.participant.ticket_code
    page = open_page(f"{network.url}/presensi", phone=True)
    page.add_init_script(OWN_CLOCK)
    start_scanning(page, people, network.url)
    equip(page)
    network.cut()
    told(page, code, "admitted")
    page.evaluate("() => { window.behind = 0; }")
    network.mend()
    all_sent(page)
    (one,) = stored(Scan)
    assert one.decision is Decision.ADMITTED
    assert (
        one.received_at - one.occurred_at
        < timedelta(minutes=1)
        < timedelta(hours=1)
        < one.received_at - one.device_time
    )


def test_who_was_turned_away_and_is_admitted_after_all_is_told(scanner: Any, network: Network) -> None:
    stage = stored(Checkpoint)[0].stage
    late = factories.registration(stage, name="Budi Santoso", state=RegistrationState.PENDING)
    code, late_id = late.ticket_code, late.id
    scanner.reload()
    when(scanner, lambda: len(kept(scanner, "rosters")[0]["entries"]) == 2)
    network.cut()
    told(scanner, code, "refused")
    forget_what_was_read()
    with transaction():
        db.session.get_one(Registration, late_id).state = RegistrationState.CONFIRMED
    network.mend()
    scanner.locator("#later", has_text="Budi Santoso").wait_for()
    assert len(stored(Attendance)) == 1


def test_what_the_server_fails_at_does_not_stop_what_is_behind_it(
    scanner: Any, people: People, network: Network
) -> None:
    network.cut()
    for letter in "ABCD":
        told(scanner, letter * 16, "repeat")
    told(scanner, people.participant.ticket_code, "admitted")

    def fail(route: Any) -> None:
        codes = {one.get("code") for one in json.loads(route.request.post_data)["scans"]}
        if codes & {letter * 16 for letter in "ABCD"}:
            route.fulfill(status=500, content_type="application/json", body="{}")
        else:
            route.continue_()

    scanner.route("**/scans", fail)
    network.mend()
    when(scanner, lambda: len(stored(Attendance)) == 1 and len(kept(scanner, "queue")) == 4)
    scanner.unroute("**/scans")
    all_sent(scanner)
    assert len(stored(Scan)) == 5


def test_the_server_is_told_how_many_are_left(scanner: Any, people: People, network: Network) -> None:
    network.cut()
    told(scanner, people.participant.ticket_code, "admitted")
    told(scanner, people.participant.ticket_code, "repeat")
    network.mend()
    all_sent(scanner)
    assert stored(ScannerDevice)[0].unsent == 0


def test_what_waits_for_another_stage_is_sent_before_the_device_changes(
    scanner: Any, people: People, network: Network
) -> None:
    other = factories.stage(people.stage.programme, name="Bimtek Lain")
    factories.checkpoint(other)
    slug = other.slug
    scanner.route("**/scans", lambda route: route.abort())
    told(scanner, people.participant.ticket_code, "admitted")
    scanner.goto(f"{network.url}/presensi?kegiatan={slug}")
    scanner.get_by_role("button", name="Mulai memindai").click()
    scanner.locator("#enrol-message", has_text="masih menyimpan pindaian kegiatan lain").wait_for()
    assert len(kept(scanner, "queue")) == 1 and len(stored(ScannerDevice)) == 1
    scanner.unroute("**/scans")
    scanner.get_by_role("button", name="Mulai memindai").click()
    scanner.locator("#stage-name", has_text="Bimtek Lain").wait_for()
    assert kept(scanner, "queue") == [] and [one.decision for one in stored(Scan)] == [Decision.ADMITTED]


def fill_in(page: Any, name: str, *, at_once: str = "") -> None:
    """Send a form; `at_once` is the button that is pressed in the same moment."""
    page.locator("#open-walk-in").click()
    page.locator("#walk-in-name").fill(name)
    page.locator("#walk-in-institution").fill("Dinas Pariwisata")
    page.keyboard.press("Tab")
    page.evaluate(
        "(buttons) => { for (const one of buttons) document.querySelector(one).click(); }",
        ["#walk-in-form [type=submit]", *filter(None, [at_once])],
    )


@pytest.fixture
def institution(people: People) -> Institution:
    return factories.institution(people.stage.host, name="Dinas Pariwisata")


@pytest.fixture
def listed(institution: Institution, scanner: Any) -> Any:
    """The scanner, which knows an institution to choose."""
    assert institution.name
    when(scanner, lambda: any("institutions" in one for one in kept(scanner, "facts") if isinstance(one, dict)))
    return scanner


def test_a_walk_in_that_the_server_cannot_take_is_put_right_on_the_phone(listed: Any, network: Network) -> None:
    network.cut()
    fill_in(listed, "Raja Haji")
    answered(listed, "repeat")
    listed.evaluate(RENAMED, UNREADABLE)
    network.mend()
    listed.locator("#unsent", has_text="1 perlu diperiksa").wait_for()
    made_at = kept(listed, "queue")[0]["body"]["occurred_at"]
    listed.locator("#unsent").click()
    assert "bukan alamat situs" in listed.locator("#outbox-parked").inner_text()
    listed.get_by_role("button", name=f"Perbaiki: {UNREADABLE}").click()
    listed.locator("#walk-in-name-note", has_text="bukan alamat situs").wait_for()
    assert listed.locator("#walk-in-institution").input_value() == "Dinas Pariwisata"
    listed.locator("#walk-in-name").fill("Raja Haji")
    listed.locator("#walk-in-submit").click()
    answered(listed, "admitted")
    all_sent(listed)
    assert [one.name for one in stored(Registration)][-1:] == ["Raja Haji"]
    assert stored(Scan)[0].device_time.isoformat()[:19] == made_at[:19]
    assert db.session.scalar(sa.select(sa.func.count(ScanIncident.id))) == 0


def test_a_form_that_is_refused_while_the_next_is_filled_in_is_not_lost(listed: Any) -> None:
    fill_in(listed, UNREADABLE, at_once="#open-walk-in")
    listed.locator("#walk-in-name").fill("Hang Tuah")
    listed.locator("#unsent", has_text="1 perlu diperiksa").wait_for(state="attached")
    assert listed.locator("#walk-in-name").input_value() == "Hang Tuah"
    assert kept(listed, "queue")[0]["body"]["name"] == UNREADABLE


def test_a_name_with_digits_is_refused_at_once(listed: Any) -> None:
    fill_in(listed, "Budi 2")
    assert "hanya berisi huruf" in listed.locator("#walk-in-name-note").inner_text()
    assert kept(listed, "queue") == []
