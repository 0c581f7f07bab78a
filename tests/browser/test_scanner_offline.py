"""The scanner while the network is gone: a TCP proxy is cut, for a browser's own offline mode may spare its service worker."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.checkin import service
from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, IncidentKind, Reason
from app.extensions import db, transaction
from app.registration.rules import RegistrationState
from tests import factories
from tests.browser.scanning import (
    all_sent,
    answered,
    draw_ticket,
    equip,
    hurry,
    kept,
    scan,
    start_scanning,
    stored,
    told,
    when,
)
from tests.network import Network
from tests.pages import forget_what_was_read
from tests.personas import People

pytestmark = pytest.mark.browser
FACES = """[...document.fonts].filter((one) => one.family.includes("Plus Jakarta") && one.status !== "unloaded")
  .map((one) => one.status)"""
TWO_DAYS_AHEAD = """
const real = Date, ahead = 48 * 3600 * 1000;
Date = class extends real {
  constructor(...all) { super(...(all.length ? all : [real.now() + ahead])); }
  static now() { return real.now() + ahead; }
};
"""
NOBODYS = "0000000000000000"


def test_without_network_the_phone_decides_by_the_same_rule(scanner: Any, people: People, network: Network) -> None:
    code = people.participant.ticket_code
    cancelled = factories.registration(people.stage, name="Budi Santoso", state=RegistrationState.CANCELLED)
    scanner.reload()
    when(scanner, lambda: len(kept(scanner, "rosters")[0]["entries"]) == 2)
    network.cut()
    first = told(scanner, code, "admitted")
    assert "Siti Aminah" in first and "Tanpa jaringan" in first
    again = told(scanner, code, "repeat")
    assert "Sudah hadir" in again and "Ponsel Panitia" in again and "Tanpa jaringan" in again
    assert "dibatalkan" in told(scanner, cancelled.ticket_code, "refused")
    assert "diperiksa kemudian" in told(scanner, NOBODYS, "repeat")
    assert "tidak dikenal" in told(scanner, "https://example.org/menu", "refused")
    assert "5 belum terkirim – jangan tutup halaman" in scanner.locator("#unsent").inner_text()
    assert scanner.locator("#present").inner_text() == "1"
    network.mend()
    all_sent(scanner)
    scans = stored(Scan)
    assert [one.offline_decision for one in scans] == [
        Decision.ADMITTED,
        Decision.REPEAT,
        Decision.REFUSED,
        Decision.PARKED,
        Decision.REFUSED,
    ]
    assert [one.decision for one in scans][:4] == [
        Decision.ADMITTED,
        Decision.REPEAT,
        Decision.REFUSED,
        Decision.PARKED,
    ]
    assert [incident.kind for incident in stored(ScanIncident)] == [IncidentKind.PARKED]
    assert len(stored(Attendance)) == 1
    assert scanner.locator("#present").inner_text() == "1"


def test_a_server_that_does_not_answer_is_not_waited_for(scanner: Any, people: People, network: Network) -> None:
    hurry(scanner)
    network.delay = 6
    assert "Tanpa jaringan" in told(scanner, people.participant.ticket_code, "admitted")
    assert stored(Scan) == []
    network.delay = 0
    all_sent(scanner)
    assert [one.decision for one in stored(Scan)] == [Decision.ADMITTED]


def test_an_answer_that_comes_too_late_does_not_hide_whom_the_door_let_in(scanner: Any, network: Network) -> None:
    hurry(scanner)
    network.delay = 1
    assert "Tanpa jaringan" in told(scanner, NOBODYS, "repeat")
    network.delay = 0
    scanner.locator("#later", has_text="Ditolak").wait_for()
    all_sent(scanner)
    assert [(one.decision, one.offline_decision) for one in stored(Scan)] == [(Decision.REFUSED, Decision.PARKED)]
    assert [incident.kind for incident in stored(ScanIncident)] == [IncidentKind.LET_IN]


def test_the_page_opens_and_reads_pictures_without_network(
    scanner: Any, people: People, network: Network, tmp_path: Path
) -> None:
    network.cut()
    scanner.reload()
    scanner.locator("#door").wait_for()
    assert "Pintu Utama" in scanner.locator("#checkpoint").inner_text()
    scanner.locator("#photo").set_input_files(draw_ticket(people.participant.ticket_code, tmp_path / "tiket.png"))
    assert "Siti Aminah" in answered(scanner, "admitted")
    assert set(scanner.evaluate(FACES)) == {"loaded"}
    network.mend()
    all_sent(scanner)


def test_what_was_admitted_without_network_is_known_after_a_reload(
    scanner: Any, people: People, network: Network
) -> None:
    network.cut()
    told(scanner, people.participant.ticket_code, "admitted")
    scanner.reload()
    scanner.locator("#unsent", has_text="1 belum terkirim").wait_for()
    assert "Sudah hadir" in told(scanner, people.participant.badge_code, "repeat")


@pytest.mark.parametrize("locks", [True, False])
def test_two_tabs_send_each_scan_once(
    open_page: Any, people: People, point: Checkpoint, network: Network, locks: bool
) -> None:
    holders = [factories.registration(people.stage, name=f"Peserta {letter}") for letter in "ABCDEF"]
    one = open_page(f"{network.url}/presensi", phone=True)
    if not locks:  # as on plain http
        one.context.add_init_script("delete Navigator.prototype.locks")
    start_scanning(one, people, network.url)
    equip(one)
    other = one.context.new_page()
    with other.expect_response(lambda answer: "/roster" in answer.url):  # from when on it knows who comes
        other.goto(f"{network.url}/presensi")
    other.locator("#door").wait_for()
    posts: list[str] = []
    one.context.on(
        "request", lambda request: posts.append(request.post_data or "") if "/scans" in request.url else None
    )
    network.cut()
    for number, holder in enumerate(holders):
        told((one, other)[number % 2], holder.ticket_code, "admitted")
    posts.clear()
    network.mend()
    all_sent(one)
    all_sent(other)
    sent = [holder.id for holder in holders]
    assert [scan.registration_id for scan in stored(Scan)] == sent
    ids = [scan.scan_id for scan in stored(Scan)]
    assert all(sum(scan_id in post for post in posts) == 1 for scan_id in ids)


def test_a_poison_item_spoils_no_other_and_is_shown(scanner: Any, people: People, network: Network) -> None:
    other = factories.registration(people.stage, name="Budi Santoso")
    network.cut()
    told(scanner, people.participant.ticket_code, "admitted")
    scan(scanner, NOBODYS)
    answered(scanner, "repeat")
    told(scanner, other.ticket_code, "repeat")
    scanner.evaluate(
        """() => new Promise((resolve) => {
          const opening = indexedDB.open("bimtek-scanner");
          opening.onsuccess = () => {
            const queue = opening.result.transaction("queue", "readwrite").objectStore("queue");
            queue.getAll().onsuccess = ({ target }) => {
              queue.put({ ...target.result[1], body: { ...target.result[1].body, occurred_at: "kemarin" } });
              queue.transaction.oncomplete = () => (opening.result.close(), resolve());
            };
          };
        })"""
    )
    network.mend()
    when(scanner, lambda: [entry["state"] for entry in kept(scanner, "queue")] == ["parked"])
    assert kept(scanner, "queue")[0]["problem"] == {"kind": "malformed", "field": "occurred_at"}
    assert [one.registration_id for one in stored(Scan)] == [people.participant.id, other.id]


def test_what_a_revoked_phone_holds_goes_into_quarantine_before_it_forgets(
    scanner: Any, people: People, network: Network
) -> None:
    network.cut()
    told(scanner, people.participant.ticket_code, "admitted")
    told(scanner, NOBODYS, "repeat")
    service.revoke_device(stored(ScannerDevice)[0], by=None)
    network.mend()
    scanner.locator("#enrol-message", has_text="tidak boleh memindai lagi").wait_for()
    assert [(one.decision, one.reason) for one in stored(Scan)] == [(Decision.PARKED, Reason.REVOKED_DEVICE)] * 2
    assert scanner.evaluate("localStorage.getItem('scanner')") is None
    for store in ("queue", "rosters", "marks", "facts"):
        assert kept(scanner, store) == []


def test_scans_of_a_token_that_nobody_knows_go_with_the_next(scanner: Any, people: People, network: Network) -> None:
    network.cut()
    told(scanner, people.participant.ticket_code, "admitted")
    db.session.delete(stored(ScannerDevice)[0])
    db.session.commit()
    network.mend()
    scanner.locator("#enrol-message", has_text="tidak dikenal lagi").wait_for()
    assert len(kept(scanner, "queue")) == 1 and kept(scanner, "rosters") == []
    scanner.get_by_role("button", name="Mulai memindai").click()
    all_sent(scanner)
    assert [one.decision for one in stored(Scan)] == [Decision.ADMITTED]


def test_an_answer_lost_on_its_way_makes_no_second_scan(scanner: Any, people: People, network: Network) -> None:
    network.loses = "answer"
    assert "Tanpa jaringan" in told(scanner, people.participant.ticket_code, "admitted")
    when(scanner, lambda: network.cuts > 0 and len(stored(Scan)) == 1)
    network.loses = None
    all_sent(scanner)
    assert [one.offline_decision for one in stored(Scan)] == [Decision.ADMITTED]
    assert len(stored(Scan)) == len(stored(Attendance)) == 1
    scanner.locator("#last .entry-admitted", has_text="Siti Aminah").wait_for()


def test_what_an_earlier_page_left_unsent_is_sent(scanner: Any, people: People, network: Network) -> None:
    network.cut()
    scanner.evaluate(
        """([checkpoint, code]) => localStorage.setItem("scanner-unsent", JSON.stringify([{checkpoint, scan: {
          scan_id: "11111111-1111-4111-8111-111111111111", code, occurred_at: new Date().toISOString(), source: "camera"}}]))""",
        [stored(Checkpoint)[0].id, people.participant.ticket_code],
    )
    scanner.reload()
    scanner.locator("#unsent", has_text="1 belum terkirim").wait_for()
    network.mend()
    all_sent(scanner)
    assert [one.registration_id for one in stored(Scan)] == [people.participant.id]
    assert scanner.evaluate("localStorage.getItem('scanner-unsent')") is None


def test_a_closed_checkpoint_is_closed_without_network_too(
    open_page: Any, people: People, network: Network, point: Checkpoint
) -> None:
    point.closes_at = point.opens_at + timedelta(minutes=1)
    db.session.commit()
    code = people.participant.ticket_code
    page = start_scanning(open_page(f"{network.url}/presensi", phone=True), people, network.url)
    equip(page)
    network.cut()
    assert "sudah ditutup" in told(page, code, "refused")


def sign_out(page: Any, url: str) -> None:
    page.goto(f"{url}/panel")
    page.locator("form[action='/keluar'] button").dispatch_event("click")
    page.wait_for_url(lambda address: "/panel" not in address)


def test_who_signs_out_leaves_no_roster_but_every_scan(scanner: Any, people: People, network: Network) -> None:
    scanner.route("**/scans", lambda route: route.abort())
    told(scanner, people.participant.ticket_code, "admitted")
    sign_out(scanner, network.url)
    scanner.wait_for_timeout(500)
    assert len(kept(scanner, "queue")) == 1 and scanner.evaluate("localStorage.getItem('scanner')")
    scanner.goto(f"{network.url}/presensi")
    scanner.locator("#enrol-unsent", has_text="1 belum terkirim").wait_for()
    assert not scanner.locator("#door").is_visible()
    when(scanner, lambda: kept(scanner, "rosters") == kept(scanner, "marks") == [])  # people go at once
    scanner.unroute("**/scans")
    when(scanner, lambda: scanner.evaluate("localStorage.getItem('scanner')") is None)
    for store in ("queue", "rosters", "marks", "facts"):
        assert kept(scanner, store) == []
    assert [one.decision for one in stored(Scan)] == [Decision.ADMITTED]


def test_who_signs_out_with_nothing_unsent_leaves_nothing(scanner: Any, network: Network) -> None:
    sign_out(scanner, network.url)
    when(scanner, lambda: scanner.evaluate("localStorage.getItem('scanner')") is None)
    assert kept(scanner, "rosters") == []


def versions(page: Any) -> list[str]:
    names: list[str] = page.evaluate("caches.keys()")
    return [name for name in names if name.startswith("bimtek-presensi-")]


def test_no_other_version_takes_over_while_a_checkpoint_is_open(
    scanner: Any, app: Flask, point: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions(scanner)
    copy = tmp_path / "static"
    shutil.copytree(app.static_folder or "", copy)
    (copy / "js/checkin/rule.js").open("a", encoding="utf-8").write("// another version\n")
    monkeypatch.setattr(app, "static_folder", str(copy))
    scanner.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update()).catch(() => {})")
    scanner.reload()
    scanner.locator("#door").wait_for()
    assert versions(scanner) == before
    assert "another version" not in scanner.evaluate("fetch('/static/js/checkin/rule.js').then((one) => one.text())")
    forget_what_was_read()
    with transaction():
        closed = db.session.get_one(Checkpoint, point.id)
        closed.closes_at = closed.opens_at + timedelta(minutes=1)
    scanner.reload()
    scanner.locator("#window-notice", has_text="ditutup").wait_for()
    scanner.reload()
    scanner.wait_for_function(
        "async ([before]) => (await caches.keys()).filter((one) => one.startsWith('bimtek-presensi-')).join() > ''"
        " && !(await caches.keys()).includes(before) && document.readyState === 'complete'",
        arg=before,
    )
    scanner.locator("#door").wait_for()
    scanner.wait_for_function(
        "fetch('/static/js/checkin/rule.js').then((one) => one.text()).then((text) => text.includes('another version'))"
    )


def test_a_phone_whose_clock_is_two_days_off_decides_by_the_servers(
    open_page: Any, people: People, point: Checkpoint, network: Network
) -> None:
    code = people.participant.ticket_code
    page = open_page(f"{network.url}/presensi", phone=True)
    page.add_init_script(TWO_DAYS_AHEAD)
    start_scanning(page, people, network.url)
    equip(page)
    network.cut()
    page.reload()
    page.locator("#door").wait_for()
    told(page, code, "admitted")
    network.mend()
    all_sent(page)
    assert [one.decision for one in stored(Scan)] == [Decision.ADMITTED]
    assert stored(Scan)[0].device_time - stored(Scan)[0].received_at > timedelta(days=1)
