"""Issuing certificates, replacing and revoking them, and the decisions and settings that they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from app.accounts.models import User
from app.agenda.models import AgendaSession
from app.agenda.queries import sessions_of
from app.audit import service as audit
from app.certificates import pictures, queries, rules
from app.certificates.models import Certificate, CertificateCounter, CertificateDesign, EligibilityOverride
from app.certificates.rules import AlreadyHeld, CertificateState, DesignIncomplete, NotEarned, NotInForce
from app.certificates.snapshot import Seal, snapshot
from app.extensions import db, insert, lock, transaction
from app.hosts.queries import emblem_bytes
from app.jobs import service as jobs
from app.jobs.models import Job
from app.jobs.rules import UNFINISHED
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from app.shared import clock, codes
from app.shared.dates import local_date
from app.web.places import public_url

ISSUE = "certificates.issue"
READY = "certificates.ready"
CHUNK = 25

DESIGN_FIELDS = (
    "title",
    "paper",
    "number_pattern",
    "classification",
    "unit",
    "first_number",
    "place",
    "signer_capacity",
    "signer_position",
    "signer_title_before",
    "signer_name",
    "signer_title_after",
    "signer_rank",
    "signer_nip",
)
NUMBERED_BY = {"number_pattern", "classification", "unit"}


@dataclass(frozen=True)
class Press:
    """What all certificates of a stage issued in one transaction share."""

    stage: Stage
    design: CertificateDesign
    sessions: Sequence[AgendaSession]
    emblem: str
    today: date


def enqueue_issue(stage: Stage, *, by: User | None) -> Job:
    """Let the worker issue to all who have earned it and hold none. Raises DesignIncomplete."""
    _require_complete(queries.design_of(stage.programme))
    return enqueue(ISSUE, stage, by=by)


def issue(registration: Registration, *, by: User | None) -> Certificate:
    """The registration's valid certificate, issued now if there is none. Raises NotEarned, AlreadyHeld, DesignIncomplete."""
    with transaction():
        _lock([registration.id])
        existing = queries.certificate_of(registration)
        if existing is not None:
            return existing
        _require_earned(registration)
        _require_only(registration)
        return _issue(registration, _press(registration.stage), by=by)


def issue_some(stage: Stage, *, by: User | None, most: int = CHUNK) -> tuple[int, int]:
    """Issue to the next of those who have earned it and never had one, in order of institution and name.

    Answers how many were issued and how many are left. Raises DesignIncomplete.
    """
    due = queries.due_ids(stage)
    return issue_to(stage, due[:most], by=by), len(due[most:])


def issue_to(stage: Stage, registration_ids: Sequence[int], *, by: User | None) -> int:
    """Issue, in the order given, to those of `queries.due_ids` to whom it is still due; answers to how many.

    Raises DesignIncomplete, BadPattern.
    """
    with transaction():
        # Again under the lock, of these alone: someone else may have issued to them, or they may have cancelled.
        due = set(queries.due_ids(stage, _lock(registration_ids)))
        taken = [registration_id for registration_id in registration_ids if registration_id in due]
        if taken:
            press = _press(stage)
            for registration_id in taken:
                _issue(db.session.get_one(Registration, registration_id), press, by=by)
        return len(taken)


def chunks(registration_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many at a time as may be issued in one transaction, while others wait to write."""
    for start in range(0, len(registration_ids), CHUNK):
        yield registration_ids[start : start + CHUNK]


def reissue(certificate: Certificate, *, by: User | None, reason: str) -> Certificate:
    """A new version under the same number, with today's data and a new code; the former is superseded.

    Raises NotInForce, NotEarned, DesignIncomplete.
    """
    reason = _reason(reason)
    with transaction():
        former = _lock_valid(certificate)
        registration = former.registration
        _require_earned(registration)
        former.state = CertificateState.SUPERSEDED
        db.session.flush()
        return _issue(registration, _press(former.stage), by=by, former=former, reason=reason)


def revoke(certificate: Certificate, *, reason: str, by: User | None) -> None:
    """Take a certificate out of force; whoever verifies it reads the reason. Raises NotInForce."""
    reason = _reason(reason)
    with transaction():
        held = _lock_valid(certificate)
        by_id = by.id if by else None
        held.revoked_by_id, held.revoked_at, held.revoke_reason = by_id, clock.now(), reason
        held.state = CertificateState.REVOKED
        audit.record("certificate.revoked", held, by=by, host_id=held.stage.host.id, reason=reason)


def override(registration: Registration, *, earned: bool, reason: str, by: User | None) -> None:
    """Decide by hand that a person has earned the certificate or not; a later decision takes the former's place."""
    reason = _reason(reason)
    values = {"earned": earned, "reason": reason, "by_id": by.id if by else None, "at": clock.now()}
    with transaction():
        statement = insert(EligibilityOverride).values(registration_id=registration.id, **values)
        db.session.execute(statement.on_conflict_do_update(index_elements=["registration_id"], set_=values))
        action = "certificate.earned_by_hand" if earned else "certificate.denied_by_hand"
        audit.record(action, registration, by=by, host_id=registration.stage.host.id, reason=reason)


def withdraw_override(registration: Registration, *, by: User | None) -> None:
    """Let the stage's conditions decide again."""
    with transaction():
        statement = sa.delete(EligibilityOverride).where(EligibilityOverride.registration_id == registration.id)
        if db.session.execute(statement.returning(EligibilityOverride.registration_id)).first():
            audit.record("certificate.left_to_conditions", registration, by=by, host_id=registration.stage.host.id)


def save_design(programme: Programme, *, by: User | None, **fields: Any) -> CertificateDesign:
    """Change any of DESIGN_FIELDS; certificates already issued stay as they are. Raises rules.BadPattern."""
    unknown = fields.keys() - set(DESIGN_FIELDS)
    if unknown:
        raise TypeError(f"not a field of a design: {', '.join(sorted(unknown))}")
    with transaction():
        design = _stored_design(programme)
        changed = sorted(name for name, value in fields.items() if getattr(design, name) != value)
        for name in changed:
            setattr(design, name, fields[name])
        if not NUMBERED_BY.isdisjoint(changed):
            rules.check_pattern(design.number_pattern, classification=design.classification, unit=design.unit)
        if changed:
            audit.record("certificate_design.changed", design, by=by, host_id=programme.host_id, fields=changed)
    return design


def enqueue(kind: str, stage: Stage, *, by: User | None) -> Job:
    """A job on the stage's certificates; the one that is waiting or running, if there is one."""
    with transaction():
        lock(stage, mode="no_key_update")
        latest = jobs.latest_job(kind, stage.id)
        if latest is not None and latest.state in UNFINISHED:
            return latest
        args = {"stage_id": stage.id, "by_id": by.id if by else None}
        return jobs.enqueue(kind, args=args, host_id=stage.host.id, stage_id=stage.id, by=by)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ValueError("a decision against the rule needs a reason")
    return reason.strip()


def _lock(registration_ids: Sequence[int]) -> set[int]:
    """Keep others from issuing to the same people (on SQLite the transaction already does), and read these anew."""
    statement = sa.select(Registration).where(Registration.id.in_(registration_ids)).order_by(Registration.id)
    locking = statement.with_for_update().execution_options(populate_existing=True)
    return {registration.id for registration in db.session.scalars(locking)}


def _lock_valid(certificate: Certificate) -> Certificate:
    _lock([certificate.registration_id])
    held = db.session.get_one(Certificate, certificate.id, populate_existing=True)
    if held.state is not CertificateState.VALID:
        raise NotInForce(gettext("This certificate has been revoked or replaced in the meantime."))
    return held


def _require_earned(registration: Registration) -> None:
    if not queries.standing_of(registration).earned:
        raise NotEarned(gettext("%(name)s has not earned the certificate.", name=registration.full_name))


def _require_only(registration: Registration) -> None:
    other = queries.certificate_elsewhere(registration)
    if other is not None:
        raise AlreadyHeld(
            gettext(
                "%(name)s holds certificate %(number)s of this stage from a former registration. Revoke that one first.",
                name=registration.full_name,
                number=other.number,
            )
        )


def _require_complete(design: CertificateDesign) -> None:
    missing = rules.missing_in_design(design)
    if missing:
        raise DesignIncomplete(gettext("The design of the certificate lacks: %(missing)s.", missing=", ".join(missing)))


def press_of(stage: Stage, *, emblem: str) -> Press:
    """With the emblem's key."""
    design = queries.design_of(stage.programme)
    return Press(stage, design, sessions_of(stage), emblem, local_date(clock.now(), stage.timezone))


def _press(stage: Stage) -> Press:
    """For certificates that are issued: the emblem is kept for them. Raises DesignIncomplete."""
    _require_complete(queries.design_of(stage.programme))
    return press_of(stage, emblem=pictures.keep(emblem_bytes(stage.host)))


def _issue(
    registration: Registration,
    press: Press,
    *,
    by: User | None,
    former: Certificate | None = None,
    reason: str = "",
) -> Certificate:
    dated = former.dated if former else press.today
    sequence = (
        former.sequence if former else _next_sequence(press.stage.programme_id, dated.year, press.design.first_number)
    )
    number = former.number if former else rules.number_by(press.design, sequence, dated)
    code = codes.new_code()
    seal = seal_on(press, number, dated, code)
    frozen = snapshot(registration, stage=press.stage, design=press.design, sessions=press.sessions, seal=seal)
    certificate = Certificate(
        programme_id=press.stage.programme_id,
        stage_id=press.stage.id,
        registration_id=registration.id,
        participant_id=registration.participant_id,
        year=dated.year,
        sequence=sequence,
        version=former.version + 1 if former else 1,
        number=number,
        dated=dated,
        code=code,
        state=CertificateState.VALID,
        snapshot=frozen,
        content_hash=rules.content_hash(frozen),
        issued_at=clock.now(),
        issued_by_id=by.id if by else None,
        supersedes_id=former.id if former else None,
    )
    db.session.add(certificate)
    audit.record(
        "certificate.reissued" if former else "certificate.issued",
        certificate,
        by=by,
        host_id=press.stage.host.id,
        reason=reason,
    )
    _announce(certificate, registration)
    return certificate


def _announce(certificate: Certificate, registration: Registration) -> None:
    if not registration.email:
        return
    jobs.post(
        READY,
        subject_id=certificate.id,
        host_id=registration.stage.host.id,
        programme_id=certificate.programme_id,
        to_address=registration.email,
        to_name=registration.full_name,
        dedupe_key=f"{READY}:{certificate.id}",
    )


def _next_sequence(programme_id: int, year: int, first: int) -> int:
    """Raise the counter and take its number; rolled back with the transaction, so none is lost.

    A first number beyond the counter (a new block from the register) is jumped to; one before it changes nothing.
    """
    following = sa.case((CertificateCounter.last + 1 < first, first), else_=CertificateCounter.last + 1)
    statement = insert(CertificateCounter).values(programme_id=programme_id, year=year, last=first)
    raising = statement.on_conflict_do_update(index_elements=["programme_id", "year"], set_={"last": following})
    return int(db.session.execute(raising.returning(CertificateCounter.last)).scalar_one())


def seal_on(press: Press, number: str, dated: date, code: str) -> Seal:
    """The QR holds the address in upper case, which makes it smaller; addresses are found in any case."""
    address = public_url("/verifikasi")
    return Seal(
        number=number,
        dated=dated,
        code=code,
        qr_text=f"{address}/{code}".upper(),
        verify_at=address.partition("://")[2],
        emblem=press.emblem,
    )


def _stored_design(programme: Programme) -> CertificateDesign:
    usual = queries.design_of(programme)
    if usual.id is None:
        values = {name: getattr(usual, name) for name in DESIGN_FIELDS}
        statement = insert(CertificateDesign).values(programme_id=programme.id, **values)
        db.session.execute(statement.on_conflict_do_nothing(index_elements=["programme_id"]))
    return queries.design_of(programme)
