"""Codes that people carry (tickets, badges, certificates) and tokens that machines carry.

A code is 16 characters of Crockford's base32: no I, L, O or U, so that it survives being read
aloud or typed from paper. Only digests of codes are compared; the digest is of the canonical form.
"""

import hashlib
import secrets
import string

from flask_babel import gettext

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16
TOKEN_BYTES = 32

_DASHES = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
# Only ASCII letters are folded: str.upper() would turn "ı" and "ſ" into letters of the alphabet.
_FOLD = str.maketrans(
    string.ascii_lowercase + "OoIiLl",
    string.ascii_uppercase + "001111",
    _DASHES,
)


def new_code() -> str:
    """Return a fresh code of 80 random bits."""
    drawn = secrets.randbits(5 * CODE_LENGTH)
    return "".join([ALPHABET[drawn >> shift & 31] for shift in range(0, 5 * CODE_LENGTH, 5)])


def canonical(text: str | bytes) -> str:
    """Return the form in which codes are compared (model.md): upper case, O → 0, I and L → 1, no spaces or dashes.

    Takes whatever a scanner or a keyboard delivers, also the whole address of a ticket or certificate,
    of which the last segment of the path counts. What comes back need not be a code: see is_code.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return "".join(_last_segment(text).translate(_FOLD).split())


def is_code(text: str | bytes) -> bool:
    """Tell whether the text holds a well-formed code."""
    code = canonical(text)
    return len(code) == CODE_LENGTH and all(letter in ALPHABET for letter in code)


def length_problem(text: str | bytes) -> str | None:
    """Return the sentence for a code of the wrong length, or None. A code of the right length may still be unknown."""
    typed = len(canonical(text))
    if typed == CODE_LENGTH:
        return None
    return gettext("A code has %(needed)d letters and digits; %(typed)d were typed.", needed=CODE_LENGTH, typed=typed)


def digest(code: str | bytes) -> str:
    """Return the SHA-256 of the code's canonical form, as 64 hexadecimal digits."""
    return _sha256(canonical(code))


def grouped(code: str | bytes) -> str:
    """Return the code as people read it: ABCD-EFGH-JKMN-PQRS."""
    code = canonical(code)
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def new_token() -> str:
    """Return a secret for a machine or a link: 32 random bytes, safe in URLs."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> str:
    """Return the SHA-256 of a token, exactly as given, as 64 hexadecimal digits."""
    return _sha256(token)


def _last_segment(text: str) -> str:
    if "/" not in text:
        return text
    path = text.partition("?")[0].partition("#")[0]
    return path.strip().rstrip("/").rpartition("/")[2]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
