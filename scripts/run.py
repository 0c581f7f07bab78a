#!/usr/bin/env python3
"""Start everything for `make run`: bring the database up to date, load the demo once, then web and worker side by side.

PORT chooses the port; LAN=1 serves the local network over HTTPS with a certificate made on the spot, because phones give
a page the camera only over HTTPS. Ctrl-C ends both processes.
"""

import datetime
import ipaddress
import os
import socket
import subprocess
import sys
from pathlib import Path

from dotenv import load_dotenv

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SIGN_INS = {
    "admin@bimtek.test": "administrator penyelenggara",
    "pengelola@bimtek.test": "pengelola program",
    "panitia@bimtek.test": "panitia",
    "fasilitator@bimtek.test": "fasilitator",
    "sertifikat@bimtek.test": "petugas sertifikat",
    "pimpinan@bimtek.test": "pimpinan",
    "admin@contoh.test": "administrator penyelenggara lain",
}
PASSWORD = "bimtek-demo-2019"


def chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"PORT is {text!r}; it must be a number from 1 to 65535, for example: make run PORT=8080")
    return int(text)


def refuse_busy_port(address: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            sys.exit(f"Port {port} may not be used by this user. Choose one above 1023: make run PORT=8080")
        except OSError:
            sys.exit(
                f"Port {port} is busy: another program listens there. Choose another: make run PORT={8090 if port == 8080 else 8080}"
            )


def lan_address() -> str:
    """This machine's address on the local network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            sys.exit("This machine is on no network; start without LAN=1.")
        return str(probe.getsockname()[0])


def make_certificate(folder: Path, address: str) -> tuple[Path, Path]:
    """A self-signed certificate for `address`, valid for a year, made anew when the address changes."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    certificate, key_file = folder / f"lan-{address}.crt", folder / f"lan-{address}.key"
    now = datetime.datetime.now(datetime.UTC)
    if certificate.exists() and certificate.stat().st_mtime > now.timestamp() - 300 * 86_400:
        return certificate, key_file
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Bimtek")])
    names = [x509.IPAddress(ipaddress.ip_address(address)), x509.DNSName("localhost")]
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=365)
    )
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    signed = builder.sign(key, hashes.SHA256())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.touch(mode=0o600)
    key_file.write_bytes(pem)
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return certificate, key_file


def serve_lan(port: int, instance: Path) -> str:
    """Set the environment for HTTPS on the local network; return the address people open."""
    address = lan_address()
    instance.mkdir(parents=True, exist_ok=True)
    certificate, key = make_certificate(instance, address)
    os.environ |= {"BIND": f"0.0.0.0:{port}", "TLS_CERTIFICATE": str(certificate), "TLS_KEY": str(key)}
    return f"https://{address}:{port}"


def prepare(instance: Path) -> None:
    """Bring the database up to date and load the demo into an empty one.

    What was done is noted beside the embedded database, so that the next start need not load the application to find out.
    """
    migrations = "\n".join(sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py")))
    note = instance / "prepared"
    embedded = "DATABASE_URL" not in os.environ
    if embedded and (instance / "bimtek.sqlite").exists() and note.exists() and note.read_text() == migrations:
        return
    if upgrade_database():
        print("Demo data …", flush=True)
        if subprocess.run([sys.executable, "-m", "flask", "demo", "load"], check=False).returncode:
            sys.exit("The demo data could not be loaded; the message above says why. Nothing was started.")
    if embedded:
        note.write_text(migrations)


def upgrade_database() -> bool:
    """Return whether it holds nobody yet."""
    import flask_migrate
    import sqlalchemy as sa

    from app import create_app
    from app.extensions import db, init_migrations
    from app.hosts.models import Host

    app = create_app()
    init_migrations(app)
    with app.app_context():
        flask_migrate.upgrade()
        return db.session.scalar(sa.select(sa.func.count()).select_from(Host)) == 0


def greet(url: str, *, lan: bool) -> None:
    if lan:
        import qrcode

        code = qrcode.QRCode(border=2)
        code.add_data(url)
        code.print_ascii(invert=True)
        print("  Ponsel akan memperingatkan tentang sertifikat buatan sendiri; pilih lanjut.")
    print(f"\n  Bimtek: {url}   (panel: {url}/panel)\n")
    print(f"  Masuk dengan kata sandi {PASSWORD}:")
    for email, role in SIGN_INS.items():
        print(f"    {email:<26}{role}")
    print("\n  Ctrl-C menghentikan semuanya.\n", flush=True)


def main() -> None:
    os.chdir(ROOT)
    load_dotenv(ROOT / ".env")
    port, lan = chosen_port(), os.environ.get("LAN", "") not in ("", "0")
    refuse_busy_port("0.0.0.0" if lan else "127.0.0.1", port)
    instance = Path(os.environ.get("INSTANCE_DIR", ROOT / "instance"))
    url = serve_lan(port, instance) if lan else f"http://127.0.0.1:{port}"
    os.environ.setdefault("BASE_URL", url)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ |= {"PORT": str(port), "PATH": programs, "PYTHONUNBUFFERED": "1"}
    os.environ.setdefault("LOG_LEVEL", "warning")
    prepare(instance)
    greet(os.environ["BASE_URL"], lan=lan)
    os.execv(sys.executable, [sys.executable, "-m", "honcho", "start", "--port", str(port)])


if __name__ == "__main__":
    main()
