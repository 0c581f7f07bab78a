"""The clerk's pages: who may, what is shown, and each action through its form."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.certificates import queries, service
from app.certificates.models import Certificate
from app.certificates.rules import CertificateState
from app.extensions import db, transaction
from app.registration.models import Registration
from app.shared.dates import plain_date
from app.web.places import upload_folder
from tests import factories
from tests.certificates.scene import Scene, civil_servant, scene
from tests.pages import Page
from tests.paper.reading import codes_of, pages_of, text_of
from tests.personas import People, Person


@pytest.fixture
def place(people: People) -> Scene:
    return scene(stage=people.stage)


def path(place: Scene, tail: str = "") -> str:
    return f"/panel/kegiatan/{place.stage.slug}/sertifikat{tail}"


def rows(page: Page) -> dict[str, str]:
    return {
        row.cssselect("strong")[0].text_content(): " ".join(row.text_content().split())
        for row in page.select("tbody tr")
    }


def certificate(place: Scene) -> Certificate:
    return service.issue(place.present(), by=None)


def test_the_list_shows_each_condition_with_its_figure(people: People, place: Scene) -> None:
    place.present("Siti Aminah")
    place.absent("Budi Hartono")
    shown = rows(people.certifier.client.get(path(place)))
    assert "4/4 JP" in shown["Siti Aminah"]
    assert "Presensi" not in shown["Siti Aminah"]
    assert "Perlu diterbitkan" in shown["Siti Aminah"]
    assert "Presensi: 0 dari 4 JP (0 %) (paling sedikit 80 %)" in shown["Budi Hartono"]
    assert "Belum berhak" in shown["Budi Hartono"]


def test_an_empty_stage_says_what_will_appear(people: People, place: Scene) -> None:
    assert "Belum ada peserta terkonfirmasi" in people.certifier.client.get(path(place)).text


def test_filters_and_search_narrow_the_list(people: People, place: Scene) -> None:
    revoked = service.issue(place.present("Cici", institution_name="Bappeda"), by=None)
    service.revoke(revoked, reason="Salah", by=None)
    issued = place.present("Dedi", institution_name="Dinas Kesehatan")
    service.issue(issued, by=None)
    place.present("Ani")
    place.absent("Budi")
    client = people.certifier.client
    expected = {
        "earned": {"Cici", "Dedi", "Ani"},
        "not": {"Budi"},
        "due": {"Ani"},
        "issued": {"Dedi"},
        "revoked": {"Cici"},
        "changed": set(),
        "junk": {"Cici", "Dedi", "Ani", "Budi"},
    }
    for state, names in expected.items():
        assert set(rows(client.get(path(place, f"?state={state}")))) == names, state
    assert set(rows(client.get(path(place, "?q=kesehatan")))) == {"Dedi"}
    assert set(rows(client.get(path(place, "?q=BUD&halaman=99")))) == {"Budi"}
    with transaction():
        db.session.get_one(Registration, issued.id).name = "Dedi Setiawan"
    assert "Data berubah, terbitkan ulang" in rows(client.get(path(place, "?state=changed")))["Dedi Setiawan"]


def test_issuing_to_all_goes_through_the_worker_and_shows_its_progress(people: People, place: Scene, work: Any) -> None:
    place.crowd(3)
    client = people.certifier.client
    page = client.get(path(place)).submit("form#terbitkan")
    assert "/panel/pekerjaan/" in page.url
    assert "Menunggu giliran" in page.text
    assert "dapat dibuka lagi dari halaman “Sertifikat”" in page.words()
    assert page.select(f".tab-strip a[href='{path(place)}']")
    assert client.get(path(place)).select(f".alert a[href='{page.url}']")
    work()
    assert "Penerbitan" in client.get(path(place)).one(f"main a[href='{page.url}']").text_content()
    done = client.get(page.url)
    assert "3 sertifikat telah diterbitkan." in done.text
    assert not done.select("[hx-get]")
    fragment = client.get(page.url, headers={"HX-Request": "true"}, status=286)
    assert not fragment.select("html h1")
    assert "Terbitkan untuk" not in client.get(path(place)).text


def test_issuing_to_all_says_numbers_date_and_signer_before_it_is_done(people: People, place: Scene, work: Any) -> None:
    place.crowd(3)
    client = people.certifier.client
    page = client.get(path(place))
    number, dated, signer = page.texts("form#terbitkan dd")
    assert page.select(f"form#terbitkan a[href='{path(place, '/contoh.pdf')}']")
    page.submit("form#terbitkan")
    work()
    issued = db.session.scalars(sa.select(Certificate).order_by(Certificate.sequence)).all()
    assert number == f"{issued[0].number} s.d. {issued[-1].number}"
    assert dated == plain_date(issued[0].dated)
    assert issued[0].snapshot["signer_name"] in signer


def test_an_issuing_that_failed_is_found_on_the_list(people: People, place: Scene, work: Any) -> None:
    place.present()
    client = people.certifier.client
    address = client.get(path(place)).submit("form#terbitkan").url
    service.save_design(place.stage.programme, by=None, signer_name="")
    work()
    assert "Penerbitan terakhir terhenti" in client.get(path(place)).words()
    assert "belum memuat" in client.get(address).words()


def test_the_job_page_keeps_the_menu_from_who_may_not_see_certificates(people: People, place: Scene) -> None:
    token = service.enqueue_issue(place.stage, by=None).token
    assert people.viewer.client.get(f"/panel/pekerjaan/{token}").select(".tab-strip")
    assert not people.facilitator.client.get(f"/panel/pekerjaan/{token}").select(".tab-strip")


def test_what_was_revoked_is_issued_again_only_after_a_question(people: People, place: Scene) -> None:
    held = certificate(place)
    registration_id = held.registration_id
    service.revoke(held, reason="Data tertukar", by=None)
    client = people.certifier.client
    assert not client.get(path(place)).select("main form[action$='/terbitkan']")
    page = client.get(path(place, f"/peserta/{registration_id}"))
    assert not page.select(".page-heading .actions > .btn-primary, .page-heading .actions > form")
    question = page.one(".page-heading details.confirm")
    assert "Data tertukar" in question.text_content()
    assert "telah diterbitkan" in page.submit("form[action$='/terbitkan']").text


def test_all_are_printed_by_the_worker_and_fetched_from_there(people: People, place: Scene, work: Any) -> None:
    place.present("Zaki", institution_name="Dinas A")
    place.present("Ani", institution_name="Dinas B")
    service.issue_some(place.stage, by=None)
    client = people.certifier.client
    page = client.get(path(place)).submit(f"form[action='{path(place, '/cetak')}']")
    work()
    done = client.get(page.url)
    assert "2 sertifikat dalam berkas: 4 halaman; cetak bolak-balik." in done.words()
    address = done.one("a.btn-primary").get("href")
    answer = client.get(address)
    assert len(pages_of(answer.data)) == 4
    assert [name for text in pages_of(answer.data)[::2] for name in ("Zaki", "Ani") if name in text] == ["Zaki", "Ani"]
    assert answer.headers["Cache-Control"] == "no-store"
    for stranger in (people.viewer, people.organiser):
        stranger.client.get(address, status=403)
    people.outsider.client.get(address, status=404)
    service.revoke(queries.certificates_of(place.stage)[0], reason="Salah", by=None)


def test_a_print_that_was_cleared_away_says_so(people: People, place: Scene, work: Any) -> None:
    certificate(place)
    client = people.certifier.client
    page = client.get(path(place)).submit(f"form[action='{path(place, '/cetak')}']")
    work()
    token = page.url.rpartition("/")[2]
    for file in upload_folder("prints").iterdir():
        file.unlink()
    client.get(path(place, f"/cetak/{token}.pdf"), status=410)
    client.get(path(place, "/cetak/junk.pdf"), status=404)


def test_one_is_printed_directly(people: People, place: Scene) -> None:
    frozen = service.issue(civil_servant(place), by=None)
    address, qr = path(place, f"/{frozen.id}.pdf"), frozen.snapshot["qr_text"]
    answer = people.certifier.client.get(address)
    assert "19850312 201001 1 007" in text_of(answer.data)
    assert codes_of(answer.data) == [qr]
    assert 'filename="sertifikat-siti-nuraini.pdf"' in answer.headers["Content-Disposition"]


def test_one_person_is_given_the_certificate(people: People, place: Scene) -> None:
    registration_id = place.present().id
    page = people.certifier.client.get(path(place)).submit(f"form[action$='/peserta/{registration_id}/terbitkan']")
    assert "telah diterbitkan" in page.text
    assert "versi 1" in page.text
    entry = db.session.scalars(sa.select(Certificate)).one()
    assert entry.issued_by_id == people.certifier.user.id


def test_a_new_version_asks_for_a_reason_and_keeps_the_chain(people: People, place: Scene) -> None:
    registration_id = certificate(place).registration_id
    address = path(place, f"/peserta/{registration_id}")
    client = people.certifier.client
    refused = client.get(address).submit("form#terbitkan-ulang", status=422, reason="")
    assert "Tuliskan alasannya." in refused.text
    page = client.get(address).submit("form#terbitkan-ulang", reason="Nama keliru")
    assert page.texts("main .list-group-item .badge") == ["Berlaku", "Digantikan"]


def test_revoking_asks_for_a_reason_and_shows_it(people: People, place: Scene) -> None:
    certificate_id = certificate(place).id
    registration_id = db.session.get_one(Certificate, certificate_id).registration_id
    client = people.certifier.client
    form = client.get(path(place, f"/peserta/{registration_id}"))
    assert "Tuliskan alasannya." in form.submit("form#cabut", status=422, reason="  ").text
    page = form.submit("form#cabut", reason="Data tertukar")
    assert "Data tertukar" in page.text
    assert db.session.get_one(Certificate, certificate_id).state is CertificateState.REVOKED
    again = form.submit("form#cabut", reason="Sekali lagi")
    assert "sementara itu telah dicabut atau digantikan" in again.text


def test_a_decision_by_hand_is_shown_with_its_name_and_can_be_taken_back(people: People, place: Scene) -> None:
    registration_id = place.absent().id
    client = people.certifier.client
    address = path(place, f"/peserta/{registration_id}")
    kept = client.get(address).submit("form#keputusan", status=422, reason="Tugas dinas")
    assert kept.one("#override-reason").get("value") == "Tugas dinas"
    page = client.get(address).submit("form#keputusan", earned="yes", reason="Tugas dinas")
    assert "Diputuskan: berhak" in page.text
    assert people.certifier.user.name in page.text
    page = page.submit("form[action$='/keputusan/tarik']")
    assert "Diputuskan" not in page.text


def test_who_registered_again_is_shown_the_certificate_that_stands(people: People, place: Scene) -> None:
    from app.registration.rules import RegistrationState

    held = certificate(place)
    number, former = held.number, held.registration
    with transaction():
        former.state = RegistrationState.CANCELLED
    anew = place.present("Siti Aminah Lagi", participant=former.participant).id
    client = people.certifier.client
    shown = rows(client.get(path(place)))["Siti Aminah Lagi"]
    assert number in shown
    assert "Cabut dahulu" in shown
    page = client.get(path(place, f"/peserta/{anew}"))
    assert number in page.one("main").text_content()
    assert not page.select("form[action$='/terbitkan']")
    answer = client.post(path(place, f"/peserta/{anew}/terbitkan"), data=token(people.certifier))
    assert number in answer.words()
    assert len(queries.certificates_of(place.stage)) == 1


READS = ("", "/peserta/{registration}")
ACTS = ("/desain", "/contoh.pdf", "/{certificate}.pdf")
POSTS = (
    "/terbitkan",
    "/cetak",
    "/peserta/{registration}/terbitkan",
    "/{certificate}/terbitkan-ulang",
    "/{certificate}/cabut",
    "/peserta/{registration}/keputusan",
    "/peserta/{registration}/keputusan/tarik",
)


def token(person: Person) -> dict[str, str]:
    """What a form of this person's would carry."""
    return {"csrf_token": person.client.get("/verifikasi").values("form#verifikasi")["csrf_token"]}


def filled(place: Scene, tail: str, held: Certificate) -> str:
    return path(place, tail.format(certificate=held.id, registration=held.registration_id))


def test_each_role_sees_and_does_what_it_may(people: People, place: Scene) -> None:
    held = certificate(place)
    reads = [filled(place, tail, held) for tail in READS]
    acts = [filled(place, tail, held) for tail in ACTS]
    posts = [filled(place, tail, held) for tail in POSTS]
    for person in (people.administrator, people.manager, people.certifier):
        for address in (*reads, *acts):
            person.client.get(address)
    for address in reads:
        people.viewer.client.get(address)
        people.organiser.client.get(address, status=403)
        people.facilitator.client.get(address, status=403)
        people.outsider.client.get(address, status=404)
    for person in (people.viewer, people.organiser, people.facilitator):
        for address in acts:
            person.client.get(address, status=403)
        for address in posts:
            person.client.post(address, data=token(person), status=403)
    for address in posts:
        people.outsider.client.post(address, data=token(people.outsider), status=404)
    assert [one.id for one in queries.certificates_of(place.stage)] == [held.id]


def test_a_viewer_sees_no_buttons(people: People, place: Scene) -> None:
    held = certificate(place)
    for tail in READS:
        assert not people.viewer.client.get(filled(place, tail, held)).select("main form[method=post]")


def test_ids_of_other_stages_and_junk_are_not_found(people: People, place: Scene) -> None:
    other = scene()
    foreign = service.issue(other.present(), by=None)
    client = people.certifier.client
    for tail in ("/{certificate}.pdf", "/peserta/{registration}"):
        client.get(filled(place, tail, foreign), status=404)
    for tail in ("/99999999.pdf", "/peserta/0", f"/{10**30}.pdf", "/peserta/x", "/-1.pdf"):
        client.get(path(place, tail), status=404)


def test_a_post_without_its_token_changes_nothing(people: People, place: Scene) -> None:
    registration_id = place.present().id
    client = people.certifier.client
    assert "terlalu lama terbuka" in client.post(path(place, "/terbitkan"), status=400).text
    client.post(path(place, f"/peserta/{registration_id}/terbitkan"), status=400)
    kept = client.post(path(place, f"/peserta/{registration_id}/keputusan"), data={"reason": "Tugas"}, status=422)
    assert kept.one("#override-reason").get("value") == "Tugas"
    assert not db.session.scalars(sa.select(Certificate)).all()
    client.get(path(place, "/terbitkan"), status=405)


def test_somebody_who_cancelled_after_the_issue_stands_out(people: People, place: Scene) -> None:
    from app.registration.rules import RegistrationState

    registration_id = certificate(place).registration_id
    with transaction():
        db.session.get_one(Registration, registration_id).state = RegistrationState.CANCELLED
    shown = rows(people.certifier.client.get(path(place, "?state=changed")))
    assert "Syarat tidak lagi terpenuhi" in shown["Siti Aminah"]
    assert "tidak lagi terdaftar" in shown["Siti Aminah"]


def test_names_are_escaped(people: People, place: Scene) -> None:
    factories.registration(place.stage, name="<script>alert(1)</script>")
    assert "<script>alert" not in people.certifier.client.get(path(place)).text
