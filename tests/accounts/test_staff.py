"""An agency's users in the panel."""

import sqlalchemy as sa

from app.accounts import service
from app.accounts.models import User
from app.accounts.queries import find_user_by_email
from app.accounts.rules import Role
from app.audit.models import AuditEntry
from app.extensions import db
from tests import factories
from tests.factories import PASSWORD


def users_page(people):
    return f"/panel/penyelenggara/{people.host.slug}/pengguna"


def test_the_list_shows_ones_own_people_alone(people):
    factories.membership(people.viewer.user, Role.VIEWER, people.other_stage.programme)
    page = people.administrator.client.get(users_page(people))
    assert {people.manager.user.email, people.viewer.user.email} < set(page.words().split())
    assert people.outsider.user.email not in page.text
    assert people.other_stage.programme.name not in page.text


def test_a_new_user_gets_a_password_that_is_shown_once(people):
    page = people.administrator.client.get(users_page(people) + "/tambah")
    page = page.submit(
        "main form", email="Baru@bimtek.test", name="Orang Baru", role="organiser", programme=people.programme.id
    )
    assert page.headers["Cache-Control"] == "no-store"
    password = page.one("main code").text_content()
    assert service.authenticate("baru@bimtek.test", password)
    assert password not in people.administrator.client.get(users_page(people)).text
    user = find_user_by_email("baru@bimtek.test")
    assert [(one.role, one.programme_id) for one in user.memberships] == [(Role.ORGANISER, people.programme.id)]
    assert password not in str(
        [(entry.action, entry.fields, entry.reason) for entry in db.session.scalars(sa.select(AuditEntry))]
    )


def test_what_is_wrong_is_said_and_what_was_typed_stays(people):
    page = people.administrator.client.get(users_page(people) + "/tambah")
    page = page.submit("main form", email="bukan alamat", name="Orang Baru", role="organiser", programme=0, status=422)
    page.one("#email-error")
    page.one("#programme-error")
    page = page.submit(
        "main form", email="baru@bimtek.test", programme=people.programme.id, password="pendek", status=422
    )
    page.one("#password-error")
    assert page.one("[name=name]").get("value") == "Orang Baru"
    page = page.submit("main form", name="", password="", status=422)
    page.one("#name-error")
    assert find_user_by_email("baru@bimtek.test") is None


def test_a_programme_of_another_agency_is_no_choice(people):
    client = people.administrator.client
    data = client.get(users_page(people) + "/tambah").values("main form")
    data |= {"email": "baru@bimtek.test", "name": "B", "role": "viewer", "programme": people.other_stage.programme_id}
    client.post(users_page(people) + "/tambah", data=data, status=422)
    assert find_user_by_email("baru@bimtek.test") is None


def test_users_of_another_agency_do_not_exist(people):
    client, stranger = people.administrator.client, people.outsider.user
    address = f"{users_page(people)}/{stranger.id}"
    client.get(address, status=404)
    token = client.get("/akun").values(".side-foot form")
    for act in ("/peran", "/kata-sandi", "/nonaktifkan", "/aktifkan", f"/peran/{stranger.memberships[0].id}/cabut"):
        client.post(address + act, data=token, status=404)
    own = people.manager.user
    client.post(f"{users_page(people)}/{own.id}/peran/{stranger.memberships[0].id}/cabut", data=token, status=404)
    client.post(
        f"{users_page(people)}/{own.id}/peran/{people.viewer.user.memberships[0].id}/cabut", data=token, status=404
    )
    assert len(stranger.memberships) == 1
    assert stranger.active


def test_roles_are_given_and_taken(people):
    user = people.viewer.user
    address = f"{users_page(people)}/{user.id}"
    page = people.administrator.client.get(address)
    page = page.submit(f"[action='{address}/peran']", role="facilitator", programme=people.programme.id)
    assert {one.role for one in user.memberships} == {Role.VIEWER, Role.FACILITATOR}
    page.submit(f"[action='{address}/peran']", role="facilitator", programme=0, status=422)
    for membership in list(user.memberships):
        page = page.submit(f"[action='{address}/peran/{membership.id}/cabut']")
    assert page.url == users_page(people)
    assert user.memberships == []


def test_the_last_administrator_is_told_why_he_stays(people):
    user = people.administrator.user
    address = f"{users_page(people)}/{user.id}"
    page = people.administrator.client.get(address)
    page = page.submit(f"[action='{address}/peran/{user.memberships[0].id}/cabut']")
    assert page.texts(".alert-danger")
    assert len(user.memberships) == 1
    assert not page.select(f"[action='{address}/nonaktifkan']")
    token = page.values(".side-foot form")
    assert people.administrator.client.post(f"{address}/nonaktifkan", data=token).texts(".alert-danger")
    assert user.active


def test_deactivating_and_activating(people):
    user, client = people.viewer.user, people.viewer.client
    address = f"{users_page(people)}/{user.id}"
    client.get("/akun")
    page = people.administrator.client.get(address).submit(f"[action='{address}/nonaktifkan']")
    assert "/masuk" in client.get("/akun").url
    page.submit(f"[action='{address}/aktifkan']")
    assert client.get("/akun").url == "/akun"


def test_a_new_password_from_the_administrator(people):
    user, client = people.viewer.user, people.viewer.client
    address = f"{users_page(people)}/{user.id}"
    page = people.administrator.client.get(address)
    page.submit(f"[action='{address}/kata-sandi']", password="pendek", status=422)
    page = page.submit(f"[action='{address}/kata-sandi']", password="laut tenang kapal")
    assert page.one("main code").text_content() == "laut tenang kapal"
    assert "/masuk" in client.get("/akun").url
    assert service.authenticate(user.email, PASSWORD) is None
    assert service.authenticate(user.email, "laut tenang kapal")


def test_whoever_also_works_elsewhere_keeps_the_password(people):
    user = people.viewer.user
    factories.membership(user, Role.VIEWER, people.other_stage.programme)
    address = f"{users_page(people)}/{user.id}"
    client = people.administrator.client
    page = client.get(address)
    assert not page.select(f"[action='{address}/kata-sandi'], [action='{address}/nonaktifkan']")
    token = page.values(".side-foot form")
    client.post(f"{address}/kata-sandi", data=token | {"password": "laut tenang kapal"}, status=422)
    assert client.post(f"{address}/nonaktifkan", data=token).texts(".alert-danger")
    assert service.authenticate(user.email, PASSWORD)


def test_the_list_asks_the_database_alike_for_few_and_many(people, app):
    from sqlalchemy import event

    def queries() -> int:
        counted = []
        event.listen(db.engine, "before_cursor_execute", counting := lambda *rest: counted.append(rest))
        people.administrator.client.get(users_page(people))
        event.remove(db.engine, "before_cursor_execute", counting)
        return len(counted)

    queries()  # opens the connection
    few = queries()
    for _ in range(20):
        factories.membership(factories.user(), Role.VIEWER, people.programme)
    assert queries() == few
    assert db.session.scalar(sa.select(sa.func.count(User.id))) > 20


def test_another_agencys_user_is_added_without_her_name_being_told(people):
    stranger = people.outsider.user
    page = people.administrator.client.get(users_page(people) + "/tambah")
    page = page.submit("main form", email=stranger.email, role="viewer", programme=people.programme.id)
    assert page.texts(".alert-success")
    programme = f"/panel/program/{people.programme.slug}/staf"
    for told in (
        page,
        people.administrator.client.get(users_page(people)),
        people.manager.client.get(programme),
        people.manager.client.get(programme).submit(f"[action='{programme}']", email=stranger.email, manager=True),
    ):
        assert stranger.email in told.text and stranger.name not in told.text
    assert stranger.name in people.outsider.client.get(f"/panel/penyelenggara/{people.other_host.slug}/pengguna").text


def test_whoever_also_works_elsewhere_loses_all_roles_here_by_one_button(people):
    user = people.viewer.user
    factories.membership(user, Role.FACILITATOR, people.programme)
    factories.membership(user, Role.VIEWER, people.other_stage.programme)
    address = f"{users_page(people)}/{user.id}"
    page = people.administrator.client.get(address).submit(f"[action='{address}/peran/cabut-semua']")
    assert page.url == users_page(people) and user.email not in page.one("table").text_content()
    assert [one.host_id for one in user.memberships] == [people.other_host.id]
    own = f"{users_page(people)}/{people.administrator.user.id}"
    token = page.values(".side-foot form")
    assert people.administrator.client.post(f"{own}/peran/cabut-semua", data=token).texts(".alert-danger")
    people.administrator.client.post(f"{own}/peran/cabut-semua", status=400)
