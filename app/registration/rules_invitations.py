"""Decisions about invitations: until when, who is reminded, what a letter says where nobody has written otherwise, whom a table names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext

from app.registration.rules_seats import OPEN_INVITATION, InvitationState
from app.shared.names import sort_key

MOST_SEATS = 200
MOST_DOCUMENTS = 10
REMIND_AFTER = timedelta(days=1)
"""An institution is reminded at most once within this time, unless staff insist."""

OPENING = (
    "Dalam rangka pelaksanaan {program}, bersama ini kami mengundang instansi yang Bapak/Ibu pimpin untuk mengikuti "
    "{tahap}. Untuk itu kami mohon Bapak/Ibu menugaskan {jumlah} orang peserta pada:"
)
CLOSING = (
    "Mengingat pentingnya kegiatan ini, kami mohon nama peserta yang ditugaskan diisikan paling lambat {batas} melalui "
    "tautan di bawah ini. Demikian undangan ini kami sampaikan. Atas perhatian dan kerja sama Bapak/Ibu kami ucapkan "
    "terima kasih."
)
PLACEHOLDERS = ("program", "tahap", "instansi", "jumlah", "batas")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

# Names of the columns of a table of invitations, without case, spaces and signs; a loose one is looked for within the header.
_COLUMNS = {
    "institution": r"instansi|opd|skpd|lembaga|dinas|perusahaan|organisasi|institution",
    "email": r"e ?mail|surel|posel",
    "phone": r"\bhp\b|\bwa\b|whatsapp|telp|telepon|handphone|ponsel|phone|mobile",
    "letter_number": r"\bsurat\b|letter",
    "seats": r"jumlah|kursi|peserta|orang|seats|people|number of",
    "contact_name": r"kontak|nama|narahubung|contact|name",
}


@dataclass(frozen=True)
class Named:
    """Where an invitation stands, as far as naming people goes."""

    state: InvitationState
    deadline: datetime
    used: int
    reserved: int

    def is_open(self, now: datetime) -> bool:
        return self.state in OPEN_INVITATION and now < self.deadline

    @property
    def left(self) -> int:
        return max(0, self.reserved - self.used)


def shown_state(state: InvitationState, *, deadline: datetime, used: int, now: datetime) -> InvitationState:
    """The state as people are told it: expired at the deadline, before the sweep has said so, unless people were named."""
    over = state is InvitationState.EXPIRED or (state in OPEN_INVITATION and now >= deadline)
    if not over:
        return state
    return InvitationState.ANSWERED if used else InvitationState.EXPIRED


def usual_deadline(now: datetime, *, closes_at: datetime, starts_on: date, ends_on: date, zone: str) -> datetime | None:
    """When registration closes; where that has passed the beginning of the event, then its end; None once it is over."""
    begins = datetime.combine(starts_on, time(), ZoneInfo(zone))
    ends = datetime.combine(ends_on + timedelta(days=1), time(), ZoneInfo(zone))
    return next((moment for moment in (closes_at, begins, ends) if moment > now), None)


def is_due(state: InvitationState, *, reminded_at: datetime | None, now: datetime, insist: bool) -> bool:
    """Whether an institution is reminded: it was asked, has not answered, and was not reminded a moment ago."""
    if state is not InvitationState.SENT:
        return False
    return insist or reminded_at is None or now - reminded_at >= REMIND_AFTER


def strange_placeholders(text: str) -> list[str]:
    """What stands in braces and is not known."""
    return [name for name in _PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]


def filled(text: str, values: dict[str, str]) -> str:
    """A text of the letter with its placeholders replaced."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def match_invitation_columns(header: Sequence[str]) -> dict[str, int]:
    """Which column (from 0) holds what, by its name; what no column is named after is left out."""
    free = {place: sort_key(name) for place, name in enumerate(header) if sort_key(name)}
    found: dict[str, int] = {}
    for key, pattern in _COLUMNS.items():
        place = next((place for place, said in free.items() if re.search(pattern, said)), None)
        if place is not None:
            found[key] = place
            del free[place]
    return found


def read_seats(text: str) -> tuple[int | None, str | None]:
    """How many people a cell asks for, or a sentence: "2", "2 orang", "2,0"."""
    said = re.fullmatch(r"([0-9]{1,6})(?:[.,]0+)?\s*(?:orang|org|kursi|peserta)?", text.strip().casefold())
    number = int(said[1]) if said else 0
    if 1 <= number <= MOST_SEATS:
        return number, None
    return None, gettext("A number of people from 1 to %(most)s.", most=MOST_SEATS)
