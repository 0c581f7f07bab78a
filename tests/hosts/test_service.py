"""Agencies in the database and their emblems on the disk."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.extensions import db
from app.hosts import queries, service
from app.hosts.models import Host, PrivacyNotice
from app.hosts.rules import BadImage, HostRefusal, HostRefused
from app.institutions.queries import categories_of
from tests import factories
from tests.hosts.test_rules import picture
from tests.pages import forget_what_was_read


def emblems(app) -> list[Path]:
    return sorted((Path(app.config["UPLOAD_DIR"]) / "emblems").glob("*"))


@pytest.mark.both_databases
def test_a_new_agency_has_a_notice_and_its_categories(app):
    host = service.create_host(slug="dinas-a", name="Dinas A", email="a@x.go.id")
    assert queries.find_host("dinas-a").id == host.id
    assert queries.notice_in_force(host).version == 1
    assert "a@x.go.id" in queries.notice_in_force(host).body
    assert len(categories_of(host)) == 15
    with pytest.raises(HostRefused, match=HostRefusal.SLUG_TAKEN.value):
        service.create_host(slug="dinas-a", name="Dinas Lain")
    assert [one.name for one in queries.hosts()] == ["Dinas A"]


@pytest.mark.both_databases
def test_notices_are_numbered_without_gaps_also_at_once(app):
    host = service.create_host(slug="dinas-a", name="Dinas A")
    host_id, gate = host.id, threading.Barrier(4)

    def publish():
        with app.app_context():
            gate.wait(10)
            service.publish_notice(db.session.get(Host, host_id), "Isi yang baru.")

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    forget_what_was_read()
    versions = db.session.scalars(sa.select(PrivacyNotice.version).order_by(PrivacyNotice.version)).all()
    assert versions == [1, 2, 3, 4, 5]
    assert queries.notice_in_force(host).version == 5
    assert [notice.version for notice in queries.notices_of(host)] == [5, 4, 3, 2, 1]


def test_what_changed_is_recorded_by_name(app):
    host = service.create_host(slug="dinas-a", name="Dinas A")
    service.update_host(host, by=None, name="Dinas A", city="Tanjungpinang", timezone="Asia/Makassar")
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "host.changed")).one()
    assert entry.fields == ["city", "timezone"]
    with pytest.raises(TypeError):
        service.update_host(host, by=None, slug="dinas-b")
    with pytest.raises(HostRefused):
        service.update_host(host, by=None, timezone="UTC")


@pytest.mark.both_databases
def test_the_zone_stays_once_times_were_set_in_it(app):
    host = factories.stage().host
    service.update_host(host, by=None, timezone=host.timezone, city="Bintan")
    with pytest.raises(HostRefused, match=HostRefusal.ZONE_FIXED.value):
        service.update_host(host, by=None, timezone="Asia/Makassar", city="Natuna")
    assert (host.timezone, host.city) == ("Asia/Jakarta", "Bintan")


def test_an_emblem_comes_replaces_and_goes(app):
    host = service.create_host(slug="dinas-a", name="Dinas A")
    assert queries.emblem_bytes(host) is None
    service.set_emblem(host, picture("JPEG"), by=None)
    first = host.emblem
    assert queries.emblem_bytes(host).startswith(b"\x89PNG")
    service.set_emblem(host, picture("WEBP"), by=None)
    assert host.emblem != first
    assert [path.name for path in emblems(app)] == [host.emblem]
    service.remove_emblem(host, by=None)
    assert host.emblem is None
    assert emblems(app) == []


def test_a_wrong_picture_changes_nothing(app):
    host = service.create_host(slug="dinas-a", name="Dinas A")
    service.set_emblem(host, picture(), by=None)
    kept = host.emblem
    with pytest.raises(BadImage):
        service.update_host(host, by=None, picture=b"text", name="Dinas B")
    assert (host.name, host.emblem) == ("Dinas A", kept)
    assert len(emblems(app)) == 1


def test_a_change_that_fails_leaves_no_file_behind(app, monkeypatch):
    host = service.create_host(slug="dinas-a", name="Dinas A")

    def fail(*args, **options):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(service, "record", fail)
    with pytest.raises(RuntimeError):
        service.set_emblem(host, picture(), by=None)
    assert host.emblem is None
    assert emblems(app) == []


def test_a_name_that_was_never_given_is_never_opened(app):
    from app.web import uploads

    for name in ("../../config.py", "/etc/passwd", "", "a.png", "..", "0" * 32 + ".png/../x"):
        assert uploads.read("emblems", name) is None
        uploads.discard("emblems", name)


@pytest.mark.parametrize(
    ("address", "city", "line"),
    [
        ("Jalan Daeng Kemboja 1", "Tanjungpinang", "Jalan Daeng Kemboja 1, Tanjungpinang"),
        ("Jalan Daeng Kemboja 1, tanjungpinang.", "Tanjungpinang", "Jalan Daeng Kemboja 1, tanjungpinang."),
        ("Jalan Tanjungpinang 1", "Tanjungpinang", "Jalan Tanjungpinang 1, Tanjungpinang"),
        ("Jalan Daeng Kemboja 1", "", "Jalan Daeng Kemboja 1"),
        ("", "Tanjungpinang", "Tanjungpinang"),
    ],
)
def test_the_city_stands_once_in_the_letterhead(app, address, city, line):
    host = factories.host(address=address, city=city, phone="", email="", website="")
    assert queries.address_lines(host) == (line,)
