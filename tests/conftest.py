"""Fixtures that every test may ask for. Pages: tests/pages.py; people: tests/personas.py; records: tests/factories.py."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask

from tests import databases, servers, services
from tests.databases import Database, Postgresql, Sqlite
from tests.mailbox import Mailbox
from tests.pages import PageClient, browse, forget_what_was_read

pytest.register_assert_rewrite("tests.registration.seat_world")
SETTINGS = {
    "SECRET_KEY": "a key for tests alone",
    "BASE_URL": "http://localhost",
    "ARGON2_TIME_COST": 1,
    "ARGON2_MEMORY_KIB": 64,
    "MAIL_SUPPRESS_SEND": False,
    "MAIL_TIMEOUT": 3,
}
FOREIGN = (
    "DATABASE_URL",
    "REDIS_URL",
    "MAIL_SERVER",
    "BASE_URL",
    "UPLOAD_DIR",
    "INSTANCE_DIR",
    "QUEUE_FILE",
    "TRUSTED_PROXIES",
)


def pytest_configure(config: pytest.Config) -> None:
    """The controller of the run holds the servers; its workers inherit their folder through the environment."""
    os.environ["APP_ENV"] = "test"
    hypothesis.settings.register_profile("bimtek", deadline=None, database=None, derandomize="CI" in os.environ)
    hypothesis.settings.load_profile("bimtek")
    for name in FOREIGN:
        os.environ.pop(name, None)
    if not hasattr(config, "workerinput"):
        services.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        services.end()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)
    elif metafunc.definition.get_closest_marker("postgres") and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture(scope="session")
def worker_folder() -> Iterator[Path]:
    """A folder of this worker alone, in memory where possible; gone after the run."""
    folder = databases.fast_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def applications(worker_folder: Path) -> dict[str, tuple[Flask, Database]]:
    """The application of this worker by kind of database; building one costs more than a test may."""
    return {}


def _application(kind: str, folder: Path) -> tuple[Flask, Database]:
    from app import create_app

    database: Database = Postgresql() if kind == "postgresql" else Sqlite(folder)
    app = create_app(
        SETTINGS
        | {
            "SQLALCHEMY_DATABASE_URI": database.url,
            "INSTANCE_DIR": str(folder / kind),
            "UPLOAD_DIR": str(folder / kind / "uploads"),
            "QUEUE_FILE": str(folder / f"{kind}-queue.sqlite"),
        }
    )
    with app.app_context():
        database.prepare()
    return app, database


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database of this test: sqlite, unless it is marked `both_databases` or `postgres`."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def app(database: str, applications: dict[str, tuple[Flask, Database]], worker_folder: Path) -> Iterator[Flask]:
    """The application with an empty database, within its context; settings changed by a test are put back after it."""
    from app.extensions import db

    if database not in applications:
        applications[database] = _application(database, worker_folder)
    application, store = applications[database]
    settings = dict(application.config)
    with application.app_context():
        db.engine.dispose()
        store.refresh()
        application.extensions["huey"].flush()
        yield application
        db.session.remove()
        db.engine.dispose()
    application.config.clear()
    application.config.update(settings)
    shutil.rmtree(application.config["INSTANCE_DIR"], ignore_errors=True)
    Path(application.config["INSTANCE_DIR"]).mkdir()


@pytest.fixture
def client(app: Flask) -> PageClient:
    """A visitor who is not signed in; tests/pages.py."""
    return browse(app)


@pytest.fixture
def people(app: Flask) -> Any:
    """Staff of every role, an outsider, a stage that is on today; tests/personas.py."""
    from tests.personas import gather

    return gather(app)


@pytest.fixture
def demo(app: Flask, worker_folder: Path) -> Flask:
    """The application with what `flask demo load` loads; tests/demo_copy.py. SQLite only."""
    from tests.demo_copy import lay

    lay(app, worker_folder)
    return app


@pytest.fixture
def frozen_clock() -> Iterator[Any]:
    """`frozen_clock(moment)` holds the clock at an aware moment until the test ends or it is called again.

    It holds for the test and its client, not for servers in threads or processes.
    """
    from app.shared import clock

    with ExitStack() as stack:

        def hold(moment: datetime = datetime(2019, 7, 8, 1, 0, tzinfo=UTC)) -> datetime:
            stack.close()
            stack.enter_context(clock.frozen(moment))
            return moment

        yield hold


@pytest.fixture
def smtp(app: Flask) -> Iterator[Mailbox]:
    """A real mail server that the application sends to; tests/mailbox.py."""
    with Mailbox() as mailbox:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=mailbox.port)
        yield mailbox


@pytest.fixture
def work(app: Flask) -> Any:
    """`work()` does what the worker would: every job and every mail that is due."""
    from app.jobs.tasks import work_off

    def run() -> None:
        forget_what_was_read()
        work_off()
        forget_what_was_read()

    return run


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the application on a real port, served from threads of this process."""
    with servers.in_thread(app) as url:
        yield url


@pytest.fixture
def gunicorn_server(app: Flask, tmp_path: Path) -> Iterator[str]:
    """The address of the application served by gunicorn from two processes on the test's database."""
    with servers.gunicorn(app, tmp_path / "gunicorn.log") as url:
        yield url


@pytest.fixture
def redis_url() -> str:
    """A real Redis, shared by the run."""
    return services.redis()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium through Playwright's synchronous API, one a worker."""
    from tests.chromium import chromium

    with chromium() as running:
        yield running


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    """`open_page(url, phone=True, **context options)` answers a page in a context of its own.

    The test fails when a page has thrown an error or the CSP has stopped something.
    """
    from tests.chromium import DESKTOP, PHONE

    complaints: list[str] = []
    with ExitStack() as stack:

        def open_one(url: str, *, phone: bool = False, **options: Any) -> Any:
            context = browser.new_context(**((PHONE if phone else DESKTOP) | options))
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
            page.on(
                "console", lambda line: complaints.append(f"{page.url}: {line.text}") if _is_csp(line.text) else None
            )
            page.goto(url)
            return page

        yield open_one
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def counts() -> Any:
    """`counts(5, full=200)`: how often a fault is tried, the full number under `make faults`."""
    return lambda few, *, full: full if os.environ.get("FULL_COUNTS") else few


def _is_csp(text: str) -> bool:
    return "Content Security Policy" in text
