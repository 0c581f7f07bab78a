"""Inviting, as staff do it: the list, one, all of an unsur, a table, letters and their texts; and letting a substitute come."""

import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.institutions.models import Institution
from app.jobs.models import OutboxMessage
from app.registration import service
from app.registration.models_seats import Invitation
from app.registration.rules import RegistrationSource, RegistrationState
from app.registration.rules_seats import InvitationState
from app.shared import clock
from app.web.forms import LOCAL_FORMAT
from tests import factories
from tests.databases import statements
from tests.pages import PageClient
from tests.paper.reading import pages_of
from tests.personas import STAFF, People
from tests.registration.people import NIP, fresh, person, registrations, seats_taken

FORM = "main form[method=post].form"
TAKE_OVER = "main form:has(input[name=confirmed])"
BULK = "main form[action$='/massal']"
READS = {"administrator", "manager", "organiser", "certifier"}
CHANGES = READS - {"certifier"}


@pytest.fixture
def organiser(people: People) -> PageClient:
    return people.organiser.client


@pytest.fixture
def dinas(people: People) -> Institution:
    return factories.institution(people.host, "OPD", name="Dinas Kesehatan")


@pytest.fixture
def bank(people: People) -> Institution:
    return factories.institution(people.host, "PERBANKAN", name="Bank Riau Kepri")


def page_of(people: People, rest: str = "") -> str:
    return f"/panel/kegiatan/{people.stage.slug}/undangan{rest}"


def invited(people: People, institution: Institution, seats: int = 2, **values: Any) -> Invitation:
    until = values.pop("deadline", clock.now() + timedelta(days=1))
    return service.create_invitation(people.stage, institution, seats_asked=seats, deadline=until, by=None, **values)


def invitations(people: People) -> list[Invitation]:
    db.session.rollback()
    return sorted(service.invitations_of(people.stage), key=lambda one: one.id)


def posted(kind: str) -> list[str]:
    return list(db.session.scalars(sa.select(OutboxMessage.to_address).filter_by(kind=kind).order_by(OutboxMessage.id)))


class TestEntering:
    def test_one_institution_with_its_contact(self, people: People, organiser: PageClient, dinas: Institution) -> None:
        page = organiser.get(page_of(people, "/tambah")).submit(
            FORM,
            institution=str(dinas.id),
            seats="3",
            contact_name="Ibu Rina",
            contact_email="umum@dinkes.go.id",
            contact_phone="0812 3456 7890",
            letter_number="005/12/VII/2019",
            letter_date="2019-07-01",
        )
        [made] = invitations(people)
        assert (made.seats, made.contact_email, made.contact_phone) == (3, "umum@dinkes.go.id", "+6281234567890")
        assert made.state is InvitationState.DRAFTED and made.deadline == people.stage.registration_closes_at.replace(
            second=0, microsecond=0
        )
        assert f"/undangan/{made.token}" in page.text and "Ibu Rina" in page.words()
        assert "https://wa.me/6281234567890?text=" in page.text

    def test_wrong_fields_are_given_back(self, people: People, organiser: PageClient, dinas: Institution) -> None:
        wrong = {"seats": "0", "contact_email": "umum@", "contact_phone": "12", "deadline": ""}
        page = organiser.get(page_of(people, "/tambah")).submit(FORM, status=422, **wrong)
        for name in ("institution", "seats", "contact_email", "contact_phone", "deadline"):
            assert page.one(f"[name={name}]").get("aria-invalid") == "true", name
        assert invitations(people) == []
        values = organiser.get(page_of(people, "/tambah")).values(FORM) | {"institution": "999999", "seats": "1"}
        page = organiser.post(page_of(people, "/tambah"), data=values, status=422)
        assert page.one("[name=institution]").get("aria-invalid") == "true"

    def test_too_few_seats_name_the_institution_and_what_is_free(
        self, people: People, organiser: PageClient, dinas: Institution
    ) -> None:
        people.stage.capacity = 2
        db.session.commit()
        page = organiser.get(page_of(people, "/tambah")).submit(
            FORM, institution=str(dinas.id), seats="3", contact_name="Ibu Rina", status=422
        )
        assert "Dinas Kesehatan: kursi tidak cukup; 2 kursi tersisa." in page.words()
        assert page.values(FORM)["contact_name"] == "Ibu Rina"

    def test_another_agencys_institution_cannot_be_slipped_in(self, people: People, organiser: PageClient) -> None:
        foreign = factories.institution(people.other_host, "OPD")
        values = organiser.get(page_of(people, "/tambah")).values(FORM)
        organiser.post(page_of(people, "/tambah"), data=values | {"institution": foreign.id, "seats": "1"}, status=422)
        assert invitations(people) == []

    def test_every_institution_of_an_unsur_that_fits(
        self, people: People, organiser: PageClient, dinas: Institution, bank: Institution
    ) -> None:
        others = [factories.institution(people.host, "OPD", name=f"Dinas {name}") for name in ("Perhubungan", "Sosial")]
        invited(people, dinas, 1)
        people.stage.capacity = 4
        factories.category(people.host, "MEDIA")
        page = organiser.get(page_of(people, "/unsur")).submit(FORM, category="OPD", seats="2", letter_number="005")
        assert {one.institution_id: one.seats for one in invitations(people)} == {dinas.id: 1, others[0].id: 2}
        assert "1 instansi diundang" in page.words() and "Sosial: kursi tidak cukup; 1 kursi tersisa." in page.words()
        page = organiser.get(page_of(people, "/unsur")).submit(FORM, category="MEDIA", seats="2", status=422)
        assert "Belum ada instansi dari unsur ini" in page.words()

    def test_a_table_is_shown_first_and_wrong_rows_are_named(
        self, people: People, organiser: PageClient, dinas: Institution, bank: Institution
    ) -> None:
        text = (
            b"No;Instansi;Jumlah;Nama Kontak;Surel;HP\n"
            b"1;dinas kesehatan;3 orang;Ibu Rina;umum@dinkes.go.id;081234567890\n"
            b"2;Bank Riau Kepi;2;;;\n3;Dinas Kesehatan;1;;;\n4;Bank Riau Kepri;dua;;umum@;12\n"
        )
        page = organiser.get(page_of(people, "/tabel")).submit(FORM, file=(io.BytesIO(text), "undangan.csv"))
        assert page.texts("td .state") == ["Akan diundang", *["Perlu diperbaiki"] * 3]
        assert "Sudah ada di baris 2" in page.words() and "mungkin" in page.words().lower()
        assert invitations(people) == []
        assert "Bank Riau" in page.one("textarea#rest").text
        page.submit(TAKE_OVER)
        [made] = invitations(people)
        assert (made.institution_id, made.seats, made.contact_name) == (dinas.id, 3, "Ibu Rina")
        page = organiser.get(page_of(people, "/tabel")).submit(FORM, pasted="Instansi\tJumlah\nBank Riau Kepri\t2\n")
        page.submit(TAKE_OVER)
        assert len(invitations(people)) == 2

    @pytest.mark.usefixtures("dinas", "bank")
    def test_a_table_that_asks_for_more_than_is_free(self, people: People, organiser: PageClient) -> None:
        people.stage.capacity = 4
        db.session.commit()
        page = organiser.get(page_of(people, "/tabel"))
        page = page.submit(FORM, pasted="Instansi\tJumlah\nDinas Kesehatan\t3\nBank Riau Kepri\t2\n")
        assert page.texts("td .state")[0] == "Akan diundang" and "cukup; 1 kursi tersisa" in page.words()

    def test_a_table_without_the_columns_says_which(self, people: People, organiser: PageClient) -> None:
        page = organiser.get(page_of(people, "/tabel")).submit(FORM, pasted="Nama\tHP\nx\t1\n", status=422)
        assert "kolom instansi dan jumlah" in page.words() and page.one("textarea").text.strip().startswith("Nama")


class TestList:
    def test_narrows_and_keeps_it_in_the_address(
        self, people: People, organiser: PageClient, dinas: Institution, bank: Institution
    ) -> None:
        invited(people, dinas, contact_name="Ibu Rina")
        service.mark_sent(people.stage, [invited(people, bank).id], by=None)
        page = organiser.get(page_of(people))
        assert page.texts("td.card-title a") == ["Dinas Kesehatan", "Bank Riau Kepri"]
        for query, name in (("state=sent", "Bank"), ("category=OPD", "Dinas"), ("q=rina", "Dinas"), ("q=riau", "Bank")):
            [listed] = organiser.get(page_of(people, f"?{query}")).texts("td.card-title a")
            assert listed.startswith(name), query
        assert organiser.get(page_of(people, "?q=tidak+ada")).select(".empty")
        assert organiser.get(page_of(people, "?state=x&category=x")).status == 200

    def test_letters_and_reminders_for_those_ticked_or_all(
        self, people: People, organiser: PageClient, dinas: Institution, bank: Institution
    ) -> None:
        first = invited(people, dinas, contact_email="umum@dinkes.go.id")
        invited(people, bank, contact_email="umum@brk.co.id")
        page = organiser.get(page_of(people)).submit(BULK, id=str(first.id), action="send")
        assert posted("invitation.letter") == ["umum@dinkes.go.id"] and "1 surat sedang dikirim" in page.words()
        page = page.submit(BULK, all="1", action="send")
        assert len(posted("invitation.letter")) == 3
        page = page.submit(BULK, all="1", action="remind")
        assert len(posted("invitation.reminder")) == 2
        page = page.submit(BULK, all="1", action="remind")
        assert len(posted("invitation.reminder")) == 2 and "2 instansi sudah diingatkan" in page.words()
        page.submit(BULK, all="1", action="remind-again")
        assert len(posted("invitation.reminder")) == 4
        values = organiser.get(page_of(people)).values(BULK)
        for wrong in ({"action": "send"}, {"all": "1", "action": "x"}, {"id": "x", "action": "send"}):
            answer = organiser.post(page_of(people, "/massal"), data=values | wrong)
            assert answer.select("#flashes .alert-danger")

    def test_all_means_all_that_the_filters_leave(
        self, people: People, organiser: PageClient, dinas: Institution, bank: Institution
    ) -> None:
        for one in (dinas, bank):
            invited(people, one)
        organiser.get(page_of(people, "?category=OPD")).submit(BULK, all="1", action="mark")
        assert [one.state for one in invitations(people)] == [InvitationState.SENT, InvitationState.DRAFTED]

    def test_all_letters_are_one_document(
        self, people: People, organiser: PageClient, dinas: Institution, bank: Institution
    ) -> None:
        made = [invited(people, one, letter_number=f"005/{one.id}") for one in (dinas, bank)]
        page = organiser.get(page_of(people))
        answer = organiser.request_raw(
            page_of(people, "/massal"), method="POST", data=page.values(BULK) | {"all": "1", "action": "print"}
        )
        texts = pages_of(answer.data)
        assert len(texts) == 2 and all(
            f"005/{one.institution_id}" in text for one, text in zip(made, texts, strict=True)
        )
        assert all(one.token in text for one, text in zip(made, texts, strict=True))

    def test_takes_as_many_statements_for_many_as_for_few(self, people: People, organiser: PageClient) -> None:
        def asked() -> int:
            with statements() as seen:
                organiser.get(page_of(people))
            return len(seen)

        for _ in range(2):
            invited(people, factories.institution(people.host, "OPD"))
        few = asked()
        for _ in range(30):
            invited(people, factories.institution(people.host, "OPD"))
        assert asked() == few


class TestOne:
    def test_is_changed_withdrawn_and_opened_again(
        self, people: People, organiser: PageClient, dinas: Institution
    ) -> None:
        made = invited(people, dinas)
        page = organiser.get(page_of(people, f"/{made.id}"))
        page = page.submit(FORM, seats="4", contact_email="umum@dinkes.go.id")
        assert (fresh(made).seats, made.contact_email, seats_taken(people.stage)) == (4, "umum@dinkes.go.id", 4)
        page = page.submit("form[action$='/tarik']")
        assert fresh(made).state is InvitationState.WITHDRAWN and seats_taken(people.stage) == 0
        page = page.submit(FORM, contact_name="Ibu Rina")
        assert (fresh(made).state, made.contact_name) == (InvitationState.WITHDRAWN, "Ibu Rina")
        page.submit(FORM, reopen="y", seats="2")
        assert fresh(made).state is InvitationState.DRAFTED and seats_taken(people.stage) == 2

    def test_a_change_that_does_not_fit_is_given_back(
        self, people: People, organiser: PageClient, dinas: Institution
    ) -> None:
        made = invited(people, dinas)
        people.stage.capacity = 3
        db.session.commit()
        page = organiser.get(page_of(people, f"/{made.id}"))
        page = page.submit(FORM, seats="9", contact_name="Ibu Rina", status=422)
        assert (page.values(FORM)["seats"], page.values(FORM)["contact_name"]) == ("9", "Ibu Rina")
        late = (clock.now() - timedelta(days=2)).strftime(LOCAL_FORMAT)
        page.submit(FORM, seats="2", deadline=late, status=422)
        assert (fresh(made).seats, made.contact_name) == (2, "")

    def test_is_sent_reminded_and_marked_by_its_buttons(
        self, people: People, organiser: PageClient, dinas: Institution, bank: Institution
    ) -> None:
        made = invited(people, dinas, contact_email="umum@dinkes.go.id")
        page = organiser.get(page_of(people, f"/{made.id}")).submit("form:has(input[value=send])")
        assert fresh(made).state is InvitationState.SENT
        page.submit("form:has(input[value=remind])")
        assert posted("invitation.reminder") == ["umum@dinkes.go.id"]
        other = invited(people, bank)
        page = organiser.get(page_of(people, f"/{other.id}"))
        assert not page.select("form:has(input[value=send])")
        page.submit("form:has(input[value=mark])")
        assert fresh(other).state is InvitationState.SENT

    def test_of_another_stage_is_not_found(self, people: People, organiser: PageClient) -> None:
        other = factories.stage(people.programme)
        made = service.create_invitation(
            other, factories.institution(people.host), seats_asked=1, deadline=clock.now() + timedelta(days=1), by=None
        )
        for rest in ("", "/surat.pdf"):
            organiser.get(page_of(people, f"/{made.id}{rest}"), status=404)

    def test_the_texts_of_the_letter(self, people: People, organiser: PageClient, dinas: Institution) -> None:
        made = invited(people, dinas)
        form = organiser.get(page_of(people, "/surat"))
        usual = form.values(FORM)
        form = form.submit(FORM, opening="Mohon menugaskan {orang}.", signer_nip="123", status=422)
        assert (
            form.one("[name=opening]").get("aria-invalid")
            == form.one("[name=signer_nip]").get("aria-invalid")
            == "true"
        )
        form.submit(
            FORM,
            paper="F4",
            opening="Mohon menugaskan {jumlah} orang dari {instansi}.",
            signer_name="Drs. H. Raja Ismail, M.T.",
            signer_nip="19690701 199403 1 999",
            signer_position="Kepala Dinas",
            signer_capacity="a.n. Wali Kota",
            copies="Sekretaris Daerah\nInspektur",
        )
        [text] = pages_of(organiser.request_raw(page_of(people, f"/{made.id}/surat.pdf")).data)
        for words in (
            "Mohon menugaskan 2 (dua) orang dari Dinas Kesehatan.",
            "a.n. Wali Kota",
            "Drs. H. Raja Ismail, M.T.",
            "NIP 19690701 199403 1 999",
            "2. Inspektur",
        ):
            assert words in text
        again = organiser.get(page_of(people, "/surat"))
        assert again.values(FORM)["closing"] == usual["closing"] and again.values(FORM)["paper"] == "F4"


class TestReplacing:
    def test_a_substitute_takes_over_seat_and_groups(
        self, people: People, organiser: PageClient, dinas: Institution
    ) -> None:
        group = factories.group(people.programme)
        old = factories.registration(people.stage, institution=dinas, name="Siti Aminah", groups=[group])
        page = organiser.get(f"/panel/kegiatan/{people.stage.slug}/peserta/{old.id}").follow("main a[href$='/ganti']")
        page = page.submit(FORM, name="Raja Ismail", phone="0812 3456 7890")
        new = registrations(people.stage)[-1]
        assert (new.name, new.source, new.replaces_id) == ("Raja Ismail", RegistrationSource.STAFF, old.id)
        assert [one.id for one in new.groups] == [group.id] and fresh(old).state is RegistrationState.CANCELLED
        assert "Raja Ismail" in page.words() and seats_taken(people.stage) == 1
        organiser.get(f"/panel/kegiatan/{people.stage.slug}/peserta/{old.id}/ganti")
        assert len(registrations(people.stage)) == 2

    def test_who_is_registered_already_is_refused(
        self, people: People, organiser: PageClient, dinas: Institution
    ) -> None:
        old = factories.registration(people.stage, institution=dinas)
        made = invited(people, dinas)
        service.nominate(made, person(1))
        form = organiser.get(f"/panel/kegiatan/{people.stage.slug}/peserta/{old.id}/ganti")
        numbered = {"identity_type": "NIP", "identity_number": NIP.format(1)}
        page = form.submit(FORM, name="Siti Aminah B", **numbered, status=422)
        assert "sudah terdaftar" in page.words() and page.values(FORM)["name"] == "Siti Aminah B"
        assert fresh(old).state is RegistrationState.CONFIRMED


@pytest.mark.parametrize("role", STAFF)
def test_who_reads_and_who_changes(people: People, dinas: Institution, role: str) -> None:
    made = invited(people, dinas)
    client = getattr(people, role).client
    status = 200 if role in READS else 403
    for rest in ("", f"/{made.id}"):
        page = client.get(page_of(people, rest), status=status)
        buttons = page.select("main form[method=post] button[type=submit]")
        assert bool(buttons) is (role in CHANGES), rest
    for rest in ("/tambah", "/unsur", "/tabel", "/surat"):
        client.get(page_of(people, rest), status=200 if role in CHANGES else 403)
