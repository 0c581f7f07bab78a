"""What a participant sees of himself: every stage, how far he came, and what he can still do there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.certificates.models import Certificate
from app.certificates.rules import CertificateState
from app.checkin.queries_person import jp_of
from app.checkin.rules import JpTally
from app.journey import queries
from app.journey.rules import StagePhase, Step, drawn_path, may_cancel
from app.privacy.queries import certificates_of, registrations_of
from app.registration.models import Participant, Registration
from app.registration.queries_questions import Asked, asked_of
from app.registration.rules import ENDED, ConsentKind, RegistrationState
from app.registration.rules_seats import told_state
from app.shared import clock


@dataclass(frozen=True)
class OwnStage:
    """One of a person's registrations with the stage's phase, the path walked, JP and the newest certificate."""

    registration: Registration
    phase: StagePhase
    steps: list[dict[str, Any]]
    tally: JpTally | None
    certificate: Certificate | None
    asked: Asked

    @property
    def state(self) -> RegistrationState:
        return told(self.registration)

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def came(self) -> bool:
        return any(step["key"] == Step.PRESENT.value and step["state"] == "done" for step in self.steps)

    @property
    def certified(self) -> bool:
        return self.certificate is not None and self.certificate.state is CertificateState.VALID

    @property
    def offered(self) -> bool:
        return self.registration.state is RegistrationState.OFFERED

    @property
    def may_cancel(self) -> bool:
        return may_cancel(self.state, self.phase)


def own_stages(person: Participant) -> list[OwnStage]:
    """A person's stages, the latest first, in a constant number of queries."""
    registrations = [one for one in registrations_of(person) if one.merged_into_id is None]
    reached, tallies, asked = queries.steps_of(registrations), jp_of(registrations), asked_of(registrations)
    newest: dict[int, Certificate] = {}
    for printed in certificates_of(person):
        newest.setdefault(printed.registration_id, printed)
    found = []
    for one in registrations:
        certificate = newest.get(one.id)
        stopped = told(one) in ENDED or (certificate is not None and certificate.state is CertificateState.REVOKED)
        steps = drawn_path(reached[one.id], stopped=stopped)
        phase = queries.phase_of(one.stage)
        found.append(OwnStage(one, phase, steps, tallies.get(one.id), certificate, asked[one.id]))
    return found


def consents_shown(registration: Registration) -> list[tuple[ConsentKind, list[Any]]]:
    """Each free consent with every time it was given, the latest first."""
    return [(kind, registration.consents_of(kind)) for kind in ConsentKind]


def told(registration: Registration) -> RegistrationState:
    """The state of a registration as the person is told it."""
    return told_state(registration.state, undo_until=registration.undo_until, now=clock.now())


def jp_together(stages: list[OwnStage]) -> int:
    """The JP that a person attended at all his stages."""
    return sum(one.tally.attended for one in stages if one.tally)
