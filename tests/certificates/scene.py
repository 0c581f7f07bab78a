"""A stage that is over, with people who were there, who came for a part of it, and who stayed away."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from app.agenda.models import AgendaSession
from app.certificates.models import CertificateDesign
from app.checkin.models import Checkpoint
from app.extensions import db
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from app.shared.identity import IdentityType
from tests import factories

NIP = "198503122010011007"


@dataclass
class Scene:
    stage: Stage
    design: CertificateDesign
    checkpoint: Checkpoint
    lesson: AgendaSession

    def present(self, name: str = "Siti Aminah", **values: object) -> Registration:
        """Someone confirmed who was there in time."""
        registration = factories.registration(self.stage, name=name, **values)
        factories.attendance(registration, self.checkpoint, at=factories.at(self.stage, 7, 45))
        return registration

    def absent(self, name: str = "Budi Hartono", **values: object) -> Registration:
        return factories.registration(self.stage, name=name, **values)

    def crowd(self, number: int) -> list[Registration]:
        return [self.present(f"Peserta {index:03}") for index in range(number)]


def scene(programme: Programme | None = None, *, stage: Stage | None = None, **values: object) -> Scene:
    """Two lessons of 2 JP each on the first morning, at one checkpoint."""
    stage = stage or factories.stage(programme, **values)
    lesson = factories.agenda_session(stage, title="Analisis SWOT")
    second = factories.agenda_session(
        stage, title="Quick win", starts_at=factories.at(stage, 10), ends_at=factories.at(stage, 11, 30)
    )
    factories.session_speaker(lesson, factories.speaker(stage.host, name="Raja Ismail", title_before="Drs."))
    opens = factories.at(stage, 7)
    checkpoint = factories.checkpoint(
        stage, sessions=[lesson, second], opens_at=opens, closes_at=opens + timedelta(hours=10)
    )
    known = db.session.scalar(sa.select(CertificateDesign).filter_by(programme_id=stage.programme_id))
    return Scene(stage, known or factories.certificate_design(stage.programme), checkpoint, lesson)


def civil_servant(scene: Scene, **values: object) -> Registration:
    known = {
        "name": "Siti Nur'aini",
        "title_before": "Dra. Hj.",
        "title_after": "M.Si.",
        "identity_type": IdentityType.NIP,
        "identity_number": NIP,
        "rank": "Penata (III/c)",
        "position": "Analis Kebijakan",
        "phone": "+6281234567890",
        "email": "siti@example.org",
    }
    return scene.present(**known | values)
