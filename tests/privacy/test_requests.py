"""Data requests: asked at /saya, settled by the clerk within 72 hours, told by mail."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from app.accounts.rules import Role
from app.audit.models import AuditEntry
from app.extensions import db, transaction
from app.hosts.models import Host
from app.jobs.models import OutboxMessage
from app.jobs.rules import MessageState
from app.privacy import service
from app.privacy.models import DataRequest, PersonLink
from app.privacy.rules import ERASED_NAME, RequestKind, RequestState
from app.registration.models import Participant, Registration
from app.registration.models_questions import RegistrationAnswer, RegistrationQuestion
from app.registration.rules import RegistrationState
from app.registration.rules_answers import AnswerKind
from app.registration.service import documents
from app.shared import clock
from app.shared.identity import IdentityType
from app.web import uploads
from tests import factories
from tests.databases import statements
from tests.mailbox import Mailbox
from tests.pages import PageClient, browse
from tests.privacy.scene import ADDRESS, FORM, NIP, a_host, come_in, coming, over, registered, subjects
from tests.privacy.test_own_data import again, certified

Work = Callable[[], None]


@pytest.fixture
def host(app) -> Host:
    return a_host()


def member(app, role: Role, on) -> PageClient:
    user = factories.user()
    factories.membership(user, role, on)
    return browse(app).sign_in_as(user)


@pytest.fixture
def clerk(app, host: Host) -> PageClient:
    """The administrator of the host."""
    return member(app, Role.ADMINISTRATOR, host)


def queue(of: Host, request: DataRequest | None = None, act: str = "") -> str:
    place = f"/panel/penyelenggara/{of.slug}/permintaan-data"
    return place if request is None else f"{place}/{request.id}{act}"


def asked(of: Registration, kind: RequestKind = RequestKind.CORRECTION, **values) -> DataRequest:
    return service.ask(db.session.get_one(Participant, of.participant_id), kind, **values)


class TestAsking:
    @pytest.mark.both_databases
    def test_in_ones_own_words(self, client: PageClient, smtp: Mailbox, work: Work, host: Host, clerk) -> None:
        registered(coming(host))
        come_in(client, smtp, work)
        page = client.get("/saya/permintaan").submit(FORM, kind="correction", text="", status=422)
        page = page.submit(FORM, kind="correction", text="Nama instansi saya salah.")
        assert "Nama instansi saya salah." in page.words() and "3 × 24 jam" in page.words()
        request = db.session.scalars(sa.select(DataRequest)).one()
        assert request.due_at - request.created_at == timedelta(hours=72)
        work()
        assert "Permintaan Bapak/Ibu tentang data pribadi" in subjects(smtp)
        notice = next(message for message in smtp.messages if "menunggu" in str(message["Subject"]))
        body = notice.get_body(("plain",)).get_content()
        assert queue(host, request) in body and "Siti" not in body and "Siti" not in str(notice["Subject"])

    def test_a_deletion_is_asked_for_knowingly(self, client: PageClient, smtp: Mailbox, work: Work, host: Host) -> None:
        registered(coming(host))
        come_in(client, smtp, work)
        page = client.get("/saya/permintaan").submit(FORM, kind="deletion", status=422)
        page.submit(FORM, kind="deletion", sure="y")
        assert db.session.scalars(sa.select(DataRequest.kind)).all() == [RequestKind.DELETION]

    @pytest.mark.both_databases
    def test_asking_again_adds_to_the_open_one_and_leaves_its_clock(self, host: Host, frozen_clock) -> None:
        now = frozen_clock(datetime(2026, 3, 2, 2, tzinfo=UTC))
        registration = registered(coming(host))
        first = asked(registration, text="Satu")
        frozen_clock(now + timedelta(hours=10))
        second = asked(registration, text="Dua", proposed={"name": "Siti"})
        assert first.id == second.id
        held = again(first)
        assert held.text == "Satu\n\nDua" and held.proposed == {"name": "Siti"}
        assert held.due_at == now + timedelta(hours=72)
        assert asked(registration, RequestKind.DELETION).id != first.id

    def test_five_times_a_day(self, client: PageClient, smtp: Mailbox, work: Work, host: Host, frozen_clock) -> None:
        frozen_clock()
        registered(coming(host))
        come_in(client, smtp, work)
        for number in range(5):
            client.get("/saya/permintaan").submit(FORM, kind="correction", text=f"Isi {number}")
        page = client.get("/saya/permintaan").submit(FORM, kind="correction", text="Isi lagi", status=422)
        assert "beberapa kali" in page.words() and page.values(FORM)["text"].strip() == "Isi lagi"


class TestQueue:
    def test_the_clock_is_shown(self, host: Host, app, frozen_clock) -> None:
        now = frozen_clock(datetime(2026, 3, 2, 2, tzinfo=UTC))
        clerk = member(app, Role.ADMINISTRATOR, host)
        asked(registered(coming(host)), text="Salah")
        for passed, words in ((1, "Sisa 71 jam"), (71, "Sisa 1 jam"), (80, "Terlambat 8 jam")):
            frozen_clock(now + timedelta(hours=passed))
            assert words in clerk.get(queue(host)).words() and words in clerk.get("/panel").words()

    def test_roles_and_hosts(self, app, host: Host) -> None:
        mine, other = coming(host), coming(host)
        request = asked(registered(mine), text="Salah")
        manager, stranger = member(app, Role.MANAGER, mine.programme), member(app, Role.MANAGER, other.programme)
        assert "Siti Aminah" in manager.get(queue(host)).words()
        manager.get(queue(host, request))
        assert "Siti Aminah" not in stranger.get(queue(host)).words() and "Siti" not in stranger.get("/panel").words()
        stranger.get(queue(host, request), status=404)
        for role in (Role.ORGANISER, Role.FACILITATOR, Role.CERTIFIER, Role.VIEWER):
            low = member(app, role, mine.programme)
            low.get(queue(host), status=403)
            low.get(queue(host, request), status=403)
        elsewhere = member(app, Role.ADMINISTRATOR, a_host())
        elsewhere.get(queue(host), status=404)
        elsewhere.get(queue(host, request), status=404)

    def test_a_manager_cannot_settle_what_reaches_beyond_her_programmes(self, app, host: Host) -> None:
        mine, other = coming(host), coming(host)
        registration = registered(mine)
        registered(other)
        request = asked(registration, proposed={"name": "Siti Putri"})
        manager = member(app, Role.MANAGER, mine.programme)
        page = manager.get(queue(host, request))
        assert "administrator yang menyelesaikannya" in page.words() and not page.select(FORM)
        assert mine.name in page.words() and other.name not in page.words()
        assert "1 pendaftaran pada program yang bukan program Anda" in page.words()
        manager.application.config["WTF_CSRF_ENABLED"] = False
        manager.post(queue(host, request, "/penuhi"), status=403)
        manager.post(queue(host, request, "/tolak"), data={"reason": "Tidak"}, status=403)
        assert again(request).state is RequestState.OPEN

    def test_as_many_statements_for_one_as_for_many(self, host: Host, clerk: PageClient) -> None:
        stage = coming(host)
        asked(registered(stage), text="Salah")
        clerk.get(queue(host))
        with statements() as few:
            clerk.get(queue(host))
        for number in range(4):
            asked(factories.registration(stage, name=f"Peserta {number}"), text="Salah")
        with statements() as many:
            page = clerk.get(queue(host))
        assert len(page.select("tbody tr")) == 5 and len(many) == len(few)


class TestCorrection:
    @pytest.mark.both_databases
    def test_it_reaches_every_registration(self, smtp: Mailbox, work: Work, host: Host, clerk: PageClient) -> None:
        past, future = certified(host), registered(coming(host))
        ended = registered(coming(host))
        with changing(ended) as held:
            held.state, held.ended_at = RegistrationState.CANCELLED, clock.now()
        number = {"identity_type": "NIP", "identity_number": "197001011995031001"}
        request = asked(past, proposed={"name": "Siti Putri", **number})
        page = clerk.get(queue(host, request))
        words = page.words()
        assert "Siti Aminah" in words and "Siti Putri" in words and "19700101 199503 1 001" in words
        page.submit("form[action$='/penuhi']", answer="Sudah kami perbaiki.")
        for one in (past, future):
            assert again(one).name == "Siti Putri" and again(one).identity_number == "197001011995031001"
        assert again(ended).name == "Siti Aminah"
        person = db.session.get_one(Participant, past.participant_id)
        assert (person.name, person.identity_number, person.email) == ("Siti Putri", "197001011995031001", ADDRESS)
        held = again(request)
        assert held.state is RequestState.DONE and held.settled_by_id and held.settled_at
        entries = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "registration.corrected")).all()
        assert {entry.actor_id for entry in entries} == {held.settled_by_id}
        work()
        letter = smtp.to(ADDRESS)[-1]
        assert str(letter["Subject"]) == "Data Bapak/Ibu telah diperbaiki"
        assert "Sudah kami perbaiki." in letter.get_body(("plain",)).get_content()

    def test_the_office_at_an_event_that_is_over_can_be_asked_for(self, host: Host, clerk: PageClient) -> None:
        registration = registered(over(host))
        request = asked(registration, proposed={"position": "Kepala Bidang"})
        clerk.get(queue(host, request)).submit("form[action$='/penuhi']")
        assert again(registration).position == "Kepala Bidang"

    @pytest.mark.both_databases
    def test_what_cannot_be_is_said_and_changes_nothing(self, host: Host, clerk: PageClient) -> None:
        stage = coming(host)
        registration = registered(stage)
        registered(stage, name="Rahmat", identity_number="197001011995031001", email="rahmat@example.org", phone=None)
        number = {"identity_type": "NIP", "identity_number": "197001011995031001"}
        request = asked(registration, proposed={"name": "Siti Putri", **number})
        page = clerk.get(queue(host, request)).submit("form[action$='/penuhi']", status=422)
        assert "orang lain" in page.words().lower()
        assert again(registration).name == "Siti Aminah" and again(request).state is RequestState.OPEN

    def test_a_settled_one_is_not_settled_again(self, smtp: Mailbox, work: Work, host: Host, clerk: PageClient) -> None:
        request = asked(registered(coming(host)), text="Salah")
        first = clerk.get(queue(host, request))
        first.submit("form[action$='/tolak']", reason="Data sudah benar.")
        assert again(request).state is RequestState.REFUSED and again(request).answer == "Data sudah benar."
        page = first.submit("form[action$='/penuhi']")
        assert "sudah diselesaikan" in page.words() and again(request).state is RequestState.REFUSED
        work()
        assert "Permintaan Bapak/Ibu tentang data pribadi ditolak" in subjects(smtp)

    def test_a_refusal_needs_a_reason(self, host: Host, clerk: PageClient) -> None:
        request = asked(registered(coming(host)), text="Salah")
        clerk.get(queue(host, request)).submit("form[action$='/tolak']", status=422)
        assert again(request).state is RequestState.OPEN


class TestDeletion:
    def delete(self, of: Registration, host: Host, clerk: PageClient) -> DataRequest:
        request = asked(of, RequestKind.DELETION, text="Mohon dihapus")
        clerk.get(queue(host, request)).submit("form[action$='/penuhi']")
        return request

    @pytest.mark.both_databases
    def test_without_attendance_nothing_is_left(self, smtp: Mailbox, work: Work, host: Host, clerk: PageClient) -> None:
        stage = coming(host, capacity=5)
        registration = registered(stage)
        question = question_with_answer(registration)
        stored = documents.keep(picture(), stage=stage, registration=registration).stored_name
        assert uploads.read(documents.FOLDER, stored)
        work()
        request = self.delete(registration, host, clerk)
        held, person = again(registration), db.session.get_one(Participant, registration.participant_id)
        assert held.state is RegistrationState.CANCELLED
        for record in (held, person):
            assert record.name == ERASED_NAME and record.email is record.phone is record.identity_number is None
            assert record.identity_type is IdentityType.NONE
        assert held.rank == held.position == "" and held.institution_name == "Dinas Kesehatan"
        assert again(stage).seats_taken == 0
        assert not db.session.scalars(sa.select(RegistrationAnswer)).all() and again(question)
        assert uploads.read(documents.FOLDER, stored) is None
        assert again(request).text == "" and again(request).state is RequestState.DONE
        assert not db.session.scalars(sa.select(PersonLink)).all()
        work()
        letter = smtp.to(ADDRESS)[-1]
        assert str(letter["Subject"]) == "Data Bapak/Ibu telah dihapus"
        assert "Nama Bapak/Ibu juga dihapus" in " ".join(letter.get_body(("plain",)).get_content().split())
        service.forget_addresses_of_erased()
        known = db.session.scalars(sa.select(OutboxMessage.to_address).where(OutboxMessage.to_address == ADDRESS))
        assert not known.all()
        assert not db.session.scalars(sa.select(OutboxMessage.id).filter_by(state=MessageState.QUEUED)).all()

    @pytest.mark.both_databases
    def test_attendance_and_certificate_keep_the_name(
        self, smtp: Mailbox, work: Work, host: Host, clerk: PageClient
    ) -> None:
        past, future = certified(host), registered(coming(host))
        work()
        self.delete(future, host, clerk)
        kept, gone = again(past), again(future)
        assert (kept.name, kept.position) == ("Siti Aminah", "Analis") and kept.state is RegistrationState.CONFIRMED
        assert kept.identity_number is kept.email is kept.phone is None
        assert gone.name == ERASED_NAME and gone.state is RegistrationState.CANCELLED
        person = db.session.get_one(Participant, past.participant_id)
        assert person.name == "Siti Aminah" and person.identity_number is person.email is None
        work()
        sent = [str(message["Subject"]) for message in smtp.to(ADDRESS)]
        assert sent[-1] == "Data Bapak/Ibu telah dihapus" and not any("dibatalkan" in subject for subject in sent)
        assert "arsip" in smtp.to(ADDRESS)[-1].get_body(("plain",)).get_content()

    def test_the_visit_ends_with_the_data(
        self, client: PageClient, smtp: Mailbox, work: Work, host: Host, clerk: PageClient
    ) -> None:
        registration = registered(coming(host))
        come_in(client, smtp, work)
        self.delete(registration, host, clerk)
        assert client.get("/saya").select("input[name=email]")

    def test_others_of_the_address_are_left_alone(
        self, client: PageClient, smtp: Mailbox, work: Work, host: Host, clerk: PageClient
    ) -> None:
        stage = coming(host)
        registration = registered(stage)
        rahmat = registered(stage, name="Rahmat", identity_number="197001011995031001")
        come_in(client, smtp, work).submit(FORM, person=str(rahmat.participant_id))
        self.delete(registration, host, clerk)
        assert "Rahmat" in client.get("/saya").words() and again(rahmat).email == ADDRESS
        letters = sa.select(OutboxMessage.to_address).where(OutboxMessage.subject_id == rahmat.id)
        assert ADDRESS in db.session.scalars(letters).all()

    def test_the_person_can_register_anew(self, host: Host, clerk: PageClient) -> None:
        stage = coming(host)
        registration = registered(stage)
        self.delete(registration, host, clerk)
        anew = registered(stage)
        assert anew.participant_id != registration.participant_id and anew.identity_number == NIP


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "PNG")
    return out.getvalue()


def question_with_answer(of: Registration) -> RegistrationQuestion:
    question = factories._save(
        RegistrationQuestion(
            stage_id=of.stage_id, kind=AnswerKind.SHORT_TEXT, text="Ukuran baju?", position=1, created_at=clock.now()
        )
    )
    factories._save(
        RegistrationAnswer(registration_id=of.id, question_id=question.id, value="XL", answered_at=clock.now())
    )
    return question


@contextmanager
def changing(record: Registration) -> Iterator[Registration]:
    with transaction():
        yield again(record)
