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
    due = queries.due_ids(stage)
    issued = 0
    try:
        with click.progressbar(length=len(due), label="Issuing") as bar:
            for chunk in service.chunks(due):
                issued += service.issue_to(stage, chunk, by=None)
                bar.update(len(chunk))
    except CertificateError as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"Issued {issued} certificates of {stage.name}.")
