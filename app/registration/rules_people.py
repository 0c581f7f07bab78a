"""How a list of people can be ordered, what of each person it can show, and who stands where in the queue."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.registration.rules import CONSENT_LABELS, ConsentKind

DESCENDING = "-"


class PeopleOrder(enum.Enum):
    """By what a list is in order; among equals the name decides, then who came first."""

    NAME = "name"
    INSTITUTION = "institution"
    REGISTERED = "registered"
    STATE = "state"
    WAITING = "waiting"


class PersonColumn(enum.Enum):
    """What of a registration a list can show beside the name."""

    INSTITUTION = "institution"
    CATEGORY = "category"
    POSITION = "position"
    NUMBER = "number"
    NUMBER_KIND = "number_kind"
    RANK = "rank"
    GROUPS = "groups"
    STATE = "state"
    SOURCE = "source"
    EMAIL = "email"
    PHONE = "phone"
    REGISTERED = "registered"
    WAITING = "waiting"
    TICKET = "ticket"
    PHOTO = "photo"
    WHATSAPP = "whatsapp"


class Queue(enum.Enum):
    """Where somebody stands who has no seat yet."""

    WAITING = "waiting"
    PASSED_ON = "passed_on"


class Mailbox(enum.Enum):
    """Whether a person can be reached by e-mail."""

    OWN = "own"
    NONE = "none"


class Answering(enum.Enum):
    """Whether somebody has answered what his stage asks of him."""

    OPEN = "open"
    COMPLETE = "complete"


COLUMN_LABELS = {
    PersonColumn.INSTITUTION: _l("Institution"),
    PersonColumn.CATEGORY: _l("Category"),
    PersonColumn.POSITION: _l("Position"),
    PersonColumn.NUMBER: _l("Identity number"),
    PersonColumn.NUMBER_KIND: _l("Kind of number"),
    PersonColumn.RANK: _l("Rank"),
    PersonColumn.GROUPS: _l("Groups"),
    PersonColumn.STATE: _l("State"),
    PersonColumn.SOURCE: _l("Source"),
    PersonColumn.EMAIL: _l("E-mail"),
    PersonColumn.PHONE: _l("Mobile number"),
    PersonColumn.REGISTERED: _l("Registered at"),
    PersonColumn.WAITING: _l("Waiting since"),
    PersonColumn.TICKET: _l("Ticket code"),
    PersonColumn.PHOTO: CONSENT_LABELS[ConsentKind.PHOTO],
    PersonColumn.WHATSAPP: CONSENT_LABELS[ConsentKind.WHATSAPP],
}
ORDER_LABELS = {
    PeopleOrder.NAME: _l("Name"),
    PeopleOrder.INSTITUTION: _l("Institution"),
    PeopleOrder.REGISTERED: _l("Registered at"),
    PeopleOrder.STATE: _l("State"),
    PeopleOrder.WAITING: _l("Waiting list"),
}
ORDERED_BY = {
    PersonColumn.INSTITUTION: PeopleOrder.INSTITUTION,
    PersonColumn.REGISTERED: PeopleOrder.REGISTERED,
    PersonColumn.STATE: PeopleOrder.STATE,
    PersonColumn.WAITING: PeopleOrder.WAITING,
}
"""The columns whose headers put the list in their order."""
QUEUE_LABELS = {
    Queue.WAITING: _l("Waits for a seat"),
    Queue.PASSED_ON: _l("Offer has passed on"),
}
MAILBOX_LABELS = {
    Mailbox.OWN: _l("With an e-mail address"),
    Mailbox.NONE: _l("Without an e-mail address"),
}
ANSWERING_LABELS = {
    Answering.OPEN: _l("Required ones are unanswered"),
    Answering.COMPLETE: _l("All required ones are answered"),
}
CONSENT_COLUMNS = {PersonColumn.PHOTO: ConsentKind.PHOTO, PersonColumn.WHATSAPP: ConsentKind.WHATSAPP}


@dataclass(frozen=True)
class Sorting:
    """The order of a list and its direction."""

    order: PeopleOrder = PeopleOrder.NAME
    descending: bool = False

    @classmethod
    def read(cls, text: str | None) -> Sorting:
        """As it stands in an address: "state", or "-state" for the other way round; nonsense is the order of names."""
        typed = text or ""
        known = {order.value: order for order in PeopleOrder}
        order = known.get(typed.removeprefix(DESCENDING))
        return cls(order, typed.startswith(DESCENDING)) if order else cls()

    @property
    def written(self) -> str:
        return (DESCENDING if self.descending else "") + self.order.value

    def turned(self, order: PeopleOrder) -> Sorting:
        """What a press on the header of `order` asks for."""
        return Sorting(order, descending=order is self.order and not self.descending)

    def direction_of(self, order: PeopleOrder) -> str | None:
        """For aria-sort; None where the list is in another order."""
        if order is not self.order:
            return None
        return "descending" if self.descending else "ascending"
