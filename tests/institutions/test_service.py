"""The directory of institutions."""

import pytest
from sqlalchemy.exc import NoResultFound

from app.extensions import db
from app.institutions import queries, service
from app.institutions.models import InstitutionCategory
from app.institutions.rules import CATEGORY_DEFAULTS, InstitutionRefusal, InstitutionRefused, identity_types_problem
from app.shared.identity import IdentityType
from tests import factories

CODES = [default.code for default in CATEGORY_DEFAULTS]


@pytest.fixture
def host(app):
    host = factories.host()
    service.seed_categories(host)
    return host


def refused(reason: InstitutionRefusal):
    return pytest.raises(InstitutionRefused, match=f"^{reason.value}$")


def test_the_defaults_are_sound():
    text = "FKPD DPRD OPD KECAMATAN KELURAHAN VERTIKAL BUMN BUMD PERBANKAN PERGURUAN_TINGGI SWASTA KOMUNITAS MEDIA PAKAR MASYARAKAT"
    assert text.split() == CODES
    for default in CATEGORY_DEFAULTS:
        assert identity_types_problem(list(default.identity_types), required=default.identity_required) is None
    assert {default.code for default in CATEGORY_DEFAULTS if not default.institution_required} == {
        "PAKAR",
        "MASYARAKAT",
    }


@pytest.mark.both_databases
def test_seeding_again_changes_nothing(host):
    category = queries.find_category(host, "OPD")
    service.edit_category(
        category, name="Dinas dan Badan", identity_types=[IdentityType.NIP, IdentityType.NONE],
        identity_required=False, institution_required=True, by=None,
    )  # fmt: skip
    service.seed_categories(host)
    assert [one.code for one in queries.categories_of(host)] == CODES
    assert queries.find_category(host, "OPD").name == "Dinas dan Badan"
    assert queries.find_category(host, "OPD").identity_types == ["NIP", "NONE"]


@pytest.mark.both_databases
def test_a_name_stands_once_in_a_category(host):
    first = service.add_institution(host, category_code="OPD", name=" Dinas   Kominfo ", short_name="Kominfo")
    assert first.name == "Dinas Kominfo"
    with refused(InstitutionRefusal.NAME_TAKEN):
        service.add_institution(host, category_code="OPD", name="Dinas Kominfo")
    second = service.add_institution(host, category_code="DPRD", name="Dinas Kominfo")
    with refused(InstitutionRefusal.NAME_TAKEN):
        service.edit_institution(second, category_code="OPD", name="Dinas Kominfo", short_name="", by=None)
    assert second.category.code == "DPRD"
    service.edit_institution(second, category_code="OPD", name="Dinas Kesehatan", short_name="Dinkes", by=None)
    assert (second.category.code, second.name, second.short_name) == ("OPD", "Dinas Kesehatan", "Dinkes")
    service.edit_institution(second, category_code="OPD", name="Dinas Kesehatan", short_name="", by=None)
    with refused(InstitutionRefusal.NO_NAME):
        service.add_institution(host, category_code="OPD", name="  ")
    with pytest.raises(NoResultFound):
        service.add_institution(host, category_code="NASA", name="X")


def test_retired_ones_are_offered_no_longer(host):
    institution = service.add_institution(host, category_code="OPD", name="Dinas Lama")
    service.retire_institution(institution, by=None)
    assert queries.institutions_of(host) == []
    assert queries.institutions_of(host, include_retired=True) == [institution]
    service.retire_institution(institution, by=None, retired=False)
    assert queries.institutions_of(host) == [institution]
    assert sum(queries.counts_by_category(host).values()) == 1


@pytest.mark.both_databases
def test_searching(host):
    for name, short in (("Dinas Kesehatan", "Dinkes"), ("Dinas 100% Sehat", ""), ("Bank Riau_Kepri", "BRK")):
        service.add_institution(host, category_code="OPD", name=name, short_name=short)

    def found(text):
        return [one.name for one in db.session.scalars(queries.select_institutions(host, text=text))]

    assert found("DINKES") == ["Dinas Kesehatan"]
    assert found("sehat") == ["Dinas 100% Sehat", "Dinas Kesehatan"]
    assert found("0% s") == ["Dinas 100% Sehat"]
    assert found("u_k") == ["Bank Riau_Kepri"]
    assert found("%") == ["Dinas 100% Sehat"]
    assert len(found("  ")) == 3


def test_other_agencies_have_their_own(host):
    other = factories.host()
    institution = factories.institution(other)
    assert queries.find_institution(host, institution.id) is None
    assert queries.find_institution(other, institution.id).id == institution.id
    assert queries.institutions_of(host) == []


def test_a_category_that_cannot_be(host):
    category = queries.find_category(host, "OPD")
    values = {"name": "OPD", "institution_required": True, "by": None}
    with refused(InstitutionRefusal.NO_TYPES):
        service.edit_category(category, identity_types=[], identity_required=False, **values)
    with refused(InstitutionRefusal.NONE_THOUGH_REQUIRED):
        service.edit_category(category, identity_types=[IdentityType.NONE], identity_required=True, **values)
    assert db.session.get(InstitutionCategory, category.id).identity_types == ["NIP"]
