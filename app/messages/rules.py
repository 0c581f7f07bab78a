"""What kinds of letters there are, which placeholders each knows, and what is wrong with a text that somebody typed."""

from __future__ import annotations

import enum
import re
from difflib import get_close_matches

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

LETTER = "messages.letter"
"""The kind of mail of a message to a segment."""
LONGEST_SUBJECT = 200
LONGEST_BODY = 5000
_BRACED = re.compile(r"\{([^{}]*)\}")
_BRACE = re.compile(r"[{}]")


class TemplateKind(enum.Enum):
    """On what occasion a letter is written."""

    CONFIRMATION = "confirmation"
    PENDING = "pending"
    WAITLISTED = "waitlisted"
    OFFER = "offer"
    OFFER_PASSED = "offer_passed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    INVITATION = "invitation"
    INVITATION_REMINDER = "invitation_reminder"
    REMINDER = "reminder"
    AGENDA_CHANGED = "agenda_changed"
    THANKS = "thanks"
    CERTIFICATE_READY = "certificate_ready"


KIND_SLUGS = {
    TemplateKind.CONFIRMATION: "konfirmasi",
    TemplateKind.PENDING: "menunggu-persetujuan",
    TemplateKind.WAITLISTED: "daftar-tunggu",
    TemplateKind.OFFER: "tawaran",
    TemplateKind.OFFER_PASSED: "tawaran-lewat",
    TemplateKind.REJECTED: "ditolak",
    TemplateKind.CANCELLED: "dibatalkan",
    TemplateKind.REPLACED: "digantikan",
    TemplateKind.INVITATION: "undangan",
    TemplateKind.INVITATION_REMINDER: "pengingat-undangan",
    TemplateKind.REMINDER: "pengingat",
    TemplateKind.AGENDA_CHANGED: "perubahan-agenda",
    TemplateKind.THANKS: "terima-kasih",
    TemplateKind.CERTIFICATE_READY: "sertifikat",
}
"""By which word a kind is named in addresses."""
KIND_LABELS = {
    TemplateKind.CONFIRMATION: _l("Confirmation with the ticket"),
    TemplateKind.PENDING: _l("Received, waits for approval"),
    TemplateKind.WAITLISTED: _l("On the waiting list"),
    TemplateKind.OFFER: _l("Offer of a seat"),
    TemplateKind.OFFER_PASSED: _l("The offer has passed on"),
    TemplateKind.REJECTED: _l("Registration not approved"),
    TemplateKind.CANCELLED: _l("Registration cancelled"),
    TemplateKind.REPLACED: _l("Replaced by a colleague"),
    TemplateKind.INVITATION: _l("Invitation of an institution"),
    TemplateKind.INVITATION_REMINDER: _l("Reminder of an invitation"),
    TemplateKind.REMINDER: _l("Reminder before the event"),
    TemplateKind.AGENDA_CHANGED: _l("Change of the agenda"),
    TemplateKind.THANKS: _l("Thanks with the feedback link"),
    TemplateKind.CERTIFICATE_READY: _l("Certificate ready"),
}
KIND_OCCASIONS = {
    TemplateKind.CONFIRMATION: _l("Sent when a place is confirmed; the ticket and a calendar entry are attached."),
    TemplateKind.PENDING: _l("Sent when somebody registers for a stage that needs approval."),
    TemplateKind.WAITLISTED: _l("Sent when every seat is taken."),
    TemplateKind.OFFER: _l("Sent when a freed seat is offered to the first of the waiting list."),
    TemplateKind.OFFER_PASSED: _l("Sent when an offer was not answered in time."),
    TemplateKind.REJECTED: _l("Sent ten minutes after a rejection, while it could still be undone."),
    TemplateKind.CANCELLED: _l("Sent when a registration ends."),
    TemplateKind.REPLACED: _l("Sent to whoever gave his seat to a colleague."),
    TemplateKind.INVITATION: _l("Sent to an institution's contact; the letter is attached as PDF."),
    TemplateKind.INVITATION_REMINDER: _l("Sent to contacts who have not answered, when staff choose so."),
    TemplateKind.REMINDER: _l("Sent by staff to people whom they choose, for example three days before."),
    TemplateKind.AGENDA_CHANGED: _l("Sent by staff after a change of days or sessions."),
    TemplateKind.THANKS: _l("Sent by staff after the event."),
    TemplateKind.CERTIFICATE_READY: _l("Sent when a certificate is issued."),
}
BY_STAFF = (TemplateKind.REMINDER, TemplateKind.AGENDA_CHANGED, TemplateKind.THANKS)
"""Kinds from which a message to a segment of people begins."""
TO_INSTITUTIONS = frozenset({TemplateKind.INVITATION, TemplateKind.INVITATION_REMINDER})

_OF_STAGE = {
    "program": _l("name of the programme"),
    "tahap": _l("name of the stage"),
    "tanggal": _l("days of the stage"),
    "tempat": _l("place"),
    "penyelenggara": _l("name of the agency"),
    "tautan_tahap": _l("address of the stage's page"),
}
_OF_PERSON = {
    "nama": _l("name with titles"),
    "instansi": _l("institution"),
    "jabatan": _l("position"),
    "unsur": _l("category"),
    "kelompok": _l("groups"),
    "waktu": _l("when each day begins for this person"),
    "rincian": _l("table of event, programme, time and place"),
    "kode_tiket": _l("ticket code"),
    "tautan_tiket": _l("address of the ticket's page"),
    "tautan_pertanyaan": _l("where the stage's own questions are answered; empty once they are"),
    "tautan_whatsapp": _l("link that forwards the ticket by WhatsApp"),
}
_AFTERWARDS = {
    "tautan_umpan_balik": _l("questionnaires that are open for this person and not answered"),
}
_OF_INVITATION = {
    "kontak": _l("name of the contact"),
    "instansi": _l("institution"),
    "jumlah_kursi": _l("number of seats"),
    "batas_waktu": _l("deadline"),
    "nomor_surat": _l("number of the letter"),
    "tanggal_surat": _l("date of the letter"),
    "rincian": _l("table of event, programme, time and place"),
    "tautan_undangan": _l("private address at which people are named"),
    "tautan_whatsapp": _l("link that forwards the invitation by WhatsApp"),
}
_OWN = {
    TemplateKind.WAITLISTED: {"urutan": _l("place on the waiting list")},
    TemplateKind.OFFER: {"batas_waktu": _l("deadline")},
    TemplateKind.REJECTED: {"alasan": _l("reason"), "tautan_daftar": _l("address of the registration form")},
    TemplateKind.CANCELLED: {"alasan": _l("reason"), "tautan_daftar": _l("address of the registration form")},
    TemplateKind.REPLACED: {"pengganti": _l("name of the colleague")},
    TemplateKind.CERTIFICATE_READY: {
        "nomor_sertifikat": _l("number of the certificate"),
        "tautan_verifikasi": _l("address at which a certificate is checked"),
        **_AFTERWARDS,
    },
}


def kind_of(slug: str | None) -> TemplateKind | None:
    """The kind that an address names."""
    return next((kind for kind, word in KIND_SLUGS.items() if word == slug), None)


def placeholders_of(kind: TemplateKind | None) -> dict[str, object]:
    """The placeholders that a kind knows, each with what it stands for; None: a message to a segment of people."""
    if kind in TO_INSTITUTIONS:
        return {**_OF_INVITATION, **_OF_STAGE}
    if kind is None or kind in BY_STAFF:
        return {**_OF_PERSON, **_OF_STAGE, **_AFTERWARDS}
    return {**_OF_PERSON, **_OWN.get(kind, {}), **_OF_STAGE}


ALL_PLACEHOLDERS = frozenset(name for kind in (None, *TemplateKind) for name in placeholders_of(kind))
TABLES = frozenset({"rincian"})
"""Placeholders of several lines, which stand alone on theirs."""


def named_in(*texts: str) -> set[str]:
    """The placeholders that texts hold, known or not."""
    return {name for text in texts for name in _BRACED.findall(text)}


def text_problem(kind: TemplateKind | None, text: str, *, subject: bool = False) -> str | None:
    """A sentence that says what is wrong with the placeholders of a text, the first of it; None when all is well."""
    known = placeholders_of(kind)
    for name in _BRACED.findall(text):
        if name not in known:
            return _unknown(name, known)
        if subject and (name in TABLES or name.startswith("tautan_")):
            return gettext("{%(name)s} does not fit into a subject.", name=name)
    if _BRACE.search(_BRACED.sub("", text)):
        return gettext("A brace has no partner. A placeholder is written {nama}, with a brace on either side.")
    alone = next((name for name in TABLES if _shares_its_line(name, text)), None)
    return gettext("{%(name)s} is a table and stands alone on its line.", name=alone) if alone else None


def _shares_its_line(name: str, text: str) -> bool:
    mark = f"{{{name}}}"
    return any(mark in line and line.strip() != mark for line in text.split("\n"))


def _unknown(name: str, known: dict[str, object]) -> str:
    if name in ALL_PLACEHOLDERS:
        return gettext("{%(name)s} is not available in this letter.", name=name)
    [*nearest] = get_close_matches(name.strip().lower(), known, n=1, cutoff=0.5)
    if not nearest:
        return gettext("There is no placeholder {%(name)s}. The list below the text names all of them.", name=name)
    return gettext("There is no placeholder {%(name)s}. Perhaps you mean {%(nearest)s}?", name=name, nearest=nearest[0])
