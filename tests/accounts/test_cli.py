"""`flask users …`"""

import pytest

from app.accounts import service
from app.accounts.queries import find_user_by_email
from app.accounts.rules import Role
from app.hosts.queries import find_host, notice_in_force
from app.institutions.queries import categories_of
from tests.pages import forget_what_was_read

PASSWORD = "laut tenang kapal\n"


@pytest.fixture
def flask(app):
    def run(*words: str, typed: str = PASSWORD):
        result = app.test_cli_runner().invoke(args=["users", *words], input=typed)
        forget_what_was_read()
        return result

    return run


def test_the_very_first_administrator(flask):
    result = flask(
        "create", "admin@bimtek.test", "--host", "dinas-a", "--role", "administrator", "--new-host", "Dinas A"
    )
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) == 1
    host = find_host("dinas-a")
    assert host.name == "Dinas A"
    assert notice_in_force(host).version == 1
    assert len(categories_of(host)) == 15
    assert service.authenticate("admin@bimtek.test", PASSWORD.strip()).memberships[0].role is Role.ADMINISTRATOR


def test_a_role_of_a_programme(flask, people):
    result = flask(
        "create", "b@bimtek.test", "--programme", people.programme.slug, "--role", "manager", "--name", "Budi"
    )
    assert result.exit_code == 0, result.output
    user = find_user_by_email("b@bimtek.test")
    assert (user.name, user.memberships[0].programme_id) == ("Budi", people.programme.id)
    assert (
        flask("create", "b@bimtek.test", "--programme", people.programme.slug, "--role", "viewer", typed="").exit_code
        == 0
    )
    assert len(find_user_by_email("b@bimtek.test").memberships) == 2


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (["--host", "nowhere", "--role", "administrator"], PASSWORD),
        (["--programme", "nowhere", "--role", "manager"], PASSWORD),
        (["--role", "administrator"], PASSWORD),
        (["--role", "manager"], PASSWORD),
        (["--host", "dinas-b", "--new-host", "Dinas B", "--role", "administrator"], "pendek\n"),
        (["--host", "dinas-b", "--new-host", "Dinas B", "--role", "manager"], PASSWORD),
        (["--host", "Dinas B", "--new-host", "Dinas B", "--role", "administrator"], PASSWORD),
        (["--host", "dinas-b", "--role", "king"], PASSWORD),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(flask, words, typed):
    result = flask("create", "c@bimtek.test", *words, typed=typed)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert find_user_by_email("c@bimtek.test") is None
    assert find_host("dinas-b") is None


def test_the_operator_sets_a_password(flask, people):
    user = people.viewer.user
    assert flask("set-password", user.email).exit_code == 0
    assert service.authenticate(user.email, PASSWORD.strip())
    assert flask("set-password", user.email, typed="pendek\n").exit_code == 1
    assert flask("set-password", "nobody@bimtek.test").exit_code == 1
