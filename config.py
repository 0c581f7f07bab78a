"""Every setting, read once from the environment. Names are described in README.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("development", "test", "production")
DEVELOPMENT_KEY = "only-for-development-never-in-production"
SHORTEST_KEY = 32


class MissingSetting(RuntimeError):
    """A setting without which the system must not start."""


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Turn environment variables into Flask's configuration.

    Raises MissingSetting with one sentence that names what is wrong.
    """
    app_env = environ.get("APP_ENV", "development")
    if app_env not in ENVIRONMENTS:
        raise MissingSetting(f"APP_ENV is {app_env!r}; it must be one of {', '.join(ENVIRONMENTS)}.")
    instance = Path(environ.get("INSTANCE_DIR", ROOT / "instance"))
    production = app_env == "production"
    base_url = _required(environ, "BASE_URL", "http://127.0.0.1:8000", production=production).rstrip("/")
    secure = base_url.startswith("https://")
    return {
        "APP_ENV": app_env,
        "TESTING": app_env == "test",
        "SECRET_KEY": _secret_key(environ, production=production),
        "BASE_URL": base_url,
        "INSTANCE_DIR": str(instance),
        "UPLOAD_DIR": environ.get("UPLOAD_DIR", str(instance / "uploads")),
        "SQLALCHEMY_DATABASE_URI": _database_url(
            environ.get("DATABASE_URL", f"sqlite:///{instance / 'bimtek.sqlite'}")
        ),
        # What a statement carries is personal; an error that names its values would put them into logs.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "REDIS_URL": _redis_url(environ.get("REDIS_URL", "")),
        "QUEUE_FILE": environ.get("QUEUE_FILE", str(instance / "queue.sqlite")),
        "TRUSTED_PROXIES": _whole_number(environ, "TRUSTED_PROXIES", 0),
        "MAIL_SERVER": environ.get("MAIL_SERVER", ""),
        "MAIL_PORT": _whole_number(environ, "MAIL_PORT", 25),
        "MAIL_USERNAME": environ.get("MAIL_USERNAME") or None,
        "MAIL_PASSWORD": environ.get("MAIL_PASSWORD") or None,
        "MAIL_USE_TLS": environ.get("MAIL_USE_TLS", "").lower() in ("1", "true", "yes"),
        "MAIL_DEFAULT_SENDER": environ.get("MAIL_SENDER", "Bimtek <bimtek@localhost>"),
        "MAIL_SUPPRESS_SEND": False,  # Flask-Mail's own would call mail sent that never left
        "MAIL_TIMEOUT": _whole_number(environ, "MAIL_TIMEOUT", 15),
        "ARGON2_TIME_COST": 2,
        "ARGON2_MEMORY_KIB": 19 * 1024,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=10),
        "WTF_CSRF_TIME_LIMIT": None,
        "LEAST_SECONDS_TO_FILL": 2 if production else 0,  # the system is tried out by scripts
        "WTF_CSRF_CHECK_DEFAULT": False,
        "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "BABEL_DEFAULT_LOCALE": "id",
        "BABEL_DEFAULT_TIMEZONE": "UTC",
        "LANGUAGES": ("id", "en"),
    }


def _redis_url(text: str) -> str:
    if text and not text.startswith(("redis://", "rediss://", "unix://")):
        raise MissingSetting("REDIS_URL must begin with redis://, rediss:// or unix://.")
    return text


def _required(environ: Mapping[str, str], name: str, default: str, *, production: bool) -> str:
    value = environ.get(name, "")
    if value:
        return value
    if production:
        raise MissingSetting(f"{name} is not set; production needs it.")
    return default


def _secret_key(environ: Mapping[str, str], *, production: bool) -> str:
    """Whoever knows or guesses it signs in as anybody: in production one that nobody has read or could try out."""
    key = _required(environ, "SECRET_KEY", DEVELOPMENT_KEY, production=production)
    if production and key == DEVELOPMENT_KEY:
        raise MissingSetting("SECRET_KEY is the one for development, which everybody can read; draw another.")
    if production and len(key) < SHORTEST_KEY:
        raise MissingSetting(f"SECRET_KEY has {len(key)} characters; production needs at least {SHORTEST_KEY}.")
    return key


def _whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal():
        raise MissingSetting(f"{name} is {text!r}; it must be a whole number.")
    return int(text)


def _database_url(url: str) -> str:
    """PostgreSQL URLs in the usual spellings, for the psycopg 3 driver."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url
