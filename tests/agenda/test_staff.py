"""The agenda in the panel."""

from typing import Any

import pytest

from app.agenda.models import AgendaSession, Speaker
from app.agenda.queries import sessions_of
from app.agenda.rules import SessionKind, SpeakerPart
from app.extensions import db
from app.feedback import service as feedback
from app.programmes.models import Stage
from tests import factories
from tests.factories import at
from tests.personas import People


def address(people: People, rest: str = "") -> str:
    return f"/panel/kegiatan/{people.stage.slug}/agenda{rest}"


def test_an_organiser_plans_a_session_with_a_new_speaker(people: People) -> None:
    stage = people.stage
    group = factories.group(stage.programme, name="Smart Living")
    known = factories.speaker(stage.host, name="Ahmad Fauzi")
    form = people.organiser.client.get(address(people)).follow(".page-heading a[href$=tambah]")

    page = form.submit(
        "main form[data-draft]",
        title="Diskusi Smart Living",
        kind="discussion",
        day=stage.starts_on.isoformat(),
        starts="08:00",
        ends="09:45",
        room="Ruang Rapat 2",
        groups=[group.id],
        **{"leaders-0-speaker": known.id, "leaders-0-part": "moderator"},
        new_name="Siti Rahmah",
        new_title_after="M.Kom.",
        new_part="facilitator",
    )

    [session] = sessions_of(db.session.get_one(Stage, stage.id))
    assert (session.kind, session.jp) == (SessionKind.DISCUSSION, 2)
    assert [(one.speaker.full_name, one.part) for one in session.speakers] == [
        ("Ahmad Fauzi", SpeakerPart.MODERATOR),
        ("Siti Rahmah, M.Kom.", SpeakerPart.FACILITATOR),
    ]
    assert "08.00–09.45 WIB" in page.words() and "Smart Living" in page.words()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends": "07:00"}, "ends"),
        ({"ends": "20:30"}, "ends"),
        ({"day": "2001-01-01"}, "day"),
        ({"day": "0001-01-01"}, "day"),
        ({"day": "9999-12-31", "starts": "22:30", "ends": "00:00"}, "day"),
        ({"title": ""}, "title"),
        ({"jp_override": "25"}, "jp_override"),
        ({"jp_override": "dua"}, "jp_override"),
        ({"starts": "8 pagi"}, "starts"),
        ({"new_title_after": "M.Si."}, "new_name"),
    ],
)
def test_what_cannot_be_keeps_what_was_typed(people: People, values: dict[str, Any], field: str) -> None:
    page = people.organiser.client.get(address(people, "/tambah"))
    typed = {
        "title": "Kebijakan",
        "day": people.stage.starts_on.isoformat(),
        "starts": "08:00",
        "ends": "09:30",
        "room": "Aula",
    }

    answer = page.submit("main form[data-draft]", status=422, **typed | values)

    assert answer.select(f"#{field}-error"), answer.excerpt()
    kept = answer.values("main form[data-draft]")
    assert kept["room"] == "Aula" and kept["title"] == (typed | values)["title"]
    assert sessions_of(db.session.get_one(Stage, people.stage.id)) == []


def test_all_mistakes_are_told_at_once(people: People) -> None:
    page = people.organiser.client.get(address(people, "/tambah"))
    typed = {"title": "", "day": "2001-01-01", "starts": "09:00", "ends": "08:00", "new_title_after": "M.Si."}
    answer = page.submit("main form[data-draft]", status=422, **typed)
    for field in ("title", "day", "ends", "new_name"):
        assert answer.select(f"#{field}-error"), field


def test_more_speakers_than_there_are_rows(people: People) -> None:
    known = factories.speaker(people.stage.host, name="Ahmad Fauzi")
    page = people.organiser.client.get(address(people, "/tambah"))
    typed = {"title": "Diskusi", "leaders-0-speaker": known.id, "leaders-1-part": "moderator"}
    for rows in (4, 6, 8, 10, 12):
        page = page.submit("main form[data-draft]", button="more_leaders=1", **typed)
        assert len(page.select("select[name$=-speaker]")) == rows
        kept = page.values("main form[data-draft]")
        assert (kept["title"], kept["leaders-0-speaker"], kept["leaders-1-part"]) == (
            "Diskusi",
            str(known.id),
            "moderator",
        )
    assert not page.select("button[name=more_leaders]")
    assert sessions_of(db.session.get_one(Stage, people.stage.id)) == []


def test_what_was_saved_is_said_where_one_looks(people: People) -> None:
    page = people.organiser.client.get(address(people, "/tambah"))
    page = page.submit("main form[data-draft]", title="Diskusi", starts="08:00", ends="09:30")
    assert page.texts(".alert-success") and "#" not in page.url


def test_a_session_is_edited_and_removed(people: People) -> None:
    session = factories.agenda_session(people.stage)
    page = people.organiser.client.get(address(people, f"/{session.id}"))
    assert page.values("main form[data-draft]")["starts"] == "08:00"

    page.submit("main form[data-draft]", title="Judul baru", ends="00:00", starts="21:00", jp_override="1")
    key = session.id
    session = db.session.get_one(AgendaSession, key)
    assert (session.title, session.jp, session.ends_at) == ("Judul baru", 1, at(people.stage, 0, day=1))

    listed = people.organiser.client.get(address(people, f"/{key}")).submit("details.confirm form")
    assert "Judul baru" in listed.words()
    assert db.session.get(AgendaSession, key) is None


def test_a_session_with_answers_about_it_is_not_removed(people: People) -> None:
    session = factories.agenda_session(people.stage)
    made = feedback.create_speaker_questionnaire(session, factories.speaker(people.stage.host))
    assert made
    feedback.open_questionnaire(made, by=None)
    answers = {question.id: 4 for question in made.questions if question.kind.value == "scale"}
    feedback.answer(made, factories.registration(people.stage), answers)

    page = people.organiser.client.get(address(people, f"/{session.id}")).submit("details.confirm form")

    assert page.select(".alert-danger")
    assert db.session.get(AgendaSession, session.id) is not None


def test_a_session_that_proves_attendance_is_not_removed(people: People) -> None:
    stage = people.stage
    begun = factories.agenda_session(stage, starts_at=at(stage, 8, day=-1), ends_at=at(stage, 9, day=-1))
    later = factories.agenda_session(stage, starts_at=at(stage, 8, day=1), ends_at=at(stage, 9, day=1))
    sole = factories.agenda_session(stage)
    registration = factories.registration(stage)
    factories.attendance(registration, factories.checkpoint(stage, sessions=[begun, later]))
    factories.checkpoint(stage, name="Pintu Ruang 2", sessions=[sole])
    client, keys = people.organiser.client, [begun.id, later.id, sole.id]

    for key, words in zip(keys, ("JP menjadi 0", "sudah dihapus", "Pintu Ruang 2"), strict=True):
        page = client.get(address(people, f"/{key}")).submit("details.confirm form")
        assert words in page.words()

    assert [db.session.get(AgendaSession, key) is None for key in keys] == [False, True, False]


def test_sessions_in_each_others_way_warn_but_are_saved(people: People) -> None:
    factories.agenda_session(people.stage, title="Materi A")
    page = people.organiser.client.get(address(people, "/tambah"))

    answer = page.submit(
        "main form[data-draft]",
        title="Materi B",
        day=people.stage.starts_on.isoformat(),
        starts="09:00",
        ends="10:00",
        room="aula",
    )

    assert len(answer.select(".alert-warning li")) == 2
    assert len(sessions_of(db.session.get_one(Stage, people.stage.id))) == 2


def test_the_next_session_begins_where_the_last_one_ends(people: People) -> None:
    factories.agenda_session(people.stage, room="Aula")
    factories.agenda_session(people.stage, starts_at=at(people.stage, 13, day=1), ends_at=at(people.stage, 14, day=1))

    first_day = people.stage.starts_on.isoformat()
    page = people.organiser.client.get(address(people, f"/tambah?hari={first_day}"))
    assert (page.values("main form[data-draft]")["day"], page.values("main form[data-draft]")["starts"]) == (
        first_day,
        "09:30",
    )

    page = people.organiser.client.get(address(people, "/tambah?hari=besok"))
    assert page.values("main form[data-draft]")["starts"] == "14:00"


def test_speakers_are_added_and_edited(people: People) -> None:
    client = people.organiser.client
    client.get(address(people, "/narasumber/tambah")).submit(
        "main form[data-draft]", name="Budi Hartono", title_before="Dr."
    )
    speaker = db.session.scalars(db.select(Speaker)).one()

    client.get(address(people, f"/narasumber/{speaker.id}")).submit("main form[data-draft]", name="Budi Hartanto")

    assert db.session.get_one(Speaker, speaker.id).full_name == "Dr. Budi Hartanto"


def test_who_may_see_and_who_may_edit(people: People) -> None:
    session = factories.agenda_session(people.stage)
    paths = [address(people, "/tambah"), address(people, f"/{session.id}"), address(people, "/narasumber/tambah")]

    for reader in (people.facilitator, people.certifier, people.viewer):
        page = reader.client.get(address(people))
        assert not page.select("a[href$='/tambah']")
        for path in paths:
            reader.client.get(path, status=403)
    for editor in (people.organiser, people.manager, people.administrator):
        for path in paths:
            editor.client.get(path)
    for path in [address(people), *paths]:
        people.outsider.client.get(path, status=404)


@pytest.mark.parametrize("rest", ["/0", "/99999999", "/99999999999999999999", "/abc", "/narasumber/99999999"])
def test_what_is_not_there(people: People, rest: str) -> None:
    people.organiser.client.get(address(people, rest), status=404)


def test_sessions_and_speakers_of_others_are_not_there(people: People) -> None:
    foreign, speaker = factories.agenda_session(), factories.speaker(factories.host())

    people.organiser.client.get(address(people, f"/{foreign.id}"), status=404)
    people.organiser.client.get(address(people, f"/narasumber/{speaker.id}"), status=404)


def test_a_session_left_outside_by_new_dates_is_named(people: People) -> None:
    factories.agenda_session(
        people.stage, title="Tertinggal", starts_at=at(people.stage, 8, day=-3), ends_at=at(people.stage, 9, day=-3)
    )

    page = people.viewer.client.get(address(people))

    assert "Tertinggal" in page.one(".alert-warning").text_content()
