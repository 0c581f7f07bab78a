"""`flask certificates issue`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.certificates import queries, service
from app.certificates.rules import CertificateError
from app.programmes.queries import find_stage

certificates = AppGroup("certificates", help="Certificates of those who have earned them.")


@certificates.command("issue")
@click.option("--stage", "slug", required=True, help="The stage's slug, e.g. tahap-1.")
def issue(slug: str) -> None:
    """Issue to all who have earned the certificate and hold none."""
    stage = find_stage(slug)
    if stage is None:
        raise click.ClickException(f"There is no stage {slug}.")
    due = sum(person.due for person in queries.people(stage))
    issued = 0
    try:
        with click.progressbar(length=due, label="Issuing") as bar:
            left = due
            while left:
                some, left = service.issue_some(stage, by=None)
                issued += some
                bar.update(some)
    except CertificateError as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"Issued {issued} certificates of {stage.name}.")
