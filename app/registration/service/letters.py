"""The letter of an invitation: its texts, its private address, and the paper itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.accounts.models import User
from app.agenda.queries import sessions_of
from app.audit.service import record
from app.extensions import db, transaction
from app.hosts.queries import letterhead_of
from app.paper.letterhead import Letterhead
from app.paper.signature import Signer
from app.programmes.models import Stage
from app.registration import pdf_invitation
from app.registration.models_letters import LetterSettings
from app.registration.models_seats import Invitation
from app.registration.queries_invitations import letter_settings
from app.registration.rules_days import CourseDay, course_days
from app.registration.rules_invitations import CLOSING, OPENING, filled
from app.shared import clock
from app.shared.dates import clock_time, date_span, local_date, long_date, plain_date, time_span
from app.shared.identity import IdentityType, shown
from app.shared.numbers import in_words
from app.web.places import public_url


def invitation_address(invitation: Invitation) -> str:
    """The private page of an invitation, as it is mailed and printed."""
    return public_url(f"/undangan/{invitation.token}")


def invitation_pdf(invitation: Invitation) -> bytes:
    """The letter of one invitation; its words are Indonesian whoever reads it."""
    return invitations_pdf([invitation])


def invitations_pdf(invitations: Sequence[Invitation]) -> bytes:
    """The letters of several invitations of one stage in one document."""
    stage = invitations[0].stage
    settings, letterhead, days = letter_settings(stage), letterhead_of(stage.host), _days(stage)
    return pdf_invitation.invitation_letters([_letter(one, settings, letterhead, days) for one in invitations])


def save_letter_settings(stage: Stage, *, by: User | None, **values: Any) -> None:
    """Keep how the letters of a stage are written; `values` by the columns of LetterSettings."""
    with transaction():
        kept = db.session.get(LetterSettings, stage.id)
        if kept is None:
            kept = LetterSettings(stage_id=stage.id)
            db.session.add(kept)
        changed = sorted(name for name, value in values.items() if getattr(kept, name) != value)
        for name in changed:
            setattr(kept, name, values[name])
        if changed:
            record("invitation.letter_changed", stage, by=by, host_id=stage.programme.host_id, fields=changed)


def whatsapp_text(invitation: Invitation) -> str:
    """What is sent to the contact by WhatsApp; its words are Indonesian, as those of the letter."""
    stage = invitation.stage
    lines = [
        f"Yth. {invitation.contact_name or 'Pimpinan'}, {invitation.institution.name}.",
        f"Kami mengundang {invitation.seats} orang dari instansi Bapak/Ibu pada {stage.name}, "
        f"{date_span(stage.starts_on, stage.ends_on)}{f' di {stage.venue}' if stage.venue else ''}.",
        f"Mohon nama peserta diisikan paling lambat {_deadline(invitation)}:",
        invitation_address(invitation),
        "Tautan ini khusus untuk instansi Bapak/Ibu.",
        stage.host.name,
    ]
    return "\n".join(lines)


def _letter(
    invitation: Invitation, settings: LetterSettings, letterhead: Letterhead, days: list[CourseDay]
) -> pdf_invitation.InvitationLetter:
    stage = invitation.stage
    values = {
        "program": stage.programme.name,
        "tahap": stage.name,
        "instansi": invitation.institution.name,
        "jumlah": f"{invitation.seats} ({in_words(invitation.seats)})",
        "batas": _deadline(invitation),
    }
    dated = invitation.letter_date or local_date(invitation.sent_at or clock.now(), stage.timezone)
    place = settings.place or stage.host.city
    return pdf_invitation.InvitationLetter(
        number=invitation.letter_number,
        attachment=settings.attachment,
        subject=settings.subject or f"Undangan {stage.name}",
        place_and_date=f"{place}, {plain_date(dated)}" if place else plain_date(dated),
        addressee=f"Pimpinan {invitation.institution.name}",
        opening=filled(settings.opening or OPENING, values),
        details=_details(stage, days),
        closing=filled(settings.closing or CLOSING, values),
        address=invitation_address(invitation),
        signer=Signer(
            position=settings.signer_position or f"Pimpinan {stage.host.name}",
            name=settings.signer_name or "." * 40,
            rank=settings.signer_rank,
            nip=shown(IdentityType.NIP, settings.signer_nip or None),
            capacity=settings.signer_capacity,
        ),
        letterhead=letterhead,
        copies=tuple(line for line in settings.copies.splitlines() if line.strip()),
        paper=settings.paper,
    )


def _details(stage: Stage, days: list[CourseDay]) -> tuple[tuple[str, str], ...]:
    first, last = days[0].day, days[-1].day
    both = long_date(first) if first == last else f"{long_date(first)} s.d. {long_date(last)}"
    pairs = [
        ("Hari/tanggal", both),
        ("Waktu", _hours(days, stage.timezone)),
        ("Tempat", stage.place),
        ("Acara", f"{stage.name}, {stage.programme.name}"),
    ]
    return tuple((label, value) for label, value in pairs if value)


def _hours(days: list[CourseDay], zone: str) -> str:
    """ "07.30–16.00 WIB", a line for each day where they differ; "" without an agenda."""
    spans = {day.day: time_span(day.starts_at, day.ends_at, zone) for day in days if day.starts_at and day.ends_at}
    if len(set(spans.values())) <= 1:
        return next((f"pukul {span}" for span in spans.values()), "")
    return "\n".join(f"{long_date(day)}, pukul {span}" for day, span in spans.items())


def _days(stage: Stage) -> list[CourseDay]:
    spans = [(session.starts_at, session.ends_at) for session in sessions_of(stage)]
    return course_days(stage.starts_on, stage.ends_on, spans, stage.timezone)


def _deadline(invitation: Invitation) -> str:
    zone = invitation.stage.timezone
    return f"{long_date(local_date(invitation.deadline, zone))} pukul {clock_time(invitation.deadline, zone)}"
