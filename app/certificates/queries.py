"""Reads of certificates: who has earned one, who holds one, and whether it still says what the records say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import User
from app.agenda.queries import sessions_of
from app.certificates import rules
from app.certificates.models import Certificate, CertificateDesign, EligibilityOverride
from app.certificates.rules import CertificateState, Override, Standing
from app.certificates.snapshot import Seal, snapshot
from app.checkin.queries import jp_tally
from app.extensions import db
from app.feedback.queries import has_answered_all_required
from app.jobs.models import Job
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import codes


@dataclass(frozen=True)
class Person:
    """A person at a stage with the standing, the newest certificate, and what of it differs from today's records."""

    registration: Registration
    standing: Standing
    certificate: Certificate | None
    changed: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        return self.certificate is not None and self.certificate.state is CertificateState.VALID

    @property
    def revoked(self) -> bool:
        return self.certificate is not None and self.certificate.state is CertificateState.REVOKED

    @property
    def due(self) -> bool:
        """Earned and never issued. What was revoked is a decision, and is issued again only one by one."""
        return self.standing.earned and self.certificate is None

    @property
    def lapsed(self) -> bool:
        """Holds a valid certificate that would not be issued today."""
        return self.valid and not self.standing.earned


def stage_of(job: Job) -> Stage:
    """The stage that a job works on."""
    return db.session.get_one(Stage, job.stage_id)


def standings(stage: Stage) -> list[Standing]:
    """Of everyone confirmed, in order of institution and name; in a constant number of queries."""
    registrations = db.session.scalars(_registrations(stage).where(Registration.state == RegistrationState.CONFIRMED))
    return [standing for _registration, standing in _weighed(stage, registrations)]


def standing_of(registration: Registration) -> Standing:
    return next(standing for _registration, standing in _weighed(registration.stage, [registration]))


def people(stage: Stage) -> list[Person]:
    """Everyone confirmed or certified, in order of institution and name; in a constant number of queries."""
    newest = _newest_certificates(stage)
    wanted = sa.or_(Registration.state == RegistrationState.CONFIRMED, Registration.id.in_(newest.keys()))
    return _with_certificates(stage, _registrations(stage).where(wanted), newest)


def person(stage: Stage, registration_id: int) -> Person | None:
    """Whoever is or was registered at the stage."""
    newest = _newest_certificates(stage)
    found = _with_certificates(stage, _registrations(stage).where(Registration.id == registration_id), newest)
    return found[0] if found else None


def versions_of(registration: Registration) -> list[Certificate]:
    """Every certificate of a registration, the newest first."""
    statement = sa.select(Certificate).where(Certificate.registration_id == registration.id)
    return list(db.session.scalars(statement.order_by(Certificate.id.desc())))


def _with_certificates(
    stage: Stage, statement: sa.Select[Registration], newest: Mapping[int, Certificate]
) -> list[Person]:
    registrations = db.session.scalars(statement.options(selectinload(Registration.groups)))
    design = design_of(stage.programme)
    sessions = sessions_of(stage)
    found = []
    for registration, standing in _weighed(stage, registrations):
        certificate = newest.get(registration.id)
        changed: tuple[str, ...] = ()
        if certificate is not None and certificate.state is CertificateState.VALID:
            today = snapshot(registration, stage=stage, design=design, sessions=sessions, seal=seal_of(certificate))
            changed = rules.changes(certificate.snapshot, today)
        found.append(Person(registration, standing, certificate, changed))
    return found


def seal_of(certificate: Certificate) -> Seal:
    frozen = certificate.snapshot
    return Seal(
        number=certificate.number,
        dated=certificate.dated,
        code=certificate.code,
        qr_text=frozen["qr_text"],
        verify_at=frozen["verify_at"],
        emblem=frozen["emblem"],
    )


def design_of(programme: Programme) -> CertificateDesign:
    """The programme's design, or one not stored yet with the usual values."""
    found = db.session.scalar(sa.select(CertificateDesign).where(CertificateDesign.programme_id == programme.id))
    if found is not None:
        return found
    usual = {
        column.key: column.default.arg for column in CertificateDesign.__table__.columns if column.default is not None
    }
    return CertificateDesign(programme_id=programme.id, **(usual | {"place": programme.host.city}))


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


def certified_ids(stage: Stage) -> set[int]:
    """The registrations of a stage that hold a valid certificate."""
    statement = sa.select(Certificate.registration_id).where(
        Certificate.stage_id == stage.id, Certificate.state == CertificateState.VALID
    )
    return set(db.session.scalars(statement))


def _valid(stage: Stage) -> sa.Select[Certificate]:
    return (
        sa.select(Certificate)
        .join(Registration, Registration.id == Certificate.registration_id)
        .where(Certificate.stage_id == stage.id, Certificate.state == CertificateState.VALID)
        .order_by(*_order())
    )


def _order() -> tuple[Any, ...]:
    return sa.func.lower(Registration.institution_name), Registration.sort_name, Registration.id


def _registrations(stage: Stage) -> sa.Select[Registration]:
    return sa.select(Registration).where(Registration.stage_id == stage.id).order_by(*_order())


def _newest_certificates(stage: Stage) -> dict[int, Certificate]:
    found = db.session.scalars(sa.select(Certificate).where(Certificate.stage_id == stage.id).order_by(Certificate.id))
    return {certificate.registration_id: certificate for certificate in found}


def _weighed(stage: Stage, registrations: Iterable[Registration]) -> list[tuple[Registration, Standing]]:
    tally = jp_tally(stage)
    answered = has_answered_all_required(stage) if stage.feedback_required else set()
    overrides = _overrides(stage)
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


def _overrides(stage: Stage) -> dict[int, Override]:
    rows = db.session.execute(
        sa.select(EligibilityOverride, User.name)
        .join(Registration, Registration.id == EligibilityOverride.registration_id)
        .outerjoin(User, User.id == EligibilityOverride.by_id)
        .where(Registration.stage_id == stage.id)
    )
    return {row.registration_id: Override(row.earned, row.reason, name or "", row.at) for row, name in rows}
