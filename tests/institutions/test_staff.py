"""The directory of institutions in the panel."""

import pytest
from sqlalchemy import event

from app.extensions import db
from app.institutions import queries, service
from tests import factories


@pytest.fixture
def panel(people):
    service.seed_categories(people.host)
    return f"/panel/penyelenggara/{people.host.slug}/instansi"


def test_adding_editing_and_finding(people, panel):
    client = people.administrator.client
    page = client.get(panel).follow(f"main .empty a[href='{panel}/tambah']")
    page = page.submit("main form", category="OPD", name="Dinas Kesehatan", short_name="Dinkes")
    assert page.texts(".alert-success")
    assert page.one("[name=category] option[selected]").get("value") == "OPD"
    page = page.submit("main form", name="Dinas Kesehatan", status=422)
    page.one("#name-error")
    page = page.submit("main form", name="Dinas Sosial")
    page = client.get(panel).submit("main form[role=search]", cari="dinkes", unsur="OPD")
    assert page.texts("tbody tr td:first-child a") == ["Dinas Kesehatan"]
    page = page.follow("tbody a").submit("main form", name="Dinas Kesehatan Kota")
    assert "Dinas Kesehatan Kota" in page.words()
    assert client.get(f"{panel}?cari=tidak+ada").select(".empty")


def test_retiring_and_restoring(people, panel):
    institution = service.add_institution(people.host, category_code="OPD", name="Dinas Lama")
    page = people.administrator.client.get(panel).submit(f"[action='{panel}/{institution.id}/arsipkan']")
    assert "Dinas Lama" not in people.administrator.client.get(panel).text
    page.submit(f"[action='{panel}/{institution.id}/pulihkan']")
    assert "Dinas Lama" in people.administrator.client.get(panel).text


def test_categories(people, panel):
    page = people.administrator.client.get(f"{panel}/unsur").follow(f"a[href='{panel}/unsur/OPD']")
    assert page.values("main form")["identity_types"] == "NIP"
    page = page.submit(
        "main form", identity_types=["NIP", "NRP", "NONE"], usual="NRP", identity_required=True, status=422
    )
    page.one("#identity_types-error")
    page.submit("main form", identity_types=["NIP", "NRP", "NONE"], usual="NRP", identity_required=False)
    assert queries.find_category(people.host, "OPD").identity_types == ["NRP", "NIP", "NONE"]
    people.administrator.client.get(f"{panel}/unsur/NASA", status=404)


def test_institutions_of_another_agency_do_not_exist(people, panel):
    stranger = factories.institution(people.other_host)
    client = people.administrator.client
    client.get(f"{panel}/{stranger.id}", status=404)
    token = client.get("/akun").values(".side-foot form")
    client.post(f"{panel}/{stranger.id}/arsipkan", data=token, status=404)
    client.post(f"{panel}/{stranger.id}", data=token | {"name": "Milik saya", "category": "OPD"}, status=404)
    client.get(f"{panel}/{stranger.id}/arsipkan", status=405)
    assert not stranger.retired


def test_the_list_asks_the_database_alike_for_few_and_many(people, panel):
    def asked() -> int:
        counted = []
        event.listen(db.engine, "before_cursor_execute", counting := lambda *rest: counted.append(rest))
        people.administrator.client.get(panel)
        event.remove(db.engine, "before_cursor_execute", counting)
        return len(counted)

    service.add_institution(people.host, category_code="OPD", name="Dinas A")
    asked()  # opens the connection
    few = asked()
    for number in range(60):
        service.add_institution(people.host, category_code="SWASTA", name=f"Usaha {number:02}")
    assert asked() == few
