"""Secrets of links that must be written into a mail later, although only their hash is kept.

Such a token is an HMAC of a random nonce under the installation's secret key: 32 bytes that nobody can tell from random ones
who has the database alone, and that can be made once more when the mail is written.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from flask import current_app


def derived_token(kind: str, nonce: str) -> str:
    """The token of a nonce, safe in URLs; `kind` keeps the tokens of one use from those of another."""
    key = str(current_app.secret_key).encode()
    mac = hmac.digest(key, f"{kind}:{nonce}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
