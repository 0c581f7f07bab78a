"""The hosts, their institutions, and the staff who sign in."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.rules import Role
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


def create_staff() -> dict[str, User]:
    """The six sign-ins of the demo, without roles yet."""
    return {
        key: accounts.create_user(email=f"{key}@bimtek.test", name=name, password=PASSWORD)
        for key, (name, _) in STAFF.items()
    }


def give_roles(staff: dict[str, User], programme: Programme) -> None:
    """The administrator on the host, everybody else on the programme."""
    for key, (_, role) in STAFF.items():
        of_programme = None if role is Role.ADMINISTRATOR else programme.id
        accounts.grant(staff[key], role, host=programme.host, programme_id=of_programme)


def create_other_host() -> Host:
    """A second host with a small programme and an administrator of its own, who shows that hosts see nothing of each other."""
    host = hosts.create_host(
        slug=OTHER_HOST, name="Dinas Kominfo Kabupaten Contoh", parent_name="Pemerintah Kabupaten Contoh", city="Contoh"
    )
    institutions.add_institution(
        host, category_code="OPD", name="Dinas Pendidikan Kabupaten Contoh", short_name="Disdik"
    )
    user = accounts.create_user(email="admin@contoh.test", name="Admin Contoh", password=PASSWORD)
    accounts.grant(user, Role.ADMINISTRATOR, host=host)
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
