"""The agenda for a calendar and for paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from icalendar import Calendar, Event

from app.agenda.models import AgendaSession
from app.agenda.pdf import RundownDay, RundownEntry, RundownPaper
from app.agenda.queries import days_of
from app.agenda.rules import SessionKind, SpeakerPart
from app.paper.letterhead import Letterhead
from app.programmes.models import Stage
from app.shared.dates import date_span, local, long_date

# Papers are Indonesian whatever language the page is read in.
PARTS_ON_PAPER = {
    SpeakerPart.SPEAKER: "Narasumber",
    SpeakerPart.MODERATOR: "Moderator",
    SpeakerPart.FACILITATOR: "Fasilitator",
}


def calendar(stage: Stage, sessions: Sequence[AgendaSession], *, domain: str, now: datetime) -> bytes:
    """Every session but the breaks, as iCalendar. `domain` makes the UIDs this installation's own."""
    made = Calendar()
    made.add("prodid", "-//Bimtek//Agenda//ID")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", stage.name)
    for session in sessions:
        if session.kind is not SessionKind.BREAK:
            made.add_component(_event(stage, session, domain=domain, now=now))
    made.add_missing_timezones()
    return made.to_ical()


def rundown_paper(stage: Stage, sessions: Sequence[AgendaSession], letterhead: Letterhead) -> RundownPaper:
    """What the printed rundown (susunan acara) shows."""
    zone = stage.timezone
    return RundownPaper(
        letterhead=letterhead,
        event=f"{stage.name} – {stage.programme.name}",
        dates=date_span(stage.starts_on, stage.ends_on),
        place=stage.place,
        days=tuple(
            RundownDay(day=long_date(day.day), entries=tuple(_entry(session, zone) for session in day.sessions))
            for day in days_of(sessions, zone)
        ),
    )


def _event(stage: Stage, session: AgendaSession, *, domain: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"session-{session.id}@{domain}")
    event.add("dtstamp", now)
    event.add("dtstart", local(session.starts_at, stage.timezone))
    event.add("dtend", local(session.ends_at, stage.timezone))
    event.add("summary", session.title)
    place = ", ".join(part for part in (session.room, stage.place) if part)
    if place:
        event.add("location", place)
    described = [stage.name, *_speaker_lines(session), *_audience_lines(session)]
    event.add("description", "\n".join(described))
    return event


def _entry(session: AgendaSession, zone: str) -> RundownEntry:
    starts, ends = local(session.starts_at, zone), local(session.ends_at, zone)
    return RundownEntry(
        time=f"{starts:%H.%M}–{ends:%H.%M}",
        title=session.title,
        speakers=tuple(_speaker_lines(session)),
        place=session.room,
        jp=session.jp,
        audience="".join(_audience_lines(session)),
    )


def _speaker_lines(session: AgendaSession) -> list[str]:
    return [f"{PARTS_ON_PAPER[leader.part]}: {leader.speaker.full_name}" for leader in session.speakers]


def _audience_lines(session: AgendaSession) -> list[str]:
    return ["Kelompok: " + ", ".join(group.name for group in session.groups)] if session.groups else []
