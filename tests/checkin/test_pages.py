"""The scanner's shell, enrolling, and the board."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin import queries, service
from app.checkin.models import Attendance, Checkpoint, ScannerDevice
from app.checkin.rules import ScanSource
from app.checkin.service import ScanItem
from app.extensions import db
from app.shared import clock
from app.shared.dates import clock_time
from tests import factories
from tests.pages import browse
from tests.personas import People


def board(people: People) -> str:
    return f"/panel/kegiatan/{people.stage.slug}/presensi"


@pytest.fixture
def point(people: People) -> Checkpoint:
    return factories.checkpoint(people.stage, name="Pintu Utama")


def test_the_shell_is_the_same_for_everyone_and_holds_nobody(app: Flask, people: People) -> None:
    assert people.participant.full_name
    public = people.visitor.get("/presensi")
    signed_in = people.organiser.client.get("/presensi")
    assert public.text == signed_in.text
    assert people.participant.full_name not in public.text
    assert public.headers["Cache-Control"] == "public, no-cache"
    assert "Set-Cookie" not in public.headers
    known = {"If-None-Match": public.headers["ETag"]}
    assert people.visitor.request_raw("/presensi", headers=known).status_code == 304


def test_enrolling_by_one_tap(app: Flask, people: People) -> None:
    client = people.organiser.client
    offered = client.get("/presensi/kegiatan").json
    assert [stage["slug"] for stage in offered["stages"]] == [people.stage.slug]
    assert offered["preselected"] == people.stage.slug
    form = {"stage": people.stage.slug, "name": "Pintu Utama"}
    client.post("/presensi/perangkat", data=form, status=400)
    answer = client.post("/presensi/perangkat", data=form | {"csrf_token": offered["csrf_token"]}, status=201).json
    headers = {"Authorization": f"Bearer {answer['token']}"}
    assert browse(app).get("/api/v1/checkpoints", headers=headers).json["device"]["name"] == "Pintu Utama"
    assert db.session.scalars(sa.select(ScannerDevice)).one().user_id == people.organiser.user.id


@pytest.mark.both_databases
def test_what_no_database_can_hold_enrols_nothing_or_is_dropped(app: Flask, people: People) -> None:
    client = people.organiser.client
    form = {"csrf_token": client.get("/presensi/kegiatan").json["csrf_token"]}
    client.post("/presensi/perangkat", data=form | {"stage": "tidak\0ada", "name": "a"}, status=404)
    client.post("/presensi/perangkat", data=form | {"stage": people.stage.slug, "name": "Pintu\0 A"}, status=201)
    assert db.session.scalars(sa.select(ScannerDevice)).one().name == "Pintu A"


def test_who_may_not_scan_is_offered_nothing(people: People) -> None:
    assert people.facilitator.client.get("/presensi/kegiatan").json["stages"] == []
    strange = people.outsider.client.get("/presensi/kegiatan").json
    assert [stage["slug"] for stage in strange["stages"]] == [people.other_stage.slug]
    for person, status in ((people.facilitator, 403), (people.outsider, 404)):
        token = person.client.get("/presensi/kegiatan").json["csrf_token"]
        form = {"stage": people.stage.slug, "csrf_token": token}
        person.client.post("/presensi/perangkat", data=form, status=status)
    assert people.visitor.request_raw("/presensi/kegiatan").status_code in (302, 303)


def test_the_board_shows_who_is_there(people: People, point: Checkpoint) -> None:
    there, absent = people.participant, factories.registration(people.stage, name="Budi Santoso")
    service.mark_present(there, point, reason="tanda tangan di kertas", by=people.organiser.user)
    page = people.organiser.client.get(f"{board(people)}?titik={point.id}")
    assert "1 dari 2" in " ".join(page.texts(".tile .value"))
    assert "Siti Aminah" in page.words() and "Budi Santoso" in page.words()
    present = people.organiser.client.get(f"{board(people)}?titik={point.id}&keadaan=hadir")
    assert there.full_name in present.words() and absent.full_name not in present.words()
    assert "Tidak ada peserta" in people.organiser.client.get(f"{board(people)}?titik={point.id}&cari=xyz").words()


def test_the_board_without_checkpoints_and_with_a_wrong_one(people: People) -> None:
    assert "Belum ada titik presensi" in people.organiser.client.get(board(people)).words()
    factories.checkpoint(people.stage)
    people.organiser.client.get(f"{board(people)}?titik=abc&halaman=99")
    people.organiser.client.get(f"{board(people)}/999999/angka", status=404)


def test_the_figures_refresh_alone(people: People, point: Checkpoint) -> None:
    page = people.organiser.client.get(f"{board(people)}/{point.id}/angka")
    assert page.one("#figures").get("data-board").endswith(f"/{point.id}/angka")


def test_annulling_and_marking_on_the_board(people: People, point: Checkpoint) -> None:
    person = people.participant
    client = people.organiser.client
    page = client.get(f"{board(people)}?titik={point.id}")
    page = page.submit("form[action*='/hadir/']", reason="tanda tangan di kertas")
    attendance = db.session.scalars(sa.select(Attendance)).one()
    assert (attendance.registration_id, attendance.recorded_by_id) == (person.id, people.organiser.user.id)
    page = page.submit("form[action$='/batal']", reason=" ", status=422)
    assert db.session.get_one(Attendance, attendance.id).annulled_at is None
    page.submit("form[action$='/batal']", reason="salah orang")
    assert db.session.get_one(Attendance, attendance.id).annul_reason == "salah orang"


def test_marking_says_from_when_it_counts(people: People, point: Checkpoint) -> None:
    assert people.participant.id
    where = f"{board(people)}?titik={point.id}"
    assert "dihitung hadir sejak saat ini" in people.organiser.client.get(where).words()
    with clock.frozen(point.closes_at):
        text = browse(people.app).sign_in_as(people.organiser.user).get(where).words()
    assert f"dihitung hadir sejak titik dibuka, {clock_time(point.opens_at, people.stage.timezone)}" in text
    assert "lebih dari 30 menit sebelumnya" in text


def test_the_time_typed_is_the_hosts(people: People, point: Checkpoint) -> None:
    page = people.organiser.client.get(f"{board(people)}?titik={point.id}")
    assert people.participant.id
    page = people.organiser.client.get(f"{board(people)}?titik={point.id}")
    page = page.submit("form[action*='/hadir/']", reason="kertas", at="2019-07-08T08:00", status=422)
    assert "jam buka" in " ".join(page.texts(".alert"))
    assert db.session.scalar(sa.select(sa.func.count(Attendance.id))) == 0


def test_a_viewer_sees_and_changes_nothing(people: People, point: Checkpoint) -> None:
    assert people.participant.id
    page = people.viewer.client.get(f"{board(people)}?titik={point.id}")
    assert not page.select("main form[method=post]")
    people.viewer.client.get(f"{board(people)}/cetak", status=403)
    people.viewer.client.get(f"{board(people)}/titik/tambah", status=403)


def test_who_may_not_see_people_sees_figures_alone(people: People, point: Checkpoint) -> None:
    person, path = people.participant, f"{board(people)}?titik={point.id}"
    device, _token = factories.device(people.stage)
    item = ScanItem(
        scan_id="a",
        code_hash=person.ticket_hash,
        occurred_at=clock.now(),
        source=ScanSource.CAMERA,
        offline_decision=None,
    )
    service.record_scans(token_hash=device.token_hash, checkpoint_id=point.id, items=[item])
    assert person.full_name in people.certifier.client.get(path).words()
    for blind in (people.viewer, people.facilitator):
        for page in (blind.client.get(f"{path}&cari=siti"), blind.client.get(f"{board(people)}/{point.id}/angka")):
            assert "1 dari 1" in " ".join(page.texts(".tile .value"))
            assert person.name not in page.text and person.institution_name not in page.text
        assert not blind.client.get(path).select("input[name=cari]")


def test_adding_editing_and_removing_a_checkpoint(people: People) -> None:
    session = factories.agenda_session(people.stage, title="Analisis Kesiapan")
    client = people.organiser.client
    page = client.get(f"{board(people)}/titik/tambah")
    day = people.stage.starts_on.isoformat()
    wrong = page.submit("main form", name="Pintu Timur", opens_at=f"{day}T10:00", closes_at=f"{day}T09:00", status=422)
    assert wrong.values("main form")["name"] == "Pintu Timur"
    page = wrong.submit("main form", closes_at=f"{day}T12:00", sessions=[str(session.id)])
    added = db.session.scalars(sa.select(Checkpoint)).one()
    assert (added.name, added.opens_at) == ("Pintu Timur", factories.at(people.stage, 10))
    assert [one.id for one in added.sessions] == [session.id]
    page = client.get(f"{board(people)}/titik/{added.id}")
    assert page.select("main form.form input[name=sessions][checked]")
    page.submit("main form.form", name="Pintu Barat")
    edited = queries.checkpoints_of(people.stage)[0]
    assert (edited.name, [one.title for one in edited.sessions]) == ("Pintu Barat", ["Analisis Kesiapan"])
    client.get(f"{board(people)}/titik/{added.id}").submit("form[action$='/hapus']")
    assert queries.checkpoints_of(people.stage) == []


def test_revoking_a_device(people: People, point: Checkpoint) -> None:
    device, _token = factories.device(people.stage, name="Ponsel Lama")
    people.organiser.client.get(f"{board(people)}/perangkat").submit("form[action$='/cabut']")
    assert db.session.get_one(ScannerDevice, device.id).revoked_at is not None


def test_the_devices_tell_which_one_lost_its_right(people: People) -> None:
    factories.device(people.stage, name="Ponsel Fasilitator", user_id=people.facilitator.user.id)
    row = people.organiser.client.get(f"{board(people)}/perangkat").one("#devices tbody tr")
    assert "Tidak berhak lagi" in " ".join(row.text_content().split())


def test_who_is_there_already_is_not_recorded_again(people: People, point: Checkpoint) -> None:
    person = people.participant
    page = people.organiser.client.get(f"{board(people)}?titik={point.id}")
    there = service.mark_present(person, point, reason="kertas", by=people.organiser.user)
    shown = clock_time(there.at, people.stage.timezone)
    page = page.submit("form[action*='/hadir/']", reason="datang")
    assert f"sudah hadir pukul {shown}, dicatat oleh" in page.one("#flashes").text_content()
    assert len(db.session.scalars(sa.select(Attendance)).all()) == 1
