"""`flask worker run`."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.jobs.tasks import wake, work_off

STARTED = "The worker has started."
worker = AppGroup("worker", help="The background worker: mail and long work.")


@worker.command("run")
@click.option("--workers", default=2, show_default=True, help="Threads that work at once.")
def run(workers: int) -> None:
    """Work until stopped."""
    consumer = current_app.extensions["huey"].create_consumer(
        workers=workers, periodic=True, initial_delay=0.05, max_delay=0.5
    )
    wake()
    click.echo(STARTED)
    consumer.run()


@worker.command("once")
def once() -> None:
    """Do what is due and end."""
    work_off()
    click.echo("Worked off what was due.")
