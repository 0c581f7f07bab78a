"""Nothing joins who has answered with what was answered: no column, no order, no time."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.audit.models import AuditEntry
from app.extensions import db
from app.feedback import service
from app.feedback.models import FeedbackAnswer, FeedbackReceipt, FeedbackResponse
from tests import factories

PEOPLE = 12
TABLES = (FeedbackReceipt.__table__, FeedbackResponse.__table__, FeedbackAnswer.__table__)


def answered_stage() -> tuple[object, list[str]]:
    """A questionnaire that was answered by PEOPLE one after the other, and their answers in that order."""
    stage = factories.stage()
    questionnaire = factories.questionnaire(stage)
    scale, text = questionnaire.questions
    words = [f"jawaban {number}" for number in range(PEOPLE)]
    for word in words:
        service.answer(questionnaire, factories.registration(stage), {scale.id: 4, text.id: word})
    return questionnaire, words


def kept_order() -> list[str]:
    """The answers as the database happens to keep them."""
    return list(db.session.scalars(sa.text("SELECT text FROM feedback_answer WHERE text <> ''")))


def test_no_column_says_when_or_who() -> None:
    assert [column.name for column in TABLES[0].columns] == ["registration_id", "questionnaire_id"]
    assert [column.name for column in TABLES[1].columns] == ["id", "questionnaire_id"]
    assert [column.name for column in TABLES[2].columns] == ["response_id", "question_id", "number", "text"]
    for table in TABLES[1:]:
        pointed_at = {key.column.table.name for key in table.foreign_keys}
        assert not pointed_at & {"registration", "participant", "feedback_receipt"}
    assert {key.column.table.name for key in TABLES[0].foreign_keys} == {"registration", "questionnaire"}


def test_sqlite_numbers_no_row(app: Flask) -> None:
    for table in TABLES:
        with pytest.raises(sa.exc.OperationalError, match="rowid"):
            db.session.execute(sa.text(f"SELECT rowid FROM {table.name}"))
        db.session.rollback()


def test_answers_do_not_lie_in_the_order_in_which_they_came(app: Flask) -> None:
    _, words = answered_stage()

    found = kept_order()

    assert sorted(found) == sorted(words)
    assert found != words


@pytest.mark.both_databases
def test_nobody_records_that_someone_answers(app: Flask) -> None:
    answered_stage()

    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0


@pytest.mark.postgres
def test_closing_on_postgresql_mixes_rows_and_hides_who_wrote_them(app: Flask) -> None:
    questionnaire, words = answered_stage()
    pairs = "SELECT count(*) FROM feedback_receipt r JOIN feedback_response a ON r.xmin = a.xmin"
    before = [tuple(row) for row in db.session.execute(sa.text("SELECT registration_id FROM feedback_receipt"))]

    service.close_questionnaire(questionnaire, by=None)  # type: ignore[arg-type]

    found = kept_order()
    after = [tuple(row) for row in db.session.execute(sa.text("SELECT registration_id FROM feedback_receipt"))]
    assert sorted(found) == sorted(words) and sorted(after) == sorted(before)
    assert found != words and after != before
    assert db.session.scalar(sa.text(pairs)) == PEOPLE * PEOPLE  # all carry one transaction's number
    assert db.session.scalar(sa.text("SELECT count(*) FROM feedback_answer WHERE number = 4")) == PEOPLE
