"""What waits to be settled: on the board and on its page, by one tap and all of a kind."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.audit.models import AuditEntry
from app.checkin import service
from app.checkin.models import Attendance, Checkpoint, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, IncidentKind, Settlement
from app.extensions import db
from app.institutions.service import seed_categories
from app.registration.models import Registration
from app.shared import clock
from app.shared.dates import clock_time
from tests import factories
from tests.checkin.doors import at_two_doors, scan, waiting
from tests.pages import Page
from tests.personas import People


@pytest.fixture
def point(people: People) -> Checkpoint:
    return factories.checkpoint(people.stage, name="Pintu Utama")


@pytest.fixture
def east(people: People, point: Checkpoint) -> ScannerDevice:
    return factories.device(people.stage, name="Timur")[0]


@pytest.fixture
def west(people: People, point: Checkpoint) -> ScannerDevice:
    return factories.device(people.stage, name="Barat")[0]


def root(people: People) -> str:
    return f"/panel/kegiatan/{people.stage.slug}/presensi"


def listed(people: People, who: str = "organiser", query: str = "") -> Page:
    return people.staff[who].client.get(f"{root(people)}/insiden{query}")


def press(page: Page, settlement: str, row: str = "li.waiting") -> Page:
    return page.submit(f"{row} form[data-settle]", button=f"settlement={settlement}")


def attendances() -> list[Any]:
    return list(db.session.scalars(sa.select(Attendance).order_by(Attendance.id)))


def held_back(device: ScannerDevice, point: Checkpoint, who: Registration | None) -> None:
    """What a revoked device still held."""
    service.revoke_device(device, by=None)
    scan(device, point, who, offline=Decision.ADMITTED)


class TestWhatIsSaid:
    def test_of_two_doors_both_devices_and_both_times(
        self, people: People, point: Checkpoint, east: ScannerDevice, west: ScannerDevice
    ) -> None:
        person = people.participant
        at_two_doors(east, west, point, person)
        first, second = (clock.now() - timedelta(minutes=minutes) for minutes in (5, 3))
        for page in (listed(people), people.organiser.client.get(root(people))):
            (row,) = page.texts("li.waiting")
            assert person.full_name in row
            counts = f"“Timur” pukul {clock_time(first, people.stage.timezone)} (yang berlaku)"
            assert f"{counts} dan “Barat” pukul {clock_time(second, people.stage.timezone)}" in row
            assert page.texts("li.waiting button") == ["Sudah diperiksa"]

    def test_of_a_code_that_nobody_has_there_is_no_present(
        self, people: People, point: Checkpoint, east: ScannerDevice
    ) -> None:
        scan(east, point, offline=Decision.PARKED)
        page = listed(people)
        assert page.texts("li.waiting button") == ["Abaikan"]
        assert "Tidak ada pemilik kode ini" in page.one(".waiting-why").text_content()

    def test_nobody_of_another_stage_is_named(self, people: People, point: Checkpoint, east: ScannerDevice) -> None:
        other = factories.registration(factories.stage(people.programme), name="Orang Tahap Lain")
        scan(east, point, other, offline=Decision.PARKED)
        page = listed(people)
        assert "Orang Tahap Lain" not in page.text
        assert page.texts("li.waiting button") == ["Abaikan"]
        assert "tahap lain" in page.one(".waiting-why").text_content()

    @pytest.mark.both_databases
    @pytest.mark.parametrize("by_badge", [False, True])
    def test_whose_code_was_held_back_is_found_by_it(
        self, app: Flask, people: People, point: Checkpoint, east: ScannerDevice, by_badge: bool
    ) -> None:
        person = people.participant
        service.revoke_device(east, by=None)
        scan(east, point, person.badge_hash if by_badge else person.ticket_hash, offline=Decision.ADMITTED)
        page = listed(people)
        assert person.full_name in page.one("li.waiting").text_content()
        press(page, "present")
        assert [one.registration_id for one in attendances()] == [person.id]

    def test_who_scans_is_named_to_those_who_see_people_alone_and_only_officers_settle(
        self, people: People, point: Checkpoint, east: ScannerDevice, west: ScannerDevice
    ) -> None:
        at_two_doors(east, west, point, people.participant)
        assert people.participant.full_name in listed(people, "certifier").words()
        assert not listed(people, "certifier").select("main form")
        address = f"{root(people)}/insiden/{waiting()[0].id}"
        token = listed(people, "certifier").client.get("/presensi/kegiatan").json["csrf_token"]
        data = {"settlement": "dismissed", "csrf_token": token}
        people.certifier.client.post(address, data=data, status=403)
        people.organiser.client.post(address, data=data, status=400)
        assert len(waiting()) == 1

    def test_nothing_waits(self, people: People, point: Checkpoint) -> None:
        assert "Tidak ada yang menunggu" in listed(people).words()


class TestAtTheDoor:
    """Who was typed at the door and found no seat."""

    def kept(self, people: People, point: Checkpoint, **values: Any) -> Registration:
        """Somebody comes in place of the participant, who is there already, so that staff must decide."""
        holder = people.participant
        seed_categories(people.host)
        device, _token = factories.device(people.stage, name="Utara")
        house = factories.institution(people.host, name="Dinas Kesehatan Kota")
        scan(device, point, holder)
        item = service.read_walk_in(
            {
                "scan_id": "w1",
                "occurred_at": clock.now().isoformat(),
                "name": "Hasan Basri",
                "institution_id": house.id,
                "position": "Lurah",
                "phone": "081234567890",
                "represents": holder.ticket_hash,
            }
            | values,
            people.host,
        )
        service.record_walk_ins(device=device, held=True, checkpoint=point, items=[item])
        return holder

    def test_is_named_with_his_institution_and_whom_he_represents(self, people: People, point: Checkpoint) -> None:
        holder = self.kept(people, point)
        (row,) = listed(people).texts("li.waiting")
        for words in (
            "Hasan Basri",
            "Dinas Kesehatan Kota",
            f"Mewakili {holder.full_name}",
            "Orang yang diwakili sudah masuk.",
        ):
            assert words in row
        assert "1234" not in row and "Hasan" not in people.viewer.client.get(root(people)).text

    def test_present_registers_and_records_him_and_forgets_the_form(self, people: People, point: Checkpoint) -> None:
        self.kept(people, point)
        press(listed(people), "present")
        new = db.session.scalars(sa.select(Registration).where(Registration.name == "Hasan Basri")).one()
        assert [one.registration_id for one in attendances()] == [people.participant.id, new.id]
        assert db.session.scalars(sa.select(ScanIncident)).one().person is None
        assert "Hasan Basri" in listed(people).texts(".table tbody tr")[0]

    def test_put_aside_forgets_him(self, people: People, point: Checkpoint) -> None:
        self.kept(people, point)
        press(listed(people), "dismissed")
        assert db.session.scalars(sa.select(ScanIncident)).one().person is None
        assert "Hasan" not in listed(people).text


class TestSettling:
    def test_present_by_one_tap_counts_from_the_scan(
        self, people: People, point: Checkpoint, east: ScannerDevice
    ) -> None:
        person, at = people.participant, clock.now() - timedelta(minutes=20)
        service.revoke_device(east, by=None)
        scan(east, point, person, offline=Decision.ADMITTED, at=at)
        page = press(listed(people), "present")
        assert f"{person.full_name} dicatat hadir" in page.one("#flashes").text_content()
        (attendance,) = attendances()
        assert (attendance.registration_id, attendance.at) == (person.id, at)
        row = page.one(".table tbody tr").text_content()
        assert person.full_name in row and people.organiser.user.name in row

    def test_put_aside_counts_for_nothing_and_is_in_the_trail(
        self, people: People, point: Checkpoint, east: ScannerDevice
    ) -> None:
        held_back(east, point, people.participant)
        press(listed(people), "dismissed")
        assert not attendances()
        (incident,) = db.session.scalars(sa.select(ScanIncident))
        assert (incident.settlement, incident.settled_by_id) == (Settlement.DISMISSED, people.organiser.user.id)
        assert "incident.dismissed" in set(db.session.scalars(sa.select(AuditEntry.action)))

    def test_a_second_tap_changes_nothing(self, people: People, point: Checkpoint, east: ScannerDevice) -> None:
        held_back(east, point, people.participant)
        page = listed(people)
        press(page, "dismissed")
        again = press(page, "present")
        assert "sudah diselesaikan sebelumnya" in again.one("#flashes").text_content()
        assert not attendances()

    def test_of_somebody_whom_nobody_knows_it_says_why_not(
        self, people: People, point: Checkpoint, east: ScannerDevice
    ) -> None:
        scan(east, point, offline=Decision.PARKED)
        page = listed(people)
        page.form("li.waiting form").append(page.tree.makeelement("input", {"name": "x"}))
        data = page.values("li.waiting form") | {"settlement": "present"}
        said = people.organiser.client.post(page.one("li.waiting form").get("action"), data=data)
        assert "Tidak ada peserta" in said.one("#flashes .alert-danger").text_content()
        assert len(waiting()) == 1

    def test_from_the_board_back_to_the_board_without_a_script(
        self, people: People, point: Checkpoint, east: ScannerDevice, west: ScannerDevice
    ) -> None:
        at_two_doors(east, west, point, people.participant)
        page = press(people.organiser.client.get(root(people)), "present")
        assert page.url == f"{root(people)}?titik={point.id}#waiting"
        assert "Perlu diselesaikan" not in page.words()

    def test_from_the_board_by_its_script(self, people: People, point: Checkpoint, east: ScannerDevice) -> None:
        held_back(east, point, people.participant)
        page = people.organiser.client.get(root(people))
        data = page.values("li.waiting form") | {"settlement": "present"}
        address = page.one("li.waiting form").get("action")
        fresh = people.organiser.client.post(address, data=data, headers={"HX-Request": "true"})
        assert not fresh.is_whole
        assert fresh.texts("#flashes .alert") and "1 dari 1" in " ".join(fresh.texts(".tile .value"))
        assert not people.organiser.client.get(root(people)).texts("#flashes .alert")

    @pytest.mark.parametrize("change", [{"settlement": "yes"}, {"settlement": ""}, {}])
    def test_nonsense_settles_nothing(
        self, people: People, point: Checkpoint, east: ScannerDevice, change: dict[str, str]
    ) -> None:
        held_back(east, point, people.participant)
        page = listed(people)
        data = page.values("li.waiting form")
        data.pop("settlement", None)
        people.organiser.client.post(page.one("li.waiting form").get("action"), data=data | change, status=400)
        assert len(waiting()) == 1


class TestAllOfAKind:
    def test_all_present_leaves_whom_nobody_knows(
        self, people: People, point: Checkpoint, east: ScannerDevice, west: ScannerDevice
    ) -> None:
        ones = [factories.registration(people.stage) for _ in range(2)]
        service.revoke_device(east, by=None)
        for person in (*ones, None):
            scan(east, point, person, offline=Decision.ADMITTED)
        at_two_doors(west, factories.device(people.stage)[0], point, people.participant)
        assert not listed(people).select("form[action$='/semua']")
        page = listed(people, query="?jenis=quarantine")
        assert len(page.texts("li.waiting")) == 3
        said = page.submit(".kinds form[action$='/semua']:has(.btn-primary)")
        assert "2 insiden diselesaikan" in said.one("#flashes").text_content()
        assert "1 tidak dapat diselesaikan" in said.one("#flashes .alert-warning").text_content()
        assert {one.registration_id for one in attendances()} == {*(one.id for one in ones), people.participant.id}
        assert [one.kind for one in waiting()] == [IncidentKind.QUARANTINE, IncidentKind.TWO_DOORS]

    def test_all_put_aside(self, people: People, point: Checkpoint, east: ScannerDevice) -> None:
        for _ in range(2):
            scan(east, point, offline=Decision.PARKED)
        listed(people).submit(".kinds form[action$='/semua']:has(.btn-danger)")
        assert not waiting()

    def test_another_stage_is_not_touched(self, people: People, point: Checkpoint, east: ScannerDevice) -> None:
        elsewhere = factories.checkpoint(factories.stage(people.programme))
        scan(factories.device(elsewhere.stage)[0], elsewhere, offline=Decision.PARKED)
        for _ in range(2):
            scan(east, point, offline=Decision.PARKED)
        page = listed(people)
        assert len(page.texts("li.waiting")) == 2
        page.submit(".kinds form[action$='/semua']:has(.btn-danger)")
        (other,) = waiting()
        assert other.checkpoint_id == elsewhere.id
        page.client.post(
            f"{root(people)}/insiden/{other.id}",
            data={"csrf_token": page.values("form[action='/keluar']")["csrf_token"]},
            status=404,
        )
