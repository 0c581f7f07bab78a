"""The whole programme as its people live it, through the web client: from the first administrator to a certificate replaced.

Everyone finds the way by links and forms, as a stranger to the system would.
"""

import io
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from PIL import Image

from app.extensions import db
from tests import factories
from tests.journeys.strangers import PASSWORD, Programme, click, form_to, scan, scanned
from tests.mailbox import Mailbox
from tests.pages import Page, browse
from tests.paper.reading import codes_of, text_of

STAFF = {
    "wan@dinas.example": ("Wan Rahmawati", "manager"),
    "syahrul@dinas.example": ("Syahrul Ramadhan", "organiser"),
    "ratna@dinas.example": ("Ratna Dewi", "facilitator"),
    "endang@dinas.example": ("Endang Kusumawati", "certifier"),
}
PERSON = {
    "category": "OPD",
    "name": "Siti  Aminah",
    "title_after": "S.Kom.",
    "identity_type": "NIP",
    "identity_number": "19850412 201001 2 003",
    "rank": "III/c",
    "position": "Pranata Komputer",
    "email": "siti@example.com",
    "phone": "0812-3456-7890",
    "notice": True,
    "consent_photo": True,
}
BREAKFAST, REGISTRATION_OPEN, AFTERNOON, NEXT_WEEK = (
    datetime(2019, month, day, hour, 20, tzinfo=ZoneInfo("Asia/Jakarta"))
    for month, day, hour in ((7, 8, 7), (6, 20, 10), (7, 8, 15), (7, 15, 10))
)


@pytest.fixture
def programme(app: Flask, smtp: Mailbox, work: Any) -> Programme:
    words = ["users", "create", "raja@dinas.example", "--host", "kominfo-tpi", "--role", "administrator"]
    words += ["--new-host", "Dinas Komunikasi dan Informatika"]
    made = app.test_cli_runner().invoke(args=words, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    db.session.rollback()
    return Programme(app, smtp, work)


def test_from_the_first_administrator_to_a_certificate_replaced(programme: Programme, frozen_clock: Any) -> None:
    frozen_clock(REGISTRATION_OPEN)
    the_administrator_sets_up_the_agency(programme)
    the_manager_plans_the_stage(programme)
    the_organiser_writes_the_agenda(programme)
    a_participant_registers(programme)
    others_register_too(programme)
    frozen_clock(BREAKFAST)
    the_organiser_scans(programme)
    frozen_clock(AFTERNOON)
    the_facilitator_asks_and_the_participant_answers(programme)
    the_clerk_issues_and_prints(programme)
    frozen_clock(NEXT_WEEK)
    a_wrong_certificate_is_revoked(programme)
    a_name_is_corrected_and_the_certificate_replaced(programme)


def the_administrator_sets_up_the_agency(programme: Programme) -> None:
    panel = programme.signed_in("raja@dinas.example")
    host = click(panel, "Dinas Komunikasi dan Informatika", "main")
    emblem = io.BytesIO()
    Image.new("RGB", (64, 64), "#0B6B61").save(emblem, "PNG")
    emblem.seek(0)
    host = host.submit(
        parent_name="Pemerintah Kota Tanjungpinang",
        city="Tanjungpinang",
        address="Senggarang",
        timezone="Asia/Jakarta",
        emblem=(emblem, "lambang.png"),
    )
    assert host.select("main img[alt^='Lambang']")
    institutions = click(host, "Instansi")
    added = click(institutions, "Tambah", "main").submit(category="OPD", name="Dinas Kesehatan", short_name="Dinkes")
    assert "Dinas Kesehatan" in added.words()
    programmes = click(added, "Program")
    page = click(programmes, "Tambah program", "main").submit(name="Gerakan Menuju 100 Smart City", slug="smart-city")
    assert "Gerakan Menuju 100 Smart City" in page.words()
    users = click(click(panel, "Dinas Komunikasi", "main"), "Pengguna")
    for email, (name, role) in STAFF.items():
        form = click(users, "Tambah pengguna", "main")
        option = next(one for one in form.select("select[name=programme] option") if "Smart City" in one.text_content())
        form.submit(email=email, name=name, role=role, programme=option.get("value"), password=PASSWORD)
    listed = click(panel, "Dinas Komunikasi", "main")
    assert all(name in click(listed, "Pengguna").words() for name, _role in STAFF.values())


def the_manager_plans_the_stage(programme: Programme) -> None:
    panel = programme.signed_in("wan@dinas.example")
    page = click(panel, "Gerakan Menuju 100 Smart City", "main")
    settings = click(page, "Kelompok", "main")
    for name in ("Smart Living", "Tim Pelaksana"):
        settings = settings.submit(form_to("/kelompok"), name=name)
    stages = click(settings, "Tahap", "nav")
    stage = click(stages, "Tambah", "main").submit(
        number=1,
        name="Bimtek Tahap I",
        slug="bimtek-tahap-1",
        starts_on="2019-07-08",
        ends_on="2019-07-08",
        venue="Aula Kantor Wali Kota",
        registration_opens_at="2019-06-17T08:00",
        registration_closes_at="2019-07-07T16:00",
        capacity=2,
        min_jp_percent=100,
        feedback_required=True,
        published=True,
    )
    assert "Bimtek Tahap I" in stage.words()
    public = click(browse(programme.app).get("/"), "Bimtek Tahap I")
    assert "8 Juli 2019" in public.words()


def the_organiser_writes_the_agenda(programme: Programme) -> None:
    panel = programme.signed_in("syahrul@dinas.example")
    agenda = click(click(panel, "Bimtek Tahap I", "main"), "Acara")
    form = click(agenda, "Tambah sesi", "main")
    refused = form.submit("form[data-draft]", title="Pengantar", starts="09:30", ends="08:00", status=422)
    assert refused.values("form[data-draft]")["title"] == "Pengantar"
    agenda = refused.submit(
        "form[data-draft]",
        title="Pengantar Smart City",
        kind="lesson",
        starts="08:00",
        ends="09:30",
        room="Aula",
        new_name="Bambang Setiadi",
        new_position="Akademisi",
    )
    assert "Bambang Setiadi" in agenda.words()
    assert "2 JP" in agenda.words()
    public = click(click(browse(programme.app).get("/"), "Bimtek Tahap I"), "Cetak", "main")
    assert "Pengantar Smart City" in text_of(public.data)


def a_participant_registers(programme: Programme) -> None:
    client = browse(programme.app)
    form = click(click(client.get("/"), "Bimtek Tahap I"), "Daftar", "main")
    option = next(one for one in form.select("select[name=institution] option") if "Kesehatan" in one.text_content())
    wrong = PERSON | {"institution": option.get("value"), "identity_number": "1985041220100120"}
    form = form.submit("form[data-draft]", status=422, **wrong)
    assert "18" in " ".join(form.texts(".invalid-feedback"))
    ticket = form.submit("form[data-draft]", identity_number=PERSON["identity_number"])
    assert ticket.url.startswith("/t/")
    assert "Siti Aminah, S.Kom." in ticket.words()
    programme.ticket_address = ticket.url
    programme.tickets.append(ticket.url.rpartition("/")[2])

    letter = programme.letter("siti@example.com")
    paper = next(part for part in letter.iter_attachments() if part.get_content_type() == "application/pdf")
    assert codes_of(paper.get_content()) == [f"HTTP://LOCALHOST/T/{programme.tickets[0]}"]
    assert ticket.url in letter.get_body(("plain",)).get_content()

    again = click(click(browse(programme.app).get("/"), "Bimtek Tahap I"), "Daftar", "main")
    again = again.submit("form[data-draft]", **PERSON, institution_other="Dinas Kesehatan")
    assert programme.tickets[0] not in again.text
    assert len(programme.smtp.to("siti@example.com")) == 1
    programme.letter("siti@example.com")
    assert len(programme.smtp.to("siti@example.com")) == 2


def others_register_too(programme: Programme) -> None:
    """One more takes the last seat, the next waits, and gets it when the former cannot come."""
    for name, email in (("Budi Santoso", "budi@example.com"), ("Cahya Putri", "cahya@example.com")):
        client = browse(programme.app)
        form = click(click(client.get("/"), "Bimtek Tahap I"), "Daftar", "main")
        person = {
            "category": "MASYARAKAT",
            "identity_type": "NONE",
            "name": name,
            "email": email,
            "phone": "0813 1111 2222",
            "notice": True,
        }
        ticket = form.submit("form[data-draft]", **person)
        programme.tickets.append(ticket.url.rpartition("/")[2])
        if name.startswith("Budi"):
            leaving = ticket
    assert "daftar tunggu" in ticket.words().lower()
    leaving.submit(form_to("/batal"), sure=True, reason="Berhalangan")
    assert "kursi kosong" in programme.letter("cahya@example.com").get_body(("plain",)).get_content()
    taken = ticket.client.get(ticket.url).submit(form_to("/ambil"))
    assert taken.select(".ticket-qr")


def the_organiser_scans(programme: Programme) -> None:
    panel = programme.signed_in("syahrul@dinas.example")
    dashboard = click(panel, "Bimtek Tahap I", "main")
    scanner = click(dashboard, "Pindai", "main")
    offered = scanner.client.get("/presensi/kegiatan").json
    assert offered["preselected"] == "bimtek-tahap-1"
    data = {"csrf_token": offered["csrf_token"], "stage": "bimtek-tahap-1", "name": "Meja 1"}
    programme.token = scanner.client.post("/presensi/perangkat", data=data, status=201).json["token"]

    scans = [scan(programme, ticket) for ticket in (programme.tickets[0], programme.tickets[0], *programme.tickets[1:])]
    assert [one["decision"] for one in scans] == ["admitted", "repeat", "refused", "admitted"]
    assert scans[1]["first"]["by"] == "Meja 1"
    assert scans[2]["reason"] == "cancelled"
    assert scan(programme, factories.registration().ticket_code)["reason"] == "other_stage"
    board = click(dashboard, "Presensi", "nav")
    assert "Siti Aminah" in board.words()
    sheet = click(board, "Cetak", "main").submit("main form", isi="terisi")
    assert "Siti Aminah" in text_of(sheet.data)


def the_facilitator_asks_and_the_participant_answers(programme: Programme) -> None:
    index = click(click(programme.signed_in("ratna@dinas.example"), "Bimtek Tahap I", "main"), "Umpan balik")
    required = [one for one in index.select(".questionnaire-list li") if "Syarat sertifikat" in one.text_content()]
    assert required
    for item in required:
        (form,) = item.cssselect("form[action$='/buka']")
        projector = index.submit(f"form[action='{form.get('action')}']")
        assert projector.select("svg")
    phone = browse(programme.app)
    ticket = phone.get(programme.ticket_address)
    for link in ticket.select("ul.task-list a"):
        form = phone.get(link.get("href"))
        answers = {box.get("name"): box.get("value") for box in form.select("main input[type=radio]")}
        thanks = form.submit("form[data-draft]", **answers)
        assert "terima kasih" in thanks.words().lower()
    ticket = phone.get(programme.ticket_address)
    assert not ticket.select("ul.task-list a")
    index = index.client.get(index.url)
    assert click(index, "Hasil", "main").status == 200


def the_clerk_issues_and_prints(programme: Programme) -> None:
    index = click(click(programme.signed_in("endang@dinas.example"), "Bimtek Tahap I", "main"), "Sertifikat", "nav")
    design = click(index, "Lengkapi", "main").submit(
        "form#design",
        place="Tanjungpinang",
        classification="893",
        unit="DISKOMINFO",
        signer_position="Kepala Dinas",
        signer_name="Raja Ismail",
    )
    index = click(design, "Sertifikat", "nav")
    assert "Cahya Putri" in index.words()  # who was there, but has not answered
    progress = index.submit("form#terbitkan")
    programme.work()
    progress = progress.client.get(progress.url)
    assert progress.select(".alert-success")
    index = click(progress, "Kembali", "main")
    printing = index.submit(form_to("/sertifikat/cetak"))
    programme.work()
    printing = printing.client.get(printing.url)
    papers = printing.client.get(printing.one("main .actions a[href$='.pdf']").get("href"))
    (code,) = codes_of(papers.data)
    assert "Siti Aminah, S.Kom." in text_of(papers.data)
    assert "Cahya" not in text_of(papers.data)

    letter = programme.letter("siti@example.com")
    assert "sertifikat" in letter["Subject"].lower()
    own = click(browse(programme.app).get(programme.ticket_address), "Unduh sertifikat", "main")
    assert codes_of(own.data) == [code]
    verified = scanned(programme, code)
    assert verified.texts("h1") == ["Sertifikat ini asli"]
    assert "893/001/DISKOMINFO/VII/2019" in verified.words()
    typed = click(browse(programme.app).get("/"), "asli").submit(code=code.rpartition("/")[2].lower())
    assert typed.texts("h1") == ["Sertifikat ini asli"]


def details_of_siti(programme: Programme) -> Page:
    index = click(click(programme.signed_in("endang@dinas.example"), "Bimtek Tahap I", "main"), "Sertifikat", "nav")
    return click(index, "Siti Aminah", "main")


def printed(page: Page) -> bytes:
    return click(page, "Cetak", "main").data


def a_wrong_certificate_is_revoked(programme: Programme) -> None:
    """That of Cahya, which is issued by a decision and taken back."""
    index = click(click(programme.signed_in("endang@dinas.example"), "Bimtek Tahap I", "main"), "Sertifikat", "nav")
    person = click(index, "Cahya Putri", "main").submit("form#keputusan", earned="yes", reason="Jawaban di kertas")
    person = person.submit(form_to("/terbitkan"))
    person = person if person.select("form#cabut") else click(person, "Cahya Putri", "main")
    (code,) = codes_of(printed(person))
    assert scanned(programme, code).texts("h1") == ["Sertifikat ini asli"]
    person.submit("form#cabut", reason="Diterbitkan keliru")
    verified = scanned(programme, code)
    assert verified.texts("h1") == ["Sertifikat ini telah dicabut"]
    assert "Diterbitkan keliru" in verified.words()


def a_name_is_corrected_and_the_certificate_replaced(programme: Programme) -> None:
    (former,) = codes_of(printed(details_of_siti(programme)))
    people = click(click(programme.signed_in("syahrul@dinas.example"), "Bimtek Tahap I", "main"), "Peserta", "nav")
    person = click(people, "Siti Aminah", "main").submit(form_to("/perbaiki"), name="Siti Aminah Lubis")
    assert "Siti Aminah Lubis" in person.texts("h1")[0]
    assert "Lubis" not in scanned(programme, former).words()

    details = details_of_siti(programme)
    details = details.submit("form#terbitkan-ulang", reason="Ejaan nama")
    details = details if details.select("form#cabut") else click(details, "Siti Aminah", "main")
    (code,) = codes_of(printed(details))
    assert code != former
    assert scanned(programme, former).texts("h1") == ["Sertifikat ini telah digantikan"]
    verified = scanned(programme, code)
    assert verified.texts("h1") == ["Sertifikat ini asli"]
    assert "Siti Aminah Lubis" in verified.words()
    assert "893/001/DISKOMINFO/VII/2019" in verified.words()
