"""A table of invitations: looked at row by row, then taken over."""

import io

import pytest

from app.extensions import db
from app.institutions.models import Institution
from app.registration import service
from app.registration.rules_seats import QuotaKind
from tests import factories
from tests.pages import PageClient
from tests.personas import People
from tests.registration.test_inviting import FORM, invitations, page_of

TAKE_OVER = "main form:has(input[name=confirmed])"


@pytest.fixture
def organiser(people: People) -> PageClient:
    return people.organiser.client


@pytest.fixture
def dinas(people: People) -> Institution:
    return factories.institution(people.host, "OPD", name="Dinas Kesehatan")


@pytest.fixture
def bank(people: People) -> Institution:
    return factories.institution(people.host, "PERBANKAN", name="Bank Riau Kepri")


def test_is_shown_first_and_wrong_rows_are_named(
    people: People, organiser: PageClient, dinas: Institution, bank: Institution
) -> None:
    text = (
        b"No;Instansi;Jumlah;Nama Kontak;Surel;HP\n"
        b"1;dinas kesehatan;3 orang;Ibu Rina;umum@dinkes.go.id;081234567890\n"
        b"2;Bank Riau Kepi;2;;;\n3;Dinas Kesehatan;1;;;\n4;Bank Riau Kepri;dua;;umum@;12\n"
    )
    page = organiser.get(page_of(people, "/tabel")).submit(FORM, file=(io.BytesIO(text), "undangan.csv"))
    assert page.texts("td .state") == ["Akan diundang", *["Perlu diperbaiki"] * 3]
    assert "Sudah ada di baris 2" in page.words() and "mungkin" in page.words().lower()
    assert invitations(people) == []
    assert "Bank Riau" in page.one("textarea#rest").text
    page.submit(TAKE_OVER)
    [made] = invitations(people)
    assert (made.institution_id, made.seats, made.contact_name) == (dinas.id, 3, "Ibu Rina")
    page = organiser.get(page_of(people, "/tabel")).submit(FORM, pasted="Instansi\tJumlah\nBank Riau Kepri\t2\n")
    page.submit(TAKE_OVER)
    assert len(invitations(people)) == 2


@pytest.mark.usefixtures("dinas", "bank")
def test_more_than_is_free_is_said(people: People, organiser: PageClient) -> None:
    people.stage.capacity = 4
    db.session.commit()
    page = organiser.get(page_of(people, "/tabel"))
    page = page.submit(FORM, pasted="Instansi\tJumlah\nDinas Kesehatan\t3\nBank Riau Kepri\t2\n")
    assert page.texts("td .state")[0] == "Akan diundang" and "cukup; 1 kursi tersisa" in page.words()


@pytest.mark.parametrize("kind", [QuotaKind.CATEGORY, QuotaKind.INSTITUTION])
def test_every_limit_is_counted(people: People, organiser: PageClient, dinas: Institution, kind: QuotaKind) -> None:
    target = dinas.category_id if kind is QuotaKind.CATEGORY else dinas.id
    service.set_quota(people.stage, kind=kind, target_id=target, capacity=2, by=None)
    other = factories.institution(people.host, "OPD", name="Dinas Sosial")
    rows = f"Instansi\tJumlah\n{dinas.name}\t{{}}\n{other.name}\t1\n"
    page = organiser.get(page_of(people, "/tabel")).submit(FORM, pasted=rows.format(3))
    assert page.texts("td .state") == ["Perlu diperbaiki", "Akan diundang"] and "2 kursi tersisa" in page.words()
    page = organiser.get(page_of(people, "/tabel")).submit(FORM, pasted=rows.format(2))
    sits = "Perlu diperbaiki" if kind is QuotaKind.CATEGORY else "Akan diundang"
    assert page.texts("td .state") == ["Akan diundang", sits]
    page.submit(TAKE_OVER)
    assert len(invitations(people)) == (1 if kind is QuotaKind.CATEGORY else 2)


def test_without_the_columns_it_says_which(people: People, organiser: PageClient) -> None:
    page = organiser.get(page_of(people, "/tabel")).submit(FORM, pasted="Nama\tHP\nx\t1\n", status=422)
    assert "kolom instansi dan jumlah" in page.words() and page.one("textarea").text.strip().startswith("Nama")
