"""The stage's own questions on the ticket, for whoever came in without the form; and how staff find who has not answered."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from app.extensions import transaction
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.registration import queries_questions as queries
from app.registration.models import Registration
from app.registration.models_questions import RegistrationQuestion
from app.registration.queries import PeopleFilter, people
from app.registration.queries_people import in_batches
from app.registration.rules import RegistrationSource, RegistrationState
from app.registration.rules_answers import YES, AnswerKind
from app.registration.rules_people import Answering
from app.registration.rules_questions import left_open, may_answer
from app.registration.service import cancel, register
from app.registration.service import questions as service
from app.shared import clock
from tests.databases import statements
from tests.pages import PageClient
from tests.personas import People
from tests.registration.people import fresh, person
from tests.registration.questions import answers_in, asked, terms, upload
from tests.registration.test_views import FORM
from tests.shared.test_documents import pdf


@pytest.fixture
def stage(people: People) -> Stage:
    seed_categories(people.host)
    return fresh(people.stage)


def imported(stage: Stage, number: int = 1, **values: Any) -> Registration:
    """Somebody who never saw the form."""
    made = register(stage, person(number, **values), source=RegistrationSource.IMPORT).registration
    assert made is not None
    return fresh(made)


def ticket(registration: Registration, rest: str = "") -> str:
    return f"/t/{registration.ticket_code}{rest}"


class TestTheTicket:
    def test_says_what_is_open_until_it_is_answered(self, stage: Stage, client: PageClient) -> None:
        size = asked(stage, AnswerKind.ONE_CHOICE, text="Ukuran kaus", required=True)
        asked(stage, AnswerKind.SHORT_TEXT, text="Alergi")
        asked(stage, AnswerKind.SHORT_TEXT, text="Nama bank", required=True, categories=frozenset({"PERBANKAN"}))
        who = imported(stage)
        page = client.get(ticket(who))
        assert "Mohon lengkapi 1 pertanyaan dari panitia." in page.words()
        page = page.follow(f".alert a[href='{ticket(who, '/pertanyaan')}']")
        assert "Nama bank" not in page.words()
        page = page.submit(FORM, status=422)
        assert page.texts(f"#q{size.id}-error") != [""]
        assert answers_in(stage) == {}
        page = page.submit(FORM, **{f"q{size.id}": "M"})
        assert page.url == ticket(who)
        assert "Mohon lengkapi" not in page.words()
        assert answers_in(stage) == {size.id: "M"}
        page = client.get(ticket(who, "/pertanyaan")).submit(FORM, **{f"q{size.id}": "L"})
        assert answers_in(stage) == {size.id: "L"}
        assert "Pertanyaan dari panitia" in page.words()

    def test_says_nothing_where_nothing_is_asked(self, stage: Stage, client: PageClient) -> None:
        asked(stage, AnswerKind.SHORT_TEXT, required=True, categories=frozenset({"PERBANKAN"}))
        who = imported(stage)
        assert "Pertanyaan dari panitia" not in client.get(ticket(who)).words()
        client.get(ticket(who, "/pertanyaan"), status=404)
        client.get("/t/0000000000000000/pertanyaan", status=404)

    def test_follows_conditions_and_keeps_files(self, stage: Stage, client: PageClient) -> None:
        stays = asked(stage, AnswerKind.YES_NO, text="Perlu penginapan?", required=True)
        nights = asked(stage, AnswerKind.NUMBER, required=True, depends_on=stays.id, depends_value=YES)
        letter = asked(stage, AnswerKind.FILE, text="Surat tugas", required=True)
        who = imported(stage)
        assert "Mohon lengkapi 2 pertanyaan" in client.get(ticket(who)).words()
        page = client.get(ticket(who, "/pertanyaan"))
        given = {f"q{stays.id}": "yes", f"q{letter.id}": upload(pdf(), "surat.pdf")}
        page = page.submit(FORM, status=422, **given)
        assert "surat.pdf sudah diterima" in page.words()
        page = page.submit(FORM, **{f"q{nights.id}": "2"})
        assert answers_in(stage) == {stays.id: "Ya", nights.id: "2", letter.id: "surat.pdf"}
        (kept,) = queries.documents_of(fresh(who))
        assert client.request_raw(ticket(who, f"/berkas/{kept.id}")).status_code == 200
        client.get(ticket(who, "/pertanyaan")).submit(FORM, **{f"q{stays.id}": "no"})
        assert answers_in(stage) == {stays.id: "Tidak", letter.id: "surat.pdf"}
        assert [one.id for one in queries.documents_of(fresh(who))] == [kept.id]

    def test_a_statement_keeps_the_words_that_were_agreed_to(self, stage: Stage, client: PageClient) -> None:
        promise = asked(stage, AnswerKind.STATEMENT, text="Bersedia hadir dua hari", required=True)
        other = asked(stage, AnswerKind.SHORT_TEXT, text="Alergi")
        who = imported(stage)
        client.get(ticket(who, "/pertanyaan")).submit(FORM, **{f"q{promise.id}": True})
        changed = terms(AnswerKind.STATEMENT, text="Bersedia hadir tiga hari", required=True)
        service.change_question(fresh(promise), changed, by=None)
        page = client.get(ticket(who, "/pertanyaan"))
        assert "Bersedia hadir dua hari" in page.words()
        assert "tiga hari" not in page.words()
        page.submit(FORM, **{f"q{other.id}": "udang"})
        agreed, added = queries.answers_to(fresh(who))
        assert (agreed.wording, added.value) == ("Bersedia hadir dua hari", "udang")
        page = client.get(ticket(who, "/pertanyaan")).submit(FORM, status=422, **{f"q{promise.id}": False})
        assert page.texts(f"#q{promise.id}-error") != [""]

    def test_takes_nothing_once_registration_or_stage_has_ended(
        self, stage: Stage, client: PageClient, frozen_clock: Any
    ) -> None:
        size = asked(stage, AnswerKind.ONE_CHOICE, required=True)
        who, gone = imported(stage), imported(stage, 2)
        cancel(gone)
        page = client.get(ticket(who, "/pertanyaan"))
        frozen_clock(clock.now() + timedelta(days=400))
        page = page.submit(FORM, **{f"q{size.id}": "M"})
        assert "Jawaban tidak dapat lagi diubah di sini" in page.words()
        for one in (who, gone):
            page = client.get(ticket(one))
            assert "Mohon lengkapi" not in page.words()
            assert client.get(ticket(one, "/pertanyaan")).url == ticket(one)
            assert not service.answer_own(fresh(one), {size.id: "M"})
        assert queries.answers_of([who.id, gone.id]) == {who.id: {}, gone.id: {}}

    def test_is_private_and_comes_back_filled(self, people: People, stage: Stage) -> None:
        text = asked(stage, AnswerKind.SHORT_TEXT, required=True)
        address = ticket(imported(stage), "/pertanyaan")
        answer = people.visitor.request_raw(address)
        assert "no-store" in answer.headers["Cache-Control"]
        assert "noindex" in answer.headers["X-Robots-Tag"]
        stale = people.visitor.get(address).submit(FORM, status=422, csrf_token="lama", **{f"q{text.id}": "udang"})
        assert stale.values(FORM)[f"q{text.id}"] == "udang"
        stale.submit(FORM)
        assert answers_in(stage) == {text.id: "udang"}
        assert people.visitor.request_raw(address, method="PUT").status_code == 405


def test_may_answer_as_long_as_registration_and_stage_last() -> None:
    today = clock.now().date()
    for state in RegistrationState:
        open_states = {"pending", "confirmed", "offered", "waitlisted"}
        assert may_answer(state, ends_on=today, today=today) is (state.value in open_states)
        assert not may_answer(state, ends_on=today - timedelta(days=1), today=today)


def _asks_much(stage: Stage) -> list[RegistrationQuestion]:
    first = asked(stage, AnswerKind.YES_NO, required=True)
    second = asked(stage, AnswerKind.SEVERAL_CHOICES, required=True, depends_on=first.id, depends_value=YES)
    third = asked(stage, AnswerKind.SHORT_TEXT, required=True, depends_on=second.id, depends_value="M")
    asked(stage, AnswerKind.SHORT_TEXT, required=True, categories=frozenset({"PAKAR"}))
    asked(stage, AnswerKind.SHORT_TEXT)
    return [first, second, third]


class TestLists:
    @pytest.mark.both_databases
    def test_the_filter_agrees_with_the_rule(self, stage: Stage) -> None:
        first, second, third = _asks_much(stage)
        given = product((None, "yes", "no"), (None, "S", "S\nM"), (None, "teks"), ("OPD", "PAKAR"))
        for number, (one, two, three, category) in enumerate(given):
            who = imported(stage, number, category_code=category)
            answers = {first.id: one, second.id: two, third.id: three}
            with transaction():
                service.save_answers(who, {key: value for key, value in answers.items() if value})
        asks = queries.terms_asked(stage)
        everybody = [one for batch in in_batches(people(stage)) for one in batch]
        expected = {one.id for one in everybody if left_open(asks, one.category.code, queries.values_of(one))}
        for answering, wanted in (
            (Answering.OPEN, expected),
            (Answering.COMPLETE, {one.id for one in everybody} - expected),
        ):
            statement = people(stage, PeopleFilter(answering=answering))
            assert {one.id for batch in in_batches(statement) for one in batch} == wanted
        assert len(expected) not in (0, len(everybody))
        everybody = [one for batch in in_batches(people(stage)) for one in batch]
        with statements() as seen:
            told = queries.asked_of(everybody)
        assert {one for one, asked in told.items() if asked.open} == expected
        assert len(seen) == 2

    def test_the_list_offers_it_and_leads_to_the_editor(self, people: People, stage: Stage) -> None:
        address = f"/panel/kegiatan/{stage.slug}/peserta"
        imported(stage, name="Wan Hasanah")
        page = people.manager.client.get(address)
        assert page.select("select[name=answering]") == []
        page.follow(f".page-heading a[href$='/{stage.slug}/pengaturan/pertanyaan']")
        size = asked(stage, AnswerKind.ONE_CHOICE, required=True)
        page = people.organiser.client.get(f"{address}?answering=open")
        assert "Wan Hasanah" in page.words()
        assert page.select("a[href$='/pengaturan/pertanyaan']") == []
        gone = imported(stage, 2, name="Encik Rahman")
        cancel(gone)
        service.change_answers(fresh(gone), {size.id: "M"}, by=None)
        assert "Encik Rahman" in people.organiser.client.get(f"{address}?answering=complete").words()
        assert "Encik Rahman" not in people.organiser.client.get(f"{address}?answering=open").words()
        assert "Wan Hasanah" not in people.organiser.client.get(f"{address}?answering=complete").words()
