"""Feedback in the panel."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.agenda.rules import SpeakerPart
from app.extensions import db, transaction
from app.feedback import service
from app.feedback.models import Question, Questionnaire
from app.feedback.queries import questionnaires_of, questions_asked
from app.feedback.rules import QuestionnaireState
from app.programmes.models import Stage
from tests import factories
from tests.personas import People


def address(people: People, rest: str = "") -> str:
    return f"/panel/kegiatan/{people.stage.slug}/umpan-balik{rest}"


def reload(questionnaire: Questionnaire) -> Questionnaire:
    db.session.expire_all()
    return db.session.get_one(Questionnaire, questionnaire.id)


def answer(questionnaire: Questionnaire, times: int, *, text: str = "Baik sekali", number: int = 4) -> None:
    questionnaire = reload(questionnaire)
    given = {
        question.id: number if question.kind.value == "scale" else text for question in questions_asked(questionnaire)
    }
    for _ in range(times):
        service.answer(questionnaire, factories.registration(questionnaire.stage), given)


def test_two_taps_from_the_list_to_the_projector_and_to_the_results(people: People) -> None:
    service.create_defaults(people.stage)
    questionnaire = questionnaires_of(people.stage)[0]
    client = people.facilitator.client

    screen = client.get(address(people)).submit(f"form[action$='/{questionnaire.id}/buka']")
    assert screen.url.endswith(f"/{questionnaire.id}/layar") and screen.select("svg.qr")
    assert screen.one(".address").text_content() == f"localhost/umpan-balik/{questionnaire.token}"
    assert reload(questionnaire).state is QuestionnaireState.OPEN

    answer(questionnaire, 6)
    assert "6" in client.get(address(people, f"/{questionnaire.id}/layar/jumlah")).one("#answered").text_content()

    results = client.get(address(people)).submit(f"form[action$='/{questionnaire.id}/tutup']")
    assert results.url.endswith("/hasil") and "4,00" in results.words() and "Baik sekali" in results.words()
    assert reload(questionnaire).state is QuestionnaireState.CLOSED


def test_all_who_may_answer_are_counted(people: People) -> None:
    questionnaire = factories.questionnaire(people.stage)
    checkpoint = factories.checkpoint(people.stage)
    for _ in range(3):
        factories.attendance(factories.registration(people.stage), checkpoint)
    factories.registration(people.stage)

    words = people.facilitator.client.get(address(people, f"/{questionnaire.id}/layar")).words()

    assert "0 dari 4 peserta" in words


@pytest.mark.parametrize("required", [False, True])
def test_the_certificate_is_named_only_where_the_stage_asks_for_feedback(people: People, required: bool) -> None:
    factories.questionnaire(people.stage, required=True)
    with transaction():
        people.stage.feedback_required = required
    assert ("Syarat sertifikat" in people.facilitator.client.get(address(people)).words()) == required


def test_results_are_hidden_below_five(people: People) -> None:
    questionnaire = factories.questionnaire(people.stage)
    path = address(people, f"/{questionnaire.id}/hasil")
    answer(questionnaire, 4, text="Rahasia")
    service.close_questionnaire(reload(questionnaire), by=None)

    page = people.viewer.client.get(path)
    assert "4 jawaban" in page.words() and "Rahasia" not in page.text and not page.select(".bars")

    service.open_questionnaire(reload(questionnaire), by=None)
    answer(questionnaire, 1, text="Rahasia", number=1)
    service.close_questionnaire(reload(questionnaire), by=None)
    page = people.viewer.client.get(path)
    assert len(page.select(".texts li")) == 5 and "3,40" in page.words()


def test_one_that_still_takes_answers_tells_only_how_many(people: People) -> None:
    """Who looks before and after the next answer would know that one."""
    questionnaire = factories.questionnaire(people.stage)
    path = address(people, f"/{questionnaire.id}/hasil")
    for added, count in ((5, "5"), (1, "6")):
        answer(questionnaire, added, text="Rahasia")
        page = people.facilitator.client.get(path)
        assert page.texts(".tile .value") == [count]
        assert "Rahasia" not in page.text and "4,00" not in page.words() and not page.select(".bars")
    assert not people.viewer.client.get(path).select("form[action$='/tutup']")

    results = page.submit("main form[action$='/tutup']")

    assert "4,00" in results.words() and len(results.select(".texts li")) == 6


def test_a_few_answers_after_opening_again_cannot_be_told_from_the_rest(people: People) -> None:
    questionnaire = factories.questionnaire(people.stage)
    path = address(people, f"/{questionnaire.id}/hasil")
    answer(questionnaire, 5)
    for added, shown in ((0, True), (1, False), (3, False), (1, True)):
        service.close_questionnaire(reload(questionnaire), by=None)
        service.open_questionnaire(reload(questionnaire), by=None)
        answer(questionnaire, added, text="Belakangan")
        service.close_questionnaire(reload(questionnaire), by=None)
        assert bool(people.viewer.client.get(path).select(".texts li")) is shown


def test_what_people_wrote_is_shown_as_text(people: People) -> None:
    questionnaire = factories.questionnaire(people.stage)
    answer(questionnaire, 5, text="<script>alert(1)</script>")
    service.close_questionnaire(reload(questionnaire), by=None)

    page = people.viewer.client.get(address(people, f"/{questionnaire.id}/hasil"))

    assert page.texts(".texts li")[0] == "<script>alert(1)</script>"


def test_questionnaires_for_all_speakers_in_one_go(people: People) -> None:
    session = factories.agenda_session(people.stage, title="Smart Economy")
    factories.session_speaker(session, factories.speaker(people.stage.host, name="Rina"), SpeakerPart.SPEAKER)
    form = "form[action$='/narasumber']"

    page = people.facilitator.client.get(address(people)).submit(form)
    again = page.submit(form)

    assert "Rina" in page.words() and "Smart Economy" in page.words()
    assert len(questionnaires_of(db.session.get_one(Stage, people.stage.id))) == 1
    assert again.select(".alert-info")


def test_questions_are_added_moved_edited_and_removed(people: People) -> None:
    questionnaire = factories.questionnaire(people.stage)
    first, second = (question.id for question in questionnaire.questions)
    base = address(people, f"/{questionnaire.id}")
    client = people.facilitator.client

    page = client.get(base).submit("main form.form", text="Bersedia hadir lagi?", kind="commitment")
    added = reload(questionnaire).questions[-1].id
    page = page.submit(f"form[action$='/{added}/pindah']")
    assert [question.id for question in reload(questionnaire).questions] == [first, added, second]

    page = client.get(f"{base}/pertanyaan/{added}").submit("main form.form", text="Bersedia?", required=False)
    assert "Bersedia?" in page.words() and not db.session.get_one(Question, added).required
    page.submit(f"form[action$='/{added}/hapus']")
    assert db.session.get(Question, added) is None

    client.get(base).submit("main form.form", text="", status=422)
    client.get(f"{base}/pertanyaan/{first}").submit("main form.form", text="", status=422)


def test_a_question_with_answers_can_only_be_retired(people: People) -> None:
    questionnaire = factories.questionnaire(people.stage)
    question_id = questionnaire.questions[0].id
    answer(questionnaire, 5)
    base = address(people, f"/{questionnaire.id}")
    client = people.facilitator.client

    page = client.get(f"{base}/pertanyaan/{question_id}").submit("main form.form", text="Lain", status=422)
    assert "hentikan" in page.words()
    client.get(base).submit(f"form[action$='/{question_id}/hapus']")

    assert db.session.get_one(Question, question_id).retired
    service.close_questionnaire(reload(questionnaire), by=None)
    assert "Tidak ditanyakan lagi" in client.get(f"{base}/hasil").words()


def test_it_is_required_for_the_certificate_or_not(people: People) -> None:
    questionnaire = factories.questionnaire(people.stage)
    base = address(people, f"/{questionnaire.id}")

    page = people.facilitator.client.get(base).submit("form[action$='/wajib']")
    assert reload(questionnaire).required
    page.submit("form[action$='/wajib']")
    assert not reload(questionnaire).required


def test_one_without_answers_can_be_removed(people: People) -> None:
    questionnaire = factories.questionnaire(people.stage)
    form = f"form[action$='/umpan-balik/{questionnaire.id}/hapus']"
    page = people.facilitator.client.get(address(people, f"/{questionnaire.id}"))
    answer(questionnaire, 1)
    kept = page.submit(form)
    assert kept.select(".alert-danger") and not kept.select(form)

    other = factories.questionnaire(people.stage).id
    page = people.facilitator.client.get(address(people, f"/{other}"))
    page.submit(f"form[action$='/umpan-balik/{other}/hapus']")
    assert db.session.get(Questionnaire, other) is None


def test_an_empty_one_sends_the_facilitator_to_its_questions(people: People) -> None:
    questionnaire = factories.questionnaire(people.stage, opened_at=None)
    page = people.facilitator.client.get(address(people))
    for question in list(questionnaire.questions):
        service.retire_question(question, by=None)

    answered = page.submit(f"form[action$='/{questionnaire.id}/buka']")

    assert answered.url == address(people, f"/{questionnaire.id}") and answered.select(".alert-danger")


def test_who_may_read_and_who_may_run(app: Flask, people: People) -> None:
    questionnaire = factories.questionnaire(people.stage)
    one = address(people, f"/{questionnaire.id}")
    reading = [address(people), f"{one}/hasil", f"{one}/layar", f"{one}/layar/jumlah"]
    running = [one, f"{one}/pertanyaan/{questionnaire.questions[0].id}"]

    for reader in (people.organiser, people.certifier, people.viewer):
        for path in reading:
            page = reader.client.get(path)
            assert not page.select("main form")
        for path in running:
            reader.client.get(path, status=403)
    for runner in (people.facilitator, people.manager, people.administrator):
        for path in [*reading, *running]:
            runner.client.get(path)
    for path in [*reading, *running]:
        people.outsider.client.get(path, status=404)


@pytest.mark.parametrize(
    "rest", ["/0", "/99999999/hasil", "/99999999999999999999/layar", "/abc", "/1/pertanyaan/99999999"]
)
def test_what_is_not_there(people: People, rest: str) -> None:
    people.manager.client.get(address(people, rest), status=404)


def test_questionnaires_of_another_stage_are_not_there(people: People) -> None:
    foreign = factories.questionnaire(people.other_stage)

    for rest in ("", "/hasil", "/layar"):
        people.manager.client.get(address(people, f"/{foreign.id}{rest}"), status=404)


def test_the_list_takes_a_constant_number_of_queries(people: People) -> None:
    people.viewer.client.get(address(people))
    counted = []
    for wanted in (2, 12):
        while len(questionnaires_of(db.session.get_one(Stage, people.stage.id))) < wanted:
            session = factories.agenda_session(people.stage)
            service.create_speaker_questionnaire(session, factories.speaker(people.stage.host))
        counted.append(_statements(people))

    assert counted[0] == counted[1]


def _statements(people: People) -> int:
    said: list[str] = []
    listener = lambda connection, cursor, statement, *rest: said.append(statement)  # noqa: E731
    sa.event.listen(db.engine, "before_cursor_execute", listener)
    try:
        people.viewer.client.get(address(people))
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", listener)
    return len(said)
