"""Certificates of two people who become one (registration/service/merging.py)."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from flask_babel import gettext, ngettext

from app.certificates.models import Certificate, EligibilityOverride
from app.certificates.rules import STATE_LABELS, CertificateState
from app.certificates.rules_merging import Held, doubled, moving
from app.extensions import db
from app.registration.service.merging import on_merge
from app.registration.service.merging_own import Merging, Share


def share(merging: Merging) -> Share:
    """Certificates stay as they are printed and follow the person; decisions by hand follow where there is none."""
    part = Share()
    both = (merging.kept_id, merging.lost_id)
    found = [
        _held(one) for one in db.session.scalars(sa.select(Certificate).where(Certificate.participant_id.in_(both)))
    ]
    for first, second, *_others in doubled(found):
        part.obstacles.append(
            gettext(
                "Both hold a valid certificate of one stage: %(first)s and %(second)s. Revoke one of them first.",
                first=first.number,
                second=second.number,
            )
        )
    moved = moving(found, merging.joined)
    for certificate_id, registration_id in moved.items():
        this = sa.update(Certificate).where(Certificate.id == certificate_id)
        part.statements.append(this.values(registration_id=registration_id))
    of_lost = Certificate.participant_id == merging.lost_id
    if following := db.session.scalar(sa.select(sa.func.count(Certificate.id)).where(of_lost)):
        part.lines.append(ngettext("%(num)d certificate moves.", "%(num)d certificates move.", following))
        part.statements.append(sa.update(Certificate).where(of_lost).values(participant_id=merging.kept_id))
    _overrides(merging, part)
    return part


def facts(registration_ids: Collection[int]) -> dict[int, list[str]]:
    """The newest version of each certificate, with its state where it is not in force."""
    statement = sa.select(Certificate).where(
        Certificate.registration_id.in_(registration_ids), Certificate.state != CertificateState.SUPERSEDED
    )
    found: dict[int, list[str]] = {}
    for one in db.session.scalars(statement.order_by(Certificate.id)):
        state = "" if one.state is CertificateState.VALID else f" ({STATE_LABELS[one.state]})"
        words = gettext("Certificate %(number)s", number=one.number) + state
        found.setdefault(one.registration_id, []).append(words)
    return found


def _overrides(merging: Merging, part: Share) -> None:
    ids = [*merging.joined, *merging.joined.values()]
    decided = set(
        db.session.scalars(
            sa.select(EligibilityOverride.registration_id).where(EligibilityOverride.registration_id.in_(ids))
        )
    )
    following = {old: new for old, new in merging.joined.items() if old in decided and new not in decided}
    for ended, stays in following.items():
        this = sa.update(EligibilityOverride).where(EligibilityOverride.registration_id == ended)
        part.statements.append(this.values(registration_id=stays))
    if following:
        words = ngettext(
            "%(num)d decision by hand about a certificate moves.",
            "%(num)d decisions by hand about certificates move.",
            len(following),
        )
        part.lines.append(words)


def _held(one: Certificate) -> Held:
    return Held(one.id, one.stage_id, one.registration_id, one.number, one.state is CertificateState.VALID)


on_merge("certificates", share=share, facts=facts)
