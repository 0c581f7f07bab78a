"""People who register, for the tests of this room."""

from typing import Any

import sqlalchemy as sa

from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import PersonDetails, RegistrationSource
from app.registration.service import Registered, register
from app.shared.identity import IdentityType

NIP = "198507202010012{:03}"


def person(number: int = 1, **values: Any) -> PersonDetails:
    """A civil servant of an OPD whose number, e-mail and phone are his own."""
    known = {
        "name": f"Siti Aminah {'ABCDEFGHIJ'[number % 10]}",
        "title_after": "S.Kom.",
        "category_code": "OPD",
        "institution_name": "Dinas Kominfo",
        "identity_type": IdentityType.NIP,
        "identity_number": NIP.format(number),
        "rank": "III/c",
        "position": "Pranata Komputer",
        "email": f"siti{number}@tanjungpinangkota.go.id",
        "phone": f"+62812345{number:05}",
    }
    return PersonDetails(**known | values)


def unnumbered(**values: Any) -> PersonDetails:
    """An expert without a number."""
    known = {"name": "Raja Ismail", "category_code": "PAKAR", "email": "raja@ahli.id", "phone": "+6281199999999"}
    return PersonDetails(**known | values)


def online(stage: Stage, who: PersonDetails, **values: Any) -> Registered:
    return register(stage, who, source=RegistrationSource.ONLINE, **values)


def fresh(record: Any) -> Any:
    """The record as the database has it now."""
    return db.session.get_one(type(record), record.id, populate_existing=True)


def registrations(stage: Stage) -> list[Registration]:
    return list(db.session.scalars(sa.select(Registration).filter_by(stage_id=stage.id).order_by(Registration.id)))


def seats_taken(stage: Stage) -> int:
    return db.session.scalar(sa.select(Stage.seats_taken).where(Stage.id == stage.id)) or 0
