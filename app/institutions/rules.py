"""The fifteen categories (unsur) that a host begins with, and why an institution cannot be stored as typed."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.shared.identity import IdentityType

NAME_LENGTH = 200
SHORT_NAME_LENGTH = 60

_T = IdentityType


@dataclass(frozen=True)
class CategoryDefault:
    """`identity_types`: the usual one first. Names are data, in Indonesian; a host may change all but the code."""

    code: str
    name: str
    identity_types: tuple[IdentityType, ...]
    identity_required: bool = False
    institution_required: bool = True


CATEGORY_DEFAULTS = (
    CategoryDefault("FKPD", "Forum Koordinasi Pimpinan Daerah", (_T.NIP, _T.NRP, _T.NONE)),
    CategoryDefault("DPRD", "DPRD", (_T.NONE, _T.NIP)),
    CategoryDefault("OPD", "Organisasi Perangkat Daerah", (_T.NIP,), identity_required=True),
    CategoryDefault("KECAMATAN", "Kecamatan", (_T.NIP,), identity_required=True),
    CategoryDefault("KELURAHAN", "Kelurahan", (_T.NIP,), identity_required=True),
    CategoryDefault("VERTIKAL", "Instansi vertikal", (_T.NIP, _T.NRP, _T.NONE)),
    CategoryDefault("BUMN", "BUMN", (_T.COMPANY, _T.NONE)),
    CategoryDefault("BUMD", "BUMD", (_T.COMPANY, _T.NONE)),
    CategoryDefault("PERBANKAN", "Perbankan", (_T.COMPANY, _T.NONE)),
    CategoryDefault("PERGURUAN_TINGGI", "Perguruan tinggi", (_T.NIDN, _T.NIP, _T.NUPTK, _T.NIM, _T.NONE)),
    CategoryDefault("SWASTA", "Swasta", (_T.COMPANY, _T.NONE)),
    CategoryDefault("KOMUNITAS", "Komunitas", (_T.NONE, _T.NIM)),
    CategoryDefault("MEDIA", "Media", (_T.NONE, _T.COMPANY)),
    CategoryDefault("PAKAR", "Pakar", (_T.NONE, _T.NIDN, _T.NIP), institution_required=False),
    CategoryDefault("MASYARAKAT", "Masyarakat", (_T.NONE, _T.NIM), institution_required=False),
)


class InstitutionRefusal(enum.Enum):
    """Why an institution or a category cannot be as typed."""

    NO_NAME = "no_name"
    NAME_TAKEN = "name_taken"
    NO_TYPES = "no_types"
    NONE_THOUGH_REQUIRED = "none_though_required"


INSTITUTION_REFUSALS = {
    InstitutionRefusal.NO_NAME: _l("Type the name."),
    InstitutionRefusal.NAME_TAKEN: _l("This category already has an institution of that name."),
    InstitutionRefusal.NO_TYPES: _l("Choose at least one kind of identity number."),
    InstitutionRefusal.NONE_THOUGH_REQUIRED: _l("When a number is required, “No number” cannot be among the kinds."),
}


class InstitutionRefused(ValueError):
    """`reason` says why; `sentence` says it to a person."""

    def __init__(self, reason: InstitutionRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.sentence = INSTITUTION_REFUSALS[reason]


def identity_types_problem(types: list[IdentityType], *, required: bool) -> InstitutionRefusal | None:
    """Whether a category may take these kinds of number."""
    if not types:
        return InstitutionRefusal.NO_TYPES
    if required and IdentityType.NONE in types:
        return InstitutionRefusal.NONE_THOUGH_REQUIRED
    return None
