"""The editor of a stage's questions, and what people answered as staff see and change it."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.registration import queries_questions as queries
from app.registration.models import Registration
from app.registration.rules_answers import AnswerKind
from app.registration.service import questions as service
from tests.databases import statements
from tests.pages import PageClient, browse
from tests.personas import People
from tests.registration.people import fresh, online, person, registrations
from tests.registration.questions import answers_in, asked, editor, opened, sent, upload
from tests.registration.test_views import FORM, TYPED
from tests.shared.test_documents import pdf

EVERY_KIND = tuple(AnswerKind)


@pytest.fixture
def stage(people: People) -> Stage:
    seed_categories(people.host)
    return fresh(people.stage)


class TestTheEditor:
    def test_is_for_those_who_run_the_programme(self, people: People, stage: Stage) -> None:
        for persona in (people.administrator, people.manager):
            persona.client.get(editor(stage))
            persona.client.get(editor(stage, "/tambah"))
            persona.client.get(editor(stage, "/pratinjau"))
        for persona in (people.organiser, people.facilitator, people.certifier, people.viewer):
            persona.client.get(editor(stage), status=403)
            persona.client.get(editor(stage, "/tambah"), status=403)
        people.outsider.client.get(editor(stage), status=404)
        assert people.visitor.request_raw(editor(stage)).status_code == 302

    def test_adds_every_kind(self, people: People, stage: Stage) -> None:
        client = people.manager.client
        for kind in EVERY_KIND:
            page = client.get(editor(stage, "/tambah"))
            options = "S\nM\nL" if "choice" in kind.value else ""
            page = page.submit(FORM, kind=kind.value, text=f"Pertanyaan {kind.value}", options=options)
            assert f"Pertanyaan {kind.value}" in page.words()
        assert [one.kind for one in queries.questions_of(fresh(stage))] == list(EVERY_KIND)

    def test_writes_conditions_and_limits(self, people: People, stage: Stage) -> None:
        needs = asked(stage, AnswerKind.YES_NO, text="Perlu penginapan?")
        page = people.manager.client.get(editor(stage, "/tambah"))
        wanted = {"kind": "number", "text": "Berapa malam", "least": "1", "most": "3", "condition": f"{needs.id}:0"}
        page = page.submit(FORM, **wanted, categories=["OPD", "KECAMATAN"])
        made = queries.questions_of(fresh(stage))[1]
        assert (made.depends_on_id, made.depends_value) == (needs.id, "yes")
        assert (made.least, made.most, made.categories) == ("1", "3", ["KECAMATAN", "OPD"])
        assert "Hanya bila “Perlu penginapan?” dijawab “Ya”." in page.words()
        values = people.manager.client.get(editor(stage, f"/{made.id}")).values(FORM)
        assert (values["condition"], values["least"], values["text"].strip()) == (f"{needs.id}:0", "1", "Berapa malam")

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"kind": "one_choice", "options": "satu"}, "options"),
            ({"kind": "number", "least": "9", "most": "1"}, "least"),
            ({"kind": "short_text", "text": ""}, "text"),
        ],
    )
    def test_says_what_is_wrong(self, people: People, stage: Stage, wrong: dict[str, str], field: str) -> None:
        page = people.manager.client.get(editor(stage, "/tambah"))
        page = page.submit(FORM, status=422, **{"text": "Pertanyaan"} | wrong)
        assert page.texts(f"#{field}-error") != [""]
        assert queries.questions_of(fresh(stage)) == []

    def test_keeps_what_was_answered(self, people: People, stage: Stage) -> None:
        size = asked(stage, AnswerKind.ONE_CHOICE, text="Ukuran kaus")
        online(stage, person(), answers={size.id: "M"})
        client = people.manager.client
        page = client.get(editor(stage, f"/{size.id}"))
        page = page.submit(FORM, status=422, options="S\nL")
        assert "sudah dipilih" in page.one("#options-error").text_content()
        page.submit(FORM, options="S\nM\nL\nXL", text="Ukuran baju")
        assert (fresh(size).text, fresh(size).options) == ("Ukuran baju", ["S", "M", "L", "XL"])
        page = client.post(editor(stage, f"/{size.id}/hapus"), data=token(client, stage))
        assert "tidak dapat dihapus" in page.one("#flashes").text_content()

    def test_moves_by_buttons(self, people: People, stage: Stage) -> None:
        for text in ("satu", "dua", "tiga"):
            asked(stage, AnswerKind.SHORT_TEXT, text=text)
        page = people.manager.client.get(editor(stage))
        page = page.submit(".asked-list li:nth-child(3) form[action$='/pindah']")
        assert page.texts(".asked-text strong") == ["satu", "tiga", "dua"]
        page = page.submit(".asked-list li:nth-child(1) form[action$='/pindah']")
        assert page.texts(".asked-text strong") == ["tiga", "satu", "dua"]

    def test_keeps_the_order_laid_by_hand(self, people: People, stage: Stage) -> None:
        size = asked(stage, AnswerKind.ONE_CHOICE)
        after = asked(stage, AnswerKind.SHORT_TEXT, depends_on=size.id, depends_value="M")
        client = people.manager.client
        page = client.get(editor(stage)).submit("#order-form", order=f"{after.id},{size.id}")
        assert "tidak dapat dipindahkan" in page.one("#flashes").text_content()
        third = asked(stage, AnswerKind.YES_NO, text="tiga")
        page = client.get(editor(stage)).submit("#order-form", order=f"{third.id},x,{size.id},{after.id}")
        assert page.texts(".asked-text strong")[0] == "tiga"

    def test_retires_restores_and_removes(self, people: People, stage: Stage) -> None:
        size = asked(stage, AnswerKind.ONE_CHOICE, text="Ukuran kaus")
        online(stage, person(), answers={size.id: "M"})
        client = people.manager.client
        page = client.get(editor(stage)).submit("form[action$='/pensiun']")
        assert "Tidak ditanyakan lagi" in page.words() and not page.select("form[action$='/hapus']")
        assert not opened(browse(people.app), stage).select("[data-asked]")
        page = page.submit("form[action$='/kembalikan']")
        assert "Tidak ditanyakan lagi" not in page.words()
        other = asked(stage, AnswerKind.YES_NO).id
        client.get(editor(stage)).submit("form[action$='/hapus']")
        assert queries.find_question(fresh(stage), other) is None

    def test_shows_the_very_form(self, people: People, stage: Stage) -> None:
        asked(stage, AnswerKind.ONE_CHOICE, text="Ukuran kaus")
        page = people.manager.client.get(editor(stage, "/pratinjau"))
        assert "Ukuran kaus" in page.words() and not page.select(f"{FORM} button[type=submit]:not([data-draft-clear])")

    def test_knows_no_question_of_another_stage(self, people: People, stage: Stage) -> None:
        elsewhere = asked(people.other_stage, AnswerKind.YES_NO)
        people.manager.client.get(editor(stage, f"/{elsewhere.id}"), status=404)
        for act in ("pindah", "pensiun", "kembalikan", "hapus"):
            data = token(people.manager.client, stage)
            people.manager.client.post(editor(stage, f"/{elsewhere.id}/{act}"), data=data, status=404)

    def test_lists_many_questions_as_cheaply_as_few(self, people: People, stage: Stage) -> None:
        asked(stage, AnswerKind.YES_NO)
        people.manager.client.get(editor(stage))
        with statements() as few:
            people.manager.client.get(editor(stage))
        for _number in range(12):
            asked(stage, AnswerKind.YES_NO)
        with statements() as many:
            people.manager.client.get(editor(stage))
        assert len(many) == len(few)


def token(client: PageClient, stage: Stage) -> dict[str, str]:
    return {"csrf_token": str(client.get(editor(stage, "/tambah")).values(FORM)["csrf_token"])}


class TestAPersonsAnswers:
    def made(self, stage: Stage, answers: dict[int, Any]) -> Registration:
        registration = online(stage, person(), answers=answers).registration or registrations(stage)[0]
        return fresh(registration)

    def page(self, stage: Stage, who: Registration, rest: str = "") -> str:
        return f"/panel/kegiatan/{stage.slug}/peserta/{who.id}{rest}"

    def test_stand_on_the_page_of_the_person(self, people: People, stage: Stage) -> None:
        size, note = asked(stage, AnswerKind.ONE_CHOICE, text="Ukuran kaus"), asked(stage, AnswerKind.LONG_TEXT)
        who = self.made(stage, {size.id: "M", note.id: "<b>tebal</b>"})
        for persona in (people.manager, people.certifier):
            page = persona.client.get(self.page(stage, who))
            assert "Ukuran kaus" in page.words() and "<b>tebal</b>" in page.words()
            assert bool(page.select("a[href$='/jawaban']")) == (persona is people.manager)

    def test_are_changed_by_staff_who_may_leave_some_open(self, people: People, stage: Stage) -> None:
        size, promise = (
            asked(stage, AnswerKind.ONE_CHOICE, required=True),
            asked(stage, AnswerKind.STATEMENT, required=True),
        )
        file = asked(stage, AnswerKind.FILE)
        who = self.made(stage, {size.id: "M", promise.id: "yes"})
        client = people.organiser.client
        page = client.get(self.page(stage, who, "/jawaban"))
        assert page.values(FORM)[f"q{size.id}"] == "M"
        page.submit(FORM, **{f"q{size.id}": "L", f"q{promise.id}": False, f"q{file.id}": upload(pdf(), "st.pdf")})
        assert queries.answers_of([who.id])[who.id] == {size.id: "L", file.id: "st.pdf"}
        page = client.get(self.page(stage, who, "/jawaban"))
        assert "st.pdf sudah diterima" in page.words()
        page.submit(FORM, **{f"q{promise.id}": True})
        assert queries.answers_of([who.id])[who.id] == {size.id: "L", file.id: "st.pdf", promise.id: "Setuju"}

    def test_are_changed_by_nobody_else(self, people: People, stage: Stage) -> None:
        asked(stage, AnswerKind.ONE_CHOICE)
        who = self.made(stage, {})
        for persona in (people.certifier, people.viewer, people.facilitator):
            persona.client.get(self.page(stage, who, "/jawaban"), status=403)
        people.outsider.client.get(self.page(stage, who, "/jawaban"), status=404)
        people.manager.client.get(f"/panel/kegiatan/{stage.slug}/peserta/999999/jawaban", status=404)

    def test_are_added_with_the_person(self, people: People, stage: Stage) -> None:
        size, promise = asked(stage, AnswerKind.ONE_CHOICE), asked(stage, AnswerKind.STATEMENT, required=True)
        page = people.organiser.client.get(f"/panel/kegiatan/{stage.slug}/peserta/tambah")
        known = {key: value for key, value in TYPED.items() if key != "notice"}
        known |= {"institution": "other", "institution_other": "Dinas Kominfo", f"q{size.id}": "L"}
        page.submit(FORM, **known)
        assert answers_in(fresh(stage)) == {size.id: "L"}
        assert promise.id not in answers_in(fresh(stage))

    def test_are_shown_to_the_holder_with_his_files(self, client: PageClient, stage: Stage) -> None:
        file = asked(stage, AnswerKind.FILE, text="Surat tugas")
        sent(opened(client, stage), **{f"q{file.id}": upload(pdf(), "surat.pdf")})
        (who,) = registrations(stage)
        page = client.get(f"/t/{who.ticket_code}")
        assert "Jawaban Bapak/Ibu" in page.words()
        answer = client.request_raw(page.one("a[href*='/berkas/']").get("href"))
        assert answer.status_code == 200 and answer.data.startswith(b"%PDF-")

    def test_of_a_retired_question_stay_in_sight(self, people: People, stage: Stage) -> None:
        size = asked(stage, AnswerKind.ONE_CHOICE, text="Ukuran kaus")
        who = self.made(stage, {size.id: "M"})
        service.retire_question(size, by=None)
        page = people.manager.client.get(self.page(stage, who))
        assert "tidak ditanyakan lagi" in page.words()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Registration)) == 1
