"""Changing a host's directory of institutions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, insert, transaction
from app.hosts.models import Host
from app.hosts.service import on_host_created
from app.hosts.service_offer import follow, renew_offer
from app.institutions.models import Institution, InstitutionCategory
from app.institutions.queries import find_category
from app.institutions.rules import (
    CATEGORY_DEFAULTS,
    NAME_LENGTH,
    SHORT_NAME_LENGTH,
    InstitutionRefusal,
    InstitutionRefused,
    identity_types_problem,
)
from app.shared.identity import IdentityType
from app.shared.text import squash


def seed_categories(host: Host) -> None:
    """The fifteen categories; those that are there already stay as they are."""
    rows = [
        {
            "host_id": host.id,
            "code": default.code,
            "name": default.name,
            "position": position,
            "identity_types": [kind.value for kind in default.identity_types],
            "identity_required": default.identity_required,
            "institution_required": default.institution_required,
        }
        for position, default in enumerate(CATEGORY_DEFAULTS, start=1)
    ]
    with transaction():
        db.session.execute(insert(InstitutionCategory).values(rows).on_conflict_do_nothing())
        renew_offer(host.id)


def add_institution(
    host: Host, *, category_code: str, name: str, short_name: str = "", by: User | None = None
) -> Institution:
    """Raises InstitutionRefused; NoResultFound for a category that the host does not have."""
    with transaction():
        _lock_host(host.id)
        category = _category(host, category_code)
        adding = insert(Institution).values(
            host_id=host.id,
            category_id=category.id,
            name=_clean_name(name),
            short_name=squash(short_name)[:SHORT_NAME_LENGTH],
            retired=False,
        )
        institution_id = db.session.scalar(adding.on_conflict_do_nothing().returning(Institution.id))
        if institution_id is None:
            raise InstitutionRefused(InstitutionRefusal.NAME_TAKEN)
        renew_offer(host.id)
        institution = db.session.get_one(Institution, institution_id)
        record("institution.added", institution, by=by, host_id=host.id)
    return institution


def edit_institution(
    institution: Institution, *, category_code: str, name: str, short_name: str, by: User | None
) -> None:
    """Raises InstitutionRefused. Registrations keep the name that they were made with."""
    with transaction():
        host = _lock_host(institution.host_id)
        category = _category(host, category_code)
        values: dict[str, Any] = {
            "category_id": category.id,
            "name": _clean_name(name),
            "short_name": squash(short_name)[:SHORT_NAME_LENGTH],
        }
        if _name_taken(institution, category.id, values["name"]):
            raise InstitutionRefused(InstitutionRefusal.NAME_TAKEN)
        changed = sorted(field for field, value in values.items() if getattr(institution, field) != value)
        for field in changed:
            setattr(institution, field, values[field])
        db.session.flush()
        if changed:
            record("institution.changed", institution, by=by, host_id=host.id, fields=changed)


def retire_institution(institution: Institution, *, by: User | None, retired: bool = True) -> None:
    """Offer it no longer, or again (`retired` False); what refers to it stays."""
    with transaction():
        if institution.retired == retired:
            return
        institution.retired = retired
        action = "institution.retired" if retired else "institution.restored"
        record(action, institution, by=by, host_id=institution.host_id)


def edit_category(
    category: InstitutionCategory,
    *,
    name: str,
    identity_types: list[IdentityType],
    identity_required: bool,
    institution_required: bool,
    by: User | None,
) -> None:
    """`identity_types`: the usual one first. Raises InstitutionRefused."""
    problem = identity_types_problem(identity_types, required=identity_required)
    if problem:
        raise InstitutionRefused(problem)
    values = {
        "name": _clean_name(name),
        "identity_types": [kind.value for kind in identity_types],
        "identity_required": identity_required,
        "institution_required": institution_required,
    }
    with transaction():
        changed = sorted(field for field, value in values.items() if getattr(category, field) != value)
        for field in changed:
            setattr(category, field, values[field])
        if changed:
            record("institution_category.changed", category, by=by, host_id=category.host_id, fields=changed)


def _category(host: Host, code: str) -> InstitutionCategory:
    category = find_category(host, code)
    if category is None:
        raise NoResultFound(f"category {code}")
    return category


def _clean_name(name: str) -> str:
    cleaned = squash(name)[:NAME_LENGTH]
    if not cleaned:
        raise InstitutionRefused(InstitutionRefusal.NO_NAME)
    return cleaned


def _name_taken(institution: Institution, category_id: int, name: str) -> bool:
    same = sa.select(Institution.id).where(
        Institution.host_id == institution.host_id,
        Institution.category_id == category_id,
        Institution.name == name,
        Institution.id != institution.id,
    )
    return bool(db.session.scalar(sa.select(same.exists())))


def _lock_host(host_id: int) -> Host:
    """One writer at a time, so that a name that is free stays free until it is taken. Registrations are not kept waiting."""
    return db.session.scalars(sa.select(Host).where(Host.id == host_id).with_for_update(key_share=True)).one()


on_host_created(seed_categories)


follow(Institution, InstitutionCategory)
