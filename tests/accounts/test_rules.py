"""Passwords and what roles may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import MAY, PROGRAMME_ROLES, AccountRefusal, Permission, Role, password_problem

EMAIL, NAME = "siti.aminah@diskominfo.go.id", "Siti Aminah"


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", AccountRefusal.PASSWORD_SHORT),
        ("sembilan9", AccountRefusal.PASSWORD_SHORT),
        ("x" * 201, AccountRefusal.PASSWORD_LONG),
        ("Siti.Aminah@Diskominfo.go.id", AccountRefusal.PASSWORD_PERSONAL),
        ("SITI.AMINAH", AccountRefusal.PASSWORD_PERSONAL),
        ("siti aminah", AccountRefusal.PASSWORD_PERSONAL),
        ("Indonesia1945", AccountRefusal.PASSWORD_COMMON),
        ("bis millah 123", AccountRefusal.PASSWORD_COMMON),
        ("aaaaaaaaaaaa", AccountRefusal.PASSWORD_COMMON),
        ("bimtek-demo-2019", None),
        ("laut tenang kapal pulang", None),
        ("sepuluh-10", None),
    ],
)
def test_what_a_password_may_be(password, problem):
    assert password_problem(password, email=EMAIL, name=NAME) is problem


@given(st.text(max_size=9))
def test_no_short_password_passes(password):
    assert password_problem(password, email=EMAIL, name=NAME) is AccountRefusal.PASSWORD_SHORT


def test_every_role_but_the_administrators_belongs_to_a_programme():
    assert set(PROGRAMME_ROLES) == set(Role) - {Role.ADMINISTRATOR}
    assert set(MAY) == set(Role)


def test_who_may_what():
    assert MAY[Role.ADMINISTRATOR] == frozenset(Permission)
    assert Permission.EDIT_HOST not in MAY[Role.MANAGER]
    assert {role for role in Role if Permission.ISSUE_CERTIFICATES in MAY[role]} == {
        Role.ADMINISTRATOR,
        Role.MANAGER,
        Role.CERTIFIER,
    }
    assert {role for role in Role if Permission.EDIT_PROGRAMME in MAY[role]} == {Role.ADMINISTRATOR, Role.MANAGER}
    assert Permission.VIEW_PEOPLE not in MAY[Role.VIEWER] | MAY[Role.FACILITATOR]
    assert all(Permission.VIEW_STAGE in permissions for permissions in MAY.values())
