"""The outbox, for those whose mail it is, and the page of a job, for whoever may wait for it."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.extensions import db, transaction
from app.jobs import queries, service
from app.jobs.models import OutboxMessage
from app.jobs.rules import MessageState
from app.jobs.service import JobPage, Outcome, registry
from app.shared import clock
from tests import factories
from tests.jobs.letters import WORK, post
from tests.pages import Page
from tests.personas import People


@pytest.fixture(autouse=True)
def page_of_work() -> Any:
    service.register_page(
        WORK, JobPage("Menghitung", lambda job: Outcome(f"Terhitung {job.done}.", [("Kembali", "/panel")]))
    )
    yield
    registry._pages.pop(WORK)


def mail(people: People, **values: Any) -> int:
    return post(people.host, programme_id=people.programme.id, **values).id


def become(message_id: int, **values: Any) -> None:
    with transaction():
        for name, value in values.items():
            setattr(db.session.get_one(OutboxMessage, message_id), name, value)


def names(page: Page) -> list[str]:
    return page.texts("tbody tr td strong")


def test_managers_see_their_programmes_mail_and_administrators_their_hosts(people: People) -> None:
    mail(people, to_name="Siti")
    post(people.host, to_name="Tanpa Program")
    post(people.other_host, to_name="Orang Lain")
    assert names(people.manager.client.get("/panel/pesan")) == ["Siti"]
    assert names(people.administrator.client.get("/panel/pesan")) == ["Tanpa Program", "Siti"]
    assert names(people.outsider.client.get("/panel/pesan")) == ["Orang Lain"]


def test_other_roles_have_no_outbox_and_no_link_to_it(people: People) -> None:
    message_id = mail(people)
    for person in (people.organiser, people.facilitator, people.certifier, people.viewer):
        person.client.get("/panel/pesan", status=403)
        person.client.get(f"/panel/pesan/{message_id}", status=403)
    assert people.manager.client.get("/panel/pesan").select("nav a[href='/panel/pesan']")


def test_mail_of_others_is_not_found(people: People) -> None:
    message_id = mail(people)
    token = {"csrf_token": people.outsider.client.get("/verifikasi").values("form#verifikasi")["csrf_token"]}
    people.outsider.client.get(f"/panel/pesan/{message_id}", status=404)
    people.outsider.client.post(f"/panel/pesan/{message_id}/kirim-lagi", data=token, status=404)
    people.manager.client.get("/panel/pesan/99999999999999", status=404)


def test_state_attempts_and_error_are_shown_and_filtered(people: People) -> None:
    failed, sent = mail(people, to_name="Gagal"), mail(people, to_name="Sampai", to_address="sampai@example.org")
    become(failed, state=MessageState.FAILED, attempts=8, last_error="550 No such user")
    become(sent, state=MessageState.SENT, attempts=1, subject="Tiket Anda")
    client = people.manager.client
    page = client.get("/panel/pesan")
    assert "550 No such user" in page.text
    assert "8 percobaan" in page.words()
    assert names(client.get("/panel/pesan?state=failed")) == ["Gagal"]
    assert names(client.get("/panel/pesan?q=SAMPAI@")) == ["Sampai"]
    assert names(client.get("/panel/pesan?q=tiket")) == ["Sampai"]
    assert names(client.get("/panel/pesan?q=%25")) == []
    assert names(client.get("/panel/pesan?state=junk")) == ["Sampai", "Gagal"]


def test_a_failed_mail_is_sent_again(people: People, smtp: Any, work: Any) -> None:
    message_id = mail(people)
    become(message_id, state=MessageState.FAILED, attempts=8, last_error="550 No such user")
    page = people.manager.client.get("/panel/pesan").submit(f"form[action$='/{message_id}/kirim-lagi']")
    assert "dikirim lagi" in page.text
    work()
    assert len(smtp.messages) == 1
    people.manager.client.post(f"/panel/pesan/{message_id}/kirim-lagi", status=400)


def test_a_notice_tells_that_mail_waits_for_the_server_but_not_for_a_refusal(people: People) -> None:
    waiting, refused = mail(people), mail(people)
    become(refused, attempts=1, last_error="550 No such user")
    client = people.manager.client
    assert "server surel tidak menjawab" not in client.get("/panel/pesan").text
    become(waiting, attempts=2, last_error="TimeoutError: timed out", failing_since=clock.now())
    assert "1 pesan menunggu karena server surel tidak menjawab" in client.get("/panel/pesan").text


def test_without_a_mail_server_what_was_written_can_be_read(app: Flask, people: People, work: Any) -> None:
    message_id = mail(people)
    work()
    assert list((Path(app.config["INSTANCE_DIR"]) / "mail").iterdir())
    page = people.manager.client.get(f"/panel/pesan/{message_id}")
    assert "Isi surat" in page.text
    assert "catatan.txt" in page.text


def test_an_empty_outbox_says_what_will_appear(people: People) -> None:
    assert "Belum ada pesan" in people.manager.client.get("/panel/pesan").text


def job(people: People, **args: Any) -> str:
    with transaction():
        return service.enqueue(WORK, args={"total": 4} | args, host_id=people.host.id).token


def test_a_job_is_followed_by_htmx_and_without_scripts(people: People, work: Any) -> None:
    address = f"/panel/pekerjaan/{job(people)}"
    client = people.certifier.client
    page = client.get(address)
    assert page.one("#progress").get("hx-get") == address
    assert page.one("noscript meta[http-equiv=refresh]") is not None
    assert page.headers["Cache-Control"] == "no-store"
    work()
    fragment = client.get(address, headers={"HX-Request": "true"}, status=286)
    assert "Terhitung 4." in fragment.text
    assert "<html" not in fragment.text
    assert not client.get(address).select("[hx-get], noscript meta")


def test_a_job_that_failed_says_so(people: People, work: Any) -> None:
    address = f"/panel/pekerjaan/{job(people, fails=True)}"
    work()
    page = people.certifier.client.get(address)
    assert "Pekerjaan terhenti" in page.text
    assert "ValueError" in page.text
    assert "disk full" not in page.text


def test_jobs_of_other_hosts_and_junk_are_not_found(people: People) -> None:
    address = f"/panel/pekerjaan/{job(people)}"
    people.outsider.client.get(address, status=404)
    people.certifier.client.get("/panel/pekerjaan/junk", status=404)
    assert "/masuk" in people.visitor.get(address, status=302, follow=False, check=False).headers["Location"]


def test_the_outbox_is_narrowed_by_letter_and_by_whose_it_is(people: People) -> None:
    mail(people, to_name="Siti")
    post(people.host, to_name="Tanpa Program")
    client = people.administrator.client
    assert names(client.get("/panel/pesan?jenis=registration.ticket")) == []
    assert names(client.get(f"/panel/pesan?milik=programme-{people.programme.id}")) == ["Siti"]
    assert names(client.get(f"/panel/pesan?milik=host-{people.other_host.id}")) == []
    assert names(client.get("/panel/pesan?milik=host-x&jenis=tidak-ada")) == ["Tanpa Program", "Siti"]


def test_the_panel_says_that_mail_waits_to_all_whose_participants_wait(people: People) -> None:
    waiting = mail(people)
    become(waiting, attempts=1, last_error="TimeoutError: timed out", failing_since=clock.now())
    mail(people)
    for role in ("administrator", "manager", "organiser", "viewer"):
        assert (
            "2 pesan menunggu karena server surel tidak menjawab sejak" in people.staff[role].client.get("/panel").text
        )
    assert "menunggu karena server" not in people.outsider.client.get("/panel").text
    assert "TimeoutError" not in people.organiser.client.get("/panel").text


def test_an_address_is_marked_by_hand_shown_and_found_right(people: People) -> None:
    message_id = mail(people, to_address="Siti@kota.test")
    client = people.manager.client
    page = client.get(f"/panel/pesan/{message_id}").submit("form[action$='/kembali']", reason="Kotak surat penuh")
    assert "Alamat ditandai" in page.text and "bermasalah" in page.text
    listed = client.get("/panel/pesan/alamat")
    assert "siti@kota.test" in listed.text and "Kotak surat penuh" in listed.text
    listed.submit("form[action$='/benar']")
    assert queries.bad_address(people.host.id, "siti@kota.test") is None


def test_an_address_is_typed_by_who_got_the_mail_back(people: People) -> None:
    page = people.administrator.client.get("/panel/pesan/alamat")
    page.submit("main form[action$='/alamat']", status=422, address="bukan alamat")
    page.submit("main form[action$='/alamat']", address="Budi@kota.test")
    marked = queries.bad_address(people.host.id, "budi@kota.test")
    assert marked is not None and "surel kembali" in marked.reason


def test_addresses_of_others_are_neither_seen_nor_changed(people: People) -> None:
    service.mark_bad(people.host.id, "siti@kota.test", reason="550")
    marked = queries.bad_address(people.host.id, "siti@kota.test")
    assert marked is not None
    address_id = marked.id
    assert "siti@kota.test" in people.administrator.client.get("/panel/pesan/alamat").text
    assert "siti@kota.test" not in people.manager.client.get("/panel/pesan/alamat").text  # none of her mail went there
    assert "siti@kota.test" not in people.outsider.client.get("/panel/pesan/alamat").text
    for person in (people.organiser, people.viewer):
        person.client.get("/panel/pesan/alamat", status=403)
    page = people.outsider.client.get("/panel/pesan/alamat")
    token = {"csrf_token": page.one("main input[name=csrf_token]").get("value")}
    people.outsider.client.post(f"/panel/pesan/alamat/{address_id}/benar", data=token, status=404)
    forged = token | {"host": str(people.host.id), "address": "budi@kota.test"}
    people.outsider.client.post("/panel/pesan/alamat", data=forged)  # marked for the agency that is one's own
    assert queries.bad_address(people.host.id, "budi@kota.test") is None


def test_a_marked_address_is_shown_where_the_person_is(people: People) -> None:
    registration = factories.registration(people.stage, email="Siti@kota.test")
    service.mark_bad(people.host.id, "siti@kota.test", reason="550 No such user")
    page = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta/{registration.id}")
    assert "bermasalah" in page.text and "550 No such user" in page.text
