"""Every room's commands."""

from __future__ import annotations

from flask import Flask

from app.certificates.cli import certificates
from app.jobs.cli import worker

GROUPS = (certificates, worker)


def register_commands(app: Flask) -> None:
    for group in GROUPS:
        app.cli.add_command(group)
