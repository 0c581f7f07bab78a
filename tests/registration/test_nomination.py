"""The private page of an invited institution, as its contact uses it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.institutions.models import Institution
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.queries_questions import values_of
from app.registration.rules import Outcome, Reason, RegistrationSource, RegistrationState
from app.registration.rules_answers import AnswerKind
from app.registration.rules_seats import InvitationState
from app.shared import clock
from tests import factories
from tests.databases import statements
from tests.pages import Page, PageClient, browse
from tests.registration.people import NIP, fresh, online, person, registrations, seats_taken
from tests.registration.questions import asked

FORM = "main form[method=post].form"
REASON = {"reason": "Ada tugas lain"}


@pytest.fixture
def stage(app: Flask) -> Stage:
    made = factories.stage(capacity=20)
    factories.category(made.host, "OPD", identity_types=["NIP"], identity_required=True)
    factories.notice(made.host)
    return made


@pytest.fixture
def dinas(stage: Stage) -> Institution:
    return factories.institution(stage.host, "OPD", name="Dinas Kesehatan")


@pytest.fixture
def invitation(stage: Stage, dinas: Institution) -> Invitation:
    deadline = clock.now() + timedelta(hours=5)
    return service.create_invitation(
        stage, dinas, seats_asked=2, deadline=deadline, by=None, letter_number="005/12/VII/2019"
    )


@pytest.fixture
def contact(app: Flask) -> PageClient:
    return browse(app)


def page_of(invitation: Invitation, rest: str = "") -> str:
    return f"/undangan/{invitation.token}{rest}"


def typed(number: int = 1, **values: Any) -> dict[str, Any]:
    known = {
        "name": f"Siti Aminah {'ABCDEFGHIJ'[number]}",
        "identity_type": "NIP",
        "identity_number": NIP.format(number),
        "position": "Pranata Komputer",
        "email": f"siti{number}@tanjungpinangkota.go.id",
        "phone": f"0812 3450 {number:04}",
        "told": "y",
    }
    return {name: value for name, value in (known | values).items() if value is not None}


def add(contact: PageClient, invitation: Invitation, number: int = 1, status: int = 200, **values: Any) -> Page:
    return contact.get(page_of(invitation, "/tambah")).submit(FORM, **typed(number, **values), status=status)


def mails(kind: str) -> list[str]:
    return list(db.session.scalars(sa.select(OutboxMessage.to_address).filter_by(kind=kind).order_by(OutboxMessage.id)))


class TestPage:
    def test_shows_what_is_asked_to_nobody_but_whoever_has_the_link(
        self, contact: PageClient, invitation: Invitation
    ) -> None:
        page = contact.get(page_of(invitation))
        for words in ("Dinas Kesehatan", "2 orang", "005/12/VII/2019", "0 dari 2", "Belum ada nama"):
            assert words in page.words()
        assert page.headers["Cache-Control"] == "no-store" and "noindex" in page.headers["X-Robots-Tag"]
        assert invitation.institution.name not in page.one("meta[property='og:title']").get("content")
        assert invitation.institution.name not in page.one("meta[property='og:description']").get("content")

    @pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 42, "..%2f..", "%F0%9F%98%80" * 9])
    @pytest.mark.parametrize("rest", ["", "/tambah", "/tabel", "/surat.pdf", "/berkas/1"])
    def test_an_unknown_link_is_not_found(
        self, contact: PageClient, invitation: Invitation, token: str, rest: str
    ) -> None:
        contact.get(f"/undangan/{token}{rest}", status=404)

    def test_takes_as_many_statements_for_many_people_as_for_few(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        def count() -> int:
            with statements() as seen:
                contact.get(page_of(invitation))
            return len(seen)

        service.change_invitation(invitation, seats_asked=12, by=None)
        service.nominate(invitation, person(1))
        few = count()
        for number in range(2, 12):
            service.nominate(invitation, person(number, name=f"Siti Rahma {'BCDEFGHIJKLM'[number]}"))
        assert count() == few


class TestNaming:
    def test_a_person_is_confirmed_and_mailed_and_the_ticket_is_not_shown(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        page = add(contact, invitation)
        [made] = registrations(stage)
        assert (made.state, made.source) == (RegistrationState.CONFIRMED, RegistrationSource.INVITATION)
        assert (made.institution_name, made.category.code) == ("Dinas Kesehatan", "OPD")
        assert made.notice_id is not None and mails("registration.ticket") == [made.email]
        assert "Siti Aminah B" in page.words() and "1 dari 2" in page.words()
        assert made.ticket_code not in page.text and made.identity_number not in page.text
        assert fresh(invitation).state is InvitationState.ANSWERED

    def test_another_unsur_or_institution_cannot_be_slipped_in(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        other = factories.institution(stage.host, "PERBANKAN")
        values = contact.get(page_of(invitation, "/tambah")).values(FORM) | typed()
        contact.post(page_of(invitation, "/tambah"), data=values | {"category": "PERBANKAN", "institution": other.id})
        assert registrations(stage)[0].institution_id == invitation.institution_id

    def test_wrong_fields_are_given_back(self, contact: PageClient, stage: Stage, invitation: Invitation) -> None:
        page = add(contact, invitation, status=422, identity_number="123", told=None)
        assert page.values(FORM)["name"] == "Siti Aminah B" and registrations(stage) == []
        assert page.one("[name=identity_number]").get("aria-invalid") == "true"
        assert page.one("[name=told]").get("aria-invalid") == "true"

    def test_somebody_must_be_reachable_or_known_by_number(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        nothing = {"email": "", "phone": "", "identity_number": ""}
        assert "setidaknya nomor ponsel" in add(contact, invitation, status=422, **nothing).words()
        page = add(contact, invitation, **nothing | {"phone": "0812 3450 0001"})
        assert len(registrations(stage)) == 1 and "menyebutkan nama di meja registrasi" in page.words()

    def test_the_same_press_twice_adds_one_and_both_are_answered(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        values = contact.get(page_of(invitation, "/tambah")).values(FORM) | typed()
        pages = [contact.post(page_of(invitation, "/tambah"), data=values) for _ in range(2)]
        assert len(registrations(stage)) == 1 and mails("registration.ticket") == ["siti1@tanjungpinangkota.go.id"]
        assert all(page.url == page_of(invitation) for page in pages)

    def test_two_tabs_beyond_the_last_seat_lose_nothing_typed(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        tabs = [contact.get(page_of(invitation, "/tambah")) for _ in range(3)]
        tabs[0].submit(FORM, **typed(1))
        tabs[1].submit(FORM, **typed(2))
        page = tabs[2].submit(FORM, **typed(3), status=422)
        assert "Semua kursi undangan ini sudah terisi" in page.words()
        assert page.values(FORM)["name"] == "Siti Aminah D"
        assert len(registrations(stage)) == 2 and seats_taken(stage) == 2
        assert "Tambah peserta" not in contact.get(page_of(invitation)).texts("main a.btn")

    def test_who_registered_himself_at_the_institution_moves_onto_its_seat(
        self, contact: PageClient, stage: Stage, dinas: Institution, invitation: Invitation
    ) -> None:
        himself = online(stage, person(1, institution_id=dinas.id, institution_name=dinas.name)).registration
        assert seats_taken(stage) == 3
        page = add(contact, invitation)
        assert fresh(himself).invitation_id == invitation.id and seats_taken(stage) == 2
        assert himself.email not in page.text and not page.select("a[href$='/perbaiki']")
        contact.get(page_of(invitation, f"/peserta/{himself.id}/perbaiki"), status=404)

    def test_who_is_registered_elsewhere_is_said_without_telling_where(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        online(stage, person(1, institution_name="Bank Rahasia", category_code="OPD"))
        page = add(contact, invitation, status=422)
        assert "sudah terdaftar pada kegiatan ini" in page.words() and "Bank Rahasia" not in page.text
        add(contact, invitation, 2)
        assert "sudah ada dalam daftar" in add(contact, invitation, 2, status=422).words()

    def test_the_stages_own_questions_are_asked_and_may_follow(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        size = asked(stage, AnswerKind.SHORT_TEXT, text="Ukuran kaus", required=True)
        add(contact, invitation, 1)
        add(contact, invitation, 2, **{f"q{size.id}": "XL"})
        silent, told = registrations(stage)
        assert values_of(silent) == {} and values_of(told) == {size.id: "XL"}
        form = contact.get(page_of(invitation, f"/peserta/{silent.id}/ganti"))
        form.submit(FORM, **typed(3, **{f"q{size.id}": "M"}))
        assert values_of(registrations(stage)[-1]) == {size.id: "M"}

    def test_the_stage_before_is_asked_for(self, contact: PageClient, stage: Stage, invitation: Invitation) -> None:
        stage.prerequisite_id = factories.stage(stage.programme).id
        db.session.commit()
        assert "tahap sebelumnya" in add(contact, invitation, status=422).words()


class TestReplacing:
    @pytest.fixture
    def old(self, invitation: Invitation) -> Registration:
        registration = service.nominate(invitation, person(1)).registration
        assert registration is not None
        return registration

    def replace(
        self, contact: PageClient, invitation: Invitation, old: Registration, status: int = 200, **values: Any
    ) -> Page:
        form = contact.get(page_of(invitation)).follow(f"a[href$='/{old.id}/ganti']")
        return form.submit(FORM, **typed(2, **values), status=status)

    def test_keeps_the_seat_kills_the_ticket_and_tells_both(
        self, contact: PageClient, stage: Stage, invitation: Invitation, old: Registration
    ) -> None:
        page = self.replace(contact, invitation, old)
        assert fresh(old).state is RegistrationState.CANCELLED
        new = registrations(stage)[-1]
        assert (new.replaces_id, new.invitation_id, new.state) == (old.id, invitation.id, RegistrationState.CONFIRMED)
        assert (seats_taken(stage), fresh(invitation).used) == (2, 1)
        assert mails("registration.replaced") == [old.email] and mails("registration.ticket")[-1] == new.email
        assert f"digantikan oleh {new.full_name}" in page.words()

    def test_a_second_press_is_answered_as_the_first(
        self, contact: PageClient, stage: Stage, invitation: Invitation, old: Registration
    ) -> None:
        address = page_of(invitation, f"/peserta/{old.id}/ganti")
        values = contact.get(address).values(FORM) | typed(2)
        for _ in range(2):
            assert contact.post(address, data=values).url == page_of(invitation)
        assert len(registrations(stage)) == 2 and len(mails("registration.replaced")) == 1

    def test_by_the_same_or_a_registered_person_is_refused(
        self, contact: PageClient, stage: Stage, invitation: Invitation, old: Registration
    ) -> None:
        same = {"identity_number": old.identity_number}
        assert "orang yang sama" in self.replace(contact, invitation, old, status=422, **same).words()
        service.nominate(invitation, person(2))
        assert "sudah ada dalam daftar" in self.replace(contact, invitation, old, status=422).words()
        assert fresh(old).state is RegistrationState.CONFIRMED

    def test_by_who_was_not_at_the_stage_before_is_refused(self, stage: Stage, old: Registration) -> None:
        stage.prerequisite_id = factories.stage(stage.programme).id
        db.session.commit()
        answer = service.replace(old, person(2), source=RegistrationSource.STAFF)
        assert (answer.outcome, answer.reason) == (Outcome.REFUSED, Reason.PREREQUISITE)
        assert fresh(old).state is RegistrationState.CONFIRMED

    def test_people_of_another_invitation_are_not_found(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        other = service.create_invitation(
            stage, factories.institution(stage.host), seats_asked=1, deadline=clock.now() + timedelta(hours=1), by=None
        )
        theirs = service.nominate(other, person(5)).registration
        for action in ("ganti", "perbaiki"):
            contact.get(page_of(invitation, f"/peserta/{theirs.id}/{action}"), status=404)
        form = contact.get(page_of(invitation, "/tambah")).values(FORM)
        for action in ("tarik", "tiket", "ganti"):
            contact.post(page_of(invitation, f"/peserta/{theirs.id}/{action}"), data=form | REASON, status=404)
        assert fresh(theirs).state is RegistrationState.CONFIRMED

    def test_a_typing_error_is_mended_but_not_into_another_person(
        self, contact: PageClient, stage: Stage, invitation: Invitation, old: Registration
    ) -> None:
        form = contact.get(page_of(invitation)).follow(f"a[href$='/{old.id}/perbaiki']")
        form.submit(FORM, name="Siti Aminah Binti Raja", told="y")
        assert fresh(old).name == "Siti Aminah Binti Raja"
        form = contact.get(page_of(invitation, f"/peserta/{old.id}/perbaiki"))
        page = form.submit(FORM, name="Orang Lain", identity_number=NIP.format(9), told="y", status=422)
        assert "Ini menjadi orang lain" in page.words() and page.values(FORM)["name"] == "Orang Lain"
        assert fresh(old).name == "Siti Aminah Binti Raja"

    def test_withdrawing_asks_for_a_reason_and_leaves_the_seat(
        self, contact: PageClient, stage: Stage, invitation: Invitation, old: Registration
    ) -> None:
        form = f"form[action$='/{old.id}/tarik']"
        page = contact.get(page_of(invitation)).submit(form, reason="", status=422)
        page = page.submit(form, **REASON)
        assert (fresh(old).state, old.cancel_reason) == (RegistrationState.CANCELLED, "Ada tugas lain")
        assert (seats_taken(stage), fresh(invitation).used) == (2, 0)
        assert mails("registration.cancelled") == [old.email]
        assert "1 orang ditarik" in page.words()

    def test_the_ticket_is_sent_again_to_the_person_alone(
        self, contact: PageClient, invitation: Invitation, old: Registration
    ) -> None:
        contact.get(page_of(invitation)).submit(f"form[action$='/{old.id}/tiket']")
        assert mails("registration.ticket") == [old.email] * 2


class TestClosed:
    @pytest.fixture(params=["late", "declined"])
    def closed(self, request: Any, stage: Stage, invitation: Invitation, frozen_clock: Any) -> Invitation:
        service.nominate(invitation, person(1))
        if request.param == "late":
            frozen_clock(clock.now() + timedelta(hours=6))
        else:
            service.decline(invitation, reason="Rapat")
        return invitation

    def test_shows_the_people_and_changes_nothing(self, contact: PageClient, stage: Stage, closed: Invitation) -> None:
        [named] = registrations(stage)
        page = contact.get(page_of(closed))
        assert named.full_name in page.words() and page.select(".alert-warning")
        assert not page.select("a[href$='/tambah'], a[href$='/ganti'], form[action$='/tarik'], form[action*='/tolak']")
        for rest in ("/tambah", "/tabel", f"/peserta/{named.id}/ganti", f"/peserta/{named.id}/perbaiki"):
            assert contact.get(page_of(closed, rest)).url == page_of(closed)
        reason = service.withdraw_named(fresh(closed), fresh(named), reason="x")
        assert reason is Reason.INVITATION_CLOSED
        assert service.correct_named(closed, named, person(1, name="Siti A")) is Reason.INVITATION_CLOSED
        assert service.replace_named(closed, named, person(2)).reason is Reason.INVITATION_CLOSED
        assert service.nominate(closed, person(2)).reason is Reason.INVITATION_CLOSED
        assert not service.decline(closed, reason="x")
        assert fresh(named).state is RegistrationState.CONFIRMED

    def test_a_form_that_was_open_is_given_back(
        self, contact: PageClient, invitation: Invitation, frozen_clock: Any
    ) -> None:
        form = contact.get(page_of(invitation, "/tambah"))
        frozen_clock(clock.now() + timedelta(hours=6))
        page = form.submit(FORM, **typed(), status=422)
        assert "tidak lagi menerima nama" in page.words() and page.values(FORM)["name"] == "Siti Aminah B"

    def test_a_withdrawn_link_says_so_and_shows_nobody(
        self, contact: PageClient, stage: Stage, invitation: Invitation
    ) -> None:
        named = service.nominate(invitation, person(1)).registration
        service.withdraw_invitation(invitation, by=None)
        for rest in ("", "/tambah", "/tabel", "/surat.pdf"):
            page = contact.get(page_of(invitation, rest), status=410)
            assert "ditarik" in page.words() and named.name not in page.text
            assert page.headers["Cache-Control"] == "no-store"
        assert fresh(named).state is RegistrationState.CONFIRMED

    def test_declining_asks_for_a_reason(self, contact: PageClient, stage: Stage, invitation: Invitation) -> None:
        form = "form[action*='/tolak']"
        page = contact.get(page_of(invitation)).submit(form, reason="", status=422)
        page = page.submit(form, reason="Bersamaan dengan rapat")
        assert fresh(invitation).state is InvitationState.DECLINED and seats_taken(stage) == 0
        assert page.select(".alert-warning")
