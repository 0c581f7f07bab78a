"""Bimtek: workshops and technical guidance, from the invitation to the verified certificate."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config

ROOT = Path(config.ROOT)
ROOMS_WITH_PAGES = (
    "app.hosts.views",
    "app.hosts.staff",
    "app.accounts.views",
    "app.accounts.staff",
    "app.accounts.staff_tokens",
    "app.institutions.staff",
    "app.programmes.staff",
    "app.agenda.views",
    "app.agenda.staff",
    "app.registration.views",
    "app.registration.api",
    "app.registration.staff",
    "app.registration.staff_imports",
    "app.registration.views_nomination",
    "app.registration.views_nomination_tables",
    "app.registration.staff_duplicates",
    "app.registration.staff_seats",
    "app.registration.staff_approval",
    "app.registration.staff_invitations",
    "app.registration.staff_inviting",
    "app.registration.staff_inviting_tables",
    "app.registration.staff_replacing",
    "app.registration.staff_questions",
    "app.registration.staff_answers",
    "app.registration.views_answers",
    "app.registration.views_documents",
    "app.checkin.views",
    "app.checkin.views_app",
    "app.checkin.staff",
    "app.checkin.staff_corrections",
    "app.checkin.staff_devices",
    "app.checkin.staff_paper",
    "app.checkin.staff_incidents",
    "app.checkin.api",
    "app.checkin.api_devices",
    "app.checkin.api_roster",
    "app.checkin.api_walk_ins",
    "app.feedback.views",
    "app.feedback.staff",
    "app.certificates.views",
    "app.certificates.staff",
    "app.certificates.api",
    "app.privacy.views",
    "app.privacy.staff",
    "app.messages.staff",
    "app.messages.staff_templates",
    "app.jobs.staff",
    "app.jobs.staff_addresses",
    "app.journey.views",
    "app.journey.views_cards",
    "app.journey.views_door",
    "app.journey.views_self",
    "app.journey.staff",
    "app.journey.staff_bulk",
    "app.journey.staff_history",
    "app.operations.views",
)
ROOMS_WITH_TASKS = (
    "app.registration.tasks_imports",
    "app.certificates.tasks",
    "app.privacy.tasks",
    "app.messages.tasks",
)
ROOMS_WITH_A_SHARE_IN_MERGING = (
    "app.checkin.service.merging",
    "app.feedback.service_merging",
    "app.certificates.service_merging",
    "app.messages.service.merging",
    "app.privacy.service.merging",
)


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """Build the application from the environment, with `settings` on top."""
    app = Flask(
        "app", root_path=str(ROOT / "app"), template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config.from_mapping(config.from_environment(os.environ))
    app.config.from_mapping(settings or {})
    trust_proxies(app)
    app.config["MIGRATIONS_DIR"] = ROOT / "migrations"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "app" / "translations")
    Path(app.config["INSTANCE_DIR"]).mkdir(parents=True, exist_ok=True)

    register_extensions(app)
    register_rooms(app)
    register_worker(app)
    return app


def trust_proxies(app: Flask) -> None:
    """Believe what so many proxies say of the visitor's address, scheme and host; without any, what a visitor claims is ignored."""
    hops = app.config["TRUSTED_PROXIES"]
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def register_extensions(app: Flask) -> None:
    from app import extensions, models, web
    from app.accounts import permissions

    assert models.__all__
    extensions.init_database(app)
    extensions.bootstrap.init_app(app)
    extensions.mail.init_app(app)
    extensions.login.init_app(app)
    permissions.init_app(app)  # before forged requests are refused: a form that outlived its session is led to sign-in
    web.init_app(app)


def register_rooms(app: Flask) -> None:
    from app.cli import register_commands

    for room in ROOMS_WITH_A_SHARE_IN_MERGING:
        import_module(room)
    for room in ROOMS_WITH_PAGES:
        app.register_blueprint(import_module(room).blueprint)
    register_commands(app)


def register_worker(app: Flask) -> None:
    from app.jobs import tasks

    for room in ROOMS_WITH_TASKS:
        import_module(room)
    tasks.init_app(app)
