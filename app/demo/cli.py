"""`flask demo load` and `flask demo reset`."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.demo import service

demo = AppGroup("demo", help="The Tanjungpinang 2019 programme, to try the system with.")


@demo.command("load")
def load() -> None:
    """Load the demo with dates around today. Not in production."""
    _refuse_in_production()
    try:
        made = service.load()
    except service.AlreadyLoaded:
        raise click.ClickException("The demo is loaded already; `flask demo reset` loads it anew.") from None
    _say(made)


@demo.command("reset")
def reset() -> None:
    """Empty the database and load the demo anew, with today's dates. Development only."""
    if current_app.config["APP_ENV"] != "development":
        raise click.ClickException("The demo is reset in development only: it empties the database.")
    _say(service.reset())


def _refuse_in_production() -> None:
    if current_app.config["APP_ENV"] == "production":
        raise click.ClickException("Demo data does not belong in production.")


def _say(made: dict[str, int]) -> None:
    click.echo(f"Loaded {sum(made.values())} registrations at {len(made)} stages of {service.PROGRAMME}.")
