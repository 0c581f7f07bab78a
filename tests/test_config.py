"""Settings: what production refuses to start with, and how far proxies are believed."""

import pytest
from flask import Flask, request

from app import trust_proxies
from app.extensions import db
from config import DEVELOPMENT_KEY, MissingSetting, from_environment

PRODUCTION = {"APP_ENV": "production", "BASE_URL": "https://bimtek.example.go.id", "SECRET_KEY": "k" * 32}


@pytest.mark.parametrize("key", ["", DEVELOPMENT_KEY, "k" * 31])
def test_production_wants_a_key_of_its_own(key: str) -> None:
    with pytest.raises(MissingSetting, match="SECRET_KEY"):
        from_environment(PRODUCTION | {"SECRET_KEY": key})


def test_production_starts_with_a_long_key() -> None:
    assert from_environment(PRODUCTION)["SECRET_KEY"] == "k" * 32


def test_development_needs_no_key() -> None:
    assert from_environment({})["SECRET_KEY"] == DEVELOPMENT_KEY


@pytest.mark.parametrize("name", ["TRUSTED_PROXIES", "MAIL_PORT"])
def test_a_number_that_is_none_is_named(name: str) -> None:
    with pytest.raises(MissingSetting, match=name):
        from_environment({name: "one"})


def test_an_address_of_no_redis_is_named() -> None:
    with pytest.raises(MissingSetting, match="REDIS_URL"):
        from_environment({"REDIS_URL": "localhost:6379"})


@pytest.mark.parametrize(
    ("hops", "seen"),
    [
        (0, ["127.0.0.1", "http", "localhost"]),
        (1, ["198.51.100.7", "https", "bimtek.example.go.id"]),
        (2, ["203.0.113.9", "http", "bimtek.example.go.id"]),
    ],
)
def test_proxies_are_believed_as_far_as_they_are_ours(hops: int, seen: list[str]) -> None:
    app = Flask("probe")
    app.config["TRUSTED_PROXIES"] = hops
    trust_proxies(app)
    app.add_url_rule("/", view_func=lambda: [request.remote_addr, request.scheme, request.host])
    headers = {
        "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
        "X-Forwarded-Proto": "http, https",
        "X-Forwarded-Host": "bimtek.example.go.id, bimtek.example.go.id",
    }
    assert app.test_client().get("/", headers=headers).get_json() == seen


def test_errors_of_the_database_name_no_values(app: Flask) -> None:
    assert db.engine.hide_parameters
