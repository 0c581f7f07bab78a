"""What `make run` says before anything starts, and the certificate of the local network."""

import os
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import run

ROOT = Path(__file__).resolve().parents[2]


def started_with(port: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "run.py")]
    return subprocess.run(
        command, env=os.environ | {"PORT": port}, capture_output=True, text=True, check=False, timeout=30
    )


def test_busy_port_is_named_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = started_with(str(port))
    assert result.returncode == 1
    assert f"Port {port} is busy" in result.stderr
    assert "make run PORT=" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80 80"])
def test_impossible_port_is_explained(text: str) -> None:
    result = started_with(text)
    assert result.returncode == 1
    assert "it must be a number from 1 to 65535" in result.stderr


def test_certificate_for_phones_is_made_once_and_holds_for_the_address(tmp_path: Path) -> None:
    certificate, key = run.make_certificate(tmp_path, "192.0.2.7")
    made = certificate.read_bytes()
    assert run.make_certificate(tmp_path, "192.0.2.7") == (certificate, key)
    assert certificate.read_bytes() == made
    assert run.make_certificate(tmp_path, "192.0.2.8")[0] != certificate
    assert key.stat().st_mode & 0o077 == 0
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=str(certificate))
    assert client.get_ca_certs() or certificate.exists()


def test_address_is_printed_as_a_qr_code(capsys: pytest.CaptureFixture[str]) -> None:
    run.greet("https://192.0.2.7:8000", lan=True)
    printed = capsys.readouterr().out
    assert printed.count("█") > 100
    assert "https://192.0.2.7:8000" in printed
    assert "panitia@bimtek.test" in printed
