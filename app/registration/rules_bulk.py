"""What can be done to many people of a stage at once, and what is said of it."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

AT_ONCE = 100
"""More people than this are left to the worker, which takes as many in one transaction."""


class BulkAction(enum.Enum):
    """The names stand in addresses and in the arguments of jobs."""

    APPROVE = "approve"
    REJECT = "reject"
    INTO_GROUP = "into_group"
    OUT_OF_GROUP = "out_of_group"
    RESEND = "resend"
    CANCEL = "cancel"


class Skipped(enum.Enum):
    """Why an action did not touch somebody."""

    GONE = "gone"
    ENDED = "ended"
    NOT_PENDING = "not_pending"
    NO_ADDRESS = "no_address"
    IN_GROUP = "in_group"
    NOT_IN_GROUP = "not_in_group"
    GROUP_FULL = "group_full"


ACTION_LABELS = {
    BulkAction.APPROVE: _l("Approve"),
    BulkAction.REJECT: _l("Reject"),
    BulkAction.INTO_GROUP: _l("Put into a group"),
    BulkAction.OUT_OF_GROUP: _l("Take out of a group"),
    BulkAction.RESEND: _l("Send the ticket again"),
    BulkAction.CANCEL: _l("Cancel the registrations"),
}
OF_GROUPS = frozenset({BulkAction.INTO_GROUP, BulkAction.OUT_OF_GROUP})
WITH_REASON = frozenset({BulkAction.REJECT, BulkAction.CANCEL})


@dataclass
class BulkResult:
    """How many people an action reached, and how many not for which reason."""

    done: int = 0
    skipped: Counter[Skipped] = field(default_factory=Counter)

    def skip(self, reason: Skipped, number: int = 1) -> None:
        if number > 0:
            self.skipped[reason] += number

    def __iadd__(self, other: BulkResult) -> BulkResult:
        self.done += other.done
        self.skipped += other.skipped
        return self

    def written(self) -> dict[str, Any]:
        """For a job's row."""
        return {"done": self.done, "skipped": {reason.value: number for reason, number in self.skipped.items()}}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> BulkResult:
        skipped = Counter({Skipped(reason): number for reason, number in kept.get("skipped", {}).items()})
        return cls(kept.get("done", 0), skipped)


def result_sentence(action: BulkAction, result: BulkResult) -> str:
    """What was done, what not, and why."""
    parts = [_done_sentence(action, result.done)]
    parts += [_skipped_sentence(reason, result.skipped[reason]) for reason in Skipped if result.skipped[reason]]
    return " ".join(parts)


def _done_sentence(action: BulkAction, number: int) -> str:
    if not number:
        return gettext("Nothing was changed.")
    match action:
        case BulkAction.APPROVE:
            return ngettext("%(num)d registration is approved.", "%(num)d registrations are approved.", number)
        case BulkAction.REJECT:
            return ngettext("%(num)d registration is rejected.", "%(num)d registrations are rejected.", number)
        case BulkAction.INTO_GROUP:
            return ngettext("%(num)d person is in the group now.", "%(num)d people are in the group now.", number)
        case BulkAction.OUT_OF_GROUP:
            return ngettext("%(num)d person has left the group.", "%(num)d people have left the group.", number)
        case BulkAction.RESEND:
            return ngettext("%(num)d mail is on its way.", "%(num)d mails are on their way.", number)
        case BulkAction.CANCEL:
            return ngettext("%(num)d registration is cancelled.", "%(num)d registrations are cancelled.", number)


def _skipped_sentence(reason: Skipped, number: int) -> str:
    match reason:
        case Skipped.GONE:
            return ngettext("%(num)d is not there any more.", "%(num)d are not there any more.", number)
        case Skipped.ENDED:
            return ngettext(
                "%(num)d was left alone: the registration has ended.",
                "%(num)d were left alone: their registrations have ended.",
                number,
            )
        case Skipped.NOT_PENDING:
            return ngettext(
                "%(num)d was left alone: it does not wait for approval.",
                "%(num)d were left alone: they do not wait for approval.",
                number,
            )
        case Skipped.NO_ADDRESS:
            return ngettext("%(num)d has no e-mail address.", "%(num)d have no e-mail address.", number)
        case Skipped.IN_GROUP:
            return ngettext("%(num)d was in the group already.", "%(num)d were in the group already.", number)
        case Skipped.NOT_IN_GROUP:
            return ngettext("%(num)d was not in the group.", "%(num)d were not in the group.", number)
        case Skipped.GROUP_FULL:
            return ngettext(
                "%(num)d did not fit: the group's seats are taken.",
                "%(num)d did not fit: the group's seats are taken.",
                number,
            )
