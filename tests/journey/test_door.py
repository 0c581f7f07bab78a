"""A ticket's link opened by an officer: the person and one big button, and what it records."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.checkin import service
from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.rules import Decision, DeviceKind, Reason, ScanSource
from app.extensions import db, transaction
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.codes import grouped
from app.shared.identity import IdentityType
from app.web.remembered import COOKIE
from tests import factories
from tests.pages import Page
from tests.personas import People

NIP = "198504122010011003"


@pytest.fixture
def point(people: People) -> Checkpoint:
    return factories.checkpoint(people.stage, name="Pintu Utama")


@pytest.fixture
def holder(people: People) -> Registration:
    return factories.registration(
        people.stage,
        name="Siti Aminah",
        identity_type=IdentityType.NIP,
        identity_number=NIP,
        email="siti@example.org",
        phone="+6281234567890",
        groups=[factories.group(people.programme, name="Smart Living")],
    )


def opened(people: People, holder: Registration, code: str | None = None, **options: Any) -> Page:
    return people.organiser.client.get(f"/t/{code or holder.ticket_code}", **options)


def stored(kind: Any) -> list[Any]:
    return list(db.session.scalars(sa.select(kind).order_by(kind.id)))


@pytest.mark.usefixtures("point")
class TestWhoSeesWhat:
    def test_an_officer_sees_the_person_and_one_big_button(self, people: People, holder: Registration) -> None:
        page = opened(people, holder)
        assert page.texts("h1") == ["Siti Aminah"]
        assert {holder.institution_name, "Smart Living", "Pintu Utama"} <= set(
            page.texts(".officer p, .officer .badge")
        )
        assert page.texts(".officer-button") == ["Hadir"]
        assert page.headers["Cache-Control"] == "no-store"

    def test_neither_number_nor_phone_nor_mail(self, people: People, holder: Registration) -> None:
        page = opened(people, holder)
        for text in (page.text, page.submit("form[action$='/hadir']").text):
            assert not [
                secret for secret in (NIP, "siti@example.org", "81234567890") if secret in text.replace(" ", "")
            ]

    def test_the_phone_of_an_officer_does_not_remember_the_ticket(self, people: People, holder: Registration) -> None:
        opened(people, holder)
        assert people.organiser.client.get_cookie(COOKIE) is None

    @pytest.mark.parametrize("who", ["facilitator", "viewer", "certifier", "outsider"])
    def test_whoever_may_not_scan_there_gets_the_ticket(self, people: People, holder: Registration, who: str) -> None:
        page = people.staff[who].client.get(f"/t/{holder.ticket_code}")
        assert page.select(".ticket-qr") and not page.select(".officer")
        people.staff[who].client.get(f"/t/{holder.badge_code}", status=404)

    def test_an_officer_may_look_at_the_ticket_too(self, people: People, holder: Registration) -> None:
        page = opened(people, holder).follow(".officer-ways a[href*=tiket]")
        assert page.select(".ticket-qr")

    def test_the_badge_leads_there_as_well_and_in_any_writing(self, people: People, holder: Registration) -> None:
        for code in (holder.badge_code, grouped(holder.badge_code).lower(), grouped(holder.ticket_code)):
            assert opened(people, holder, code).texts("h1") == ["Siti Aminah"]
        opened(people, holder, "0" * 16, status=404)

    def test_who_was_merged_into_another_is_that_one(self, people: People, holder: Registration) -> None:
        twin = factories.registration(
            people.stage, name="Siti A.", state=RegistrationState.CANCELLED, merged_into_id=holder.id
        )
        assert opened(people, twin).texts("h1") == ["Siti Aminah"]


class TestTheButton:
    def test_it_admits_and_a_second_press_is_the_same_scan(
        self, people: People, holder: Registration, point: Checkpoint
    ) -> None:
        page = opened(people, holder)
        for _press in range(2):
            answer = page.submit("form[action$='/hadir']")
            assert answer.select("main.answer-admitted")
            assert "Siti Aminah" in answer.words()
        scan, attendance = stored(Scan)[0], stored(Attendance)[0]
        assert (len(stored(Scan)), len(stored(Attendance))) == (1, 1)
        assert (scan.source, scan.decision) == (ScanSource.CAMERA, Decision.ADMITTED)
        assert (attendance.registration_id, attendance.checkpoint_id) == (holder.id, point.id)

    def test_one_device_an_officer_and_stage(self, people: People, holder: Registration, point: Checkpoint) -> None:
        other = factories.registration(people.stage)
        for person in (holder, other):
            opened(people, person).submit("form[action$='/hadir']")
        (phone,) = stored(ScannerDevice)
        assert (phone.kind, phone.user_id, phone.stage_id) == (
            DeviceKind.PHONE,
            people.organiser.user.id,
            point.stage_id,
        )
        assert phone.name == f"Ponsel {people.organiser.user.name}"
        assert phone.last_seen_at is not None
        people.administrator.client.get(f"/t/{holder.ticket_code}").submit("form[action$='/hadir']")
        assert len(stored(ScannerDevice)) == 2

    def test_a_released_phone_stays_released_and_another_takes_its_place(
        self, people: People, holder: Registration, point: Checkpoint
    ) -> None:
        service.scan_by_phone(people.organiser.user, point, holder.ticket_code, scan_id="a")
        service.revoke_device(stored(ScannerDevice)[0], by=None)
        opened(people, holder).submit("form[action$='/hadir']")
        assert [phone.revoked_at is None for phone in stored(ScannerDevice)] == [False, True]

    def test_the_second_time_is_a_repeat_that_says_when_and_where(
        self, people: People, holder: Registration, point: Checkpoint
    ) -> None:
        opened(people, holder).submit("form[action$='/hadir']")
        page = opened(people, holder)
        assert "Hadir sejak" in page.one(".alert").text_content()
        answer = page.submit("form[action$='/hadir']")
        assert answer.select("main.answer-repeat")
        assert f"Ponsel {people.organiser.user.name}" in answer.words()

    def test_who_has_cancelled_is_refused_with_the_reason(self, people: People, point: Checkpoint) -> None:
        gone = factories.registration(people.stage)
        page = opened(people, gone)
        with transaction():
            gone.state, gone.ended_at = RegistrationState.CANCELLED, clock.now()
        assert page.submit("form[action$='/hadir']").select("main.answer-refused")
        page = opened(people, gone)
        assert "Dibatalkan" in page.one(".alert").text_content() and not page.select(".officer-button")
        assert stored(Scan)[0].reason is Reason.CANCELLED

    def test_the_answer_loaded_anew_leads_to_the_ticket(self, people: People, holder: Registration) -> None:
        page = people.organiser.client.get(f"/t/{holder.ticket_code}/hadir")
        assert page.url.endswith(f"/t/{holder.ticket_code}") and page.texts("h1") == ["Siti Aminah"]

    def test_a_checkpoint_that_is_closed_is_told_before_anything_is_pressed(
        self, people: People, holder: Registration, point: Checkpoint
    ) -> None:
        with clock.frozen(point.opens_at - timedelta(minutes=5)):
            page = opened(people, holder)
        assert "sedang tidak dibuka" in page.one(".alert").text_content()
        assert page.select(".officer-button.btn-secondary")

    def test_the_checkpoint_can_be_chosen_the_open_one_is_at_first(
        self, people: People, holder: Registration, point: Checkpoint
    ) -> None:
        now = clock.now()
        later = factories.checkpoint(
            people.stage, name="Sore", opens_at=now + timedelta(hours=5), closes_at=now + timedelta(hours=8)
        )
        page = opened(people, holder)
        assert page.values("form[action$='/hadir']")["checkpoint"] == str(point.id)
        answer = page.submit("form[action$='/hadir']", checkpoint=str(later.id))
        assert answer.select("main.answer-refused")
        assert stored(Scan)[0].reason is Reason.TOO_EARLY

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"checkpoint": "999999"}, 404),
            ({"checkpoint": "x\0"}, 404),
            ({"scan_id": "a b"}, 422),
            ({"scan_id": ""}, 422),
        ],
    )
    def test_what_is_wrong_records_nothing(
        self, people: People, holder: Registration, point: Checkpoint, change: dict[str, str], status: int
    ) -> None:
        data = opened(people, holder).values("form[action$='/hadir']") | change
        people.organiser.client.post(f"/t/{holder.ticket_code}/hadir", data=data, status=status)
        assert not stored(Scan)

    def test_a_page_that_grew_old_comes_back_with_a_fresh_button(
        self, people: People, holder: Registration, point: Checkpoint
    ) -> None:
        data = {"checkpoint": str(point.id), "scan_id": "a", "csrf_token": "tua"}
        page = people.organiser.client.post(f"/t/{holder.ticket_code}/hadir", data=data, status=422)
        assert page.submit("form[action$='/hadir']").select("main.answer-admitted")

    def test_strangers_and_other_roles_record_nothing(
        self, people: People, holder: Registration, point: Checkpoint
    ) -> None:
        data = {"checkpoint": str(point.id), "scan_id": "a"}
        for person, status in ((people.facilitator, 403), (people.outsider, 404)):
            data["csrf_token"] = person.client.get("/presensi/kegiatan").json["csrf_token"]
            person.client.post(f"/t/{holder.ticket_code}/hadir", data=data, status=status)
        assert not stored(Scan)

    def test_a_stage_that_is_over_says_so(self, people: People, holder: Registration, point: Checkpoint) -> None:
        page = opened(people, holder)
        with transaction():
            people.stage.starts_on -= timedelta(days=5)
            people.stage.ends_on -= timedelta(days=5)
        late = page.submit("form[action$='/hadir']", status=422)
        assert "sudah berakhir" in late.one(".alert-danger").text_content()
        assert not stored(Scan) and not stored(ScannerDevice)

    def test_without_a_checkpoint_there_is_no_button(self, people: People, holder: Registration) -> None:
        assert not opened(people, holder).select(".officer-button")

    @pytest.mark.both_databases
    def test_a_phone_outlives_a_stage_that_was_prolonged(self, people: People, point: Checkpoint) -> None:
        holder = factories.registration(people.stage)
        service.scan_by_phone(people.organiser.user, point, holder.ticket_code, scan_id="a")
        before = stored(ScannerDevice)[0].expires_at
        with transaction():
            people.stage.ends_on += timedelta(days=1)
        service.scan_by_phone(people.organiser.user, point, holder.ticket_code, scan_id="b")
        db.session.expire_all()
        assert stored(ScannerDevice)[0].expires_at == before + timedelta(days=1)
