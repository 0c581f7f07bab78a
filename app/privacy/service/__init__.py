"""Use-cases of a person's own data: to enter by a mailed link, to correct, take away and delete, and what the clerk settles."""

from app.privacy.service.correcting import Saved, confirm_address, save_own
from app.privacy.service.erasing import forget_addresses_of_erased
from app.privacy.service.exporting import export_own
from app.privacy.service.links import (
    FIND_PEOPLE,
    ask_for_link,
    choose,
    enter,
    find_people,
    forget_old_links,
    leave,
    token_of,
)
from app.privacy.service.requests import ask, ask_freely, refuse
from app.privacy.service.settling import accept

__all__ = [
    "FIND_PEOPLE",
    "Saved",
    "accept",
    "ask",
    "ask_freely",
    "ask_for_link",
    "choose",
    "confirm_address",
    "enter",
    "export_own",
    "find_people",
    "forget_addresses_of_erased",
    "forget_old_links",
    "leave",
    "refuse",
    "save_own",
    "token_of",
]
