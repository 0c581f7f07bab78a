"""The questions of a stage in the database: what can be changed once people have answered, and what becomes of answers."""

import threading
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration import queries_questions as queries
from app.registration.models import Registration
from app.registration.models_documents import Document
from app.registration.models_questions import RegistrationAnswer, RegistrationQuestion
from app.registration.rules_answers import AnswerKind
from app.registration.rules_documents import HandedIn, KeptFile
from app.registration.rules_questions import MOST_QUESTIONS, QuestionRefusal, QuestionRefused
from app.registration.service import questions as service
from app.shared.documents import Judged
from tests import factories
from tests.databases import statements
from tests.registration.people import fresh, online, person
from tests.registration.questions import asked, terms

pytestmark = pytest.mark.both_databases


@pytest.fixture
def stage(app: Flask) -> Stage:
    stage = factories.stage()
    factories.category(stage.host)
    return stage


def refusal_of(change: Any, *args: Any, **values: Any) -> QuestionRefusal:
    with pytest.raises(QuestionRefused) as refused:
        change(*args, by=None, **values)
    assert str(refused.value.sentence)
    return refused.value.refusal


def answered(stage: Stage, answers: dict[int, Any], number: int = 1) -> Registration:
    made = online(stage, person(number), answers=answers).registration
    assert made is not None
    return fresh(made)


def order_of(stage: Stage) -> list[str]:
    return [question.text for question in queries.questions_of(stage)]


def letter(name: str = "surat.pdf") -> HandedIn:
    return HandedIn(name, Judged("application/pdf", ".pdf", b"%PDF-1.4 surat tugas"))


def test_questions_come_in_the_order_they_were_added(stage: Stage) -> None:
    for text in ("satu", "dua", "tiga"):
        asked(stage, AnswerKind.SHORT_TEXT, text=text)
    assert order_of(stage) == ["satu", "dua", "tiga"]
    service.move_question(queries.questions_of(stage)[2], up=True, by=None)
    assert order_of(stage) == ["satu", "tiga", "dua"]
    service.move_question(queries.questions_of(stage)[0], up=True, by=None)
    assert order_of(stage) == ["satu", "tiga", "dua"]


def test_an_order_laid_by_hand_is_kept(stage: Stage) -> None:
    ids = {text: asked(stage, AnswerKind.SHORT_TEXT, text=text).id for text in ("satu", "dua", "tiga")}
    service.arrange_questions(stage, [ids["tiga"], 999_999, ids["satu"]], by=None)
    assert order_of(stage) == ["tiga", "satu", "dua"]


def test_no_question_stands_above_the_one_that_shows_it(stage: Stage) -> None:
    size = asked(stage, AnswerKind.ONE_CHOICE)
    after = asked(stage, AnswerKind.SHORT_TEXT, depends_on=size.id, depends_value="M")
    assert refusal_of(service.move_question, after, up=True) is QuestionRefusal.ORDER
    assert refusal_of(service.arrange_questions, stage, [after.id, size.id]) is QuestionRefusal.ORDER
    circle = terms(AnswerKind.ONE_CHOICE, depends_on=after.id, depends_value="M")
    assert refusal_of(service.change_question, fresh(size), circle) is QuestionRefusal.BAD_CONDITION
    itself = terms(AnswerKind.ONE_CHOICE, depends_on=size.id, depends_value="M")
    assert refusal_of(service.change_question, fresh(size), itself) is QuestionRefusal.BAD_CONDITION


def test_a_question_of_another_stage_shows_nothing(stage: Stage) -> None:
    elsewhere = asked(factories.stage(), AnswerKind.YES_NO)
    wanted = terms(AnswerKind.SHORT_TEXT, depends_on=elsewhere.id, depends_value="yes")
    assert refusal_of(service.add_question, stage, wanted) is QuestionRefusal.BAD_CONDITION


def test_a_stage_asks_only_so_much(stage: Stage) -> None:
    with transaction():
        for _number in range(MOST_QUESTIONS):
            asked(stage, AnswerKind.YES_NO)
    assert refusal_of(service.add_question, stage, terms(AnswerKind.YES_NO)) is QuestionRefusal.TOO_MANY


def test_answers_are_kept_with_the_registration(stage: Stage) -> None:
    size, needs = asked(stage, AnswerKind.ONE_CHOICE), asked(stage, AnswerKind.SEVERAL_CHOICES)
    promise = asked(stage, AnswerKind.STATEMENT, text="Saya hadir penuh.")
    who = answered(stage, {size.id: "M", needs.id: "S\nL", promise.id: "yes", 999_999: "x"})
    assert queries.answers_of([who.id, 77]) == {
        who.id: {size.id: "M", needs.id: "S; L", promise.id: "Setuju"},
        77: {},
    }
    service.change_question(fresh(promise), terms(AnswerKind.STATEMENT, text="Saya hadir."), by=None)
    assert [answer.wording for answer in queries.answers_to(who)] == ["", "", "Saya hadir penuh."]


def test_no_questions_cost_the_registration_nothing(stage: Stage) -> None:
    with statements() as without:
        online(stage, person(1))
    with statements() as empty:
        online(stage, person(2), answers={})
    assert len(without) == len(empty)
    assert not [one for one in empty if "registration_question" in str(one)]


def test_lists_are_narrowed_by_an_answer(stage: Stage) -> None:
    size, needs = (
        asked(stage, AnswerKind.ONE_CHOICE),
        asked(stage, AnswerKind.SEVERAL_CHOICES, options=("S", "SS", "%")),
    )
    first = answered(stage, {size.id: "M", needs.id: "SS"}, 1)
    second = answered(stage, {size.id: "L", needs.id: "S\n%"}, 2)

    def narrowed(question: RegistrationQuestion, value: str) -> list[int]:
        found = sa.select(Registration.id).where(queries.answered_with(question, value)).order_by(Registration.id)
        return list(db.session.scalars(found))

    assert narrowed(size, "M") == [first.id]
    assert narrowed(needs, "S") == [second.id]
    assert narrowed(needs, "SS") == [first.id]
    assert narrowed(needs, "%") == [second.id]


def test_answered_questions_keep_their_meaning(stage: Stage) -> None:
    size = asked(stage, AnswerKind.ONE_CHOICE)
    answered(stage, {size.id: "M"})
    changed = terms(AnswerKind.SHORT_TEXT)
    assert refusal_of(service.change_question, size, changed) is QuestionRefusal.KIND_FIXED
    without = terms(AnswerKind.ONE_CHOICE, options=("S", "L"))
    assert refusal_of(service.change_question, size, without) is QuestionRefusal.OPTION_CHOSEN
    service.change_question(size, terms(AnswerKind.ONE_CHOICE, text="Ukuran baju", options=("XL", "M")), by=None)
    assert (fresh(size).text, fresh(size).options) == ("Ukuran baju", ["XL", "M"])


def test_options_that_show_another_question_stay(stage: Stage) -> None:
    size = asked(stage, AnswerKind.ONE_CHOICE)
    after = asked(stage, AnswerKind.SHORT_TEXT, depends_on=size.id, depends_value="M")
    without = terms(AnswerKind.ONE_CHOICE, options=("S", "L"))
    assert refusal_of(service.change_question, size, without) is QuestionRefusal.OPTION_NEEDED
    assert refusal_of(service.change_question, size, terms(AnswerKind.YES_NO)) is QuestionRefusal.OPTION_NEEDED
    assert refusal_of(service.retire_question, size) is QuestionRefusal.OTHERS_DEPEND
    assert refusal_of(service.remove_question, size) is QuestionRefusal.OTHERS_DEPEND
    service.retire_question(after, by=None)
    service.retire_question(size, by=None)
    assert order_of(stage) == []
    assert refusal_of(service.restore_question, after) is QuestionRefusal.BAD_CONDITION
    service.restore_question(size, by=None)
    service.restore_question(after, by=None)
    assert order_of(stage) == [size.text, after.text]


def test_answered_questions_are_retired_and_not_destroyed(stage: Stage) -> None:
    size, unasked = asked(stage, AnswerKind.ONE_CHOICE), asked(stage, AnswerKind.YES_NO)
    who = answered(stage, {size.id: "M"})
    assert refusal_of(service.remove_question, size) is QuestionRefusal.HAS_ANSWERS
    service.retire_question(size, by=None)
    assert queries.answers_of([who.id])[who.id] == {size.id: "M"}
    assert [one.id for one in queries.questions_of(stage)] == [unasked.id]
    assert [one.id for one in queries.questions_of(stage, retired=True)] == [unasked.id, size.id]
    other = answered(stage, {size.id: "M"}, 2)
    assert queries.answers_of([other.id]) == {other.id: {}}
    service.remove_question(unasked, by=None)
    assert queries.find_question(stage, unasked.id) is None


def test_answers_are_changed_by_staff(stage: Stage) -> None:
    size, note, retired = (
        asked(stage, AnswerKind.ONE_CHOICE),
        asked(stage, AnswerKind.LONG_TEXT),
        asked(stage, AnswerKind.YES_NO),
    )
    who = answered(stage, {size.id: "M", note.id: "kursi", retired.id: "yes"})
    service.retire_question(retired, by=None)
    service.change_answers(who, {size.id: "L"}, by=None)
    assert queries.values_of(who) == {size.id: "L", retired.id: "yes"}
    before = db.session.scalar(sa.select(sa.func.max(RegistrationAnswer.id)))
    service.change_answers(who, {size.id: "L"}, by=None)
    assert db.session.scalar(sa.select(sa.func.max(RegistrationAnswer.id))) == before


def test_the_file_of_an_answer_is_kept_replaced_and_removed(stage: Stage) -> None:
    question = asked(stage, AnswerKind.FILE)
    who = answered(stage, {question.id: letter()})
    (first,) = queries.documents_of(who)
    assert (first.file_name, first.question_id, queries.values_of(who)) == (
        "surat.pdf",
        question.id,
        {question.id: "surat.pdf"},
    )
    service.change_answers(who, {question.id: KeptFile("surat.pdf")}, by=None)
    assert [one.id for one in queries.documents_of(who)] == [first.id]
    service.change_answers(who, {question.id: letter("baru.pdf")}, by=None)
    (second,) = queries.documents_of(who)
    assert second.file_name == "baru.pdf"
    service.change_answers(who, {}, by=None)
    assert queries.documents_of(who) == [] and queries.values_of(who) == {}


def test_a_registration_that_goes_takes_its_answers_along(stage: Stage) -> None:
    question, size = asked(stage, AnswerKind.FILE), asked(stage, AnswerKind.ONE_CHOICE)
    who = answered(stage, {question.id: letter(), size.id: "M"})
    with transaction():
        db.session.execute(sa.delete(Registration).where(Registration.id == who.id))
    left = [
        db.session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (RegistrationAnswer, Document)
    ]
    assert left == [0, 0]


def test_nobody_answers_while_the_question_is_removed(app: Flask, stage: Stage) -> None:
    """Whichever comes first: either the answer stands and the question stays, or neither does."""
    size = asked(stage, AnswerKind.ONE_CHOICE)
    question_id, stage_id = size.id, stage.id
    start = threading.Barrier(2)

    def remove() -> None:
        with app.app_context():
            start.wait()
            with suppress(QuestionRefused):
                service.remove_question(db.session.get_one(RegistrationQuestion, question_id), by=None)

    other = threading.Thread(target=remove)
    other.start()
    start.wait()
    answered(db.session.get_one(Stage, stage_id), {question_id: "M"})
    other.join()
    db.session.rollback()
    answers = db.session.scalar(sa.select(sa.func.count()).select_from(RegistrationAnswer))
    there = db.session.scalar(sa.select(sa.func.count()).select_from(RegistrationQuestion))
    assert answers == there
