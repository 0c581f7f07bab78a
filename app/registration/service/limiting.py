"""How much the public may cause: letters to one address, and registrations and files to judge out of one network.

A network's limits lie far above a hall of five hundred phones behind one address: they are there for programs.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import randrange
from typing import Any

from flask_babel import lazy_gettext as _l

from app.registration.rules import Outcome
from app.registration.service.entry import Registered
from app.shared.mailbox import address_key
from app.web import throttle
from app.web.throttle import Limit

LETTERS, LETTERS_WITHIN = 60, timedelta(hours=1)
FROM_NETWORK, FROM_NETWORK_WITHIN = 10_000, timedelta(minutes=10)
PARTS = 16
WITH_FILES, WITH_FILES_WITHIN = 2_000, timedelta(minutes=10)
TO_ADDRESS, NETWORK, FILES = "registered-address", "registered-network", "registered-files"
SENTENCES = {
    TO_ADDRESS: _l(
        "So many registrations name this e-mail address that we write to it no more for now. "
        "Wait %(minutes)d minutes and send this once more, or give another address."
    ),
    NETWORK: _l(
        "So many registrations come from your network that we take a break, in case a program sends them. "
        "Wait %(minutes)d minutes and send this once more."
    ),
    FILES: _l(
        "So many files come from your network that we take a break, in case a program sends them. "
        "Wait %(minutes)d minutes, choose the file again and send this once more."
    ),
}


@dataclass
class OverLimit(Exception):
    """One more than the limit; nothing has been registered."""

    limit: Limit

    @property
    def sentence(self) -> Any:
        return SENTENCES[self.limit.kind] % {"minutes": throttle.minutes_left(self.limit.window)}


def limits_of_public(email: str | None, network: str | None) -> Callable[[Registered], None]:
    """For `register(within=…)`: counts what makes or mails something. Raises OverLimit."""
    limits = []
    if email:
        limits.append(Limit(TO_ADDRESS, address_key(email), LETTERS, LETTERS_WITHIN))
    if network:
        limits.append(_of_network(network))

    def count(done: Registered) -> None:
        over = None if done.outcome is Outcome.REFUSED or not limits else throttle.hit_all(limits)
        if over is not None:
            raise OverLimit(over)

    return count


def count_files(network: str | None) -> None:
    """Count a form with files, before they are read: to judge one costs far more than to send it. Raises OverLimit."""
    if not network:
        return
    limit = Limit(FILES, _network(network), WITH_FILES, WITH_FILES_WITHIN)
    if not throttle.hit(limit.kind, limit.target, limit=limit.most, window=limit.window):
        raise OverLimit(limit)


def _of_network(address: str) -> Limit:
    """One of the counters among which a network's registrations are spread by chance: a hall would queue at a single one."""
    part = randrange(PARTS)
    return Limit(NETWORK, f"{_network(address)} {part}", FROM_NETWORK // PARTS, FROM_NETWORK_WITHIN)


def _network(address: str) -> str:
    """An IPv6 visitor has a whole /64 to himself."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((read, 64), strict=False)) if read.version == 6 else str(read)
