"""The hosts, their institutions, and the staff who sign in."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.rules import Role
from app.accounts.service import NewAccount
from app.demo.rules import DATA
from app.hosts import service as hosts
from app.hosts.models import Host
from app.hosts.queries import find_host
from app.institutions import service as institutions
from app.programmes import service as programmes
from app.programmes.models import Programme
from app.shared import clock, dates

HOST, OTHER_HOST = "diskominfo-tanjungpinang", "diskominfo-contoh"
PASSWORD = "bimtek-demo-2019"
OTHER_ADMIN = "admin@contoh.test"
STAFF = {
    "admin": ("Admin Diskominfo", Role.ADMINISTRATOR),
    "pengelola": ("Wan Rahmawati", Role.MANAGER),
    "panitia": ("Syahrul Ramadhan", Role.ORGANISER),
    "fasilitator": ("Ratna Dewi", Role.FACILITATOR),
    "sertifikat": ("Endang Kusumawati", Role.CERTIFIER),
    "pimpinan": ("Raja Haji Azmi", Role.VIEWER),
}
GREEN, GOLD = "#0B6B61", "#D4A72C"


def create_host() -> Host:
    """Dinas Kominfo of Kota Tanjungpinang with an emblem drawn for the demo and the 86 institutions of the city."""
    host = hosts.create_host(
        slug=HOST,
        name="Dinas Komunikasi dan Informatika",
        parent_name="Pemerintah Kota Tanjungpinang",
        city="Tanjungpinang",
        address="Kantor Wali Kota Tanjungpinang, Senggarang, Tanjungpinang",
        email="diskominfo@contoh.test",
        timezone="Asia/Jakarta",
    )
    hosts.set_emblem(host, _emblem(), by=None)
    with (DATA / "institutions.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            institutions.add_institution(
                host, category_code=row["category"], name=row["name"], short_name=row["short_name"]
            )
    return host


def prepare_accounts() -> dict[str, NewAccount | None]:
    """What the sign-ins of the demo will be made of, by e-mail address. Before the transaction, for it hashes passwords."""
    names = {address_of(key): name for key, (name, _) in STAFF.items()} | {OTHER_ADMIN: "Admin Contoh"}
    return {address: accounts.prepare_account(address, name, PASSWORD) for address, name in names.items()}


def create_administrator(host: Host, prepared: dict[str, NewAccount | None]) -> User:
    """The one who makes the programme."""
    return _take_on(prepared, address_of("admin"), Role.ADMINISTRATOR, host)


def create_staff(programme: Programme, prepared: dict[str, NewAccount | None]) -> dict[str, User]:
    """Everybody else, each with a role on the programme, by the first part of the address."""
    return {
        key: _take_on(prepared, address_of(key), role, programme.host, programme)
        for key, (_, role) in STAFF.items()
        if role is not Role.ADMINISTRATOR
    }


def create_other_host(prepared: dict[str, NewAccount | None]) -> Host:
    """A second host with a small programme and an administrator of its own, who shows that hosts see nothing of each other."""
    host = hosts.create_host(
        slug=OTHER_HOST, name="Dinas Kominfo Kabupaten Contoh", parent_name="Pemerintah Kabupaten Contoh", city="Contoh"
    )
    institutions.add_institution(
        host, category_code="OPD", name="Dinas Pendidikan Kabupaten Contoh", short_name="Disdik"
    )
    user = _take_on(prepared, OTHER_ADMIN, Role.ADMINISTRATOR, host)
    programme = programmes.create_programme(
        host,
        slug="literasi-digital",
        name="Bimtek Literasi Digital",
        summary="Satu kegiatan contoh dari penyelenggara lain.",
    )
    day = dates.local_date(clock.now(), host.timezone) + timedelta(days=42)
    programmes.create_stage(
        programme,
        slug="literasi-digital-1",
        number=1,
        name="Literasi Digital bagi Perangkat Desa",
        starts_on=day,
        ends_on=day,
        registration_opens_at=clock.now() - timedelta(days=1),
        registration_closes_at=clock.now() + timedelta(days=40),
        venue="Aula Kantor Bupati",
        capacity=30,
        by=user,
    )
    return find_host(OTHER_HOST) or host


def address_of(key: str) -> str:
    return f"{key}@bimtek.test"


def _take_on(
    prepared: dict[str, NewAccount | None], address: str, role: Role, host: Host, programme: Programme | None = None
) -> User:
    of_programme = programme.id if programme else None
    user, _created = accounts.take_on(
        address, prepared[address], roles=[role], host=host, programme_id=of_programme, by=None
    )
    return user


def _emblem() -> bytes:
    """An invented shield in the demo's colours; the city's own emblem is set by its administrator."""
    picture = Image.new("RGBA", (480, 560), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    shield = [(20, 20), (460, 20), (460, 320), (240, 540), (20, 320)]
    draw.polygon(shield, fill=GOLD)
    draw.polygon([(48, 48), (432, 48), (432, 308), (240, 500), (48, 308)], fill=GREEN)
    for left in range(96, 385, 96):
        draw.polygon([(left - 40, 240), (left, 110), (left + 40, 240)], fill=GOLD)
    for top in (290, 330, 370):
        draw.line([(100 + (top - 290) * 1.1, top), (380 - (top - 290) * 1.1, top)], fill="white", width=14)
    kept = BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()
