"""Reads of certificates: who has earned one, who holds one, and whether it still says what the records say."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import User
from app.agenda.queries import sessions_of
from app.certificates import rules
from app.certificates.models import Certificate, CertificateCounter, CertificateDesign, EligibilityOverride
from app.certificates.pdf import frozen_lessons
from app.certificates.rules import CertificateState, Override, Standing
from app.certificates.snapshot import groups_of, part_of_person, part_of_stage
from app.checkin.queries import jp_tally
from app.extensions import db
from app.feedback.queries import has_answered_all_required
from app.jobs.models import Job
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock, codes
from app.shared.dates import local_date
from app.shared.names import full_name


@dataclass(frozen=True)
class Forecast:
    """What the next certificates would bear, were they issued now."""

    first: str
    last: str
    dated: date
    signer: str
    position: str


@dataclass(frozen=True)
class Person:
    """A person at a stage with the standing, the newest certificate, and what of it differs from today's records.

    `elsewhere` is the valid certificate of this stage that the same person holds from another registration.
    """

    registration: Registration
    standing: Standing
    certificate: Certificate | None
    changed: tuple[str, ...] = ()
    elsewhere: Certificate | None = None

    @property
    def valid(self) -> bool:
        return self.certificate is not None and self.certificate.state is CertificateState.VALID

    @property
    def revoked(self) -> bool:
        return self.certificate is not None and self.certificate.state is CertificateState.REVOKED

    @property
    def due(self) -> bool:
        """Earned and never issued. What was revoked is a decision, and is issued again only one by one."""
        return self.issuable and self.certificate is None

    @property
    def issuable(self) -> bool:
        """Whether a certificate may be issued now."""
        return self.standing.earned and not self.valid and self.elsewhere is None

    @property
    def lapsed(self) -> bool:
        """Holds a valid certificate that would not be issued today."""
        return self.valid and not self.standing.earned


def stage_of(job: Job) -> Stage:
    """The stage that a job works on."""
    return db.session.get_one(Stage, job.stage_id)


def standing_of(registration: Registration) -> Standing:
    return _weighed(registration.stage, [registration], [registration.id])[0][1]


def due_ids(stage: Stage, among: Collection[int] | None = None) -> list[int]:
    """The registrations to whom a certificate is due (`Person.due`), in order of institution and name.

    With `among`, of those alone and without a look at anybody else's attendance.
    """
    had_one = sa.exists().where(Certificate.registration_id == Registration.id)
    statement = _registrations(stage).where(
        Registration.state == RegistrationState.CONFIRMED, ~had_one, ~_holds_elsewhere().exists()
    )
    if among is not None:
        statement = statement.where(Registration.id.in_(among))
    weighed = _weighed(stage, db.session.scalars(statement), among)
    return [registration.id for registration, standing in weighed if standing.earned]


def people(stage: Stage) -> list[Person]:
    """Everyone confirmed or certified, in order of institution and name; in a constant number of queries."""
    held = list(db.session.scalars(_certificates(stage)))
    wanted = sa.or_(
        Registration.state == RegistrationState.CONFIRMED,
        Registration.id.in_({certificate.registration_id for certificate in held}),
    )
    return _with_certificates(stage, _registrations(stage).where(wanted), held)


def person(stage: Stage, registration_id: int) -> Person | None:
    """Whoever is or was registered at the stage."""
    registration = db.session.scalar(_registrations(stage).where(Registration.id == registration_id))
    if registration is None:
        return None
    held = db.session.scalars(_certificates(stage).where(Certificate.participant_id == registration.participant_id))
    alone = _registrations(stage).where(Registration.id == registration_id)
    return _with_certificates(stage, alone, list(held), [registration_id])[0]


def versions_of(registration: Registration) -> list[Certificate]:
    """Every certificate of a registration, the newest first."""
    statement = sa.select(Certificate).where(Certificate.registration_id == registration.id)
    return list(db.session.scalars(statement.order_by(Certificate.id.desc())))


def _with_certificates(
    stage: Stage,
    statement: sa.Select[Registration],
    held: Iterable[Certificate],
    registration_ids: Collection[int] | None = None,
) -> list[Person]:
    newest = {certificate.registration_id: certificate for certificate in held}
    valid = {one.participant_id: one for one in newest.values() if one.state is CertificateState.VALID}
    registrations = db.session.scalars(statement.options(selectinload(Registration.groups)))
    today = _Today(stage)
    found = []
    for registration, standing in _weighed(stage, registrations, registration_ids):
        certificate, of_participant = newest.get(registration.id), valid.get(registration.participant_id)
        changed: tuple[str, ...] = ()
        if certificate is not None and certificate.state is CertificateState.VALID:
            changed = today.changes(certificate, registration)
        elsewhere = of_participant if of_participant is not certificate else None
        found.append(Person(registration, standing, certificate, changed, elsewhere))
    return found


class _Today:
    """What certificates would say if they were issued now; the part of the stage once for all people of the same groups."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._design, self._sessions = stage, design_of(stage.programme), sessions_of(stage)
        self._parts: dict[frozenset[int], dict[str, Any]] = {}

    def changes(self, certificate: Certificate, registration: Registration) -> tuple[str, ...]:
        groups = groups_of(registration)
        if groups not in self._parts:
            part = part_of_stage(self._stage, self._design, self._sessions, groups)
            self._parts[groups] = part | {"lessons": frozen_lessons(part["lessons"])}
        return rules.changes(certificate.snapshot, part_of_person(registration) | self._parts[groups])


def design_of(programme: Programme) -> CertificateDesign:
    """The programme's design, or one not stored yet with the usual values."""
    found = db.session.scalar(sa.select(CertificateDesign).where(CertificateDesign.programme_id == programme.id))
    if found is not None:
        return found
    usual = {
        column.key: column.default.arg for column in CertificateDesign.__table__.columns if column.default is not None
    }
    return CertificateDesign(programme_id=programme.id, **(usual | {"place": programme.host.city}))


def forecast(stage: Stage, count: int) -> Forecast:
    """Of the next `count` certificates of a stage, while nobody else issues. Raises rules.BadPattern."""
    design, dated = design_of(stage.programme), local_date(clock.now(), stage.timezone)
    counter = sa.select(CertificateCounter.last).where(
        CertificateCounter.programme_id == stage.programme_id, CertificateCounter.year == dated.year
    )
    first = max((db.session.scalar(counter) or 0) + 1, design.first_number)
    return Forecast(
        first=rules.number_by(design, first, dated),
        last=rules.number_by(design, first + count - 1, dated),
        dated=dated,
        signer=full_name(design.signer_title_before, design.signer_name, design.signer_title_after),
        position=" ".join((design.signer_capacity, design.signer_position)).strip(),
    )


def find_by_code(code: str) -> Certificate | None:
    """Whatever case, dashes or look-alike letters it was typed with; revoked and superseded ones too."""
    if not codes.is_code(code):
        return None
    statement = sa.select(Certificate).where(Certificate.code == codes.canonical(code))
    return db.session.scalar(statement.options(joinedload(Certificate.stage)))


def find_certificate(stage: Stage, certificate_id: int) -> Certificate | None:
    return db.session.scalar(
        sa.select(Certificate).where(Certificate.id == certificate_id, Certificate.stage_id == stage.id)
    )


def successor_of(certificate: Certificate) -> Certificate | None:
    """The newest version under the same number, when it is another one."""
    newest = db.session.scalar(
        sa.select(Certificate)
        .where(
            Certificate.programme_id == certificate.programme_id,
            Certificate.year == certificate.year,
            Certificate.sequence == certificate.sequence,
            Certificate.version > certificate.version,
        )
        .order_by(Certificate.version.desc())
        .limit(1)
    )
    return newest


def certificates_of(stage: Stage) -> list[Certificate]:
    """The valid ones, in order of institution and name."""
    return list(db.session.scalars(_valid(stage)))


def snapshots_of(stage: Stage) -> list[dict]:
    """What the valid ones print, in the same order, free of the database."""
    return list(db.session.scalars(_valid(stage).with_only_columns(Certificate.snapshot)))


def certificate_of(registration: Registration) -> Certificate | None:
    """The valid certificate of a registration."""
    statement = sa.select(Certificate).where(
        Certificate.registration_id == registration.id, Certificate.state == CertificateState.VALID
    )
    return db.session.scalar(statement)


def certificate_elsewhere(registration: Registration) -> Certificate | None:
    """The valid certificate of the same stage that the same person holds from another registration."""
    statement = _holds_elsewhere().where(Registration.id == registration.id)
    return db.session.scalar(statement.join(Registration, Registration.stage_id == Certificate.stage_id))


def _valid(stage: Stage) -> sa.Select[Certificate]:
    return (
        sa.select(Certificate)
        .join(Registration, Registration.id == Certificate.registration_id)
        .where(Certificate.stage_id == stage.id, Certificate.state == CertificateState.VALID)
        .order_by(*_order())
    )


def _order() -> tuple[Any, ...]:
    """Who belongs to no institution comes last."""
    institution = Registration.institution_name
    return institution == "", sa.func.lower(institution), Registration.sort_name, Registration.id


def _registrations(stage: Stage) -> sa.Select[Registration]:
    return sa.select(Registration).where(Registration.stage_id == stage.id).order_by(*_order())


def _certificates(stage: Stage) -> sa.Select[Certificate]:
    """Of every state, the newest last."""
    return sa.select(Certificate).where(Certificate.stage_id == stage.id).order_by(Certificate.id)


def _holds_elsewhere() -> sa.Select[Certificate]:
    """Correlated with a registration: the valid certificate that its person holds at its stage by another one."""
    return sa.select(Certificate).where(
        Certificate.stage_id == Registration.stage_id,
        Certificate.participant_id == Registration.participant_id,
        Certificate.registration_id != Registration.id,
        Certificate.state == CertificateState.VALID,
    )


def _weighed(
    stage: Stage, registrations: Iterable[Registration], registration_ids: Collection[int] | None
) -> list[tuple[Registration, Standing]]:
    """With `registration_ids`, which are theirs, nobody else's attendance and decisions are read."""
    tally = jp_tally(stage, registration_ids)
    answered = has_answered_all_required(stage) if stage.feedback_required else set()
    overrides = _overrides(stage, registration_ids)
    weighed = []
    for registration in registrations:
        jp = tally.get(registration.id)
        standing = rules.standing(
            registration.id,
            confirmed=registration.state is RegistrationState.CONFIRMED,
            attended=jp.attended if jp else 0,
            expected=jp.expected if jp else 0,
            min_jp_percent=stage.min_jp_percent,
            feedback_given=registration.id in answered,
            feedback_required=stage.feedback_required,
            override=overrides.get(registration.id),
        )
        weighed.append((registration, standing))
    return weighed


def _overrides(stage: Stage, registration_ids: Collection[int] | None) -> dict[int, Override]:
    statement = (
        sa.select(EligibilityOverride, User.name)
        .join(Registration, Registration.id == EligibilityOverride.registration_id)
        .outerjoin(User, User.id == EligibilityOverride.by_id)
        .where(Registration.stage_id == stage.id)
    )
    if registration_ids is not None:
        statement = statement.where(EligibilityOverride.registration_id.in_(registration_ids))
    rows = db.session.execute(statement)
    return {row.registration_id: Override(row.earned, row.reason, name or "", row.at) for row, name in rows}
