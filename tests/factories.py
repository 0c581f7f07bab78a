"""Records for tests, one function a record. Each is committed at once; whatever is not given is made up and valid.

What stands above a record is made too: `registration()` alone makes a host, a programme and a stage that is on today.
"""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from argon2 import PasswordHasher

from app.accounts.models import Membership, User
from app.accounts.rules import Role
from app.agenda.models import AgendaSession, SessionSpeaker, Speaker
from app.agenda.rules import SessionKind, SpeakerPart
from app.certificates.models import CertificateDesign
from app.checkin.models import Attendance, Checkpoint, ScannerDevice
from app.extensions import db, transaction
from app.feedback.models import Question, Questionnaire
from app.feedback.rules import QuestionKind, QuestionnaireKind
from app.hosts.models import Host, PrivacyNotice
from app.institutions.models import Institution, InstitutionCategory
from app.programmes.models import ParticipantGroup, Programme, Stage
from app.registration.models import Participant, Registration
from app.registration.rules import HOLDS_SEAT, RegistrationSource, RegistrationState
from app.shared import clock
from app.shared.codes import digest, new_code, new_token, token_digest
from app.shared.dates import local_date
from app.shared.identity import IdentityType
from app.shared.names import name_key, sort_key

PASSWORD = "kata-sandi-uji-2019"
ZONE = "Asia/Jakarta"
_numbers = count(1)
Record = TypeVar("Record")


def _save(record: Record) -> Record:
    with transaction():
        db.session.add(record)
    return record


@cache
def password_hash() -> str:
    """Of PASSWORD, as cheap as argon2 can be."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def host(**values: Any) -> Host:
    number = next(_numbers)
    known = {
        "slug": f"dinas-{number}",
        "name": f"Dinas Komunikasi dan Informatika {number}",
        "city": "Tanjungpinang",
        "timezone": ZONE,
    }
    return _save(Host(**known | {"created_at": clock.now()} | values))


def notice(of: Host, **values: Any) -> PrivacyNotice:
    known = {"host_id": of.id, "version": 1, "body": "Data dipakai untuk kegiatan ini.", "published_at": clock.now()}
    return _save(PrivacyNotice(**known | values))


def user(**values: Any) -> User:
    number = next(_numbers)
    known = {"email": f"staf{number}@example.org", "name": f"Staf {number}", "password_hash": password_hash()}
    return _save(User(**known | {"created_at": clock.now()} | values))


def membership(of: User, role: Role, on: Host | Programme) -> Membership:
    """The role of `of` on a host (administrator) or a programme (any other)."""
    host_id, programme_id = (on.id, None) if isinstance(on, Host) else (on.host_id, on.id)
    record = Membership(user_id=of.id, host_id=host_id, programme_id=programme_id, role=role, created_at=clock.now())
    return _save(record)


def programme(of: Host | None = None, **values: Any) -> Programme:
    number, of = next(_numbers), of or host()
    known = {"host_id": of.id, "slug": f"program-{number}", "name": f"Program {number}", "created_at": clock.now()}
    return _save(Programme(**known | values))


def stage(of: Programme | None = None, **values: Any) -> Stage:
    """Published, today and tomorrow, with registration open since a week."""
    number, of, now = next(_numbers), of or programme(), clock.now()
    today = local_date(now, of.host.timezone)
    known = {
        "programme_id": of.id,
        "slug": f"tahap-{number}",
        "number": 1 + (db.session.scalar(sa.select(sa.func.max(Stage.number)).filter_by(programme_id=of.id)) or 0),
        "name": f"Bimbingan Teknis {number}",
        "venue": "Aula Kantor Wali Kota",
        "starts_on": today,
        "ends_on": today + timedelta(days=1),
        "registration_opens_at": now - timedelta(days=7),
        "registration_closes_at": now + timedelta(days=1),
        "created_at": now,
    }
    return _save(Stage(**known | values))


def group(of: Programme, **values: Any) -> ParticipantGroup:
    number = next(_numbers)
    return _save(ParticipantGroup(**{"programme_id": of.id, "name": f"Kelompok {number}", "position": number} | values))


def category(of: Host, code: str = "OPD", **values: Any) -> InstitutionCategory:
    """The category of that code, made if the host has none yet."""
    known = db.session.scalar(sa.select(InstitutionCategory).filter_by(host_id=of.id, code=code))
    if known is not None and not values:
        return known
    defaults = {
        "host_id": of.id,
        "code": code,
        "name": code.title(),
        "position": next(_numbers),
        "identity_types": ["NIP", "NONE"],
    }
    return _save(InstitutionCategory(**defaults | values))


def institution(of: Host, code: str = "OPD", **values: Any) -> Institution:
    known = {"host_id": of.id, "category_id": category(of, code).id, "name": f"Dinas Nomor {next(_numbers)}"}
    return _save(Institution(**known | values))


def participant(of: Host, **values: Any) -> Participant:
    number = next(_numbers)
    known = {"host_id": of.id, "identity_type": IdentityType.NONE, "name": f"Peserta Nomor {number}"}
    known |= {
        "email": f"peserta{number}@example.org",
        "phone": f"+62812{number:08}",
        "created_at": clock.now(),
    } | values
    return _save(Participant(**{"name_key": name_key(known["name"])} | known))


def registration(of: Stage | None = None, **values: Any) -> Registration:
    """Confirmed unless `state` says otherwise; a seat is counted where the state holds one."""
    of = of or stage()
    groups = values.pop("groups", [])
    person = values.pop("participant", None) or participant(
        of.host, **{k: values[k] for k in ("name", "email", "phone") if k in values}
    )
    place = values.pop("institution", None) or institution(of.host)
    codes = {"ticket_code": new_code(), "badge_code": new_code()}
    copied = ("title_before", "name", "title_after", "identity_type", "identity_number", "email", "phone")
    known = {name: getattr(person, name) for name in copied} | codes
    known |= {
        "stage_id": of.id,
        "participant_id": person.id,
        "category_id": place.category_id,
        "institution_id": place.id,
    }
    known |= {"institution_name": place.name, "state": RegistrationState.CONFIRMED, "source": RegistrationSource.ONLINE}
    known |= {"created_at": clock.now(), "confirmed_at": clock.now()} | values
    if known["state"] is RegistrationState.WAITLISTED:
        known = {"waiting_since": known["created_at"]} | known
    known = {"sort_name": sort_key(known["name"])} | known
    known |= {"ticket_hash": digest(known["ticket_code"]), "badge_hash": digest(known["badge_code"])}
    with transaction():
        record = Registration(**known)
        record.groups = [db.session.get_one(ParticipantGroup, one.id) for one in groups]
        db.session.add(record)
        if record.state in HOLDS_SEAT:
            db.session.execute(sa.update(Stage).where(Stage.id == of.id).values(seats_taken=Stage.seats_taken + 1))
    return record


def at(of: Stage, hour: int, minute: int = 0, *, day: int = 0) -> datetime:
    """A moment of the stage in the host's zone: the hour on its first day, or `day` days later."""
    local = datetime.combine(of.starts_on + timedelta(days=day), time(hour, minute), ZoneInfo(of.timezone))
    return local.astimezone(UTC)


def agenda_session(of: Stage | None = None, **values: Any) -> AgendaSession:
    """A lesson of 90 minutes, which is 2 JP; from 08.00 on the first day."""
    of = of or stage()
    groups = values.pop("groups", [])
    known = {"stage_id": of.id, "kind": SessionKind.LESSON, "title": f"Materi {next(_numbers)}", "room": "Aula"}
    starts_at = values.get("starts_at", at(of, 8))
    record = AgendaSession(**known | {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=90)} | values)
    with transaction():
        record.groups = [db.session.get_one(ParticipantGroup, one.id) for one in groups]
        db.session.add(record)
    return record


def speaker(of: Host, **values: Any) -> Speaker:
    return _save(
        Speaker(**{"host_id": of.id, "name": f"Narasumber {next(_numbers)}", "position": "Akademisi"} | values)
    )


def session_speaker(of: AgendaSession, who: Speaker, part: SpeakerPart = SpeakerPart.SPEAKER) -> SessionSpeaker:
    return _save(SessionSpeaker(session_id=of.id, speaker_id=who.id, part=part))


def checkpoint(of: Stage | None = None, **values: Any) -> Checkpoint:
    """Open from an hour ago for twelve hours; covers the `sessions` given."""
    of = of or stage()
    sessions = values.pop("sessions", [])
    known = {"stage_id": of.id, "name": f"Pintu {next(_numbers)}", "opens_at": clock.now() - timedelta(hours=1)}
    record = Checkpoint(**known | {"closes_at": clock.now() + timedelta(hours=11)} | values)
    with transaction():
        record.sessions = [db.session.get_one(AgendaSession, one.id) for one in sessions]
        db.session.add(record)
    return record


def device(of: Stage, **values: Any) -> tuple[ScannerDevice, str]:
    """A scanner and its token."""
    token = new_token()
    known = {
        "stage_id": of.id,
        "name": f"Ponsel {next(_numbers)}",
        "token_hash": token_digest(token),
        "created_at": clock.now(),
    }
    return _save(ScannerDevice(**known | {"expires_at": clock.now() + timedelta(hours=12)} | values)), token


def attendance(of: Registration, on: Checkpoint, **values: Any) -> Attendance:
    known = {"registration_id": of.id, "checkpoint_id": on.id, "at": clock.now(), "reason": "Dicatat dari lembar"}
    return _save(Attendance(**known | values))


def questionnaire(of: Stage, **values: Any) -> Questionnaire:
    """Open, with one question on a scale and one free text."""
    known = {"stage_id": of.id, "kind": QuestionnaireKind.ORGANISATION, "title": "Penyelenggaraan", "token": new_code()}
    record = Questionnaire(**known | {"opened_at": clock.now()} | values)
    record.questions = [
        Question(kind=QuestionKind.SCALE, text="Kesesuaian materi", position=1),
        Question(kind=QuestionKind.TEXT, text="Saran", required=False, position=2),
    ]
    return _save(record)


def certificate_design(of: Programme, **values: Any) -> CertificateDesign:
    known = {"programme_id": of.id, "classification": "893", "unit": "DISKOMINFO", "place": "Tanjungpinang"}
    known |= {"signer_position": "Kepala Dinas", "signer_name": "Budi Santoso", "signer_nip": "197001011995031001"}
    return _save(CertificateDesign(**known | values))
