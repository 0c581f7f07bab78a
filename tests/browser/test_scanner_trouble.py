"""The scanner where the device itself is in trouble: storage full, blocked or lost, a dead decoder, checkpoints that change."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.checkin import service
from app.checkin.models import Attendance, Checkpoint, Scan
from app.extensions import db, transaction
from app.shared import clock
from tests import factories
from tests.browser.scanning import all_sent, answered, kept, scan, stored, told, when
from tests.network import Network
from tests.pages import forget_what_was_read
from tests.personas import People

pytestmark = pytest.mark.browser
FULL = """() => {
window.add = IDBObjectStore.prototype.add;
IDBObjectStore.prototype.add = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""
ROOM_AGAIN = "() => { IDBObjectStore.prototype.add = window.add; }"
LOST_ONCE = """() => {
const begin = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function () {
  IDBDatabase.prototype.transaction = begin;
  throw new DOMException("Connection to Indexed Database server lost", "InvalidStateError");
};
}"""
BLOCKED = "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }"
VISIBLE_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


def test_what_cannot_be_written_down_goes_to_the_server_at_once_or_is_said_not_to_be_recorded(
    scanner: Any, people: People, network: Network
) -> None:
    scanner.evaluate(FULL)
    assert "Siti Aminah" in told(scanner, people.participant.ticket_code, "admitted")
    scanner.locator("#storage-notice", has_text="tidak dapat menyimpan").wait_for()
    assert len(stored(Attendance)) == 1
    network.cut()
    other = factories.registration(people.stage, name="Budi Santoso")
    for _ in range(2):  # the first finds out that the network is gone too
        scan(scanner, other.ticket_code)
        text = answered(scanner, "refused")
        assert "Tidak tercatat" in text and "lembar kertas" in text
        scanner.locator("#answer").dispatch_event("click")
    assert kept(scanner, "queue") == [] and len(kept(scanner, "marks")) == 0
    scanner.evaluate(ROOM_AGAIN)
    told(scanner, other.ticket_code, "repeat")  # not known yet: let in, and settled when it is sent
    scanner.locator("#storage-notice").wait_for(state="hidden")
    network.mend()
    all_sent(scanner)
    assert len(stored(Attendance)) == 2


def test_a_walk_in_that_could_not_be_kept_is_still_in_the_form(scanner: Any, network: Network) -> None:
    scanner.locator("#open-walk-in").click()
    scanner.locator("#walk-in-name").fill("Raja Haji")
    scanner.locator("#walk-in-institution").fill("Dinas Kesehatan")
    scanner.keyboard.press("Tab")
    scanner.locator("#walk-in-category").select_option(index=1)
    scanner.evaluate(FULL)
    network.cut()
    scanner.locator("#walk-in-submit").click()
    assert "Tidak tercatat" in answered(scanner, "refused")
    scanner.locator("#answer").dispatch_event("click")
    scanner.locator("#open-walk-in").click()
    assert scanner.locator("#walk-in-name").input_value() == "Raja Haji"


def test_a_database_that_the_browser_has_lost_is_opened_again(scanner: Any, people: People, network: Network) -> None:
    network.cut()
    scanner.evaluate(LOST_ONCE)
    assert "Siti Aminah" in told(scanner, people.participant.ticket_code, "admitted")
    assert len(kept(scanner, "queue")) == 1
    network.mend()
    all_sent(scanner)
    assert len(stored(Scan)) == 1


def test_a_browser_that_keeps_nothing_says_so(open_page: Any, network: Network) -> None:
    page = open_page(f"{network.url}/presensi", phone=True)
    page.add_init_script(BLOCKED)
    page.reload()
    page.locator("#enrol-message", has_text="tidak menyimpan apa pun").wait_for()


def test_a_decoder_that_dies_is_not_taken_for_another_app(scanner: Any) -> None:
    scanner.evaluate(
        """async (address) => {
          const { Camera } = await import(address);
          window.trouble = [];
          const ways = { onCode() {}, onTorch() {}, onTrouble: (kind) => window.trouble.push(kind) };
          const eye = new Camera(document.getElementById("video"), () => Promise.reject(new Error("dead")), ways);
          eye.stream = new MediaStream();
          eye.stir();
          eye.look(eye.stream);
        }""",
        "/static/js/checkin/camera.js",
    )
    when(scanner, lambda: bool(scanner.evaluate("window.trouble.join() === 'blind'")))


def test_the_page_follows_a_checkpoint_that_closes_and_one_that_is_removed(
    scanner: Any, people: People, point: Checkpoint
) -> None:
    code = people.participant.ticket_code
    later = factories.checkpoint(people.stage, name="Sesi Siang")
    scanner.evaluate(VISIBLE_AGAIN)
    scanner.locator("#checkpoint option", has_text="Sesi Siang").wait_for(state="attached")
    assert "Pintu Utama" in chosen(scanner)
    forget_what_was_read()
    with transaction():
        db.session.get_one(Checkpoint, point.id).closes_at = clock.now() - timedelta(minutes=1)
    scanner.evaluate(VISIBLE_AGAIN)
    when(scanner, lambda: "Sesi Siang" in chosen(scanner))
    told(scanner, code, "admitted")
    assert [one.checkpoint_id for one in stored(Attendance)] == [later.id]
    scanner.locator("#checkpoint").select_option(label="Pintu Utama")
    scanner.locator("#window-notice", has_text="ditutup").wait_for()
    service.remove_checkpoint(db.session.get_one(Checkpoint, point.id))
    scanner.evaluate(VISIBLE_AGAIN)
    when(scanner, lambda: "Sesi Siang" in chosen(scanner))
    scanner.locator("#window-notice").wait_for(state="hidden")


def chosen(page: Any) -> str:
    return str(page.locator("#checkpoint option:checked").inner_text())


def test_what_the_server_could_not_take_is_within_reach_after_the_device_was_released(
    scanner: Any, people: People, network: Network, tmp_path: Path
) -> None:
    network.cut()
    scan(scanner, people.participant.ticket_code)
    answered(scanner, "admitted")
    scanner.evaluate(
        """() => new Promise((resolve) => {
          const opening = indexedDB.open("bimtek-scanner");
          opening.onsuccess = () => {
            const queue = opening.result.transaction("queue", "readwrite").objectStore("queue");
            queue.getAll().onsuccess = ({ target }) => {
              queue.put({ ...target.result[0], state: "parked", problem: { kind: "checkpoint" } });
              queue.transaction.oncomplete = () => (opening.result.close(), resolve());
            };
          };
        })"""
    )
    network.mend()
    scanner.reload()
    scanner.locator("#unsent", has_text="1 perlu diperiksa").wait_for()
    scanner.locator("#more").click()
    scanner.locator("#release").click()
    scanner.locator("#enrol-unsent", has_text="1 perlu diperiksa").click()
    assert "Titik presensi ini" in scanner.locator("#outbox-parked").inner_text()
    assert not scanner.locator("#outbox-retry").is_visible()
    with scanner.expect_download() as saving:
        scanner.locator("#outbox-export").click()
    file = tmp_path / "belum.txt"
    saving.value.save_as(file)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2


def test_what_is_not_sent_can_be_saved_with_the_names_that_the_phone_knows(
    scanner: Any, people: People, network: Network, tmp_path: Path
) -> None:
    network.cut()
    told(scanner, people.participant.ticket_code, "admitted")
    scanner.locator("#unsent").click()
    with scanner.expect_download() as saving:
        scanner.locator("#outbox-export").click()
    file = tmp_path / "belum.txt"
    saving.value.save_as(file)
    _head, line = file.read_text(encoding="utf-8").splitlines()
    assert "Siti Aminah" in line and people.participant.institution_name in line and "Pintu Utama" in line


def test_who_asks_to_send_as_sending_ends_is_not_forgotten(scanner: Any) -> None:
    rounds = scanner.evaluate(
        """async (address) => {
          const { Queue } = await import(address);
          const nothing = () => {};
          const queue = new Queue({ settled: nothing, onAnswer: nothing, onChange: nothing, onRefused: nothing, onUnkept: nothing });
          let rounds = 0;
          queue.round = async () => (rounds += 1);
          const { run } = queue;
          let asked = null;
          queue.run = () => {
            const running = run.call(queue);
            asked ??= running.then(() => queue.send()); // before anybody else hears of the end
            return running;
          };
          await queue.send();
          await asked;
          return rounds;
        }""",
        "/static/js/checkin/queue.js",
    )
    assert rounds == 2
