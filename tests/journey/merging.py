"""The same person entered twice at a stage, and made one."""

import sqlalchemy as sa

from app.extensions import db
from app.registration.models import Participant, Registration
from app.registration.service import merging as service
from app.shared.identity import IdentityType
from tests import factories
from tests.journey import scene as scenes
from tests.personas import People

NIP, SLIP = "198507202010011999", "198507202010011998"


def entered(people: People, scene: scenes.Scene, name: str, number: str | None, **values: object) -> Registration:
    kind = IdentityType.NIP if number else IdentityType.NONE
    one = factories.participant(people.host, name=name, identity_type=kind, identity_number=number, phone="+6281200099")
    return factories.registration(scene.stage, participant=one, institution=scene.opd, name=name, **values)


def merge(people: People, kept: Registration, lost: Registration, *, staying: list[int] | None = None) -> Participant:
    ids = (kept.participant_id, lost.participant_id)
    plan = service.plan_merge(*(db.session.get_one(Participant, one) for one in ids), staying=staying or [])
    return service.merge(
        people.host,
        kept_id=ids[0],
        lost_id=ids[1],
        staying=staying or [],
        fingerprint=plan.fingerprint,
        by=people.administrator.user,
    )


def rows(model: type, **values: object) -> list:
    return list(db.session.scalars(sa.select(model).filter_by(**values)))
