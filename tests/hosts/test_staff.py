"""An agency's letterhead, emblem and notice in the panel."""

import io

import pytest

from app.accounts.rules import Role
from app.hosts.queries import emblem_bytes, notice_in_force
from tests import factories
from tests.hosts.test_rules import picture, png


def host_page(people):
    return people.administrator.client.get(f"/panel/penyelenggara/{people.host.slug}")


def test_the_letterhead(people):
    page = host_page(people)
    page = page.submit(
        "main form",
        parent_name="PEMERINTAH KOTA",
        name="Dinas  Baru",
        city="Bintan",
        email="a@b.go.id",
    )
    assert page.texts(".alert-success")
    host = people.host
    assert (host.parent_name, host.name, host.city, host.email) == (
        "PEMERINTAH KOTA",
        "Dinas Baru",
        "Bintan",
        "a@b.go.id",
    )
    page = page.submit("main form", name=" ", email="bukan alamat", status=422)
    page.one("#name-error")
    page.one("#email-error")
    assert people.host.name == "Dinas Baru"


def test_the_zone_can_be_chosen_until_a_stage_stands_on_it(people):
    page = host_page(people)
    assert not page.select("[name=timezone]") and "WIB" in page.words()
    client = people.outsider.client
    new = factories.host(slug="dinas-baru")
    factories.membership(people.outsider.user, Role.ADMINISTRATOR, new)
    page = client.get("/panel/penyelenggara/dinas-baru").submit("main form", timezone="Asia/Jayapura")
    assert page.texts(".alert-success") and new.timezone == "Asia/Jayapura"
    factories.stage(factories.programme(new))
    page = page.submit("main form", timezone="Asia/Jakarta", name="Dinas")  # the page lay open meanwhile
    assert new.timezone == "Asia/Jayapura"


def test_an_emblem_comes_and_goes(people):
    page = host_page(people).submit("main form", emblem=(io.BytesIO(picture("JPEG")), "lambang.jpg"))
    assert emblem_bytes(people.host).startswith(b"\x89PNG")
    assert people.host.emblem in page.one("main img").get("src")
    page = page.submit("main form", city="Bintan")
    assert people.host.emblem
    page.submit("main form", remove_emblem=True)
    assert people.host.emblem is None


@pytest.mark.parametrize(
    "data",
    [b"just text", picture("GIF"), picture() + b"\0" * 2_200_000, png(60_000, 60_000, bytes(100)), picture()[:70]],
    ids=["text", "gif", "large", "bomb", "torn"],
)
def test_a_wrong_file_is_said_and_what_was_typed_stays(people, data):
    page = host_page(people).submit(
        "main form", city="Kota yang diketik", emblem=(io.BytesIO(data), "lambang.png"), status=422
    )
    page.one("#emblem-error")
    assert page.one("[name=city]").get("value") == "Kota yang diketik"
    assert (people.host.city, people.host.emblem) == ("Tanjungpinang", None)


def test_far_too_large_a_file_has_a_page(people):
    host_page(people).submit("main form", emblem=(io.BytesIO(b"\0" * 9_000_000), "lambang.png"), status=413)


def test_a_new_version_of_the_notice(people):
    client = people.administrator.client
    page = client.get(f"/panel/penyelenggara/{people.host.slug}/privasi")
    page.submit("main form", body="terlalu pendek", status=422)
    page = page.submit("main form", body="Pemberitahuan yang baru. " * 10)
    assert notice_in_force(people.host).version == 2
    assert len(page.select("main details")) == 2
    assert "Pemberitahuan yang baru." in client.get(f"/privasi/{people.host.slug}").words()


def test_without_token_nothing_happens_and_the_form_comes_back(people):
    client = people.administrator.client
    page = client.post(
        f"/panel/penyelenggara/{people.host.slug}", data={"name": "Dinas Palsu", "timezone": "Asia/Jakarta"}, status=422
    )
    assert page.one("[name=name]").get("value") == "Dinas Palsu"
    assert people.host.name != "Dinas Palsu"
