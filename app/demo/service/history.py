"""What has happened by today: people at the doors of the stages so far, their feedback, their certificates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from app.accounts.models import User
from app.certificates import service as certificates
from app.certificates.queries import certificates_of
from app.checkin import service as checkin
from app.checkin.models import Checkpoint
from app.checkin.queries import checkpoints_of
from app.checkin.rules import ScanSource
from app.demo.service import doors
from app.extensions import db
from app.feedback import service as feedback
from app.feedback.models import Questionnaire
from app.feedback.queries import questionnaires_of
from app.feedback.rules import QuestionKind, QuestionnaireKind
from app.programmes.models import Programme, Stage
from app.registration import service as registration
from app.registration.models import Registration
from app.registration.queries import details_of
from app.registration.rules import PersonDetails, RegistrationState
from app.shared import clock
from app.shared.codes import new_token, token_digest

REMARKS = (
    "Materi sangat bermanfaat, mohon bahan dibagikan lebih awal.",
    "Waktu diskusi kelompok sebaiknya ditambah.",
    "Jaringan Wi-Fi di aula perlu diperkuat.",
    "Penyampaian narasumber jelas dan mudah dipahami.",
    "Konsumsi baik, pendingin ruangan terlalu dingin.",
    "Mohon contoh dari kota lain yang setara dengan Tanjungpinang.",
    "Pendaftaran dan presensi cepat, terima kasih.",
)


def live(programme: Programme, staff: dict[str, User]) -> None:
    """Stages before today are over and certified, the one of today has people at the door."""
    stages = {stage.slug: stage for stage in programme.stages}
    for slug in ("persiapan", "tahap-1"):
        _hold(stages[slug], staff)
    _certify(stages["tahap-1"], staff["sertifikat"])
    _open_today(stages["tahap-2"], staff)


def write_letters(programme: Programme, staff: dict[str, User]) -> None:
    """A few tickets sent again, so that the outbox has something to show."""
    stage = next(stage for stage in programme.stages if stage.slug == "tahap-3")
    for person in _confirmed(stage)[:3]:
        registration.resend_ticket(person, by=staff["panitia"])


def _hold(stage: Stage, staff: dict[str, User]) -> None:
    random = Random(stage.number + 7)
    people = _confirmed(stage)
    for number, checkpoint in enumerate(checkpoints_of(stage)):
        coming = [person for person in people if random.random() < (0.95 if number == 0 else 0.9)]
        _scan(stage, checkpoint, coming, opens=time(7, 25), minutes=55, by=staff["panitia"], random=random)
    _ask(stage, people, staff["fasilitator"], random, share=0.85)


def _open_today(stage: Stage, staff: dict[str, User]) -> None:
    """The checkpoint of today is open the whole local day, and people have come through its doors."""
    random = Random(2)
    zone = ZoneInfo(stage.timezone)
    midnight = datetime.combine(stage.starts_on, time(0), zone).astimezone(UTC)
    checkpoint = checkpoints_of(stage)[0]
    checkin.edit_checkpoint(
        checkpoint,
        name=checkpoint.name,
        opens_at=midnight,
        closes_at=midnight + timedelta(days=1),
        by=staff["panitia"],
    )
    people = _confirmed(stage)
    present = [person for person in people if random.random() < 0.6]
    absent = [person for person in people if person not in present]
    doors.let_in(stage, checkpoint, present, absent, by=staff["panitia"])
    for questionnaire in questionnaires_of(stage):
        if questionnaire.kind is QuestionnaireKind.ORGANISATION:
            feedback.open_questionnaire(questionnaire, by=staff["fasilitator"])
            for person in present:
                if random.random() < 0.4:
                    feedback.answer(questionnaire, person, _answers(questionnaire, random))


def _scan(
    stage: Stage,
    checkpoint: Checkpoint,
    people: list[Registration],
    *,
    opens: time,
    minutes: int,
    by: User,
    random: Random,
) -> None:
    local_day = checkpoint.opens_at.astimezone(ZoneInfo(stage.timezone)).date()
    since = datetime.combine(local_day, opens, ZoneInfo(stage.timezone)).astimezone(UTC)
    _record(stage, checkpoint, people, since, timedelta(minutes=minutes), by=by, random=random)


def _record(
    stage: Stage,
    checkpoint: Checkpoint,
    people: list[Registration],
    since: datetime,
    span: timedelta,
    *,
    by: User,
    random: Random,
) -> None:
    """Scan `people` at moments spread over `span`, by a device enrolled then."""
    with clock.frozen(since):
        _, token = checkin.enrol(stage, name=f"Meja {by.name.split()[0]}", user=by)
    moments = sorted(since + span * random.random() for _ in people)
    scans = [
        checkin.ScanItem(
            scan_id=new_token()[:32], code_hash=person.ticket_hash, occurred_at=moment, source=ScanSource.CAMERA
        )
        for person, moment in zip(people, moments, strict=True)
    ]
    with clock.frozen(since + span):
        for first in range(0, len(scans), checkin.MOST_SCANS):
            checkin.record_scans(
                token_hash=token_digest(token),
                checkpoint_id=checkpoint.id,
                items=scans[first : first + checkin.MOST_SCANS],
                sent_at=since + span,
            )


def _ask(stage: Stage, people: list[Registration], by: User, random: Random, *, share: float) -> None:
    for questionnaire in questionnaires_of(stage):
        feedback.open_questionnaire(questionnaire, by=by)
        for person in people:
            if random.random() < share:
                feedback.answer(questionnaire, person, _answers(questionnaire, random))
        feedback.close_questionnaire(questionnaire, by=by)


def _answers(questionnaire: Questionnaire, random: Random) -> dict[int, int | str]:
    answers: dict[int, int | str] = {}
    for question in questionnaire.questions:
        if question.kind is QuestionKind.SCALE:
            answers[question.id] = random.choice((3, 4, 4, 4, 5, 5, 5))
        elif question.kind is QuestionKind.COMMITMENT:
            answers[question.id] = int(random.random() < 0.92)
        elif random.random() < 0.2:
            answers[question.id] = random.choice(REMARKS)
    return answers


def _certify(stage: Stage, by: User) -> None:
    """Issue to all who have earned it on the day after; correct one name afterwards and revoke one certificate."""
    with clock.frozen(datetime.combine(stage.ends_on + timedelta(days=1), time(3), UTC)):
        certificates.issue_some(stage, by=by, most=stage.seats_taken)
    with clock.frozen(datetime.combine(stage.ends_on + timedelta(days=3), time(4), UTC)):
        issued = certificates_of(stage)
        misspelt, twice = issued[3], issued[10]
        person = misspelt.registration
        registration.correct(person, _renamed(person), by=by)
        certificates.reissue(misspelt, by=by, reason="Ejaan nama diperbaiki atas permintaan yang bersangkutan.")
        certificates.revoke(twice, by=by, reason="Diterbitkan keliru: peserta diwakili orang lain pada hari kedua.")


def _renamed(person: Registration) -> PersonDetails:
    return replace(details_of(person), name=f"{person.name} Putra")


def _confirmed(stage: Stage) -> list[Registration]:
    statement = (
        sa.select(Registration)
        .where(Registration.stage_id == stage.id, Registration.state == RegistrationState.CONFIRMED)
        .options(selectinload(Registration.groups))
        .order_by(Registration.id)
    )
    return list(db.session.scalars(statement))
