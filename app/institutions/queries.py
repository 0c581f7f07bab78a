"""Reads of a host's directory of institutions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.hosts.models import Host
from app.institutions.models import Institution, InstitutionCategory
from app.shared.text import squash


def categories_of(host: Host) -> list[InstitutionCategory]:
    """In their order."""
    of_host = sa.select(InstitutionCategory).where(InstitutionCategory.host_id == host.id)
    return list(db.session.scalars(of_host.order_by(InstitutionCategory.position)))


def find_category(host: Host, code: str) -> InstitutionCategory | None:
    return db.session.scalar(
        sa.select(InstitutionCategory).where(InstitutionCategory.host_id == host.id, InstitutionCategory.code == code)
    )


def institutions_of(host: Host, include_retired: bool = False) -> list[Institution]:
    """By category and name, with their categories; one query."""
    return list(db.session.scalars(select_institutions(host, include_retired=include_retired)))


def institutions_matching(host: Host, *, category_code: str = "", text: str = "") -> list[Institution]:
    """Those in use, by category and name; `text` is looked for in both names."""
    return list(db.session.scalars(select_institutions(host, category_code=category_code, text=text)))


def select_institutions(
    host: Host, *, include_retired: bool = False, category_code: str = "", text: str = ""
) -> sa.Select[Any]:
    """`text` is looked for in both names, in any letter case."""
    statement = (
        sa.select(Institution)
        .join(Institution.category)
        .options(contains_eager(Institution.category))
        .where(Institution.host_id == host.id)
        .order_by(InstitutionCategory.position, sa.func.lower(Institution.name), Institution.id)
    )
    if not include_retired:
        statement = statement.where(Institution.retired.is_(False))
    if category_code:
        statement = statement.where(InstitutionCategory.code == category_code)
    wanted = squash(text)
    if wanted:
        statement = statement.where(
            Institution.name.icontains(wanted, autoescape=True)
            | Institution.short_name.icontains(wanted, autoescape=True)
        )
    return statement


def find_institution(host: Host, institution_id: int) -> Institution | None:
    """None for those of other hosts."""
    return db.session.scalar(
        sa.select(Institution).where(Institution.id == institution_id, Institution.host_id == host.id)
    )


def counts_by_category(host: Host) -> dict[int, int]:
    """How many institutions each category offers, by its id."""
    counting = (
        sa.select(Institution.category_id, sa.func.count())
        .where(Institution.host_id == host.id, Institution.retired.is_(False))
        .group_by(Institution.category_id)
    )
    return {category_id: count for category_id, count in db.session.execute(counting)}
