"""How seats are meant to be shared out, told as plainly as can be: nothing is counted along, everything is recounted."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.registration.rules import Outcome, RegistrationState
from app.registration.rules_seats import UNDO_FOR

PENDING, CONFIRMED = RegistrationState.PENDING, RegistrationState.CONFIRMED
OFFERED, WAITLISTED = RegistrationState.OFFERED, RegistrationState.WAITLISTED
REJECTED, CANCELLED = RegistrationState.REJECTED, RegistrationState.CANCELLED
STAGE = ("stage", "")
Target = tuple[str, str]


@dataclass
class Row:
    """A registration. `since`: when the person came to wait; `invited_by`: on which institution's invitation he sits."""

    person: int
    category: str
    institution: str | None
    groups: frozenset[str]
    state: RegistrationState
    online: bool = True
    invited_by: str | None = None
    since: datetime | None = None
    passed_on: bool = False
    offer_until: datetime | None = None
    undo_until: datetime | None = None
    replaced_by: int | None = None

    @property
    def active(self) -> bool:
        return self.state not in (REJECTED, CANCELLED)

    @property
    def seated(self) -> bool:
        return self.state in (PENDING, CONFIRMED, OFFERED) or (self.state is REJECTED and self.undo_until is not None)

    def become(self, state: RegistrationState) -> None:
        self.state, self.since, self.passed_on, self.offer_until, self.undo_until = state, None, False, None, None


@dataclass
class Asked:
    """An invitation; `category` is that of the institution."""

    category: str
    seats: int
    deadline: datetime
    open: bool = True


@dataclass
class Seats:
    """A stage. `rows` are known by their place in the list, invitations by their institution."""

    limits: dict[Target, int]
    now: datetime
    approval: bool = False
    offer_for: timedelta = timedelta(hours=24)
    rows: list[Row] = field(default_factory=list)
    invitations: dict[str, Asked] = field(default_factory=dict)

    # what is there

    def active_row(self, person: int) -> Row | None:
        return next((row for row in self.rows if row.person == person and row.active), None)

    def used(self, institution: str) -> int:
        return sum(row.seated and row.invited_by == institution for row in self.rows)

    def reserved(self, institution: str) -> int:
        asked = self.invitations[institution]
        return asked.seats if asked.open else self.used(institution)

    def taken(self, target: Target) -> int:
        kind, name = target
        people = sum(row.seated and self._counts(row, kind, name) for row in self.rows)
        if kind == "group":
            return people
        kept = [(one, asked) for one, asked in self.invitations.items() if asked.open]
        of_target = [
            (one, asked)
            for one, asked in kept
            if name in {"stage": [""], "category": [asked.category]}.get(kind, [one])
        ]
        return people + sum(asked.seats - self.used(one) for one, asked in of_target)

    def waiting(self) -> list[Row]:
        """In the order in which they are called."""
        line = [
            (row.since, number) for number, row in enumerate(self.rows) if row.state is WAITLISTED and not row.passed_on
        ]
        return [self.rows[number] for _since, number in sorted(line)]

    def within_limits(self) -> bool:
        return all(self.taken(target) <= limit for target, limit in self.limits.items())

    def would_fit(self, row: Row) -> bool:
        number = self.rows.index(row)
        return copy.deepcopy(self)._seat(number)

    # what can be done

    def register(
        self, person: int, category: str, institution: str | None, groups: Collection[str], online: bool
    ) -> Outcome:
        if self.active_row(person) is not None:
            return Outcome.ALREADY
        state = PENDING if online and self.approval else CONFIRMED
        row = Row(person, category, institution, frozenset(groups), state, online)
        self.rows.append(row)
        if not self.within_limits():
            row.state, row.since = WAITLISTED, self.now
            return Outcome.WAITLISTED
        return Outcome.PENDING if state is PENDING else Outcome.CONFIRMED

    def cancel(self, row: Row) -> bool:
        """Also whom was rejected, as long as he has not been told of it."""
        untold = row.undo_until is not None and row.undo_until > self.now
        if not row.active and not untold:
            return False
        row.become(CANCELLED)
        self._call()
        return True

    def give(self, row: Row) -> bool:
        if row.state not in (WAITLISTED, OFFERED):
            return False
        return self._if_it_fits(lambda: row.become(CONFIRMED), row)

    def accept(self, row: Row) -> bool:
        if row.state is not OFFERED or row.offer_until is None:
            return False
        if row.offer_until <= self.now:
            self._pass_on(row)
            self._call()
            return False
        row.become(PENDING if row.online and self.approval else CONFIRMED)
        return True

    def rejoin(self, row: Row) -> bool:
        if not row.passed_on:
            return False
        row.passed_on, row.since = False, self.now
        self._call()
        return True

    def replace(self, row: Row, person: int) -> Outcome:
        if row.state not in (PENDING, CONFIRMED) or row.person == person:
            return Outcome.REFUSED
        if self.active_row(person) is not None:
            return Outcome.ALREADY
        state = row.state
        row.become(CANCELLED)
        row.replaced_by = len(self.rows)
        new = Row(person, row.category, row.institution, row.groups, state, online=False, invited_by=row.invited_by)
        self.rows.append(new)
        return Outcome.PENDING if state is PENDING else Outcome.CONFIRMED

    def put_into(self, row: Row, groups: Collection[str]) -> bool:
        def change() -> None:
            row.groups = frozenset(groups)

        return self._if_it_fits(change, row)

    def correct(self, row: Row, category: str, institution: str | None) -> bool:
        def change() -> None:
            if (category, institution) != (row.category, row.institution) and row.seated:
                row.invited_by = None
            row.category, row.institution = category, institution

        return self._if_it_fits(change, row)

    def decide(self, rows: Collection[Row], state: RegistrationState) -> int:
        pending = [row for row in rows if row.state is PENDING]
        for row in pending:
            row.become(state)
            row.undo_until = self.now + UNDO_FOR
        return len(pending)

    def undo(self, rows: Collection[Row]) -> int:
        undone = 0
        for row in rows:
            undoable = row.undo_until is not None and row.undo_until > self.now
            if undoable and (row.state is CONFIRMED or self.active_row(row.person) is None):
                row.become(PENDING)
                undone += 1
        return undone

    def limit(self, target: Target, number: int | None) -> bool:
        if number is not None and number < self.taken(target):
            return False
        self.limits.pop(target, None)
        if number is not None:
            self.limits[target] = number
        self._call()
        return True

    def invite(self, institution: str, category: str, seats: int, deadline: datetime) -> bool:
        if institution in self.invitations:
            return False
        self.invitations[institution] = Asked(category, seats, deadline)
        if not self.within_limits():
            del self.invitations[institution]
            return False
        return True

    def change_invitation(self, institution: str, seats: int, deadline: datetime | None) -> bool:
        before = copy.copy(self.invitations[institution])
        asked = self.invitations[institution]
        if seats < self.used(institution):
            return False
        asked.seats = seats
        if deadline is not None:
            asked.deadline, asked.open = deadline, True
        if not self.within_limits():
            self.invitations[institution] = before
            return False
        self._call()
        return True

    def decline(self, institution: str) -> bool:
        """After the deadline it is too late for that, too."""
        asked = self.invitations[institution]
        if not asked.open or asked.deadline <= self.now:
            return False
        self.end_invitation(institution)
        return True

    def end_invitation(self, institution: str) -> None:
        self.invitations[institution].open = False
        self._call()

    def nominate(self, institution: str, person: int) -> Outcome:
        asked = self.invitations[institution]
        if not asked.open or asked.deadline <= self.now:
            return Outcome.REFUSED
        row = self.active_row(person)
        if row is not None and (row.invited_by is not None or row.institution != institution):
            return Outcome.ALREADY
        if self.used(institution) >= asked.seats:
            return Outcome.REFUSED
        if row is None:
            new = Row(person, asked.category, institution, frozenset(), CONFIRMED, online=False, invited_by=institution)
            self.rows.append(new)
            return Outcome.CONFIRMED

        def change() -> None:
            row.invited_by, row.category = institution, asked.category
            if row.state is not CONFIRMED:
                row.become(CONFIRMED)

        return Outcome.CONFIRMED if self._if_it_fits(change, row) else Outcome.REFUSED

    def sweep(self) -> None:
        lapsed = [row for row in self.rows if row.offer_until is not None and row.offer_until <= self.now]
        for row in lapsed:
            self._pass_on(row)
        if lapsed:
            self._call()
        settled = [row for row in self.rows if row.undo_until is not None and row.undo_until <= self.now]
        for row in settled:
            row.undo_until = None
        if settled:
            self._call()
        for institution, asked in self.invitations.items():
            if asked.open and asked.deadline <= self.now:
                self.end_invitation(institution)

    # how

    def _counts(self, row: Row, kind: str, name: str) -> bool:
        targets = {"stage": [""], "category": [row.category], "institution": [row.institution], "group": row.groups}
        return name in targets[kind]

    def _if_it_fits(self, change: Callable[[], None], row: Row) -> bool:
        before = copy.copy(row)
        change()
        if not self.within_limits():
            row.__dict__.update(before.__dict__)
            return False
        self._call()
        return True

    def _seat(self, number: int) -> bool:
        self.rows[number].become(OFFERED)
        return self.within_limits()

    def _call(self) -> None:
        """Offer seats to the first of the line who fits, as long as there is one."""
        while (row := next((one for one in self.waiting() if self.would_fit(one)), None)) is not None:
            row.become(OFFERED)
            row.offer_until = self.now + self.offer_for

    def _pass_on(self, row: Row) -> None:
        row.become(WAITLISTED)
        row.since, row.passed_on = self.now, True
