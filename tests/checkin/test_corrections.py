"""Attendance put right by hand on the board, and a signed sheet keyed in."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Checkpoint, Excuse
from app.checkin.rules import CorrectionKind
from app.checkin.rules_paper import SignedRow, signed_at
from app.checkin.service import record_signed
from app.extensions import db
from app.registration.rules import RegistrationState
from app.shared.dates import local
from tests import factories
from tests.databases import statements
from tests.pages import Page
from tests.personas import People

OPENS, CLOSES = datetime(2026, 11, 29, 23, 0, tzinfo=UTC), datetime(2026, 11, 30, 11, 0, tzinfo=UTC)
"""06.00 to 18.00 in Jakarta."""


@pytest.mark.parametrize(
    ("typed", "hour", "minute"),
    [("7.42", 7, 42), ("07:42", 7, 42), ("0742", 7, 42), (" 17 . 05 ", 17, 5), ("6.00", 6, 0), ("18.00", 18, 0)],
)
def test_times_beside_signatures(typed: str, hour: int, minute: int) -> None:
    found = signed_at(typed, opens_at=OPENS, closes_at=CLOSES, zone="Asia/Jakarta")
    assert found is not None
    here = local(found, "Asia/Jakarta")
    assert (here.day, here.hour, here.minute) == (30, hour, minute)


@pytest.mark.parametrize("typed", ["", "5.59", "18.01", "25.00", "7.60", "pagi", "7", "07.42.10", "٧.42", "-7.42"])
def test_what_is_no_time_of_the_checkpoint(typed: str) -> None:
    assert signed_at(typed, opens_at=OPENS, closes_at=CLOSES, zone="Asia/Jakarta") is None


def test_a_time_after_midnight_is_of_the_next_day_and_the_first_minute_counts() -> None:
    late = {
        "opens_at": datetime(2026, 11, 30, 12, 0, 30, tzinfo=UTC),
        "closes_at": datetime(2026, 11, 30, 19, tzinfo=UTC),
    }
    night = signed_at("1.30", **late, zone="Asia/Jakarta")
    assert night is not None and local(night, "Asia/Jakarta").day == 1
    assert signed_at("19.00", **late, zone="Asia/Jakarta") == late["opens_at"]


class Door:
    def __init__(self, people: People) -> None:
        self.people, self.client, stage = people, people.organiser.client, people.stage
        self.point = factories.checkpoint(
            stage, name="Pintu Utama", opens_at=factories.at(stage, 6), closes_at=factories.at(stage, 18)
        )
        self.siti = factories.registration(stage, name="Siti Aminah")
        self.budi = factories.registration(stage, name="Budi Santoso")

    @property
    def root(self) -> str:
        return f"/panel/kegiatan/{self.people.stage.slug}/presensi"

    def board(self) -> Page:
        return self.client.get(f"{self.root}?titik={self.point.id}")

    def sheet(self, query: str = "", **options: int) -> Page:
        return self.client.get(f"{self.root}/kertas?titik={self.point.id}{query}", **options)

    def by_hand(self, person: object, *, status: int = 200, **fields: str) -> Page:
        return self.board().submit(f"form[action$='/hadir/{person.id}']", status=status, **fields)  # type: ignore[attr-defined]

    def there(self) -> dict[int, Attendance]:
        found = db.session.scalars(sa.select(Attendance).where(Attendance.annulled_at.is_(None)))
        return {one.registration_id: one for one in found}


@pytest.fixture
def door(app: Flask, people: People, frozen_clock: Callable[[datetime], datetime]) -> Door:
    """In the evening, when the sheets are keyed in."""
    frozen_clock(factories.at(people.stage, 21))
    return Door(people)


def test_each_kind_of_correction_is_kept(door: Door) -> None:
    day = door.people.stage.starts_on.isoformat()
    door.by_hand(door.siti, kind="paper", at=f"{day}T07:42")
    door.by_hand(door.budi, kind="device_lost", reason="Ponsel jatuh")
    found = door.there()
    siti, budi = found[door.siti.id], found[door.budi.id]
    assert (siti.correction, siti.reason) == (CorrectionKind.PAPER, "tanda tangan di kertas")
    assert local(siti.at, door.people.stage.timezone).strftime("%H.%M") == "07.42"
    assert (budi.correction, budi.reason) == (CorrectionKind.DEVICE_LOST, "Ponsel jatuh")
    assert budi.recorded_by_id == door.people.organiser.user.id


def test_other_reasons_and_excuses_must_be_given(door: Door) -> None:
    for kind in ("other", "excused", "excused_with_jp"):
        page = door.by_hand(door.siti, status=422, kind=kind, reason=" ", at="2026-12-01T07:42")
        assert page.select("details[open] .alert-danger") and "Budi Santoso" not in page.words()
        sent = page.values(f"form[action$='/hadir/{door.siti.id}']")
        assert (sent["kind"], sent["at"]) == (kind, "2026-12-01T07:42")
    assert not door.there() and db.session.scalar(sa.select(sa.func.count(Excuse.id))) == 0


def test_nobody_came_later_than_now(door: Door, frozen_clock: Callable[[datetime], datetime]) -> None:
    stage = door.people.stage
    frozen_clock(factories.at(stage, 9))
    later = f"{stage.starts_on.isoformat()}T09:30"
    assert "Jam itu belum tiba" in door.by_hand(door.siti, status=422, kind="paper", at=later).words()
    page = door.sheet().submit("form[action*='/kertas?']", id=str(door.siti.id), at="9.30", status=422)
    assert "06.00–09.00" in page.words() and not door.there()
    frozen_clock(factories.at(stage, 5))
    assert "belum dibuka" in door.by_hand(door.siti, status=422, kind="paper").words()
    assert not door.there()


def test_whoever_was_searched_for_is_still_there_afterwards(door: Door) -> None:
    page = door.client.get(f"{door.root}?titik={door.point.id}&cari=siti&keadaan=belum")
    page = page.submit(f"form[action$='/hadir/{door.siti.id}']", kind="excused", reason="Sakit")
    assert "cari=siti" in page.url and "keadaan=belum" in page.url and "Tidak ada yang ditemukan" in page.words()
    page = door.client.get(f"{door.root}?titik={door.point.id}&keadaan=izin")
    assert "Siti Aminah" in page.words() and "Budi Santoso" not in page.words()
    page = page.submit("form[action$='/cabut'][action*='/izin/']")
    assert "keadaan=izin" in page.url


def test_an_annulment_without_a_reason_is_asked_again(door: Door) -> None:
    door.by_hand(door.siti, kind="paper")
    page = door.board().submit("form[action$='/batal']", reason=" ", status=422)
    assert page.select("details[open] .alert-danger") and door.there()


def test_excusing_and_withdrawing(door: Door) -> None:
    page = door.by_hand(door.siti, kind="excused_with_jp", reason="Dinas luar")
    assert "Izin, dengan JP" in page.words() and "Dinas luar" in page.words()
    excuse = db.session.scalars(sa.select(Excuse)).one()
    assert excuse.with_jp and excuse.given_by_id == door.people.organiser.user.id and not door.there()
    assert "Izin, tanpa JP" in door.by_hand(door.siti, kind="excused", reason="Sakit").words()
    page = door.board().submit("form[action$='/cabut'][action*='/izin/']")
    assert "Izin Siti Aminah telah dicabut" in page.words()
    assert db.session.get_one(Excuse, excuse.id).withdrawn_at is not None


def test_what_was_annulled_stays_readable(door: Door) -> None:
    door.by_hand(door.siti, kind="paper")
    door.board().submit("form[action$='/batal']", reason="salah orang")
    assert "salah orang" in door.board().words() and not door.there()
    door.by_hand(door.siti, kind="paper")
    assert set(door.there()) == {door.siti.id} and "salah orang" in door.board().words()


@pytest.mark.both_databases
def test_a_sheet_is_keyed_in_at_once_with_times(door: Door) -> None:
    page = door.sheet()
    assert "0 dari 2 tercatat hadir" in page.words()
    ids = [str(door.siti.id), str(door.budi.id)]
    fields = {"id": ids, "at": "08.00", f"at-{door.siti.id}": "7.42", "note": "Lembar 1"}
    page = page.submit("form.sheet-form", **fields)
    assert "2 orang dicatat hadir" in page.words() and "2 dari 2" in page.words()
    zone = door.people.stage.timezone
    found = door.there()
    assert local(found[door.siti.id].at, zone).strftime("%H.%M") == "07.42"
    assert local(found[door.budi.id].at, zone).strftime("%H.%M") == "08.00"
    assert {one.correction for one in found.values()} == {CorrectionKind.PAPER}
    assert {one.reason for one in found.values()} == {"Lembar 1"}
    assert len(page.select(".is-there")) == 2 and not page.select("input[name=id]")


def test_a_wrong_time_loses_nothing(door: Door) -> None:
    fields = {"id": str(door.siti.id), "at": "08.00", f"at-{door.siti.id}": "27.99", "note": "Lembar 1"}
    page = door.sheet().submit("form.sheet-form", status=422, **fields)
    assert "Tulis waktu seperti 07.42" in page.words() and "06.00–18.00 WIB" in page.words()
    assert page.one(f"#tick-{door.siti.id}").get("checked") is not None
    assert page.one(f"input[name='at-{door.siti.id}']").get("value") == "27.99"
    assert page.one("input[name=note]").get("value") == "Lembar 1" and page.select("input.is-invalid")
    assert not door.there()
    page.submit("form.sheet-form", **{f"at-{door.siti.id}": "07.42"})
    assert set(door.there()) == {door.siti.id}


def test_nobody_ticked_and_a_wrong_usual_time(door: Door) -> None:
    assert "Centang dahulu" in door.sheet().submit("form.sheet-form", status=422).words()
    page = door.sheet().submit("form.sheet-form", status=422, id=str(door.siti.id), at="malam")
    assert page.one("input[name=at]").get("value") == "malam" and not door.there()


@pytest.mark.both_databases
def test_who_was_there_is_not_added_twice_and_the_cancelled_is_named(door: Door, people: People) -> None:
    gone = factories.registration(people.stage, name="Sudah Batal", state=RegistrationState.CANCELLED)
    strange = factories.registration(people.other_stage)
    rows = [SignedRow(one.id) for one in (door.siti, gone, strange, door.siti)]
    keyed = record_signed(door.point, rows, reason="kertas", by=people.organiser.user)
    assert (keyed.added, keyed.known) == (1, 1) and [name for name, _sentence in keyed.refused] == ["Sudah Batal"]
    again = record_signed(door.point, [SignedRow(door.siti.id)], reason="kertas", by=people.organiser.user)
    assert (again.added, again.known) == (0, 1)
    assert set(door.there()) == {door.siti.id}


def test_an_earlier_signature_moves_the_attendance(door: Door, people: People) -> None:
    stage = people.stage
    for hour in (9, 8, 10):
        record_signed(
            door.point, [SignedRow(door.siti.id, factories.at(stage, hour))], reason="kertas", by=people.organiser.user
        )
    assert door.there()[door.siti.id].at == factories.at(stage, 8)


def test_pages_search_and_saving_on_to_the_next(door: Door) -> None:
    for number in range(30):
        factories.registration(door.people.stage, name=f"Peserta {number:02}")
    first = door.sheet("&urut=nama")
    assert len(first.select(".sheet-rows > li")) == 25
    assert first.texts(".sheet-name")[0].startswith("1. Budi Santoso")
    page = first.submit("form.sheet-form", button="next=1", id=str(door.budi.id))
    assert "halaman=2" in page.url and len(page.select(".sheet-rows > li")) == 7
    assert len(door.sheet("&cari=siti").select(".sheet-rows > li")) == 1
    assert "Budi Santoso" not in door.sheet("&keadaan=belum&cari=budi").words()
    with statements() as few:
        door.sheet("&cari=siti")
    with statements() as many:
        door.sheet()
    assert len(few) == len(many)


def test_who_may_key_in_and_which_checkpoint(door: Door) -> None:
    door.people.viewer.client.get(f"{door.root}/kertas", status=403)
    door.people.outsider.client.get(f"{door.root}/kertas", status=404)
    strange: Checkpoint = factories.checkpoint(door.people.other_stage)
    door.client.get(f"{door.root}/kertas?titik={strange.id}", status=404)
    assert "Pintu Utama" in door.client.get(f"{door.root}/kertas").words()
