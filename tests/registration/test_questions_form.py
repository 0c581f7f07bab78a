"""The stage's own questions in the form of registration."""

from typing import Any

import pytest

from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.registration import forms_questions
from app.registration.rules_answers import AnswerKind
from app.registration.service import limiting
from app.shared import clock
from tests.databases import statements
from tests.pages import PageClient
from tests.personas import People
from tests.registration.people import fresh, registrations
from tests.registration.questions import answers_in, asked, opened, sent, upload
from tests.registration.test_views import FORM, TYPED, address
from tests.shared.test_documents import pdf, picture

EVERY_KIND = tuple(AnswerKind)
ANSWERS: dict[AnswerKind, Any] = {
    AnswerKind.SHORT_TEXT: "Kursi dekat pintu",
    AnswerKind.LONG_TEXT: "Baris satu\r\nbaris dua",
    AnswerKind.NUMBER: "2,5",
    AnswerKind.DATE: "2019-07-08",
    AnswerKind.YES_NO: "no",
    AnswerKind.ONE_CHOICE: "M",
    AnswerKind.SEVERAL_CHOICES: ["S", "L"],
    AnswerKind.STATEMENT: True,
}


@pytest.fixture
def stage(people: People) -> Stage:
    seed_categories(people.host)
    return fresh(people.stage)


class TestTheForm:
    def test_asks_every_kind_of_question(self, client: PageClient, stage: Stage) -> None:
        ids = {kind: asked(stage, kind, help="Bantuan").id for kind in EVERY_KIND}
        page = opened(client, stage)
        assert page.one("main form").get("enctype") == "multipart/form-data"
        named = {f"q{ids[kind]}": value for kind, value in ANSWERS.items()}
        sent(page, **named, **{f"q{ids[AnswerKind.FILE]}": upload(pdf(), "Surat Tugas.PDF")})
        assert answers_in(stage) == {
            ids[AnswerKind.SHORT_TEXT]: "Kursi dekat pintu",
            ids[AnswerKind.LONG_TEXT]: "Baris satu\nbaris dua",
            ids[AnswerKind.NUMBER]: "2,5",
            ids[AnswerKind.DATE]: "8 Juli 2019",
            ids[AnswerKind.YES_NO]: "Tidak",
            ids[AnswerKind.ONE_CHOICE]: "M",
            ids[AnswerKind.SEVERAL_CHOICES]: "S; L",
            ids[AnswerKind.FILE]: "Surat Tugas.pdf",
            ids[AnswerKind.STATEMENT]: "Setuju",
        }

    def test_without_questions_is_as_it_was(self, client: PageClient, stage: Stage) -> None:
        page = opened(client, stage)
        assert not page.select("[data-asked]") and page.one("main form").get("enctype") is None

    def test_reads_the_questions_in_one_statement(self, client: PageClient, stage: Stage) -> None:
        opened(client, stage)
        with statements() as without:
            opened(client, stage)
        for kind in EVERY_KIND:
            asked(stage, kind)
        opened(client, stage)
        with statements() as with_them:
            opened(client, stage)
        assert len(with_them) == len(without)

    def test_says_what_is_missing_and_keeps_what_was_typed(self, client: PageClient, stage: Stage) -> None:
        size = asked(stage, AnswerKind.ONE_CHOICE, required=True)
        promise = asked(stage, AnswerKind.STATEMENT, required=True)
        note = asked(stage, AnswerKind.SHORT_TEXT)
        page = sent(opened(client, stage), status=422, **{f"q{note.id}": "Kursi"})
        assert page.values(FORM)[f"q{note.id}"] == "Kursi"
        links = [link.get("href") for link in page.select(".alert-danger a")]
        assert links == [f"#q{size.id}", f"#q{promise.id}"]
        assert registrations(stage) == []
        sent(page, **{f"q{size.id}": "M", f"q{promise.id}": True})
        assert answers_in(stage)[size.id] == "M"

    def test_many_options_make_a_list(self, client: PageClient, stage: Stage) -> None:
        options = tuple(f"Pilihan {number}" for number in range(9))
        many = asked(stage, AnswerKind.ONE_CHOICE, options=options)
        page = opened(client, stage)
        assert page.one(f"select[name=q{many.id}]") is not None
        sent(page, **{f"q{many.id}": "Pilihan 4"})
        assert answers_in(stage) == {many.id: "Pilihan 4"}

    def test_a_choice_nobody_offers_is_refused(self, client: PageClient, stage: Stage) -> None:
        size = asked(stage, AnswerKind.ONE_CHOICE)
        values = opened(client, stage).values(FORM) | TYPED
        values |= {"institution": "other", "institution_other": "Dinas Kominfo", f"q{size.id}": "<b>XXXL"}
        page = client.post(address(stage), data=values, status=422)
        assert "S; M; L" in page.words() and "<b>" not in page.text

    def test_tells_without_scripts_to_whom_a_question_is_put(self, client: PageClient, stage: Stage) -> None:
        needs = asked(stage, AnswerKind.SEVERAL_CHOICES, text="Kebutuhan khusus")
        which = asked(stage, AnswerKind.SHORT_TEXT, depends_on=needs.id, depends_value="L")
        banks = asked(stage, AnswerKind.SHORT_TEXT, categories=frozenset({"PERBANKAN"}), required=True)
        page = opened(client, stage)
        assert page.texts(".asked-note") == [
            "Hanya bila “Kebutuhan khusus” dijawab “L”.",
            "Hanya untuk: Perbankan.",
        ]
        sent(page, **{f"q{which.id}": "diabaikan", f"q{banks.id}": "diabaikan"})
        assert answers_in(stage) == {}

    def test_asks_what_an_answer_shows(self, client: PageClient, stage: Stage) -> None:
        needs = asked(stage, AnswerKind.YES_NO)
        which = asked(stage, AnswerKind.SHORT_TEXT, depends_on=needs.id, depends_value="yes", required=True)
        page = sent(opened(client, stage), status=422, **{f"q{needs.id}": "yes"})
        sent(page, **{f"q{which.id}": "Kursi roda"})
        assert answers_in(stage) == {needs.id: "Ya", which.id: "Kursi roda"}

    def test_a_file_need_not_be_chosen_again(self, client: PageClient, stage: Stage) -> None:
        file, size = asked(stage, AnswerKind.FILE, required=True), asked(stage, AnswerKind.ONE_CHOICE, required=True)
        chosen = {f"q{file.id}": upload(picture("JPEG"), "surat.jpg")}
        page = sent(opened(client, stage), status=422, **chosen)
        assert "surat.jpg sudah diterima" in page.words()
        page = sent(page, status=422, email="salah", **{f"q{size.id}": "M"})
        assert "surat.jpg sudah diterima" in page.words()
        sent(page)
        assert answers_in(stage)[file.id] == "surat.jpg"

    def test_a_newer_file_takes_the_place_of_the_one_received(self, client: PageClient, stage: Stage) -> None:
        file = asked(stage, AnswerKind.FILE)
        page = sent(opened(client, stage), status=422, email="salah", **{f"q{file.id}": upload(pdf(), "lama.pdf")})
        sent(page, **{f"q{file.id}": upload(picture(), "baru.png")})
        assert answers_in(stage) == {file.id: "baru.png"}

    @pytest.mark.parametrize("data", [b"<html><script>alert(1)</script>", b"%PDF-1.4 rusak", b""])
    def test_a_lying_file_is_refused_with_a_sentence(self, client: PageClient, stage: Stage, data: bytes) -> None:
        file = asked(stage, AnswerKind.FILE)
        page = sent(opened(client, stage), status=422, **{f"q{file.id}": upload(data, "surat.pdf")})
        assert page.texts(f"#q{file.id}-error") != [""]
        assert registrations(stage) == []

    def test_files_of_a_network_are_counted_before_they_are_judged(
        self, client: PageClient, stage: Stage, monkeypatch: pytest.MonkeyPatch, frozen_clock: Any
    ) -> None:
        frozen_clock(clock.now())
        assert limiting.WITH_FILES >= 3 * 500
        monkeypatch.setattr(limiting, "WITH_FILES", 1)
        file = asked(stage, AnswerKind.FILE)
        sent(opened(client, stage), status=422, email="salah", **{f"q{file.id}": upload(pdf(), "surat.pdf")})
        judged: list[str] = []
        monkeypatch.setattr(forms_questions, "receive", lambda _data, name: judged.append(name))
        page = sent(opened(client, stage), status=429, **{f"q{file.id}": upload(pdf(), "surat.pdf")})
        assert not judged and registrations(stage) == []
        assert "pilih kembali berkasnya" in page.one('[role="alert"]').text_content()
        assert page.values(FORM)["email"] == TYPED["email"] and int(page.headers["Retry-After"]) > 0
        sent(opened(client, stage))
        assert len(registrations(stage)) == 1

    def test_a_foreign_token_gives_no_file(self, client: PageClient, stage: Stage) -> None:
        file, other = asked(stage, AnswerKind.FILE), asked(stage, AnswerKind.FILE)
        page = sent(opened(client, stage), status=422, email="salah", **{f"q{file.id}": upload(pdf(), "surat.pdf")})
        token = page.values(FORM)[f"q{file.id}_kept"]
        sent(page, **{f"q{other.id}_kept": token})
        assert answers_in(stage) == {file.id: "surat.pdf"}
