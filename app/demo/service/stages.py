"""The five stages with their agendas and speakers."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.accounts.models import User
from app.agenda import service as agenda
from app.agenda.rules import SessionKind, SpeakerPart
from app.certificates import service as certificates
from app.demo.rules import DATA
from app.feedback import service as feedback
from app.programmes import service as programmes
from app.programmes.models import Programme, Stage

SPEAKERS = (
    ("Dr. Ir.", "Bambang Setiadi", "M.Sc.", "Direktur", "Pusat Kajian Kota Cerdas Nusantara"),
    ("Prof. Dr.", "Siti Rahmah", "M.Kom.", "Guru Besar Sistem Informasi", "Universitas Maritim Raja Ali Haji"),
    ("", "Hendra Saputra", "S.T., M.T.", "Tenaga Ahli Smart City", "Direktorat Aplikasi Informatika"),
    ("", "Rina Marlina", "S.Psi., M.A.", "Fasilitator", "Pusat Kajian Kota Cerdas Nusantara"),
)
SIGNER = {
    "place": "Tanjungpinang",
    "classification": "800.2",
    "unit": "DISKOMINFO",
    "signer_position": "Kepala Dinas Komunikasi dan Informatika",
    "signer_title_before": "Drs. H.",
    "signer_name": "Raja Ismail",
    "signer_title_after": "M.T.",
    "signer_rank": "Pembina Utama Muda (IV/c)",
    "signer_nip": "196907011994031999",
}


def create(programme: Programme, *, by: User, today: date) -> list[Stage]:
    """All stages of the programme around `today`, the programme's certificate, and questionnaires about the speakers."""
    certificates.save_design(programme, by=by, **SIGNER)
    speakers = [
        agenda.add_speaker(
            programme.host,
            title_before=before,
            name=name,
            title_after=after,
            position=position,
            institution=institution,
        ).id
        for before, name, after, position, institution in SPEAKERS
    ]
    groups = {group.name: group.id for group in programme.groups}
    made = []
    for plan in json.loads((DATA / "stages.json").read_text(encoding="utf-8")):
        stage = _stage(programme, plan, by=by, today=today)
        _sessions(stage, _agenda(plan), speakers, groups, by=by)
        feedback.create_speaker_questionnaires(stage, by=by)
        made.append(stage)
    return made


def _stage(programme: Programme, plan: dict[str, Any], *, by: User, today: date) -> Stage:
    starts_on = _weekday(today + timedelta(days=plan["offset"])) if plan["offset"] else today
    opens, closes = _window(plan, starts_on, today, ZoneInfo(programme.host.timezone))
    return programmes.create_stage(
        programme,
        slug=plan["slug"],
        number=plan["number"],
        name=plan["name"],
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=plan["days"] - 1),
        registration_opens_at=opens,
        registration_closes_at=closes,
        venue=plan["venue"],
        address=plan["address"],
        summary=plan["summary"],
        result=plan["result"],
        capacity=plan["capacity"],
        feedback_required=plan["slug"] == "tahap-1",
        by=by,
    )


def _weekday(day: date) -> date:
    """The Monday of its week, so that two days never reach the weekend."""
    return day - timedelta(days=day.weekday())


def _window(plan: dict[str, Any], starts_on: date, today: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Registration of stage III is open today, that of stage IV opens later; the others' closed the day before they began."""
    opens_on = {"tahap-3": today - timedelta(days=5), "tahap-4": today + timedelta(days=20)}.get(
        plan["slug"], starts_on - timedelta(days=21)
    )
    opens = datetime.combine(opens_on, time(8), zone)
    closes = datetime.combine(starts_on - timedelta(days=1), time(16), zone)
    return opens.astimezone(UTC), closes.astimezone(UTC)


def _agenda(plan: dict[str, Any]) -> list[list[Any]]:
    """Rows of day (from 0), start, end, kind, title, room, and where some alone are expected the names of their groups."""
    if isinstance(plan["agenda"], list):
        return list(plan["agenda"])
    with (DATA / plan["agenda"]).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    first = date.fromisoformat(rows[0]["date"])
    return [
        [
            (date.fromisoformat(row["date"]) - first).days,
            row["starts_at"],
            row["ends_at"],
            row["kind"],
            row["title"],
            "" if row["kind"] == "break" else "Aula Lantai 3",
        ]
        for row in rows
    ]


def _sessions(stage: Stage, rows: list[list[Any]], speakers: list[int], groups: dict[str, int], *, by: User) -> None:
    zone, lessons = ZoneInfo(stage.timezone), 0
    for day, starts, ends, kind, title, room, *audience in rows:
        leaders: list[tuple[int, SpeakerPart]] = []
        if kind == "lesson":
            leaders = [(speakers[lessons % 3], SpeakerPart.SPEAKER), (speakers[3], SpeakerPart.MODERATOR)]
            lessons += 1
        elif kind == "discussion":
            leaders = [(speakers[3], SpeakerPart.FACILITATOR)]
        on = stage.starts_on + timedelta(days=day)
        agenda.add_session(
            stage,
            kind=SessionKind(kind),
            title=title,
            room=room,
            starts_at=datetime.combine(on, time.fromisoformat(starts), zone).astimezone(UTC),
            ends_at=datetime.combine(on, time.fromisoformat(ends), zone).astimezone(UTC),
            group_ids=[groups[name] for name in (audience[0] if audience else [])],
            speakers=leaders,
            by=by,
        )
