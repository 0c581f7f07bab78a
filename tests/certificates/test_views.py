"""Verification by anyone, and the certificate of whoever holds the ticket."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.certificates import service
from app.certificates.models import Certificate
from app.extensions import db, transaction
from app.registration.models import Registration
from app.shared import clock
from app.shared.codes import grouped, new_code
from app.shared.dates import local_date, plain_date
from tests import factories
from tests.certificates.scene import NIP, civil_servant, scene
from tests.databases import statements
from tests.pages import PageClient
from tests.paper.reading import codes_of, text_of


@pytest.fixture
def issued(app: Flask) -> Certificate:
    return service.issue(civil_servant(scene()), by=None)


def facts(page: Any) -> dict[str, str]:
    return dict(zip(page.texts("dl dt"), page.texts("dl dd"), strict=True))


def test_a_genuine_certificate_says_what_is_on_the_paper(client: PageClient, issued: Certificate) -> None:
    stage = issued.stage
    expected = {"Nama": "Dra. Hj. Siti Nur'aini, M.Si.", "Nomor": issued.number, "Program": stage.programme.name}
    expected |= {"Tahap": stage.name, "JP": "4"}
    page = client.get(f"/verifikasi/{issued.code}")
    assert page.one("h1").text_content().strip() == "Sertifikat ini asli"
    assert expected.items() <= facts(page).items()


def test_nothing_else_is_shown(client: PageClient, issued: Certificate) -> None:
    private = (
        NIP,
        "19850312",
        "+62812",
        "0812-3456",
        "siti@example.org",
        "Penata",
        "Analis Kebijakan",
        issued.registration.ticket_code,
    )
    for path in (f"/verifikasi/{issued.code}", f"/api/v1/certificates/{issued.code}"):
        text = client.get(path).text
        assert not [word for word in private if word in text]


def test_verification_is_kept_from_search_engines_and_caches(client: PageClient, issued: Certificate) -> None:
    headers = client.get(f"/verifikasi/{issued.code}").headers
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Cache-Control"] == "no-store"


def test_the_address_works_in_any_case(client: PageClient, issued: Certificate) -> None:
    code = issued.code
    for path in (
        f"/VERIFIKASI/{code}",
        f"/verifikasi/{code.lower()}",
        f"/Verifikasi/{code}",
        f"/verifikasi/{grouped(code)}",
    ):
        assert "asli" in client.get(path).one("h1").text_content()


def test_the_qr_on_the_paper_leads_to_the_verification_page(client: PageClient, issued: Certificate) -> None:
    ticket = issued.registration.ticket_code
    answer = client.get(f"/t/{ticket}/sertifikat.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'filename="sertifikat-siti-nuraini.pdf"' in answer.headers["Content-Disposition"]
    assert "Siti Nur'aini" in text_of(answer.data)
    (address,) = codes_of(answer.data)
    assert address.startswith("HTTP://LOCALHOST/VERIFIKASI/")
    assert "asli" in client.get(address.removeprefix("HTTP://LOCALHOST")).one("h1").text_content()


def test_the_paper_stays_when_the_registration_is_corrected(client: PageClient, issued: Certificate) -> None:
    path = f"/t/{issued.registration.ticket_code}/sertifikat.pdf"
    before = client.get(path).data
    with transaction():
        db.session.get_one(Registration, issued.registration_id).name = "Orang Lain"
    assert client.get(path).data == before
    assert "Siti" in client.get(f"/verifikasi/{issued.code}").text


def test_a_revoked_one_says_why(client: PageClient, issued: Certificate) -> None:
    code, ticket = issued.code, issued.registration.ticket_code
    service.revoke(issued, reason="Data tertukar", by=None)
    page = client.get(f"/verifikasi/{code}")
    assert "dicabut" in page.one("h1").text_content()
    assert "Data tertukar" in page.text
    client.get(f"/t/{ticket}/sertifikat.pdf", status=404)
    assert client.get(f"/api/v1/certificates/{code}").json["status"] == "revoked"


def test_a_superseded_one_names_the_version_in_force_without_its_code(client: PageClient, issued: Certificate) -> None:
    former = issued.code
    code = service.reissue(issued, by=None, reason="Nama keliru").code
    page = client.get(f"/verifikasi/{former}")
    assert "digantikan" in page.one("h1").text_content()
    assert "versi 2" in page.text
    assert code not in page.text
    assert grouped(code) not in page.text


def test_a_new_version_keeps_its_date_and_says_when_it_was_made(
    client: PageClient, issued: Certificate, frozen_clock: Any
) -> None:
    """The paper of every version bears the date of the number, and both pages say so in the same words."""
    former, dated, zone = issued.code, plain_date(issued.dated), issued.stage.timezone
    moment = frozen_clock(clock.now() + timedelta(days=40))
    certificate = service.reissue(issued, by=None, reason="Nama keliru")
    code, anew = certificate.code, plain_date(local_date(moment, zone))
    assert certificate.snapshot["place_and_date"].endswith(dated)
    page = client.get(f"/verifikasi/{former}")
    assert f"versi 2, diterbitkan ulang pada {anew} dengan nomor dan tanggal yang sama" in page.words()
    assert (facts(page)["Tanggal sertifikat"], facts(page)["Versi"]) == (dated, "1")
    shown = facts(client.get(f"/verifikasi/{code}"))
    assert shown["Tanggal sertifikat"] == dated
    assert " ".join(shown["Versi"].split()) == f"2, diterbitkan ulang pada {anew}"


def test_the_only_version_is_not_counted(client: PageClient, issued: Certificate) -> None:
    assert "Versi" not in facts(client.get(f"/verifikasi/{issued.code}"))


def test_a_superseded_one_whose_successor_was_revoked_says_so(client: PageClient, issued: Certificate) -> None:
    former = issued.code
    service.revoke(service.reissue(issued, by=None, reason="Nama keliru"), reason="Batal", by=None)
    assert "yang terbaru, telah dicabut" in client.get(f"/verifikasi/{former}").text


@pytest.mark.parametrize("code", ["AAAA", "0" * 16, "%F0%9F%8E%93", "..%2f..", "x" * 500, "<script>"])
def test_an_unknown_code_gets_a_plain_page(client: PageClient, code: str) -> None:
    page = client.get(f"/verifikasi/{code}", status=404)
    assert "tidak" in page.one("h1").text_content()


def test_the_form_forgives_how_the_code_is_typed(client: PageClient, issued: Certificate) -> None:
    typed = grouped(issued.code).lower()
    page = client.get("/verifikasi").submit("form#verifikasi", code=f"  {typed} ")
    assert "asli" in page.one("h1").text_content()
    page = client.get("/verifikasi").submit("form#verifikasi", code=f"http://localhost/VERIFIKASI/{issued.code}")
    assert "asli" in page.one("h1").text_content()


def test_an_empty_form_and_one_of_junk_are_answered_in_words(client: PageClient) -> None:
    page = client.get("/verifikasi").submit("form#verifikasi", status=422, code=" ")
    assert "Ketik kodenya." in page.text
    page = client.get("/verifikasi").submit("form#verifikasi", status=422, code="ABCD-EFGH-JKMN-PQR")
    assert "Kode terdiri dari 16 huruf dan angka; yang diketik 15." in page.words()
    assert page.one("#code").get("value") == "ABCD-EFGH-JKMN-PQR"
    client.get("/verifikasi").submit("form#verifikasi", status=422, code="bukan kode / sama sekali")


def test_an_unknown_code_stays_in_the_field(client: PageClient) -> None:
    code = new_code()
    page = client.get("/verifikasi").submit("form#verifikasi", status=404, code=code.lower())
    assert page.one("#code").get("value") == grouped(code)
    assert "yang diketik" not in page.words()
    short = client.get("/verifikasi/ABCD-EFG", status=404)
    assert short.one("#code").get("value") == "ABCD-EFG"
    assert "yang diketik 7" in short.words()


def test_looking_a_code_up_writes_nothing_whether_right_or_wrong(client: PageClient, issued: Certificate) -> None:
    """80 random bits cannot be guessed, so wrong codes are not counted: nobody can keep a hall from verifying by trying."""
    for code in (new_code(), "x", issued.code):
        for path in (f"/verifikasi/{code}", f"/api/v1/certificates/{code}"):
            with statements() as seen:
                client.request_raw(path)
            assert not [one for one in seen if not one.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN"))]
    for _attempt in range(20):
        client.get(f"/verifikasi/{new_code()}", status=404)


def test_the_api_says_the_same(client: PageClient, issued: Certificate) -> None:
    stage = issued.stage
    answer = client.get(f"/api/v1/certificates/{issued.code.lower()}")
    assert answer.json == {
        "name": "Dra. Hj. Siti Nur'aini, M.Si.",
        "programme": stage.programme.name,
        "stage": stage.name,
        "dates": {"starts_on": stage.starts_on.isoformat(), "ends_on": stage.ends_on.isoformat()},
        "jp": 4,
        "number": issued.number,
        "status": "valid",
    }


def test_the_api_answers_unknown_and_malformed_codes_alike(client: PageClient) -> None:
    answers = [client.get(f"/api/v1/certificates/{code}", status=404) for code in (new_code(), "x", "x" * 500)]
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert len({answer.text for answer in answers}) == 1


def test_without_a_certificate_the_ticket_has_none_to_give(client: PageClient) -> None:
    ticket = factories.registration().ticket_code
    client.get(f"/t/{ticket}/sertifikat.pdf", status=404)
    client.get(f"/t/{new_code()}/sertifikat.pdf", status=404)
    client.get("/t/x/sertifikat.pdf", status=404)


def test_verification_is_no_place_to_post_to(client: PageClient, issued: Certificate) -> None:
    client.post(f"/verifikasi/{issued.code}", status=405)
    client.post(f"/api/v1/certificates/{issued.code}", status=405)
