"""Every room's commands."""

from __future__ import annotations

from flask import Flask

from app.accounts.cli import users
from app.certificates.cli import certificates
from app.checkin.cli import checkpoints, devices
from app.demo.cli import demo
from app.jobs.cli import worker
from app.registration.cli import registrations

GROUPS = (users, checkpoints, devices, certificates, demo, worker, registrations)


def register_commands(app: Flask) -> None:
    for group in GROUPS:
        app.cli.add_command(group)
