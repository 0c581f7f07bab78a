"""Two participants who are one person become one, with nothing lost; later rooms say how what they keep of both moves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, insert, transaction
from app.hosts.models import Host
from app.programmes.models import Programme, Stage
from app.registration.models import Participant, Registration
from app.registration.models_duplicates import DistinctPair
from app.registration.queries_duplicates import clashes, registrations_of
from app.registration.rules import RegistrationState
from app.registration.service import merging_own, participants, seats
from app.registration.service.decisions import forget_decision
from app.registration.service.merging_own import Merging, Share
from app.registration.service.offers import fill_seats
from app.shared import clock

Sharing = Callable[[Merging], Share]
Facts = Callable[[Collection[int]], Mapping[int, list[str]]]
_rooms: dict[str, tuple[Sharing, Facts]] = {}


class MergeRefused(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Plan:
    """What a merge does, as it is shown and as it is done. With `obstacles` it cannot be done yet.

    `addresses`: those of the one who goes, by which one comes to all of the other's data then; the trail does not keep them.
    """

    merging: Merging
    lines: list[str] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    statements: list[Any] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    state: str = ""

    @property
    def fingerprint(self) -> str:
        """Another one as soon as it would do anything else than what was shown."""
        return hashlib.sha256(
            repr((self.merging, self.lines, self.obstacles, self.addresses, self.state)).encode()
        ).hexdigest()[:32]


def on_merge(room: str, *, share: Sharing, facts: Facts) -> None:
    """A room whose rows point to participants or registrations says what becomes of them.

    `share(merging)` answers what moves, in words and as statements, and what stands in the way; it writes nothing itself.
    `facts(registration ids)` answers what there is of each registration, in words.
    """
    _rooms[room] = (share, facts)


def facts_of(registration_ids: Collection[int]) -> dict[int, list[str]]:
    """What the rooms keep of these registrations, in words."""
    told: dict[int, list[str]] = {one: [] for one in registration_ids}
    for _share, facts in _rooms.values():
        for registration_id, words in facts(registration_ids).items():
            told[registration_id] += words
    return told


def plan_merge(kept: Participant, lost: Participant, *, staying: Collection[int] = ()) -> Plan:
    """What it means that `lost` becomes `kept`. `staying`: which registrations go on, where both have one at a stage."""
    found = registrations_of([kept.id, lost.id])
    joined: dict[int, int] = {}
    for clash in clashes(found[kept.id], found[lost.id]):
        pair = {clash.first.id, clash.second.id}
        stays = next(iter(pair & set(staying)), clash.usual)
        joined[(pair - {stays}).pop()] = stays
    merging = Merging(kept.id, lost.id, joined)
    state = _state([*found[kept.id], *found[lost.id]], kept, lost)
    plan = Plan(merging, addresses=_addresses(kept, lost), state=state)
    for share in (merging_own.share, *(sharing for sharing, _facts in _rooms.values())):
        part = share(merging)
        plan.lines.extend(part.lines)
        plan.obstacles.extend(part.obstacles)
        plan.statements.extend(part.statements)
    return plan


def merge(
    host: Host,
    *,
    kept_id: int,
    lost_id: int,
    staying: Collection[int],
    fingerprint: str,
    by: User,
    dropping: bool = False,
) -> Participant:
    """Make one of two, just as the plan with that fingerprint said; `dropping` its addresses. Raises MergeRefused.

    Every stage of the host is held, in order, before its row is: meanwhile nobody registers, so that no registration is left
    with the one who is gone, and of two merges at once the second finds what the first has made.
    """
    with transaction():
        _hold_everything(host, (kept_id, lost_id))
        kept, lost = _get(host, kept_id), _get(host, lost_id)
        if kept is None or lost is None or kept_id == lost_id:
            raise MergeRefused(gettext("One of the two has been merged already."))
        plan = plan_merge(kept, lost, staying=staying)
        if plan.fingerprint != fingerprint:
            raise MergeRefused(gettext("Something has changed meanwhile. Look at it once more before you merge."))
        if plan.obstacles:
            raise MergeRefused(plan.obstacles[0])
        freed = [_end(ended, stays) for ended, stays in plan.merging.joined.items()]
        for statement in plan.statements:
            db.session.execute(statement, execution_options={"synchronize_session": False})
        _become_one(kept, lost)
        if dropping:
            _drop(kept, plan.addresses)
        moved = [f"participant:{lost_id}", *(f"registration:{old}>{new}" for old, new in plan.merging.joined.items())]
        moved += ["email"] if dropping and plan.addresses else []
        record("participant.merged", kept, by=by, host_id=host.id, fields=moved, reason=" ".join(plan.lines))
        db.session.expire_all()
        for stage_id in filter(None, freed):
            fill_seats(db.session.get_one(Stage, stage_id), by=by)
        return kept


def tell_apart(host: Host, ids: Collection[int], *, by: User) -> bool:
    """Remember that two participants are two people; False where the host has no such two."""
    with transaction():
        found = [one for one in sorted(set(ids)) if _get(host, one) is not None]
        if len(found) != 2:
            return False
        pair = {"first_id": found[0], "second_id": found[1], "by_id": by.id, "at": clock.now()}
        db.session.execute(insert(DistinctPair).values(pair).on_conflict_do_nothing())
        kept = db.session.get_one(Participant, found[0])
        record("participant.told_apart", kept, by=by, host_id=host.id, fields=[f"participant:{found[1]}"])
        return True


def _hold_everything(host: Host, participant_ids: Collection[int]) -> None:
    """The stages, the host, and the registrations of the two, on which certificates may just be issued."""
    stages = sa.select(Stage.id).join(Stage.programme).where(Programme.host_id == host.id).order_by(Stage.id)
    for stage_id in db.session.scalars(stages).all():
        seats.lock(stage_id)
    participants.hold_host(host.id)
    theirs = sa.select(Registration.id).where(Registration.participant_id.in_(participant_ids))
    db.session.execute(theirs.order_by(Registration.id).with_for_update(of=Registration)).all()


def _get(host: Host, participant_id: int) -> Participant | None:
    statement = sa.select(Participant).where(
        Participant.host_id == host.id, Participant.id == participant_id, Participant.merged_into_id.is_(None)
    )
    return db.session.scalar(statement.with_for_update(of=Participant).execution_options(populate_existing=True))


def _state(registrations: Collection[Registration], kept: Participant, lost: Participant) -> str:
    return repr(
        [(kept.identity_number, lost.identity_number)]
        + [(one.id, one.participant_id, one.state.value, one.undo_until is not None) for one in registrations]
    )


def _addresses(kept: Participant, lost: Participant) -> list[str]:
    """By which addresses one comes to the one who goes, and not to the other yet."""
    of_both = sa.or_(Participant.merged_into_id.in_((kept.id, lost.id)), Participant.id.in_((kept.id, lost.id)))
    known: dict[int, set[str]] = {kept.id: set(), lost.id: set()}
    for entry in db.session.scalars(sa.select(Participant).where(of_both, Participant.email.is_not(None))):
        gives_way = entry.id == lost.id and _hands_over_number(kept, lost)
        if entry.email and not gives_way:
            known[entry.merged_into_id or entry.id].add(entry.email)
    return sorted(known[lost.id] - known[kept.id])


def _drop(kept: Participant, addresses: Collection[str]) -> None:
    entries = sa.update(Participant).where(Participant.merged_into_id == kept.id, Participant.email.in_(addresses))
    db.session.execute(entries.values(email=None), execution_options={"synchronize_session": False})
    for address in addresses:
        participants.leave_address(kept, address)


def _end(ended_id: int, stays_id: int) -> int | None:
    """End a registration in favour of another; answers its stage where a seat of it is free now."""
    ended = db.session.get_one(Registration, ended_id)
    stage, held = ended.stage, seats.holds_seat(ended)
    forget_decision(ended)
    reason = gettext("Merged with another registration of the same person.")
    seats.end(ended, RegistrationState.CANCELLED, clock.now(), reason=reason)
    ended.merged_into_id = stays_id
    db.session.flush()
    if held:
        seats.release(ended, stage)
    merging_own.join_groups(ended, db.session.get_one(Registration, stays_id), stage)
    return stage.id if held else None


def _hands_over_number(kept: Participant, lost: Participant) -> bool:
    return kept.identity_number is None and lost.identity_number is not None


def _become_one(kept: Participant, lost: Participant) -> None:
    """The one who is gone stays as another name of the other: the same slip of the pen finds him again."""
    number = {name: getattr(lost, name) for name in ("identity_type", "identity_number", "identity_scope")}
    if _hands_over_number(kept, lost):
        lost.identity_number, lost.email, lost.phone = None, None, None
        db.session.flush()
        for name, value in number.items():
            setattr(kept, name, value)
    lost.merged_into_id = kept.id
    db.session.flush()
