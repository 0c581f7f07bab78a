"""Writing the agenda, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.exceptions import NotFound

from app.agenda import queries, service
from app.agenda.models import AgendaSession, SessionSpeaker
from app.agenda.rules import (
    AgendaError,
    EndsBeforeStart,
    OutsideStage,
    SessionInUse,
    SessionKind,
    SpeakerPart,
    UnknownChoice,
)
from app.audit.models import AuditEntry
from app.extensions import db, transaction
from app.programmes.service import update_stage
from tests import factories
from tests.factories import at

pytestmark = pytest.mark.both_databases
AS_IT_WAS: dict[str, Any] = {
    "kind": SessionKind.LESSON,
    "title": "Materi",
    "starts_at": datetime(2019, 7, 8, 2, tzinfo=UTC),
    "ends_at": datetime(2019, 7, 8, 4, tzinfo=UTC),
}


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.parametrize("act", [service.remove_session, lambda session: service.edit_session(session, **AS_IT_WAS)])
def test_a_session_that_somebody_removed_at_that_moment_is_not_there(app: Flask, act: Any) -> None:
    session = factories.agenda_session(factories.stage())
    with transaction():
        db.session.execute(sa.delete(AgendaSession), execution_options={"synchronize_session": False})
    with pytest.raises(NotFound):
        act(session)


def test_a_session_is_added_with_its_groups_and_speakers(app: Flask) -> None:
    stage, by = factories.stage(), factories.user()
    group, speaker = factories.group(stage.programme), factories.speaker(stage.host)

    session = service.add_session(
        stage,
        kind=SessionKind.LESSON,
        title="Kebijakan Smart City",
        starts_at=at(stage, 9, 30),
        ends_at=at(stage, 11),
        room="Aula",
        group_ids=[group.id],
        speakers=[
            (speaker.id, SpeakerPart.SPEAKER),
            (speaker.id, SpeakerPart.MODERATOR),
            (speaker.id, SpeakerPart.SPEAKER),
        ],
        by=by,
    )

    [found] = queries.sessions_of(stage)
    assert found.id == session.id and found.jp == 2
    assert [one.id for one in found.groups] == [group.id]
    assert [one.part for one in found.speakers] == [SpeakerPart.SPEAKER, SpeakerPart.MODERATOR]
    assert queries.speakers_of(stage) == [speaker]
    assert actions() == ["session.added"]


@pytest.mark.parametrize(
    ("start", "end", "error"),
    [
        ((10, 0, 0), (9, 0, 0), EndsBeforeStart),
        ((10, 0, 2), (11, 0, 2), OutsideStage),
        ((10, 0, -1), (11, 0, -1), OutsideStage),
    ],
)
def test_an_impossible_session_is_not_stored(
    app: Flask, start: tuple[int, int, int], end: tuple[int, int, int], error: type[AgendaError]
) -> None:
    stage = factories.stage()
    starts_at, ends_at = at(stage, *start[:2], day=start[2]), at(stage, *end[:2], day=end[2])

    with pytest.raises(error):
        service.add_session(stage, kind=SessionKind.LESSON, title="X", starts_at=starts_at, ends_at=ends_at)

    assert queries.sessions_of(stage) == []


def test_groups_and_speakers_of_others_are_refused(app: Flask) -> None:
    stage = factories.stage()
    foreign_group, foreign_speaker = factories.group(factories.programme()), factories.speaker(factories.host())
    times = {"starts_at": at(stage, 8), "ends_at": at(stage, 9)}

    with pytest.raises(UnknownChoice):
        service.add_session(stage, kind=SessionKind.LESSON, title="X", group_ids=[foreign_group.id], **times)
    with pytest.raises(UnknownChoice):
        speakers = [(foreign_speaker.id, SpeakerPart.SPEAKER)]
        service.add_session(stage, kind=SessionKind.LESSON, title="X", speakers=speakers, **times)


def test_editing_says_what_has_changed_and_nothing_else(app: Flask) -> None:
    session = factories.agenda_session()
    stage, one, other = session.stage, factories.speaker(session.stage.host), factories.speaker(session.stage.host)
    factories.session_speaker(session, one)
    same = {
        "kind": session.kind,
        "title": session.title,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "room": session.room,
    }

    service.edit_session(session, **same, speakers=[(one.id, SpeakerPart.SPEAKER)])
    assert actions() == []

    service.edit_session(
        session, **same | {"room": "Ruang 2"}, speakers=[(other.id, SpeakerPart.SPEAKER), (one.id, SpeakerPart.SPEAKER)]
    )
    [entry] = db.session.scalars(sa.select(AuditEntry))
    assert entry.fields == ["room", "speakers"]
    [found] = queries.sessions_of(stage)
    assert [leader.speaker_id for leader in found.speakers] == [other.id, one.id]


def test_a_session_goes_with_its_speakers_unless_another_room_needs_it(app: Flask) -> None:
    session = factories.agenda_session()
    factories.session_speaker(session, factories.speaker(session.stage.host))
    needed: list[int] = [session.id]
    service.on_session_removal(lambda one: "Masih dipakai." if one.id in needed else None)

    with pytest.raises(SessionInUse, match="Masih dipakai"):
        service.remove_session(session)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AgendaSession)) == 1

    needed.clear()
    service.remove_session(session)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SessionSpeaker)) == 0
    assert actions() == ["session.removed"]


def test_speakers_are_corrected(app: Flask) -> None:
    speaker = service.add_speaker(factories.host(), name="Siti Rahma", title_after="M.Kom.", position="Dosen")

    service.edit_speaker(speaker, name="Siti Rahmah", position="Dosen")

    assert speaker.full_name == "Siti Rahmah, M.Kom."
    [edited] = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "speaker.edited"))
    assert edited.fields == ["name"]


def test_sessions_are_read_in_a_constant_number_of_queries(app: Flask) -> None:
    stage = factories.stage()
    counted: list[int] = []
    for wanted in (2, 12):
        while len(queries.sessions_of(stage)) < wanted:
            session = factories.agenda_session(stage, groups=[factories.group(stage.programme)])
            factories.session_speaker(session, factories.speaker(stage.host))
        db.session.expire_all()
        counted.append(_queries_of(stage))

    assert counted[0] == counted[1] <= 6


def _queries_of(stage: object) -> int:
    said: list[str] = []
    listener = lambda connection, cursor, statement, *rest: said.append(statement)  # noqa: E731
    sa.event.listen(db.engine, "before_cursor_execute", listener)
    try:
        for session in queries.sessions_of(stage):  # type: ignore[arg-type]
            assert [leader.speaker.full_name for leader in session.speakers] and session.groups[0].name
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", listener)
    return len(said)


def test_the_sessions_follow_a_stage_that_moves_as_a_whole(app: Flask) -> None:
    stage, other = factories.stage(), factories.agenda_session()
    session, elsewhere = factories.agenda_session(stage), other.starts_at
    starts, week = session.starts_at, timedelta(days=7)

    update_stage(stage, by=None, starts_on=stage.starts_on + week, ends_on=stage.ends_on + week)
    assert (session.starts_at, session.ends_at) == (starts + week, starts + week + timedelta(minutes=90))
    assert other.starts_at == elsewhere

    update_stage(stage, by=None, starts_on=stage.starts_on + week, ends_on=stage.ends_on + 2 * week)
    assert session.starts_at == starts + week
    assert queries.sessions_outside(stage) == [session]


def test_sessions_at_which_people_were_stay_when_the_stage_moves(app: Flask) -> None:
    stage = factories.stage()
    session = factories.agenda_session(stage)
    factories.attendance(factories.registration(stage), factories.checkpoint(stage))
    starts, week = session.starts_at, timedelta(days=7)

    update_stage(stage, by=None, starts_on=stage.starts_on + week, ends_on=stage.ends_on + week)
    assert session.starts_at == starts
