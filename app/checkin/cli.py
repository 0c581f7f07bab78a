"""`flask devices enrol` and `flask checkpoints list`, for scanners that are no browser and for tests from outside."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.checkin import queries, service
from app.programmes.models import Stage
from app.programmes.queries import find_stage
from app.shared.dates import local
from app.shared.text import squash

devices = AppGroup("devices", help="Scanners of a stage.")
checkpoints = AppGroup("checkpoints", help="Where and when people are scanned.")
NAME_LENGTH = 80


@devices.command("enrol")
@click.option("--stage", "slug", required=True, help="The stage's slug, e.g. tahap-1.")
@click.option("--name", required=True, help="How the scanner is called on the board.")
def enrol(slug: str, name: str) -> None:
    """Enrol a scanner; its token is printed once, alone on the last line."""
    label = squash(name)[:NAME_LENGTH]
    if not label:
        raise click.ClickException("Give the scanner a name.")
    device, token = service.enrol(_stage(slug), name=label)
    click.echo(f"Enrolled {device.name} at {device.stage.name} until {device.expires_at.isoformat()}. Its token:")
    click.echo(token)


@checkpoints.command("list")
@click.option("--stage", "slug", required=True, help="The stage's slug, e.g. tahap-1.")
def list_checkpoints(slug: str) -> None:
    """Id, name and window (ISO 8601, from/to), one checkpoint a line, with tabs between."""
    stage = _stage(slug)
    for checkpoint in queries.checkpoints_of(stage):
        window = "/".join(local(at, stage.timezone).isoformat() for at in (checkpoint.opens_at, checkpoint.closes_at))
        click.echo(f"{checkpoint.id}\t{checkpoint.name}\t{window}")


def _stage(slug: str) -> Stage:
    stage = find_stage(slug)
    if stage is None:
        raise click.ClickException(f"There is no stage {slug}.")
    return stage
