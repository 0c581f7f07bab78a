"""Letters about a person's own data, written in the worker: no request, Indonesian, links by BASE_URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from app.extensions import db
from app.hosts.models import Host
from app.jobs.models import OutboxMessage
from app.jobs.service import Letter
from app.messages.rules_filling import Value, as_html, as_text
from app.privacy import queries
from app.privacy.models import DataRequest, PersonLink
from app.privacy.rules import KIND_LABELS, LINK_FOR, RequestKind, labels_of
from app.privacy.service import token_of
from app.shared import clock
from app.shared.codes import token_digest
from app.web.locale import default_language
from app.web.places import public_url
from app.web.templating import date_time


@dataclass(frozen=True)
class _Said:
    """What a letter says: its subject, its paragraphs, and a button that leads on."""

    subject: str
    paragraphs: Sequence[str]
    button: tuple[str, str] | None = None
    after: Sequence[str] = ()


def link(message: OutboxMessage) -> Letter | None:
    """The way into one's own data; None once it can no longer be used."""
    found = _link(message)
    if found is None:
        return None
    with force_locale(default_language()):
        return _write(
            message,
            _Said(
                _("Your link to open your own data"),
                [
                    _(
                        "Somebody, probably you, asked for a link to see the registrations and data kept under this address."
                    ),
                    _valid_for(),
                ],
                (_("Open my data"), public_url(f"/saya/masuk/{token_of(found)}")),
                [
                    _(
                        "If that was not you, leave this letter alone: without the link nobody gets in. Do not pass it on."
                    )
                ],
            ),
        )


def address(message: OutboxMessage) -> Letter | None:
    """To a new address: it holds once the link is used."""
    found = _link(message)
    if found is None:
        return None
    with force_locale(default_language()):
        return _write(
            message,
            _Said(
                _("Confirm your new e-mail address"),
                [
                    _("This address was given as the new one for your registrations. It holds once you confirm it."),
                    _valid_for(),
                ],
                (_("Confirm this address"), public_url(f"/saya/alamat/{token_of(found)}")),
                [_("If that was not you, leave this letter alone: nothing changes.")],
            ),
        )


def address_changed(message: OutboxMessage) -> Letter | None:
    """To the address of until now, in case somebody else changed it."""
    with force_locale(default_language()):
        return _write(
            message,
            _Said(
                _("Your e-mail address has been changed"),
                [
                    _(
                        "From now on letters about your registrations go to another address, which was confirmed by a link."
                    ),
                    _("If that was not you, tell the organiser at once."),
                ],
            ),
        )


def address_corrected(message: OutboxMessage) -> Letter | None:
    """To the address of until now, after staff changed it."""
    with force_locale(default_language()):
        return _write(
            message,
            _Said(
                _("Your e-mail address has been changed"),
                [
                    _("The organiser has changed the e-mail address by which you come to your registrations and data."),
                    _(
                        "From now on letters about the registration that was corrected go to the new address, and the pages of "
                        "your data open by it alone."
                    ),
                    _("If you did not ask for that, tell the organiser at once."),
                ],
            ),
        )


def received(message: OutboxMessage) -> Letter | None:
    """That a request was taken down, and until when it is settled."""
    request = db.session.get(DataRequest, message.subject_id)
    if request is None:
        return None
    with force_locale(default_language()):
        until = date_time(request.due_at, request.host.timezone)
        said = [
            _("We have received your request: %(kind)s of your data.", kind=str(KIND_LABELS[request.kind]).lower()),
            _(
                "It is settled by %(when)s at the latest, that is within 3 × 24 hours; you will be told by e-mail.",
                when=until,
            ),
        ]
        return _write(message, _Said(_("Your request about your data"), said))


def to_settle(message: OutboxMessage) -> Letter | None:
    """To the administrators: a request waits, and the clock runs. It names nobody."""
    request = db.session.get(DataRequest, message.subject_id)
    if request is None or request.settled_at is not None:
        return None
    with force_locale(default_language()):
        until = date_time(request.due_at, request.host.timezone)
        said = [
            _("A participant asks for this: %(kind)s of data.", kind=str(KIND_LABELS[request.kind]).lower()),
            _("By law it must be settled within 3 × 24 hours, by %(when)s.", when=until),
        ]
        place = public_url(f"/panel/penyelenggara/{request.host.slug}/permintaan-data/{request.id}")
        return _write(message, _Said(_("A data request is waiting"), said, (_("Open the request"), place)))


def done(message: OutboxMessage) -> Letter | None:
    """That it was done; after a deletion also what was removed, and what is kept and why."""
    request = db.session.get(DataRequest, message.subject_id)
    if request is None:
        return None
    with force_locale(default_language()):
        if request.kind is RequestKind.DELETION:
            return _write(message, _Said(_("Your data have been deleted"), _after_deletion(request)))
        changed = labels_of(request.proposed)
        said = [_("Your request for a correction has been done.")]
        said += [_("Corrected: %(fields)s.", fields=", ".join(changed))] if changed else []
        said += _answer(request)
        after = [
            _("If a certificate was already issued, the organiser can issue it anew; ask by replying to this letter.")
        ]
        return _write(message, _Said(_("Your data have been corrected"), said, _own_page(), after))


def refused(message: OutboxMessage) -> Letter | None:
    """That it was turned down, and why."""
    request = db.session.get(DataRequest, message.subject_id)
    if request is None:
        return None
    with force_locale(default_language()):
        kind = str(KIND_LABELS[request.kind]).lower()
        said = [_("Your request (%(kind)s of data) could not be granted.", kind=kind), *_answer(request)]
        after = [_("If you do not agree, reply to this letter.")]
        return _write(message, _Said(_("Your request about your data was turned down"), said, _own_page(), after))


def _after_deletion(request: DataRequest) -> list[str]:
    kept = (
        _(
            "Kept are your name where an attendance sheet or a certificate bears it, and certificates as they were issued: "
            "these are archives of the state, to which access stays restricted."
        )
        if queries.is_archived(request.participant)
        else _("Your name was removed too; only the number of registrations by institution is kept.")
    )
    return [
        _(
            "As you asked, we have removed your e-mail address, phone number, identity number, your answers and the files "
            "you handed in, and the addresses of the letters sent to you."
        ),
        _("Registrations for events that are still to come have been cancelled."),
        kept,
        *_answer(request),
        _("This letter is the last that you receive from us."),
    ]


def _answer(request: DataRequest) -> list[str]:
    return [_("From the organiser: %(answer)s", answer=request.answer)] if request.answer else []


def _own_page() -> tuple[str, str]:
    return _("My data"), public_url("/saya")


def _valid_for() -> str:
    minutes = int(LINK_FOR.total_seconds() // 60)
    return ngettext(
        "The link is valid for %(num)d minute and can be used once.",
        "The link is valid for %(num)d minutes and can be used once.",
        minutes,
    )


def _link(message: OutboxMessage) -> PersonLink | None:
    found = db.session.get(PersonLink, message.subject_id)
    if found is None or found.used_at is not None or found.expires_at <= clock.now():
        return None
    # Under another secret key than when it was asked for, it would lead nowhere.
    return found if token_digest(token_of(found)) == found.token_hash else None


def _write(message: OutboxMessage, said: _Said) -> Letter:
    """In the frame of every letter. What is said is filled in, never read as a template: it may quote people."""
    host = db.session.get_one(Host, message.host_id)
    greeting = _("Dear %(name)s,", name=message.to_name) if message.to_name else _("Dear Sir or Madam,")
    before, after = [greeting, *said.paragraphs], list(said.after)
    values = {f"p{number}": Value(text) for number, text in enumerate([*before, *after])}
    lines = [f"{{{name}}}" for name in values]
    if said.button:
        label, target = said.button
        values["button"] = Value(target, is_link=True)
        lines.insert(len(before), f"{label}: {{button}}")
    body = "\n\n".join(lines)
    frame = {"host": host, "subject": said.subject, "note": _note()}
    return Letter(
        subject=said.subject,
        text=render_template("emails/letter.txt", body=as_text(body, values), **frame),
        html=render_template("emails/letter.html", body=as_html(body, values), **frame),
    )


def _note() -> str:
    return _("This e-mail is about data that an organiser of events holds under this address.")
