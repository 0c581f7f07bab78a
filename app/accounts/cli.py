"""`flask users create` and `flask users set-password`."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app.accounts import service
from app.accounts.models import User
from app.accounts.permissions import find_subject, scope_of
from app.accounts.queries import find_user_by_email
from app.accounts.rules import AccountRefused, Role
from app.extensions import transaction
from app.hosts.models import Host
from app.hosts.queries import find_host
from app.hosts.rules import HostRefused
from app.hosts.service import create_host

users = AppGroup("users", help="Staff who sign in.")


@users.command("create")
@click.argument("email")
@click.option("--host", "host_slug", help="The agency, by its slug.")
@click.option("--programme", "programme_slug", help="The programme, by its slug, for every role but administrator.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="The person's name; by default what stands before the @.")
@click.option("--new-host", "new_host", metavar="NAME", help="Create the agency of --host first, under this name.")
def create(
    email: str, host_slug: str | None, programme_slug: str | None, role: str, name: str, new_host: str | None
) -> None:
    """Create a user with a role, or give the role to one who is there. The password is asked for, or read from standard input."""
    chosen = Role(role)
    if (chosen is Role.ADMINISTRATOR) != (programme_slug is None) or (chosen is Role.ADMINISTRATOR) != (
        host_slug is not None
    ):
        raise click.UsageError("An administrator needs --host; every other role needs --programme.")
    if new_host and not host_slug:
        raise click.UsageError("--new-host needs --host for its slug.")
    known = find_user_by_email(email)
    password = "" if known else _ask_password()
    try:
        account = service.prepare_account(email, name or email.partition("@")[0], password)
        user = _create(email, account, chosen, host_slug, programme_slug, new_host)
    except (AccountRefused, HostRefused) as refused:
        raise click.ClickException(str(refused.sentence)) from refused
    click.echo(f"{user.email} is {chosen.value} of {programme_slug or host_slug}.")


@users.command("set-password")
@click.argument("email")
def set_password(email: str) -> None:
    """Give a user a new password, asked for or read from standard input; ends all sessions of hers."""
    user = find_user_by_email(email)
    if user is None:
        raise click.ClickException(f"There is no user {email}.")
    try:
        service.set_password_by_operator(user, _ask_password())
    except AccountRefused as refused:
        raise click.ClickException(str(refused.sentence)) from refused
    click.echo(f"{user.email} has a new password.")


def _create(
    email: str,
    account: service.NewAccount | None,
    role: Role,
    host_slug: str | None,
    programme_slug: str | None,
    new_host: str | None,
) -> User:
    # The new agency stays only if its administrator can be made too.
    with transaction():
        if new_host and host_slug:
            create_host(slug=host_slug, name=new_host)
        programme = find_subject("programme", programme_slug) if programme_slug else None
        if programme_slug and programme is None:
            raise click.ClickException(f"There is no programme {programme_slug}.")
        host: Host | None = programme.host if programme else find_host(host_slug or "")
        if host is None:
            raise click.ClickException(f"There is no agency {host_slug}; create it with --new-host NAME.")
        programme_id = scope_of(programme).programme_id if programme else None
        user, _created = service.take_on(email, account, roles=[role], host=host, programme_id=programme_id, by=None)
    return user


def _ask_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
