"""Who comes through which door."""

import pytest
from flask import Blueprint, Flask
from flask_login import login_user
from werkzeug.exceptions import Forbidden, NotFound

from app.accounts.models import User
from app.accounts.permissions import Permission, Scope, may, require, roles_in, scope_of
from app.accounts.rules import Role
from app.extensions import db
from tests import factories
from tests.personas import STAFF


def as_user(app: Flask, user: User, check):
    with app.test_request_context():
        login_user(db.session.get(User, user.id))
        return check()


def test_roles_count_where_they_were_given(app, people):
    programme, sibling = people.programme, factories.programme(people.host)
    manager, administrator = people.manager.user, people.administrator.user
    assert roles_in(manager, scope_of(programme)) == {Role.MANAGER}
    assert roles_in(manager, scope_of(people.stage)) == {Role.MANAGER}
    assert roles_in(manager, scope_of(sibling)) == set()
    assert roles_in(manager, scope_of(people.host)) == set()
    assert roles_in(administrator, scope_of(sibling)) == {Role.ADMINISTRATOR}
    assert roles_in(administrator, scope_of(people.other_stage)) == set()


def test_several_roles_add_up(app, people):
    user = people.facilitator.user
    assert not may(Permission.ISSUE_CERTIFICATES, people.stage, user)
    factories.membership(user, Role.CERTIFIER, people.programme)
    db.session.expire_all()
    assert may(Permission.ISSUE_CERTIFICATES, people.stage, user)
    assert may(Permission.RUN_FEEDBACK, people.stage, user)


def test_nobody_may_anything_without_signing_in(app, people):
    with app.test_request_context():
        assert not may(Permission.VIEW_STAGE, people.stage)


def test_strangers_find_nothing_and_members_are_told(app, people):
    stage = people.stage
    with pytest.raises(NotFound):
        as_user(app, people.outsider.user, lambda: require(Permission.VIEW_STAGE, stage))
    with pytest.raises(Forbidden):
        as_user(app, people.viewer.user, lambda: require(Permission.SCAN, stage))
    with pytest.raises(NotFound):
        as_user(app, people.viewer.user, lambda: require(Permission.SCAN, None))
    assert as_user(app, people.organiser.user, lambda: require(Permission.SCAN, stage)) is stage


def test_what_has_no_scope_is_a_mistake(app):
    with pytest.raises(TypeError):
        scope_of(object())
    assert Scope(1) == Scope(1, None)


def test_a_route_that_declares_nothing_is_closed(people):
    app = Flask("closed")
    from app.accounts import permissions
    from app.extensions import login

    login.init_app(app)
    app.secret_key = "for this test"
    blueprint = Blueprint("bare", __name__)
    blueprint.get("/bare")(lambda: "open")
    app.register_blueprint(blueprint)
    permissions.init_app(app)
    assert app.test_client().get("/bare").status_code == 403


HOST_PAGES = (
    "",
    "/privasi",
    "/pengguna",
    "/pengguna/tambah",
    "/instansi",
    "/instansi/tambah",
    "/instansi/unsur",
    "/program",
    "/program/tambah",
)
PROGRAMME_PAGES = {"": set(STAFF)} | {
    page: {"administrator", "manager"} for page in ("/tahap", "/tahap/tambah", "/staf", "/pengaturan")
}


@pytest.mark.parametrize("page", HOST_PAGES)
def test_an_agencys_pages_are_its_administrators_alone(people, page):
    address = f"/panel/penyelenggara/{people.host.slug}{page}"
    people.administrator.client.get(address)
    people.manager.client.get(address, status=404)
    people.outsider.client.get(address, status=404)
    assert "/masuk" in people.visitor.get(address).url
    people.administrator.client.get(f"/panel/penyelenggara/{people.other_host.slug}{page}", status=404)
    people.administrator.client.get(f"/panel/penyelenggara/tidak-ada{page}", status=404)


@pytest.mark.parametrize("page", PROGRAMME_PAGES)
def test_a_programmes_pages_by_role(people, page):
    address = f"/panel/program/{people.programme.slug}{page}"
    for role in STAFF:
        getattr(people, role).client.get(address, status=200 if role in PROGRAMME_PAGES[page] else 403)
    people.outsider.client.get(address, status=404)
    assert "/masuk" in people.visitor.get(address).url
