"""What the placeholders of a letter stand for. What the people of a stage share is read once, however many are written to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import quote

import sqlalchemy as sa
from flask_babel import gettext as _

from app.agenda.models import AgendaSession
from app.agenda.queries import sessions_of
from app.agenda.rules import expects
from app.certificates.models import Certificate
from app.extensions import db
from app.feedback.models import FeedbackReceipt, Questionnaire
from app.feedback.queries import questionnaires_of
from app.feedback.rules import QuestionnaireState
from app.messages.rules import named_in
from app.messages.rules_filling import WHATSAPP, Value, filled_line
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.queries import waiting_place
from app.registration.queries_questions import asked_of
from app.registration.rules import RegistrationState
from app.registration.rules_days import course_days, when_lines
from app.registration.service import ticket_page
from app.shared import clock
from app.shared.codes import grouped
from app.shared.dates import clock_time, date_span, local_date, long_date, plain_date
from app.web.places import public_url

Reader = Callable[[], "str | Value | None"]


class StageFacts:
    """The values of a stage's letters. With `examples`, for a preview: what a person lacks is made up."""

    def __init__(self, stage: Stage, *, examples: bool = False) -> None:
        self.stage = stage
        self.examples = examples
        self._receipts: set[tuple[int, int]] = set()
        self._known: set[int] = set()
        self._to_answer: set[int] = set()

    @cached_property
    def sessions(self) -> list[AgendaSession]:
        return sessions_of(self.stage)

    @cached_property
    def open_questionnaires(self) -> list[Questionnaire]:
        return [one for one in questionnaires_of(self.stage) if one.state is QuestionnaireState.OPEN]

    def prepare(self, registrations: Iterable[Registration]) -> None:
        """Read for all of them at once what is read of each."""
        people = [one for one in registrations if one.id not in self._known]
        ids = {one.id for one in people}
        if not ids:
            return
        receipts = sa.select(FeedbackReceipt.registration_id, FeedbackReceipt.questionnaire_id)
        found = db.session.execute(receipts.where(FeedbackReceipt.registration_id.in_(ids)))
        self._receipts |= {(registration_id, questionnaire_id) for registration_id, questionnaire_id in found}
        self._to_answer |= {key for key, asked in asked_of(people).items() if asked.changeable and asked.open}
        self._known |= ids

    def of_person(
        self, registration: Registration, names: Collection[str], *, certificate: Certificate | None = None
    ) -> dict[str, Value]:
        """The values of these placeholders for a registered person."""
        readers = {
            **self._shared(),
            **self._of_registration(registration),
            **self._of_occasion(registration, certificate),
        }
        return _read(readers, names)

    def of_invitation(self, invitation: Invitation, names: Collection[str]) -> dict[str, Value]:
        """The values of these placeholders for an institution's contact."""
        zone, page = self.stage.timezone, public_url(f"/undangan/{invitation.token}")
        readers: dict[str, Reader] = {
            **self._shared(),
            "kontak": lambda: invitation.contact_name or "Pimpinan",
            "instansi": lambda: invitation.institution.name,
            "jumlah_kursi": lambda: str(invitation.seats),
            "batas_waktu": lambda: _moment(invitation.deadline, zone),
            "nomor_surat": lambda: invitation.letter_number,
            "tanggal_surat": lambda: plain_date(invitation.letter_date) if invitation.letter_date else "",
            "rincian": lambda: self._table([_days(self.stage)]),
            "tautan_undangan": lambda: _link(page),
            "tautan_whatsapp": lambda: _forward(f"Undangan {self.stage.name}", page),
        }
        return _read(readers, names)

    def heading(self, subject: str) -> str:
        """A subject as staff find it again: what differs from person to person is left as a dot leader."""
        shared = self._shared()
        return filled_line(
            subject,
            _read(shared, named_in(subject) & shared.keys())
            | dict.fromkeys(named_in(subject) - shared.keys(), Value("…")),
        )

    def _shared(self) -> dict[str, Reader]:
        stage = self.stage
        return {
            "program": lambda: stage.programme.name,
            "tahap": lambda: stage.name,
            "tanggal": lambda: date_span(stage.starts_on, stage.ends_on),
            "tempat": lambda: stage.place,
            "penyelenggara": lambda: stage.host.name,
            "tautan_tahap": lambda: _link(public_url(f"/kegiatan/{stage.slug}")),
            "tautan_daftar": lambda: _link(public_url(f"/kegiatan/{stage.slug}/daftar")),
            "tautan_verifikasi": lambda: _link(public_url("/verifikasi")),
        }

    def _of_registration(self, registration: Registration) -> dict[str, Reader]:
        page = ticket_page(registration)
        return {
            "nama": lambda: registration.full_name,
            "instansi": lambda: registration.institution_name,
            "jabatan": lambda: registration.position,
            "unsur": lambda: registration.category.name,
            "kelompok": lambda: ", ".join(group.name for group in registration.groups),
            "waktu": lambda: "; ".join(self.when(registration)),
            "rincian": lambda: self._table(self.when(registration)),
            "kode_tiket": lambda: grouped(registration.ticket_code),
            "tautan_tiket": lambda: _link(page),
            "tautan_whatsapp": lambda: _forward(self.stage.name, page),
            "tautan_pertanyaan": lambda: self._questions(registration),
            "tautan_umpan_balik": lambda: self._questionnaires(registration),
        }

    def _of_occasion(self, registration: Registration, certificate: Certificate | None) -> dict[str, Reader]:
        stage, until = self.stage, registration.offer_until
        example = clock.now() + timedelta(hours=stage.offer_hours) if self.examples else None
        deadline = until or example
        return {
            "urutan": lambda: str(waiting_place(registration) or self._example("3")),
            "batas_waktu": lambda: _moment(deadline, stage.timezone) if deadline else "",
            "alasan": lambda: registration.cancel_reason or self._example("contoh alasan"),
            "pengganti": lambda: _successor(registration) or self._example("Contoh Pengganti, S.T."),
            "nomor_sertifikat": lambda: certificate.number if certificate else self._example("893/001/CONTOH"),
        }

    def _example(self, text: str) -> str:
        return text if self.examples else ""

    def when(self, registration: Registration) -> list[str]:
        """When a person is to come, in lines; as registration.service.when(), of an agenda read once."""
        own = _groups(registration)
        spans = [
            (session.starts_at, session.ends_at)
            for session in self.sessions
            if expects(frozenset(group.id for group in session.groups), own)
        ]
        stage = self.stage
        return when_lines(course_days(stage.starts_on, stage.ends_on, spans, stage.timezone), stage.timezone)

    def _table(self, when: list[str]) -> Value:
        stage = self.stage
        rows = (
            (_("Event"), (stage.name,)),
            (_("Programme"), (stage.programme.name,)),
            (_("Time"), tuple(when)),
            (_("Place"), (stage.place,)),
        )
        return Value(rows=tuple(row for row in rows if any(row[1])))

    def _questions(self, registration: Registration) -> Value:
        """Where the person answers what the stage asks of him, as long as something of it is open."""
        self.prepare([registration])
        is_open = registration.id in self._to_answer
        return _link(f"{ticket_page(registration)}/pertanyaan") if is_open else Value()

    def _questionnaires(self, registration: Registration) -> Value:
        """Those that are open for the person and not answered: one as its address alone, several with their titles."""
        if registration.state is not RegistrationState.CONFIRMED:
            return Value()
        self.prepare([registration])
        own = _groups(registration)
        due = [
            one
            for one in self.open_questionnaires
            if (registration.id, one.id) not in self._receipts and expects(_audience(one), own)
        ]
        addresses = [(one.title, public_url(f"/umpan-balik/{one.token}")) for one in due]
        if len(addresses) == 1:
            return _link(addresses[0][1])
        return _link("\n".join(f"{title}: {address}" for title, address in addresses))


def _read(readers: dict[str, Reader], names: Collection[str]) -> dict[str, Value]:
    """Only what is asked for is read; a placeholder that is not known any more is empty."""
    found = {name: readers[name]() if name in readers else "" for name in names}
    return {name: one if isinstance(one, Value) else Value(one or "") for name, one in found.items()}


def _groups(registration: Registration) -> frozenset[int]:
    return frozenset(group.id for group in registration.groups)


def _audience(questionnaire: Questionnaire) -> frozenset[int]:
    session = questionnaire.session
    return frozenset(group.id for group in session.groups) if session else frozenset()


def _successor(registration: Registration) -> str:
    successor = db.session.scalar(sa.select(Registration).where(Registration.replaces_id == registration.id))
    return successor.full_name if successor else ""


def _days(stage: Stage) -> str:
    first, last = stage.starts_on, stage.ends_on
    return long_date(first) if first == last else date_span(first, last)


def _moment(moment: datetime, zone: str) -> str:
    """`Senin, 8 Juli 2019 pukul 08.00 WIB`."""
    return f"{long_date(local_date(moment, zone))} pukul {clock_time(moment, zone)}"


def _link(text: str) -> Value:
    return Value(text, is_link=True)


def _forward(name: str, address: str) -> Value:
    """A link that opens WhatsApp with the address typed in; who reads the letter chooses to whom."""
    return _link(f"{WHATSAPP}?text={quote(f'{name}: {address}', safe='')}")
