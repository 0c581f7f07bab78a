"""Reads of links, of the people behind an address, and of requests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Membership, User
from app.accounts.rules import Role
from app.certificates.models import Certificate
from app.certificates.rules import CertificateState
from app.checkin.models import Attendance
from app.extensions import db
from app.hosts.models import Host
from app.privacy.models import DataRequest, PersonLink
from app.privacy.rules import IDENTITY, NAME, VISIT_FOR, LinkPurpose, RequestState
from app.programmes.models import Stage
from app.registration.models import Participant, Registration
from app.registration.queries import details_of
from app.registration.rules import ENDED, PersonDetails
from app.shared import clock
from app.shared.codes import token_digest
from app.shared.mailbox import address_key


@dataclass(frozen=True)
class Known:
    """One of the people of an address, as he is chosen: his name and where he was last registered from."""

    participant: Participant
    host: Host
    institution: str


@dataclass(frozen=True)
class Reach:
    """Whose requests a member of staff sees at a host: all as its administrator, else those of people of her programmes."""

    host: Host
    administers: bool
    programme_ids: frozenset[int]

    @property
    def any(self) -> bool:
        return self.administers or bool(self.programme_ids)


def participants_of(address: str) -> list[Participant]:
    """Everybody who is known by this address (in its comparable form), of whatever host.

    Addresses of registrations do not count: anybody may register somebody with an address of his own.
    """
    statement = sa.select(Participant).where(_is_known_by(address)).order_by(Participant.id)
    return list(db.session.scalars(statement))


def own_addresses(participant: Participant, registrations: Collection[Registration]) -> set[str]:
    """Every address (in its comparable form) of a person by which nobody else is known."""
    known = {participant.email, *(one.email for one in entries_of(participant)), *(one.email for one in registrations)}
    addresses = {address_key(address) for address in known if address}
    return {one for one in addresses if not [other for other in participants_of(one) if other.id != participant.id]}


def entries_of(participant: Participant) -> list[Participant]:
    """How a person was entered besides: those who were merged into him."""
    statement = sa.select(Participant).where(Participant.merged_into_id == participant.id)
    return list(db.session.scalars(statement.order_by(Participant.id)))


def host_of(participant: Participant) -> Host:
    """The agency that knows a person."""
    return db.session.get_one(Host, participant.host_id)


def known_by(address: str) -> list[Known]:
    """The people of an address by name, with their institution, in two queries."""
    statement = (
        sa.select(Participant, Host)
        .join(Host, Host.id == Participant.host_id)
        .where(_is_known_by(address))
        .order_by(Host.name, Participant.name_key, Participant.id)
    )
    rows = [(participant, host) for participant, host in db.session.execute(statement)]
    last = _last_institutions([participant.id for participant, _host in rows])
    return [Known(participant, host, last.get(participant.id, "")) for participant, host in rows]


def find_link(token: str, purpose: LinkPurpose) -> PersonLink | None:
    """The link of a token that can still be used; None alike for one that was used, is over or never was."""
    now = clock.now()
    return db.session.scalar(
        sa.select(PersonLink).where(
            PersonLink.token_hash == token_digest(token),
            PersonLink.purpose == purpose,
            PersonLink.used_at.is_(None),
            PersonLink.expires_at > now,
        )
    )


def find_visit(key: str) -> PersonLink | None:
    """The visit that a browser's cookie names, while it lasts."""
    return db.session.scalar(
        sa.select(PersonLink)
        .where(
            PersonLink.token_hash == key,
            PersonLink.purpose == LinkPurpose.ENTER,
            PersonLink.ended_at.is_(None),
            PersonLink.used_at > clock.now() - VISIT_FOR,
        )
        .options(joinedload(PersonLink.participant))
    )


def registrations_of(participant: Participant) -> list[Registration]:
    """All of a person's registrations, those of the latest stage first."""
    statement = (
        sa.select(Registration)
        .join(Stage, Stage.id == Registration.stage_id)
        .where(Registration.participant_id == participant.id)
        .order_by(Stage.starts_on.desc(), Registration.id.desc())
        .options(
            joinedload(Registration.stage),
            joinedload(Registration.category),
            joinedload(Registration.notice),
            selectinload(Registration.groups),
            selectinload(Registration.consents),
        )
    )
    return list(db.session.scalars(statement).unique())


def shown_registration(registrations: list[Registration]) -> Registration | None:
    """By which of them (the latest first) a person's present office is shown: the newest in force, else the newest."""
    return next((one for one in registrations if one.state not in ENDED), registrations[0] if registrations else None)


def own_details(participant: Participant, shown: Registration) -> PersonDetails:
    """How a person is known today: of himself by the participant, of his office by the registration that is `shown`."""
    known = {name: getattr(participant, name) for name in (*NAME, "email", "phone")}
    if participant.identity_number:
        known |= {name: getattr(participant, name) for name in IDENTITY}
    return replace(details_of(shown), **known)


def certificates_of(participant: Participant) -> list[Certificate]:
    """Every certificate of a person, the newest first."""
    statement = sa.select(Certificate).where(Certificate.participant_id == participant.id)
    return list(db.session.scalars(statement.order_by(Certificate.id.desc())))


def is_certified(participant: Participant) -> bool:
    """Whether a certificate in force bears the person's name."""
    held = sa.exists().where(Certificate.participant_id == participant.id, Certificate.state == CertificateState.VALID)
    return bool(db.session.scalar(sa.select(held)))


def is_archived(participant: Participant) -> bool:
    """Whether an attendance sheet or a certificate bears the person's name, also one that is no longer in force."""
    of_person = sa.select(Registration.id).where(Registration.participant_id == participant.id)
    came = sa.exists().where(Attendance.registration_id.in_(of_person), Attendance.annulled_at.is_(None))
    printed = sa.exists().where(Certificate.participant_id == participant.id)
    return bool(db.session.scalar(sa.select(sa.or_(came, printed))))


def attended_ids(registration_ids: Collection[int]) -> set[int]:
    """Which of these registrations have an attendance in force."""
    statement = sa.select(Attendance.registration_id).where(
        Attendance.registration_id.in_(registration_ids), Attendance.annulled_at.is_(None)
    )
    return set(db.session.scalars(statement))


def reach_of(user: User, host: Host) -> Reach:
    """What `user` sees of the requests at `host`."""
    mine = [one for one in user.memberships if one.host_id == host.id]
    return Reach(
        host=host,
        administers=any(one.role is Role.ADMINISTRATOR and one.programme_id is None for one in mine),
        programme_ids=frozenset(
            one.programme_id for one in mine if one.role is Role.MANAGER and one.programme_id is not None
        ),
    )


def reaches_of(user: User) -> list[Reach]:
    """Every host where `user` sees requests, by name."""
    ids = {one.host_id for one in user.memberships if one.role in (Role.ADMINISTRATOR, Role.MANAGER)}
    found = db.session.scalars(sa.select(Host).where(Host.id.in_(ids)).order_by(Host.name))
    return [reach_of(user, host) for host in found]


def requests(reach: Reach, *, state: RequestState | None = None) -> sa.Select[DataRequest]:
    """The requests within reach: open ones first, by their clock, then the latest settled."""
    statement = (
        sa.select(DataRequest)
        .where(DataRequest.host_id == reach.host.id, _within(reach))
        .order_by(DataRequest.state != RequestState.OPEN, _open_until(), DataRequest.settled_at.desc(), DataRequest.id)
        .options(joinedload(DataRequest.participant), joinedload(DataRequest.settled_by))
    )
    return statement if state is None else statement.where(DataRequest.state == state)


def find_request(reach: Reach, request_id: int) -> DataRequest | None:
    return db.session.scalar(requests(reach).where(DataRequest.id == request_id))


def open_requests(reaches: Collection[Reach]) -> dict[int, list[DataRequest]]:
    """What waits at each host (by id) within these reaches, the most urgent first; in one query."""
    if not reaches:
        return {}
    within = sa.or_(*(sa.and_(DataRequest.host_id == one.host.id, _within(one)) for one in reaches))
    statement = sa.select(DataRequest).where(DataRequest.state == RequestState.OPEN, within)
    found: dict[int, list[DataRequest]] = {}
    for request in db.session.scalars(statement.order_by(DataRequest.due_at, DataRequest.id)):
        found.setdefault(request.host_id, []).append(request)
    return found


def requests_of(participant: Participant) -> list[DataRequest]:
    """What a person has asked, the latest first."""
    statement = sa.select(DataRequest).where(DataRequest.participant_id == participant.id)
    return list(db.session.scalars(statement.order_by(DataRequest.id.desc())))


def programmes_of(participant: Participant) -> set[int]:
    """The programmes (ids) at whose stages a person is or was registered."""
    statement = (
        sa.select(Stage.programme_id)
        .join(Registration, Registration.stage_id == Stage.id)
        .where(Registration.participant_id == participant.id)
    )
    return set(db.session.scalars(statement))


def administrators_of(host_id: int) -> list[User]:
    """Who administers a host and can sign in."""
    statement = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.host_id == host_id, Membership.programme_id.is_(None), User.active)
    )
    return list(db.session.scalars(statement.order_by(User.id)).unique())


def _within(reach: Reach) -> sa.ColumnElement[bool]:
    if reach.administers:
        return sa.true()
    return sa.exists().where(
        Registration.participant_id == DataRequest.participant_id,
        Registration.stage_id == Stage.id,
        Stage.programme_id.in_(reach.programme_ids),
    )


def _open_until() -> sa.ColumnElement[object]:
    return sa.case((DataRequest.state == RequestState.OPEN, DataRequest.due_at), else_=None)


def _last_institutions(participant_ids: list[int]) -> dict[int, str]:
    statement = (
        sa.select(Registration.participant_id, Registration.institution_name)
        .where(Registration.participant_id.in_(participant_ids))
        .order_by(Registration.id)
    )
    return {participant_id: name for participant_id, name in db.session.execute(statement)}


def _is_known_by(address: str) -> sa.ColumnElement[bool]:
    """By the address, or by that of an entry that was merged into this one."""
    entered = sa.alias(Participant.__table__)
    person = sa.func.coalesce(entered.c.merged_into_id, entered.c.id)
    return Participant.id.in_(sa.select(person).where(entered.c.email == address))
