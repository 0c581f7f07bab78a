"""Sending the outbox: each mail is claimed with a lease, written by its kind's renderer, and sent through Flask-Mail."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_mail import Connection, Mail, Message

from app.extensions import db, mail, transaction
from app.hosts.models import Host
from app.jobs.models import OutboxMessage
from app.jobs.rules import (
    DOWN_FOR,
    LEASE,
    MOST_BROKEN_OFF,
    RETRY_AFTER,
    WORKERS_DIED,
    MessageState,
    is_broken_off,
    is_refused_for_good,
    is_server_down,
    wait_after,
)
from app.jobs.service import Letter, clear_bad, mark_bad, renderer_of
from app.shared import clock

BATCH = 50


class NoMailServer(RuntimeError):
    """MAIL_SERVER is not set, so nothing can be sent."""


@dataclass
class Tried:
    """What came of an attempt. `refused`: the server will never take mail for this recipient."""

    subject: str
    state: MessageState = MessageState.DROPPED
    error: str = ""
    refused: bool = False


class TimedConnection(Connection):
    """Flask-Mail's connection, with the timeout that it lacks."""

    def configure_host(self) -> smtplib.SMTP:
        config = current_app.config
        host = smtplib.SMTP(config["MAIL_SERVER"], config["MAIL_PORT"], timeout=config["MAIL_TIMEOUT"])
        if config["MAIL_USE_TLS"]:
            host.starttls()
        if config["MAIL_USERNAME"]:
            host.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
        return host

    def __exit__(self, *error: Any) -> None:
        """A goodbye that fails is no failure of the mail: it would be sent twice, or the real reason would be lost."""
        with suppress(smtplib.SMTPException, OSError):
            super().__exit__(*error)


def send_due() -> int:
    """Send what is due, at most BATCH mails; answers how many were tried, 0 also where the server turned out to be away.

    Once the server does not answer, or breaks off several mails in a row, the rest waits for the next look: nobody waits for
    as many timeouts as there is mail. A mail whose worker died while sending is due again when its lease ends, with the same
    Message-ID, until its attempts are used up.
    """
    tried = broken_off = 0
    _give_up_lost(clock.now())
    for message_id in _due(clock.now()):
        attempt = _claim(message_id)
        if attempt is None:
            continue
        tried += 1
        error = _send_one(message_id, attempt)
        broken_off = broken_off + 1 if is_broken_off(error) else 0
        if broken_off == MOST_BROKEN_OFF or (is_server_down(error) and not broken_off):
            return 0
    return tried


def _due(now: datetime) -> list[int]:
    statement = (
        sa.select(OutboxMessage.id)
        .where(_is_due(now))
        .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
        .limit(BATCH)
    )
    found = list(db.session.scalars(statement))
    db.session.rollback()
    return found


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    waiting = sa.and_(OutboxMessage.state == MessageState.QUEUED, OutboxMessage.next_attempt_at <= now)
    return sa.or_(waiting, _is_lost(now))


def _is_lost(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(OutboxMessage.state == MessageState.SENDING, OutboxMessage.lease_until < now)


def _give_up_lost(now: datetime) -> None:
    """Fail what was lost at its last attempt; looked for first, since writing would make the doors wait."""
    was_down = sa.and_(OutboxMessage.failing_since.is_not(None), OutboxMessage.failing_since > now - DOWN_FOR)
    spent = sa.and_(_is_lost(now), OutboxMessage.attempts > len(RETRY_AFTER), sa.not_(was_down))
    found = db.session.scalars(sa.select(OutboxMessage.id).where(spent)).all()
    db.session.rollback()
    if not found:
        return
    with transaction():
        db.session.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.id.in_(found), spent)
            .values(state=MessageState.FAILED, lease_until=None, last_error=str(WORKERS_DIED))
            .execution_options(synchronize_session=False)
        )


def _claim(message_id: int) -> int | None:
    """Take a mail; answers the number of the attempt, None when another worker was faster."""
    now = clock.now()
    with transaction():
        return db.session.scalar(
            sa.update(OutboxMessage)
            .where(OutboxMessage.id == message_id, _is_due(now))
            .values(state=MessageState.SENDING, lease_until=now + LEASE, attempts=OutboxMessage.attempts + 1)
            .returning(OutboxMessage.attempts)
            .execution_options(synchronize_session=False)
        )


def _send_one(message_id: int, attempt: int) -> str:
    """Send a claimed mail; answers what went wrong, "" where nothing did."""
    message = db.session.get_one(OutboxMessage, message_id)
    tried = Tried(subject=message.subject)
    try:
        letter = renderer_of(message.kind)(message)
        if letter is not None:
            tried.subject, tried.state = letter.subject, MessageState.SENT
            deliver(message, letter)
    except Exception as problem:  # a mail that cannot be written or sent must not stop the others
        tried.error, tried.refused = _reason(problem), _is_refused(problem)
        kind = type(problem).__name__  # what it says may name the recipient
        current_app.logger.warning("mail %s was not sent: %s", message_id, kind)
    db.session.rollback()
    with transaction():
        held = db.session.get_one(OutboxMessage, message_id, with_for_update=True)
        if held.attempts == attempt and held.state is MessageState.SENDING:
            _settle(held, tried)
    return tried.error


def _settle(message: OutboxMessage, tried: Tried) -> None:
    now = clock.now()
    message.subject = tried.subject[:250]
    message.lease_until = None
    message.last_error = tried.error
    if not tried.error:
        message.state = tried.state
        message.failing_since = None
        if tried.state is MessageState.SENT:
            message.sent_at = now
            clear_bad(message.host_id, message.to_address)
        return
    message.failing_since = (message.failing_since or now) if is_server_down(tried.error) else None
    wait = wait_after(message.attempts, tried.error, failing_since=message.failing_since, now=now)
    if tried.refused:
        wait = None
        mark_bad(message.host_id, message.to_address, reason=tried.error)
    message.state = MessageState.QUEUED if wait is not None else MessageState.FAILED
    if wait is not None:
        message.next_attempt_at = now + wait


def _is_refused(problem: Exception) -> bool:
    if not isinstance(problem, smtplib.SMTPRecipientsRefused):
        return False
    return is_refused_for_good([code for code, _text in problem.recipients.values()])


def _reason(problem: Exception) -> str:
    """What the mail server or the network said; of any other error only its kind, for it may quote personal data."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        codes = [f"{code} {text.decode(errors='replace')}" for code, text in problem.recipients.values()]
        return "; ".join(codes)[:500]
    kind = type(problem).__name__
    said = isinstance(problem, smtplib.SMTPException | OSError | NoMailServer)
    return f"{kind}: {problem}"[:500] if said else kind


def deliver(message: OutboxMessage, letter: Letter) -> None:
    """Hand a letter to the mail server; in development without one, to a file below `instance/mail`."""
    host = db.session.get_one(Host, message.host_id)
    sent = Message(
        subject=letter.subject,
        recipients=[(message.to_name, message.to_address) if message.to_name else message.to_address],
        body=letter.text,
        html=letter.html,
        reply_to=letter.reply_to or host.email or None,
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    sent.msgId = message.message_id
    for attachment in letter.attachments:
        sent.attach(attachment.name, attachment.content_type, attachment.data)
    if current_app.config["MAIL_SERVER"]:
        with TimedConnection(_configured()) as connection:
            connection.send(sent)
    elif current_app.config["APP_ENV"] == "production":
        raise NoMailServer("MAIL_SERVER is not set")
    else:
        _keep_in_file(message, sent)


def _configured() -> Mail:
    return current_app.extensions["mail"] or mail


def _keep_in_file(message: OutboxMessage, sent: Message) -> None:
    folder = Path(current_app.config["INSTANCE_DIR"]) / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{message.id:06}-{message.kind}.eml").write_bytes(sent.as_bytes())
