#!/usr/bin/env python3
"""Take the pictures of README.md from a fresh demo: `make screenshots` writes docs/img/*.png."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.run import PASSWORD  # noqa: E402
from tests import services  # noqa: E402
from tests.chromium import DESKTOP, PHONE, chromium  # noqa: E402

IMAGES = ROOT / "docs" / "img"
STAGE = "tahap-2"


def set_up(folder: str, port: int) -> None:
    """An installation of its own with the demo, in `folder`."""
    os.environ |= {
        "INSTANCE_DIR": folder,
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "LOG_LEVEL": "warning",
    }
    os.environ.pop("DATABASE_URL", None)
    for command in (["db", "upgrade"], ["demo", "load"]):
        subprocess.run([sys.executable, "-m", "flask", *command], cwd=ROOT, check=True)


def ticket_of_someone() -> str:
    """The code of a confirmed person of the stage."""
    import sqlalchemy as sa

    from app import create_app
    from app.extensions import db
    from app.programmes.models import Stage
    from app.registration.models import Registration
    from app.registration.rules import RegistrationState

    with create_app().app_context():
        confirmed = sa.select(Registration.ticket_code).join(Stage).where(Stage.slug == STAGE)
        code = db.session.scalar(confirmed.where(Registration.state == RegistrationState.CONFIRMED).limit(1))
        assert code
        return code


def take(context: Any, url: str, name: str) -> None:
    page = context.new_page()
    answer = page.goto(url, wait_until="networkidle")
    assert answer.ok, f"{url}: {answer.status}"
    page.screenshot(path=IMAGES / f"{name}.png")
    page.close()


def sign_in(context: Any, url: str, email: str) -> None:
    page = context.new_page()
    page.goto(f"{url}/masuk")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/panel**")
    page.close()


def take_scanner(context: Any, url: str) -> None:
    """The form for whoever comes without a registration."""
    page = context.new_page()
    page.goto(f"{url}/presensi?kegiatan={STAGE}")
    page.get_by_role("button", name="Mulai memindai").click()
    page.get_by_role("button", name="Daftar di tempat").first.click()
    page.get_by_role("dialog", name="Daftar di tempat").wait_for()
    page.screenshot(path=IMAGES / "pemindai.png", animations="disabled")
    page.close()


def take_all(url: str) -> None:
    with chromium("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream") as browser:
        phone, desktop = browser.new_context(**PHONE), browser.new_context(**DESKTOP)
        take(desktop, f"{url}/program/smart-city-2019", "program")
        take(phone, f"{url}/t/{ticket_of_someone()}", "tiket")
        sign_in(desktop, url, "panitia@bimtek.test")
        take(desktop, f"{url}/panel/kegiatan/{STAGE}", "dasbor")
        take(desktop, f"{url}/panel/kegiatan/{STAGE}/presensi", "presensi")
        sign_in(phone, url, "panitia@bimtek.test")
        take_scanner(phone, url)
        desktop.clear_cookies()
        sign_in(desktop, url, "sertifikat@bimtek.test")
        take(desktop, f"{url}/panel/kegiatan/tahap-1/sertifikat", "sertifikat")


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    port = services.free_port()
    with tempfile.TemporaryDirectory() as folder:
        set_up(folder, port)
        command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
        server = subprocess.Popen(command, cwd=ROOT)
        try:
            services.wait_until(lambda: services.serves(port), server, what="gunicorn")
            take_all(os.environ["BASE_URL"])
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
