"""Files are kept and go with their rows, and are handed out only to those who may see them."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import FileStorage

from app.extensions import db, transaction
from app.registration.models_documents import Document
from app.registration.rules_documents import DocumentRefused
from app.registration.service import documents
from app.shared import clock
from app.web import held_files
from app.web.places import upload_folder
from tests import factories
from tests.pages import PageClient
from tests.personas import People
from tests.shared.test_documents import pdf, picture


def stored() -> list[str]:
    return sorted(path.name for path in upload_folder(documents.FOLDER).glob("*"))


def kept(**values: Any) -> Document:
    who = factories.registration(**values)
    return documents.keep(pdf(), stage=who.stage, registration=who)


@pytest.mark.both_databases
def test_a_file_lies_under_a_name_that_nobody_chose(app: Flask) -> None:
    document = kept()
    assert stored() == [document.stored_name]
    assert (document.media_type, document.file_name) == ("application/pdf", "berkas.pdf")
    assert documents.content_of(document) == pdf() or documents.content_of(document)
    assert not Path(app.static_folder or "").joinpath(document.stored_name).exists()


def test_a_lying_file_is_refused_and_leaves_nothing(app: Flask) -> None:
    who = factories.registration()
    with pytest.raises(DocumentRefused) as refused:
        documents.keep(b"<!doctype html><script>alert(1)</script>", stage=who.stage, registration=who)
    assert "PDF" in str(refused.value.sentence)
    assert stored() == [] and db.session.scalar(sa.select(sa.func.count()).select_from(Document)) == 0


def test_a_file_without_owner_is_no_file(app: Flask) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        documents.keep(picture(), stage=factories.stage())
    assert stored() == []


def test_what_a_failed_transaction_stored_is_gone(app: Flask) -> None:
    who = factories.registration()
    handed = documents.receive_upload(picture())
    with pytest.raises(RuntimeError, match="later"), transaction():
        documents.keep(handed, stage=who.stage, registration=who)
        assert len(stored()) == 1
        raise RuntimeError("something fails later")
    assert stored() == []


def test_a_removed_file_leaves_the_disk_with_the_commit(app: Flask) -> None:
    document = kept()
    with pytest.raises(RuntimeError, match="later"), transaction():
        documents.remove(document)
        raise RuntimeError("something fails later")
    assert len(stored()) == 1
    document = db.session.scalars(sa.select(Document)).one()
    documents.remove(document)
    assert stored() == []


def test_what_no_row_knows_is_swept_away_after_a_day(app: Flask, frozen_clock: Any) -> None:
    known, lost = kept(), kept()
    name = known.stored_name
    held = held_files.hold("q1", held_files.HeldFile("x.png", "image/png", ".png", picture()))
    with transaction():
        db.session.execute(sa.delete(Document).where(Document.id == lost.id))
    documents.discard_unclaimed()
    assert len(stored()) == 2
    frozen_clock(clock.now() + timedelta(days=2))
    documents.discard_unclaimed()
    assert stored() == [name]
    assert held_files.give_back("q1", held) is None


def test_a_held_file_comes_back_for_its_own_field_alone(app: Flask) -> None:
    token = held_files.hold("q1", held_files.HeldFile("x.png", "image/png", ".png", picture()))
    back = held_files.give_back("q1", token)
    assert back is not None and back.file_name == "x.png"
    assert held_files.give_back("q2", token) is None
    assert held_files.give_back("q1", token[:-2] + "xx") is None
    assert held_files.give_back("q1", "") is None


def test_only_so_many_files_are_held(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_files, "MOST_HELD", 1)
    held = held_files.HeldFile("x.png", "image/png", ".png", picture())
    assert held_files.hold("q1", held) and not held_files.hold("q1", held)


def test_a_file_is_handed_out_so_that_it_cannot_run(app: Flask, client: PageClient) -> None:
    who = factories.registration()
    upload = documents.keep(pdf(), stage=who.stage, registration=who)
    with transaction():
        upload = db.session.get_one(Document, upload.id)
        upload.file_name = "Surat “tugas” é.pdf"
    answer = client.request_raw(f"/t/{who.ticket_code}/berkas/{upload.id}")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''Surat%20" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_holders_see_their_own_files_alone(app: Flask, client: PageClient) -> None:
    who = factories.registration()
    other = factories.registration(who.stage)
    document = documents.keep(pdf(), stage=who.stage, registration=who)
    address = f"/berkas/{document.id}"
    assert client.request_raw(f"/t/{other.ticket_code}{address}").status_code == 404
    assert client.request_raw(f"/t/{'0' * 16}{address}").status_code == 404
    assert client.request_raw(f"/undangan/{'x' * 43}{address}").status_code == 404
    assert client.request_raw(f"/t/{who.ticket_code}/berkas/999999").status_code == 404


def test_staff_of_the_stage_see_its_files(app: Flask, people: People) -> None:
    who = factories.registration(people.stage)
    document = documents.keep(pdf(), stage=who.stage, registration=who)
    address = f"/panel/kegiatan/{people.stage.slug}/berkas/{document.id}"
    for persona in (people.administrator, people.manager, people.organiser, people.certifier):
        assert persona.client.request_raw(address).status_code == 200
    for persona in (people.facilitator, people.viewer):
        assert persona.client.request_raw(address).status_code == 403
    assert people.outsider.client.request_raw(address).status_code == 404
    elsewhere = kept()
    wrong = f"/panel/kegiatan/{people.stage.slug}/berkas/{elsewhere.id}"
    assert people.manager.client.request_raw(wrong).status_code == 404


def test_a_file_that_the_disk_lost_is_not_found(app: Flask, client: PageClient) -> None:
    who = factories.registration()
    document = documents.keep(pdf(), stage=who.stage, registration=who)
    (upload_folder(documents.FOLDER) / document.stored_name).unlink()
    assert client.request_raw(f"/t/{who.ticket_code}/berkas/{document.id}").status_code == 404


def test_an_upload_is_read_no_further_than_it_may_be_long(app: Flask) -> None:
    with pytest.raises(DocumentRefused):
        documents.receive_upload(FileStorage(io.BytesIO(b"%PDF-" + bytes(6 * 1024 * 1024)), "besar.pdf"))
