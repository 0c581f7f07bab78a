"""Looking a certificate up by its code, with a limit on guessing.

The limit is on wrong codes of the whole installation and never on a network: a hall behind one address may verify its
certificates at once. A code that is right is always answered.
"""

from __future__ import annotations

from datetime import timedelta

from app.certificates import queries
from app.certificates.models import Certificate
from app.web import throttle

KIND = "certificates.wrong_code"
EVERYWHERE = "all"
WINDOW = timedelta(minutes=10)
LIMIT = 600


def look_up(code: str) -> Certificate | None:
    """The certificate, whatever its state; None for a wrong code. Raises TooManyRequests after too many wrong ones."""
    certificate = queries.find_by_code(code)
    if certificate is None and not throttle.hit(KIND, EVERYWHERE, limit=LIMIT, window=WINDOW):
        throttle.too_many(WINDOW)
    return certificate
