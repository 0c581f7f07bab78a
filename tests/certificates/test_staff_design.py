"""The design of certificates: its form, its sample, and what happens where numbers cannot be made from it."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.certificates import service
from app.certificates.models import Certificate, CertificateDesign
from app.extensions import db, transaction
from app.hosts.service import set_emblem
from app.web.places import upload_folder
from tests.certificates.scene import NIP, Scene, scene
from tests.paper.reading import text_of
from tests.paper.samples import emblem
from tests.personas import People


@pytest.fixture
def place(people: People) -> Scene:
    return scene(stage=people.stage)


def path(place: Scene, tail: str = "") -> str:
    return f"/panel/kegiatan/{place.stage.slug}/sertifikat{tail}"


def test_the_design_is_checked_and_kept(people: People, place: Scene) -> None:
    client = people.certifier.client
    address = path(place, "/desain")
    page = client.get(address).submit("form#design", status=422, number_pattern="{nomor}", signer_nip="12345")
    assert "{nomor} tidak dikenal" in page.text
    assert "NIP" in page.text
    assert page.one("#number_pattern").get("value") == "{nomor}"
    values = {
        "number_pattern": "{urut:04}/{tahun}",
        "signer_nip": "19850312 201001 1 007",
        "signer_title_after": "M.Si.",
    }
    page = client.get(address).submit("form#design", **values)
    assert "Desain tersimpan" in page.text
    design = db.session.scalars(sa.select(CertificateDesign)).one()
    assert (design.number_pattern, design.signer_nip) == ("{urut:04}/{tahun}", NIP)
    assert "0001/" in page.text
    assert page.one("#signer_nip").get("value") == "19850312 201001 1 007"


def test_the_sample_is_of_an_invented_person(people: People, place: Scene) -> None:
    answer = people.certifier.client.get(path(place, "/contoh.pdf"))
    assert "Contoh Nama Peserta" in text_of(answer.data)
    assert not db.session.scalars(sa.select(Certificate)).all()


def test_a_sample_keeps_no_picture(people: People, place: Scene) -> None:
    """Reading a page writes nothing; the emblem is on the sample all the same."""
    client = people.certifier.client
    plain = client.get(path(place, "/contoh.pdf")).data
    set_emblem(place.stage.host, emblem(), by=people.administrator.user)
    with_emblem = client.get(path(place, "/contoh.pdf")).data
    assert not upload_folder("certificates").exists()
    assert len(with_emblem) > len(plain) + 100


def test_a_number_that_would_be_too_long_is_refused_in_the_design(people: People, place: Scene) -> None:
    client = people.certifier.client
    values = {"number_pattern": "{urut}" + "{klasifikasi}" * 8, "classification": "K" * 30}
    page = client.get(path(place, "/desain")).submit("form#design", status=422, **values)
    assert "160" in page.text
    assert page.one("#classification").get("value") == "K" * 30


def test_a_stored_pattern_that_cannot_be_followed_is_said_wherever_it_is_needed(
    people: People, place: Scene, work: Any
) -> None:
    registration_id = place.present().id
    with transaction():
        design = db.session.scalars(sa.select(CertificateDesign)).one()
        design.number_pattern, design.classification = "{urut}" + "{klasifikasi}" * 8, "K" * 30
    client = people.certifier.client
    assert "160" in client.get(path(place, "/desain")).text
    sample = client.get(path(place, "/contoh.pdf"))
    assert sample.url.endswith("/desain")
    assert "160" in sample.words()
    page = client.get(path(place, f"/peserta/{registration_id}")).submit("form[action$='/terbitkan']")
    assert "160" in page.words()
    page = client.get(path(place)).submit("form#terbitkan")
    work()
    assert "160" in client.get(page.url).words()


def test_without_a_complete_design_nothing_can_be_issued(people: People) -> None:
    place = scene(stage=people.stage)
    place.present()
    service.save_design(place.stage.programme, by=None, signer_name="")
    page = people.certifier.client.get(path(place))
    assert "nama penanda tangan" in page.text
    assert not page.select("form#terbitkan")
    answer = people.certifier.client.get(path(place, "/desain"))
    token = answer.values("form#design")["csrf_token"]
    page = people.certifier.client.post(path(place, "/terbitkan"), data={"csrf_token": token})
    assert "belum memuat" in page.text
