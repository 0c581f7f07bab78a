"""People of several unsur at every step of one stage."""

from dataclasses import dataclass, field
from datetime import timedelta

from app.certificates import service as certificates
from app.certificates.models import Certificate
from app.checkin.models import Checkpoint
from app.extensions import db, transaction
from app.feedback.models import FeedbackReceipt, Questionnaire
from app.institutions.models import Institution
from app.programmes.models import ParticipantGroup, Stage
from app.registration import service as registration
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock
from tests import factories


@dataclass
class Scene:
    """`opd` is invited with four seats: three of its people are confirmed, two came, one answered and is certified.

    `bank` sent one who came; one waits, one cancelled. `group` holds the certified one.
    """

    stage: Stage
    opd: Institution
    bank: Institution
    group: ParticipantGroup
    door: Checkpoint
    questionnaire: Questionnaire
    people: dict[str, Registration] = field(default_factory=dict)


def lay(stage: Stage) -> Scene:
    host = stage.host
    opd = factories.institution(host, "OPD", name="Dinas Kesehatan")
    bank = factories.institution(host, "PERBANKAN", name="Bank Riau Kepri")
    scene = Scene(
        stage,
        opd,
        bank,
        factories.group(stage.programme, name="Smart Living"),
        factories.checkpoint(stage),
        factories.questionnaire(stage),
    )
    factories.certificate_design(stage.programme)
    with transaction():
        stage.min_jp_percent = None
    registration.invite(stage, {opd.id: 4}, by=factories.user())
    scene.people = {
        "certified": person(scene, opd, "Aminah Certified", groups=[scene.group]),
        "present": person(scene, opd, "Budi Present"),
        "absent": person(scene, opd, "Cahya Absent"),
        "banker": person(scene, bank, "Dewi Banker"),
        "waiting": person(scene, bank, "Eko Waiting", state=RegistrationState.WAITLISTED, waiting_since=clock.now()),
        "cancelled": person(scene, bank, "Fajar Cancelled", state=RegistrationState.CANCELLED, ended_at=clock.now()),
    }
    for name in ("certified", "present", "banker"):
        factories.attendance(scene.people[name], scene.door)
    answer(scene.questionnaire, scene.people["certified"])
    certify(scene.people["certified"])
    return scene


def person(scene: Scene, institution: Institution, name: str, **values: object) -> Registration:
    known = {"confirmed_at": None} if "state" in values else {}
    return factories.registration(scene.stage, institution=institution, name=name, **known | values)


def answer(questionnaire: Questionnaire, of: Registration) -> None:
    with transaction():
        db.session.add(FeedbackReceipt(registration_id=of.id, questionnaire_id=questionnaire.id))


def certify(of: Registration) -> Certificate:
    return certificates.issue(of, by=None)


def move(stage: Stage, days: int) -> None:
    """Put the stage and its window of registration so many days later (or, below 0, earlier)."""
    by = timedelta(days=days)
    with transaction():
        stage.starts_on, stage.ends_on = stage.starts_on + by, stage.ends_on + by
        stage.registration_opens_at += by
        stage.registration_closes_at += by


def in_two_weeks() -> Stage:
    """A stage of "Gerakan Smart City" with registration open and ten seats."""
    stage = factories.stage(factories.programme(name="Gerakan Smart City"), name="Bimtek Tahap III", capacity=10)
    move(stage, 14)
    with transaction():
        stage.registration_opens_at -= timedelta(days=14)
    factories.notice(stage.host)
    return stage
