"""What a participant does at /saya once he is in: see, correct, confirm an address, cancel, accept, take his data away."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.extensions import db, transaction
from app.hosts.models import Host
from app.privacy.models import DataRequest
from app.privacy.rules import RequestKind
from app.registration.models import Participant, Registration
from app.registration.rules import ConsentKind, RegistrationState
from app.registration.rules_answers import AnswerKind
from app.registration.service.consents import give_consent, withdraw_consent
from app.shared import clock
from app.shared.identity import IdentityType
from tests import factories
from tests.databases import statements
from tests.journey.scene import answer, certify
from tests.mailbox import Mailbox
from tests.pages import Page, PageClient, browse
from tests.privacy.scene import ADDRESS, FORM, NIP, a_host, come_in, coming, link_in, over, registered, subjects
from tests.registration.questions import asked

Work = Callable[[], None]


@pytest.fixture
def host(app) -> Host:
    return a_host()


def again(record):
    return db.session.get_one(type(record), record.id)


def certified(host: Host, **values: object) -> Registration:
    """Siti's registration at a stage of last month, where she was present and has her certificate."""
    stage = over(host)
    factories.certificate_design(stage.programme)
    with transaction():
        stage.min_jp_percent = None
    registration = registered(stage, **values)
    factories.attendance(registration, factories.checkpoint(stage))
    certify(registration)
    return again(registration)


class TestOverview:
    def test_every_stage_with_ticket_and_certificate(
        self, client: PageClient, smtp: Mailbox, work: Work, host: Host
    ) -> None:
        past, future = certified(host), registered(coming(host))
        page = come_in(client, smtp, work)
        words = page.words()
        assert past.stage.name in words and future.stage.name in words and "Sertifikat" in words
        hrefs = [link.get("href") for link in page.select("main a")]
        assert f"/t/{future.ticket_code}" in hrefs and f"/t/{past.ticket_code}/sertifikat.pdf" in hrefs
        assert any(href.startswith("/verifikasi/") for href in hrefs)
        assert NIP not in page.text and ADDRESS not in page.text

    def test_nothing_of_others(self, client: PageClient, smtp: Mailbox, work: Work, host: Host) -> None:
        stage = coming(host)
        registered(stage)
        other = registered(stage, name="Budi Santoso", identity_number="197001011995031001", email="budi@example.org")
        page = come_in(client, smtp, work)
        assert "Budi" not in page.words()
        for path in ("", "/persetujuan", "/terima"):
            token = client.get("/saya/permintaan").values(FORM)["csrf_token"]
            place = f"/saya/pendaftaran/{other.id}{path}"
            client.post(place, data={"csrf_token": token, "kind": "photo", "give": "1", "sure": "y"}, status=404)
        assert again(other).state is RegistrationState.CONFIRMED and not again(other).consents

    @pytest.mark.both_databases
    def test_jp_of_what_was_attended(self, client: PageClient, smtp: Mailbox, work: Work, host: Host) -> None:
        stage = over(host)
        lesson = factories.agenda_session(stage)
        factories.agenda_session(stage, starts_at=factories.at(stage, 10), ends_at=factories.at(stage, 11, 30))
        registration = registered(stage)
        door = factories.checkpoint(stage, sessions=[lesson], opens_at=factories.at(stage, 7))
        factories.attendance(registration, door, at=factories.at(stage, 8))
        assert "2 dari 4 JP" in come_in(client, smtp, work).words()

    def test_what_the_stage_asks_is_answered_from_here(
        self, client: PageClient, smtp: Mailbox, work: Work, host: Host
    ) -> None:
        stage = coming(host)
        question = asked(stage, AnswerKind.SHORT_TEXT, required=True)
        registration = registered(stage)
        page = come_in(client, smtp, work)
        assert "Mohon lengkapi 1 pertanyaan dari panitia." in page.words()
        page.follow(f"a[href='/t/{registration.ticket_code}/pertanyaan']").submit(FORM, **{f"q{question.id}": "udang"})
        page = client.get("/saya")
        assert "Mohon lengkapi" not in page.words() and "Pertanyaan dari panitia" in page.words()

    def test_as_many_statements_for_one_as_for_many(
        self, client: PageClient, smtp: Mailbox, work: Work, host: Host
    ) -> None:
        certified(host)
        come_in(client, smtp, work)
        with statements() as few:
            client.get("/saya")
        for _more in range(4):
            certified(host)
        with statements() as many:
            page = client.get("/saya")
        assert len(page.select(".own-stages > li")) == 5 and len(many) == len(few)

    def test_an_offered_seat_is_accepted(self, client: PageClient, smtp: Mailbox, work: Work, host: Host) -> None:
        registration = registered(coming(host))
        with transaction():
            held = again(registration)
            held.state, held.confirmed_at = RegistrationState.OFFERED, None
            held.offer_until = clock.now() + timedelta(hours=5)
        page = come_in(client, smtp, work)
        assert "ditawarkan" in page.words()
        page.submit(".own-stages form")
        assert again(registration).state is RegistrationState.CONFIRMED

    def test_cancelling_asks_once_more(self, client: PageClient, smtp: Mailbox, work: Work, host: Host) -> None:
        registration = registered(coming(host))
        come_in(client, smtp, work)
        page = client.get(f"/saya/pendaftaran/{registration.id}")
        page = page.submit("details.confirm form", status=422)
        assert again(registration).state is RegistrationState.CONFIRMED
        page.submit("details.confirm form", sure="y", reason="Sakit")
        held = again(registration)
        assert held.state is RegistrationState.CANCELLED and held.cancel_reason == "Sakit"


class TestCorrecting:
    def fill(self, client: PageClient, **values: str) -> Page:
        return client.get("/saya/data").submit(FORM, **values)

    @pytest.mark.both_databases
    def test_what_is_ones_own_holds_at_once(self, client: PageClient, smtp: Mailbox, work: Work, host: Host) -> None:
        """In what is to come and of himself; the office at an event that is over stays as it was then."""
        past, future = registered(over(host)), registered(coming(host))
        come_in(client, smtp, work)
        page = self.fill(client, name="Siti Aminah Putri", phone="0813 1111 2222", position="Kepala Bidang")
        assert "Data Bapak/Ibu disimpan" in page.words()
        for one in (past, future):
            assert again(one).name == "Siti Aminah Putri" and again(one).phone == "+6281311112222"
        assert (again(past).position, again(future).position) == ("Analis", "Kepala Bidang")
        person = db.session.get_one(Participant, past.participant_id)
        assert (person.name, person.name_key) == ("Siti Aminah Putri", "sitiaminahputri")
        assert person.identity_number == NIP and person.email == ADDRESS
        entry = db.session.scalars(sa.select(AuditEntry).filter_by(action="participant.corrected")).one()
        assert entry.actor_id is None and set(entry.fields) == {"name", "phone", "position"}
        assert not db.session.scalars(sa.select(DataRequest)).all()

    def test_a_name_on_a_certificate_is_asked_for(
        self, client: PageClient, smtp: Mailbox, work: Work, host: Host
    ) -> None:
        past = certified(host)
        future = registered(coming(host))
        come_in(client, smtp, work)
        page = self.fill(client, name="Siti Aminah Putri", phone="0813 1111 2222")
        assert "Data Bapak/Ibu disimpan" in page.words() and "Diputuskan penyelenggara" in page.words()
        assert again(past).name == again(future).name == "Siti Aminah"
        assert again(future).phone == "+6281311112222"
        request = db.session.scalars(sa.select(DataRequest)).one()
        assert request.kind is RequestKind.CORRECTION and request.proposed == {"name": "Siti Aminah Putri"}
        self.fill(client, name="Siti Aminah Putri", title_after="M.T.")
        request = db.session.scalars(sa.select(DataRequest)).one()
        assert request.proposed == {"name": "Siti Aminah Putri", "title_after": "M.T."}

    def test_so_is_an_identity_number(self, client: PageClient, smtp: Mailbox, work: Work, host: Host) -> None:
        registration = registered(coming(host))
        come_in(client, smtp, work)
        self.fill(client, identity_number="197001011995031001")
        assert again(registration).identity_number == NIP
        request = db.session.scalars(sa.select(DataRequest)).one()
        assert request.proposed == {"identity_type": "NIP", "identity_number": "197001011995031001"}

    def test_the_rules_of_the_form_hold(self, client: PageClient, smtp: Mailbox, work: Work, host: Host) -> None:
        registration = registered(coming(host))
        come_in(client, smtp, work)
        page = client.get("/saya/data").submit(FORM, phone="12", name="Siti Baru", status=422)
        assert page.values(FORM)["name"] == "Siti Baru" and again(registration).name == "Siti Aminah"

    def test_another_person_cannot_be_made_of_oneself(
        self, client: PageClient, smtp: Mailbox, work: Work, host: Host
    ) -> None:
        stage = coming(host)
        registration = registered(stage)
        twin = registered(
            stage,
            name="Budi Santoso",
            identity_number="197001011995031001",
            email="budi@example.org",
            phone="+6281399999999",
        )
        with transaction():
            for record in (again(twin), db.session.get_one(Participant, twin.participant_id)):
                record.identity_number, record.identity_type = None, IdentityType.NONE
        come_in(client, smtp, work)
        page = client.get("/saya/data").submit(
            FORM, name="Budi Santoso", phone="0813 9999 9999", position="Kepala", status=422
        )
        assert "satu orang" in page.words().lower() or "orang lain" in page.words().lower()
        held = again(registration)
        assert (held.name, held.position) == ("Siti Aminah", "Analis")


class TestAddress:
    @pytest.mark.both_databases
    def test_it_holds_once_it_is_confirmed(self, client: PageClient, smtp: Mailbox, work: Work, host: Host) -> None:
        registration = registered(coming(host))
        come_in(client, smtp, work)
        page = client.get("/saya/data").submit(FORM, email="baru@example.org")
        assert "baru@example.org" in page.words() and again(registration).email == ADDRESS
        work()
        link = link_in(smtp, "baru@example.org", "/saya/alamat/")
        reader = browse(client.application)
        reader.get(link)
        assert again(registration).email == ADDRESS
        reader.get(link).submit(FORM)
        assert again(registration).email == "baru@example.org"
        assert db.session.get_one(Participant, registration.participant_id).email == "baru@example.org"
        assert "tidak berlaku" in reader.get(link, status=410).words()
        work()
        assert "Alamat surel Bapak/Ibu telah diubah" in subjects(smtp)
        come_in(browse(client.application), smtp, work, "baru@example.org")

    def test_a_link_of_one_purpose_opens_nothing_else(
        self, client: PageClient, smtp: Mailbox, work: Work, host: Host
    ) -> None:
        registered(coming(host))
        come_in(client, smtp, work)
        client.get("/saya/data").submit(FORM, email="baru@example.org")
        work()
        token = link_in(smtp, "baru@example.org", "/saya/alamat/").rpartition("/")[2]
        client.get(f"/saya/masuk/{token}", status=410)

    def test_an_address_is_asked_for_three_times_an_hour(
        self, client: PageClient, smtp: Mailbox, work: Work, host: Host, frozen_clock
    ) -> None:
        frozen_clock()
        registered(coming(host))
        come_in(client, smtp, work)
        for number in range(4):
            page = client.get("/saya/data").submit(FORM, email=f"baru{number}@example.org")
        assert "terlalu sering" in page.words()
        work()
        assert not smtp.to("baru3@example.org") and smtp.to("baru2@example.org")

    def test_the_same_address_in_capitals_is_no_change(
        self, client: PageClient, smtp: Mailbox, work: Work, host: Host
    ) -> None:
        registered(coming(host))
        come_in(client, smtp, work)
        assert "Tidak ada yang diubah" in client.get("/saya/data").submit(FORM, email=ADDRESS.upper()).words()


class TestExport:
    @pytest.mark.both_databases
    def test_everything_held_is_in_both_files(self, client: PageClient, smtp: Mailbox, work: Work, host: Host) -> None:
        past = certified(host, name="=Siti", position="+Analis")
        questionnaire = factories.questionnaire(past.stage, title="Penyelenggaraan Bimtek")
        answer(questionnaire, past)
        give_consent(past, ConsentKind.PHOTO)
        withdraw_consent(past, ConsentKind.PHOTO)
        registered(coming(host), name="Rahmat Hidayat", identity_number="197001011995031001")
        come_in(client, smtp, work).submit(FORM, person=str(past.participant_id))
        client.get("/saya/permintaan").submit(FORM, kind="correction", text="Nama ibu saya salah")
        page = client.get("/saya/unduh", check=False)
        assert page.headers["Content-Type"] == "application/zip" and page.headers["Cache-Control"] == "no-store"
        archive = zipfile.ZipFile(io.BytesIO(page.data))
        held = json.loads(archive.read("data.json"))
        assert held["participant"]["identity_number"] == NIP and held["participant"]["email"] == ADDRESS
        counts = {name: len(rows) for name, rows in held.items() if name != "participant"}
        assert counts["registrations"] == counts["certificates"] == counts["attendances"] == counts["feedback"] == 1
        assert counts["consents"] == counts["requests"] == 1 and counts["messages"] >= 2 and counts["activity"] >= 3
        assert held["consents"][0]["withdrawn_at"] and len(held["consents"][0]["wording"]) > 20
        assert held["feedback"] == [{"stage": past.stage.name, "questionnaire": "Penyelenggaraan Bimtek"}]
        assert "Rahmat" not in json.dumps(held)
        book = openpyxl.load_workbook(io.BytesIO(archive.read("data.xlsx")))
        assert len(book.sheetnames) == len(held)
        row = [cell.value for cell in book[book.sheetnames[2]][2]]
        assert NIP in row and "'=Siti" in row and "'+Analis" in row
        assert "Terkonfirmasi" in row and "confirmed" not in row
        assert {"Nama tanpa gelar", "Nomor identitas"} <= {cell.value for cell in book.worksheets[0][1]}
        assert all(cell.data_type == "s" or cell.value is None for sheet in book for line in sheet for cell in line)

    def test_only_at_a_visit(self, client: PageClient) -> None:
        assert client.get("/saya/unduh").url == "/saya"
