"""What scans are meant to come to, told as plainly as can be: of what claims that somebody was there the earliest counts.

A row of a signed sheet claims it only where nobody else does, and is no door.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.checkin.rules import Decision, Reason

IN = (Decision.ADMITTED, Decision.PARKED)
GOOD = (Decision.ADMITTED, Decision.REPEAT)
Claim = tuple[datetime, str]  # when, and the scan that says so; by hand it is empty


@dataclass
class Period:
    """What was annulled: the claim that counted, and when."""

    counted: Claim
    ended_at: datetime


@dataclass
class Person:
    confirmed: bool = True
    ended: list[Period] = field(default_factory=list)
    claims: set[Claim] = field(default_factory=set)

    @property
    def counted(self) -> Claim | None:
        return min(self.claims, default=None)

    def ended_around(self, at: datetime) -> Period | None:
        return next((one for one in self.ended if one.ended_at >= at), None)

    def counted_at(self, at: datetime) -> Claim | None:
        period = self.ended_around(at)
        return period.counted if period else self.counted


@dataclass
class Told:
    """A scan as it was stored; `person` None: nobody of this stage."""

    scan_id: str
    person: int | None
    at: datetime
    offline: Decision | None
    decision: Decision
    reason: Reason | None = None
    on_paper: bool = False

    @property
    def let_in(self) -> bool:
        return not self.on_paper and self.decision in GOOD and (self.offline or self.decision) in IN


@dataclass
class Incident:
    kind: str
    counted: str | None = None
    open: bool = True


@dataclass
class Doors:
    """A checkpoint, open from `opens_at` to `closes_at`; scans and incidents by scan id."""

    people: list[Person]
    opens_at: datetime
    closes_at: datetime
    scans: dict[str, Told] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)

    def arrive(
        self,
        scan_id: str,
        person: int | None,
        at: datetime,
        offline: Decision | None,
        revoked: bool,
        on_paper: bool = False,
    ) -> Told:
        """A scan reaches the server. `person` -1: a ticket of another stage."""
        if scan_id in self.scans:
            return self._hear(self.scans[scan_id], offline)
        decided = self._decide(scan_id, person, at, offline, revoked, on_paper)
        told = Told(scan_id, person, at, offline, *decided, on_paper=on_paper)
        self.scans[scan_id] = told
        if told.decision is Decision.ADMITTED and person is not None:
            self.people[person].claims.add((at, scan_id))
        if revoked:
            if offline is None or offline in IN:  # whom the phone turned away is no matter of anybody's
                self.incidents[scan_id] = Incident("quarantine")
        elif told.decision is Decision.PARKED:
            self.incidents[scan_id] = Incident("parked")
        elif told.decision is Decision.REFUSED and offline in IN:
            self.incidents[scan_id] = Incident("let_in")
        self._compare_doors()
        return told

    def _hear(self, told: Told, offline: Decision | None) -> Told:
        """Sent again, with what the phone decided while our answer was on its way."""
        if told.offline is None and offline is not None:
            told.offline = offline
            if told.decision is Decision.REFUSED and offline in IN:
                self.incidents.setdefault(told.scan_id, Incident("let_in"))
            self._compare_doors()
        return told

    def _decide(
        self, scan_id: str, person: int | None, at: datetime, offline: Decision | None, revoked: bool, on_paper: bool
    ) -> tuple[Decision, Reason | None]:
        if revoked:
            return Decision.PARKED, Reason.REVOKED_DEVICE
        if person is None or person < 0:
            reason = Reason.UNKNOWN if person is None else Reason.OTHER_STAGE
            return (Decision.PARKED if offline in IN else Decision.REFUSED), reason
        one = self.people[person]
        if not one.confirmed:
            return Decision.REFUSED, Reason.CANCELLED
        if not self.opens_at <= at < self.closes_at:
            return Decision.REFUSED, Reason.TOO_EARLY if at < self.opens_at else Reason.TOO_LATE
        may_move = offline is not None and not on_paper
        earlier = one.counted is None or (may_move and (at, scan_id) < one.counted)
        first = one.ended_around(at) is None and earlier
        return (Decision.ADMITTED if first else Decision.REPEAT), None

    def _compare_doors(self) -> None:
        """Whoever was let in by a scan that does not count, while another scan does."""
        for told in self.scans.values():
            counted = self.people[told.person].counted_at(told.at) if told.let_in and told.person is not None else None
            if counted and counted[1] not in ("", told.scan_id) and not self._is_on_paper(counted[1]):
                self.incidents.setdefault(told.scan_id, Incident("two_doors")).counted = counted[1]

    def _is_on_paper(self, scan_id: str) -> bool:
        return scan_id in self.scans and self.scans[scan_id].on_paper

    def mark(self, person: int, at: datetime) -> None:
        self.people[person].claims.add((at, ""))

    def substitute(self, person: int) -> bool:
        """Somebody else comes in his place, last of all people: False where he has no seat to give."""
        if not self.people[person].confirmed:
            return False
        self.people[person].confirmed = False
        self.people.append(Person())
        return True

    def annul(self, person: int, now: datetime) -> None:
        one = self.people[person]
        if one.counted:
            one.ended.append(Period(one.counted, now))
            one.claims.clear()

    def annul_scan(self, scan_id: str, now: datetime) -> bool:
        """False where there is nothing to annul."""
        told = self.scans[scan_id]
        for number, one in enumerate(self.people):
            if one.counted and one.counted[1] == scan_id:
                self.annul(number, now)
                return True
            if any(period.counted[1] == scan_id for period in one.ended):
                return True
        if told.decision not in GOOD or told.person is None:
            return False
        one = self.people[told.person]
        if one.ended_around(told.at) is None:
            self.annul(told.person, now)
        return bool(one.ended)

    def settle(self, scan_id: str, person: int | None, present: bool) -> bool:
        """`person`: whose code it is. False where nobody of the stage has it."""
        incident, told = self.incidents[scan_id], self.scans[scan_id]
        if present and incident.kind != "two_doors":
            if person is None or person < 0:
                return False
            one = self.people[person]
            if one.counted is None or (one.ended_around(told.at) is None and not told.on_paper):
                one.claims.add((told.at, scan_id))
            self._compare_doors()
        incident.open = False
        return True
