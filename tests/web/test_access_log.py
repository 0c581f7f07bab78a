"""What the log of requests tells, where an operator has switched it on."""

import runpy
import sys
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from app.shared.codes import new_code, new_token
from config import ROOT


@pytest.fixture
def logger() -> Any:
    interval = sys.getswitchinterval()
    served = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    sys.setswitchinterval(interval)
    config = Config()
    config.set("logger_class", served["logger_class"])
    return config.logger_class(config)


def logged(logger: Any, address: str) -> str:
    path, _mark, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "RAW_URI": address, "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_REFERER": f"https://bimtek.test{address}",
    }  # fmt: skip
    response = SimpleNamespace(status="200 OK", sent=1, headers=[])
    atoms = logger.atoms(response, SimpleNamespace(headers=[]), environ, timedelta(seconds=1))
    return " ".join(str(atoms[name]) for name in ("r", "U", "q", "f"))


@pytest.mark.parametrize(
    "pattern",
    [
        "/t/{}", "/T/{}", "/t/{}.pdf", "/t/{}/berkas/1", "/undangan/{}/tambah", "/umpan-balik/{}", "/saya/masuk/{}",
        "/saya/alamat/{}", "/panel/kegiatan/tahap-1/peserta?q={}",
    ],
)  # fmt: skip
def test_no_secret_and_nothing_that_was_searched_for(logger: Any, pattern: str) -> None:
    for secret in (new_code(), new_token()):
        line = logged(logger, pattern.format(secret))
        assert secret not in line and pattern.partition("{")[0].partition("?")[0] in line


def test_other_addresses_are_whole(logger: Any) -> None:
    assert logged(logger, "/kegiatan/tahap-1/daftar").startswith("GET /kegiatan/tahap-1/daftar HTTP/1.1")
