"""Every room's commands."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo

from app.accounts.cli import users
from app.certificates.cli import certificates
from app.checkin.cli import checkpoints, devices
from app.demo.cli import demo
from app.extensions import init_migrations
from app.jobs.cli import worker
from app.registration.cli import registrations


class Migrations(click.Command):
    """`flask db …`, whose library is loaded when it is asked for."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        assert parent is not None
        app = parent.ensure_object(ScriptInfo).load_app()
        init_migrations(app)  # puts its own group in this one's place
        return app.cli.commands["db"].make_context(info_name, args, parent=parent, **extra)


GROUPS = (
    Migrations("db", help="Perform database migrations."),
    users,
    checkpoints,
    devices,
    certificates,
    demo,
    worker,
    registrations,
)


def register_commands(app: Flask) -> None:
    for group in GROUPS:
        app.cli.add_command(group)
