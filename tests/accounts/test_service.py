"""Users, passwords and roles in both databases."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from werkzeug.exceptions import TooManyRequests

from app.accounts import service
from app.accounts.models import Membership, User
from app.accounts.queries import find_user, find_user_by_email, find_user_of_host, users_of_host
from app.accounts.rules import AccountRefusal, AccountRefused, Role, password_problem
from app.audit.models import AuditEntry
from app.extensions import db, is_writing, transaction
from app.hosts.models import Host
from app.shared import clock
from tests import factories
from tests.factories import PASSWORD
from tests.pages import forget_what_was_read


def refused(reason: AccountRefusal):
    return pytest.raises(AccountRefused, match=f"^{reason.value}$")


def take_on(account, *, host=None):
    """A user without any role yet."""
    host = host or factories.host()
    return service.take_on(account.email, account, roles=[], host=host, programme_id=None, by=None)


def side_by_side(app, *acts) -> list:
    """Run each in a thread of its own, all at once; what each answered or raised."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        with app.app_context():
            gate.wait(10)
            try:
                results[place] = act()
            except AccountRefused as error:
                results[place] = error.reason

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    forget_what_was_read()
    return results


@pytest.mark.both_databases
def test_a_new_user_signs_in_in_any_letter_case(app):
    account = service.prepare_account("Admin@Bimtek.TEST", "  Raja   Hafizah ", "bimtek-demo-2019")
    user, _ = take_on(account)
    assert (user.email, user.name) == ("admin@bimtek.test", "Raja Hafizah")
    assert service.authenticate(" ADMIN@bimtek.test ", "bimtek-demo-2019").id == user.id
    assert service.authenticate("admin@bimtek.test", "Bimtek-demo-2019") is None
    assert service.authenticate("nobody@bimtek.test", "bimtek-demo-2019") is None
    assert user.last_seen_at is not None


@pytest.mark.both_databases
def test_an_address_is_taken_once_however_many_try(app):
    account = service.prepare_account("satu@bimtek.test", "Satu", PASSWORD)
    host_id = factories.host().id

    def create():
        return take_on(account, host=db.session.get(Host, host_id))[0].id

    results = side_by_side(app, *[create] * 4)
    assert results.count(AccountRefusal.EMAIL_TAKEN) == 3
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"email": "no address"}, AccountRefusal.BAD_EMAIL),
        ({"name": "  "}, AccountRefusal.NO_NAME),
        ({"password": "short"}, AccountRefusal.PASSWORD_SHORT),
    ],
)
def test_a_user_that_cannot_be(app, values, reason):
    with refused(reason):
        service.prepare_account(**{"email": "a@bimtek.test", "name": "A", "password": PASSWORD} | values)
    assert db.session.scalar(sa.select(User)) is None


def test_ten_wrong_tries_and_then_not_even_the_right_one(app, frozen_clock):
    moment = clock.now()
    frozen_clock(moment)
    user = factories.user()
    for _ in range(10):
        assert service.authenticate(user.email, "wrong", browser="hers") is None
    with pytest.raises(TooManyRequests) as answer:
        service.authenticate(user.email, PASSWORD, browser="hers")
    assert 0 < answer.value.retry_after <= 900
    frozen_clock(moment + timedelta(minutes=15))
    assert service.authenticate(user.email, PASSWORD, browser="hers").id == user.id


def test_a_right_try_forgives_the_wrong_ones(app):
    user = factories.user()
    for _ in range(3):
        for _ in range(9):
            service.authenticate(user.email, "wrong", browser="hers")
        assert service.authenticate(user.email, PASSWORD, browser="hers")


def test_unknown_addresses_are_throttled_and_hashed_alike(app, monkeypatch):
    verified = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher,
        "verify",
        lambda self, hashed, password: verified.append(hashed) or verify(self, hashed, password),
    )
    for _ in range(service.WRONG_TRIES_OF_STRANGERS):
        service.authenticate("nobody@bimtek.test", "wrong")
    assert len(verified) == service.WRONG_TRIES_OF_STRANGERS
    assert all("m=64,t=1,p=1" in hashed for hashed in verified)
    with pytest.raises(TooManyRequests):
        service.authenticate("nobody@bimtek.test", "wrong")


def test_a_hash_of_lower_cost_is_renewed(app):
    user = factories.user()
    assert "m=8," in user.password_hash
    assert service.authenticate(user.email, PASSWORD)
    assert "m=64," in user.password_hash
    assert service.authenticate(user.email, PASSWORD)


def test_nobody_deactivated_signs_in(app):
    user = factories.user(active=False)
    assert service.authenticate(user.email, PASSWORD) is None


@pytest.mark.both_databases
def test_a_changed_password_ends_every_session(app):
    user = factories.user()
    former = user.get_id()
    assert find_user(former)
    with refused(AccountRefusal.WRONG_PASSWORD):
        service.change_password(user, "wrong", "kata sandi yang baru")
    with refused(AccountRefusal.PASSWORD_SAME):
        service.change_password(user, PASSWORD, PASSWORD)
    assert find_user(former)
    service.change_password(user, PASSWORD, "kata sandi yang baru")
    assert find_user(former) is None
    assert find_user(user.get_id()).id == user.id
    assert service.authenticate(user.email, PASSWORD) is None
    assert service.authenticate(user.email, "kata sandi yang baru")


def test_a_sessions_id_is_two_numbers(app):
    user = factories.user()
    for nonsense in (
        "",
        str(user.id),
        f"{user.id}.",
        f"{user.id}.x",
        f".{user.session_version}",
        "²." + "1",
        f"{user.id}.1.1",
    ):
        assert find_user(nonsense) is None


@pytest.mark.both_databases
def test_a_role_is_given_once(app, people):
    user, by = factories.user(), people.administrator.user
    first = service.grant(user, Role.ORGANISER, host=people.host, programme_id=people.programme.id, by=by)
    again = service.grant(user, Role.ORGANISER, host=people.host, programme_id=people.programme.id, by=by)
    assert first.id == again.id
    head = service.grant(user, Role.ADMINISTRATOR, host=people.host, by=by)
    assert service.grant(user, Role.ADMINISTRATOR, host=people.host, by=by).id == head.id
    assert {one.role for one in user.memberships} == {Role.ORGANISER, Role.ADMINISTRATOR}
    granted = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "membership.granted")).all()
    assert [(entry.actor_id, entry.fields) for entry in granted] == [(by.id, ["organiser"]), (by.id, ["administrator"])]


def test_a_role_belongs_where_it_can(app, people):
    user = factories.user()
    for role, programme_id in (
        (Role.ADMINISTRATOR, people.programme.id),
        (Role.VIEWER, None),
        (Role.VIEWER, people.other_stage.programme_id),
    ):
        with pytest.raises(ValueError):
            service.grant(user, role, host=people.host, programme_id=programme_id)
    assert user.memberships == []


@pytest.mark.both_databases
def test_the_last_administrator_stays(app, people):
    administrator, host = people.administrator.user, people.host
    membership = administrator.memberships[0]
    with refused(AccountRefusal.LAST_ADMINISTRATOR):
        service.withdraw(membership, by=administrator)
    second = factories.user()
    service.grant(second, Role.ADMINISTRATOR, host=host, by=administrator)
    service.set_active(second, False, by=administrator, host=host)
    with refused(AccountRefusal.LAST_ADMINISTRATOR):  # the other one cannot sign in
        service.withdraw(membership, by=administrator)
    service.set_active(second, True, by=administrator, host=host)
    service.withdraw(membership, by=administrator)
    assert find_user_of_host(host.id, administrator.id) is None
    with refused(AccountRefusal.LAST_ADMINISTRATOR):
        service.set_active(second, False, by=administrator, host=host)


@pytest.mark.both_databases
def test_two_administrators_cannot_remove_each_other_at_once(app, people):
    first, second = people.administrator.user, factories.user()
    ids = [first.memberships[0].id, factories.membership(second, Role.ADMINISTRATOR, people.host).id]
    results = side_by_side(
        app, *[lambda one=one: service.withdraw(db.session.get(Membership, one), by=None) for one in ids]
    )
    assert sorted(results, key=str) == [AccountRefusal.LAST_ADMINISTRATOR, None]
    assert (
        len(
            [
                user
                for user in users_of_host(people.host.id)
                if any(one.role is Role.ADMINISTRATOR for one in user.memberships)
            ]
        )
        == 1
    )


def test_nobody_locks_himself_out(app, people):
    administrator = people.administrator.user
    service.grant(factories.user(), Role.ADMINISTRATOR, host=people.host, by=None)
    with refused(AccountRefusal.ONESELF):
        service.set_active(administrator, False, by=administrator, host=people.host)


@pytest.mark.both_databases
def test_whoever_works_for_two_agencies_is_out_of_reach_of_both(app, people):
    shared, by = people.organiser.user, people.administrator.user
    service.set_password(shared, "kata sandi pertama", host=people.host, by=by)
    factories.membership(shared, Role.VIEWER, people.other_stage.programme)
    for host, administrator in ((people.host, by), (people.other_host, people.outsider.user)):
        with refused(AccountRefusal.SHARED):
            service.set_password(shared, "kata sandi curian", host=host, by=administrator)
        with refused(AccountRefusal.SHARED):
            service.set_active(shared, False, by=administrator, host=host)
    assert service.authenticate(shared.email, "kata sandi pertama")
    service.set_password_by_operator(shared, "kata sandi operator")
    assert service.authenticate(shared.email, "kata sandi operator")


def test_staff_are_added_by_address(app, people):
    values = {
        "roles": [Role.ORGANISER, Role.CERTIFIER],
        "host": people.host,
        "programme_id": people.programme.id,
        "by": people.manager.user,
    }
    user, created = service.add_staff(email="baru@bimtek.test", name="Baru", password=PASSWORD, **values)
    assert created
    assert {one.role for one in user.memberships} == {Role.ORGANISER, Role.CERTIFIER}
    again, created = service.add_staff(email="BARU@bimtek.test", name="Lain", password="", **values)
    assert (again.id, again.name, created) == (user.id, "Baru", False)
    assert service.authenticate("baru@bimtek.test", PASSWORD)
    with transaction():
        db.session.get(User, user.id).active = False
    with refused(AccountRefusal.INACTIVE):
        service.add_staff(email="baru@bimtek.test", name="", password="", **values)


def test_drawn_passwords_are_good_ones(app):
    drawn = {service.draw_password() for _ in range(50)}
    assert len(drawn) == 50
    assert {password_problem(password, email="a@bimtek.test", name="A") for password in drawn} == {None}


def test_find_by_address(app):
    user = factories.user(email="ada@bimtek.test")
    assert find_user_by_email(" ADA@BIMTEK.TEST ").id == user.id


@pytest.mark.both_databases
def test_a_user_is_made_with_the_roles_or_not_at_all(app):
    programme = factories.programme()
    with pytest.raises(ValueError, match="another host"):
        service.add_staff(
            email="baru@bimtek.test",
            name="Baru",
            password=PASSWORD,
            roles=[Role.VIEWER],
            host=factories.host(),
            programme_id=programme.id,
            by=None,
        )
    assert find_user_by_email("baru@bimtek.test") is None


def test_nothing_is_hashed_while_others_wait_to_write(app, monkeypatch):
    hasher, within = service.password_hasher, []
    monkeypatch.setattr(service, "password_hasher", lambda: within.append(is_writing()) or hasher())
    given = {"name": "Baru", "password": PASSWORD, "programme_id": None, "by": None}
    service.add_staff(email="a@bimtek.test", roles=[Role.ADMINISTRATOR], host=factories.host(slug="dinas-a"), **given)
    made = app.test_cli_runner().invoke(
        args=["users", "create", "b@bimtek.test", "--host", "b", "--role", "administrator", "--new-host", "B"],
        input="laut tenang kapal\n",
    )
    assert made.exit_code == 0, made.output
    assert within == [False, False]


@pytest.mark.both_databases
def test_all_roles_of_one_agency_go_at_once(app):
    stage, elsewhere, user = factories.stage(), factories.programme(), factories.user()
    factories.membership(user, Role.ADMINISTRATOR, stage.host)
    factories.membership(user, Role.VIEWER, stage.programme)
    kept = factories.membership(user, Role.MANAGER, elsewhere).id
    with refused(AccountRefusal.LAST_ADMINISTRATOR):
        service.withdraw_all(user, host=stage.host, by=None)
    factories.membership(factories.user(), Role.ADMINISTRATOR, stage.host)
    service.withdraw_all(user, host=stage.host, by=None)
    assert [one.id for one in user.memberships] == [kept]
    assert (
        db.session.scalar(
            sa.select(sa.func.count()).where(
                AuditEntry.action == "membership.withdrawn", AuditEntry.host_id == stage.host.id
            )
        )
        == 2
    )
