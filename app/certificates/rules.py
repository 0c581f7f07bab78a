"""Who has earned a certificate, and what its number is."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l


class CertificateState(enum.Enum):
    VALID = "valid"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


STATE_LABELS = {
    CertificateState.VALID: _l("Genuine"),
    CertificateState.SUPERSEDED: _l("Superseded"),
    CertificateState.REVOKED: _l("Revoked"),
}
