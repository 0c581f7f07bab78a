"""Every route of the application, whoever asks: strangers, the wrong host, the wrong role, the wrong method, no token.

The routes are read from the running application, so a new one is tried without anyone thinking of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.accounts.permissions import BEARER, PUBLIC, SIGNED_IN
from app.accounts.rules import MAY, Permission, Role
from tests.personas import People

FORGERY_SAFE = {"GET", "HEAD", "OPTIONS"}
STATIC = {"static", "bootstrap.static"}
# Open to everyone, on purpose. A new public route is added here by hand.
OPEN_TO_ALL = {
    "/",
    "/api/v1/certificates/<code>",
    "/api/v1/devices",
    "/healthz",
    "/kegiatan/<stage>",
    "/kegiatan/<stage>/agenda.ics",
    "/kegiatan/<stage>/agenda.pdf",
    "/kegiatan/<stage>/daftar",
    "/kegiatan/<stage>/kartu.png",
    "/keluar",
    "/lambang/<host>",
    "/masuk",
    "/presensi",
    "/presensi/manifest.webmanifest",
    "/presensi/static/<path:filename>",
    "/presensi/sw.js",
    "/privasi",
    "/privasi/<host>",
    "/privasi/<host>/<int:version>",
    "/program/<programme>",
    "/readyz",
    "/robots.txt",
    "/saya",
    "/saya/alamat/<token>",
    "/saya/data",
    "/saya/keluar",
    "/saya/masuk/<token>",
    "/saya/pendaftaran/<int:registration_id>",
    "/saya/pendaftaran/<int:registration_id>/persetujuan",
    "/saya/pendaftaran/<int:registration_id>/terima",
    "/saya/permintaan",
    "/saya/pilih",
    "/saya/terkirim",
    "/saya/unduh",
    "/t/<code>",
    "/t/<code>.ics",
    "/t/<code>.pdf",
    "/t/<code>/ambil",
    "/t/<code>/batal",
    "/t/<code>/berkas/<int:document_id>",
    "/t/<code>/hadir",
    "/t/<code>/lupakan",
    "/t/<code>/masih-hadir",
    "/t/<code>/persetujuan",
    "/t/<code>/pertanyaan",
    "/t/<code>/sertifikat.pdf",
    "/umpan-balik/<token>",
    "/umpan-balik/<token>/terima-kasih",
    "/umpan-balik/<token>/tiket",
    "/undangan/<token>/berkas/<int:document_id>",
    "/undangan/<token>",
    "/undangan/<token>/berkas",
    "/undangan/<token>/berkas/<int:document_id>/hapus",
    "/undangan/<token>/peserta/<int:registration_id>/ganti",
    "/undangan/<token>/peserta/<int:registration_id>/perbaiki",
    "/undangan/<token>/peserta/<int:registration_id>/tarik",
    "/undangan/<token>/peserta/<int:registration_id>/tiket",
    "/undangan/<token>/surat.pdf",
    "/undangan/<token>/tabel",
    "/undangan/<token>/tambah",
    "/undangan/<token>/tolak",
    "/verifikasi",
    "/verifikasi/<code>",
}
OTHER_VALUES = {"code": "0" * 16, "token": "0" * 16, "scan_id": "00000000-0000-4000-8000-000000000000"}


@dataclass(frozen=True)
class Route:
    rule: Rule
    access: Any

    @property
    def methods(self) -> list[str]:
        return sorted(set(self.rule.methods or ()) - {"OPTIONS", "HEAD"})

    @property
    def names_place(self) -> bool:
        """Whether the address names a host, a programme or a stage, to which one belongs or not."""
        return bool({"host", "programme", "stage"} & self.rule.arguments)

    def path(self, people: People) -> str:
        """The address within the people's own host; other things that it names do not exist."""
        own = {"host": people.host.slug, "programme": people.programme.slug, "stage": people.stage.slug}

        def value(found: re.Match[str]) -> str:
            name = found[2]
            return own.get(name) or OTHER_VALUES.get(name) or ("999999" if found[1] else "tidak-ada")

        return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", value, self.rule.rule)


def routes(app: Flask) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in STATIC:
            yield Route(rule, getattr(app.view_functions[rule.endpoint], "access", None))


def ask(client: Any, method: str, path: str) -> int:
    return int(client.request_raw(path, method=method).status_code)


@pytest.fixture(autouse=True)
def breaks_are_answered(app: Flask) -> None:
    """What breaks is answered 500, as it would be outside a test."""
    app.config["PROPAGATE_EXCEPTIONS"] = False


@pytest.fixture
def without_tokens(app: Flask) -> None:
    """The guards of roles are tried behind that of forged requests."""
    app.config["WTF_CSRF_ENABLED"] = False


def test_every_route_says_who_may_enter(app: Flask) -> None:
    known = (PUBLIC, SIGNED_IN, BEARER)
    assert not [
        route.rule for route in routes(app) if route.access not in known and not isinstance(route.access, Permission)
    ]


def test_what_is_public_is_listed(app: Flask) -> None:
    """The same address in capitals, as QR codes hold it, counts as one."""
    assert {route.rule.rule.lower() for route in routes(app) if route.access == PUBLIC} == OPEN_TO_ALL


def test_what_needs_a_permission_names_the_place_it_is_asked_on(app: Flask) -> None:
    assert not [route.rule for route in routes(app) if isinstance(route.access, Permission) and not route.names_place]


@pytest.mark.usefixtures("without_tokens")
def test_strangers_are_led_to_the_sign_in(app: Flask, people: People) -> None:
    """By a redirect from a page; a form is answered by the sign-in page itself, which keeps what was typed."""
    wrong = []
    for route in routes(app):
        for method in route.methods if route.access not in (PUBLIC, BEARER) else ():
            answer = people.visitor.request_raw(route.path(people), method=method)
            led = answer.status_code in (302, 303) and "/masuk" in answer.headers["Location"]
            if not (led if method == "GET" else answer.status_code == 401):
                wrong.append(f"{method} {route.rule.rule}: {answer.status}")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.usefixtures("without_tokens")
def test_another_host_finds_nothing(app: Flask, people: People) -> None:
    """404, not 403: that a stage of another host exists is nobody's business."""
    wrong = []
    for route in routes(app):
        for method in route.methods if isinstance(route.access, Permission) else ():
            status = ask(people.outsider.client, method, route.path(people))
            if status != 404:
                wrong.append(f"{method} {route.rule.rule}: {status}")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.usefixtures("without_tokens")
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_each_role_enters_where_it_may_and_nowhere_else(app: Flask, people: People, role: Role) -> None:
    """Where it may, whatever it sends: an empty form or a thing that does not exist breaks nothing."""
    wrong = []
    client = people.staff[role.value].client
    for route in routes(app):
        if not isinstance(route.access, Permission):
            continue
        allowed = route.access in MAY[role]
        strange = "host" in route.rule.arguments and role is not Role.ADMINISTRATOR  # of the host itself
        for method in route.methods:
            status = ask(client, method, route.path(people))
            expected = (
                status < 500 and status not in (401, 403, 405)
                if allowed
                else status in ((403, 404) if strange else (403,))
            )
            if not expected:
                wrong.append(f"{method} {route.rule.rule}: {status}, {'allowed' if allowed else 'forbidden'}")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.usefixtures("without_tokens")
def test_open_doors_break_on_nothing(app: Flask, people: People) -> None:
    wrong = []
    for route in routes(app):
        for method in route.methods if route.access in (PUBLIC, SIGNED_IN) else ():
            viewer = people.viewer.client.sign_in_as(people.viewer.user)  # again, as one of the doors signs her out
            client = people.visitor if route.access == PUBLIC else viewer
            status = ask(client, method, route.path(people))
            narrower = route.access == SIGNED_IN and status == 403  # the view looks at the role
            not_ready = route.rule.rule == "/readyz" and status == 503
            if not narrower and not not_ready and (status >= 500 or status in (401, 403, 405)):
                wrong.append(f"{method} {route.rule.rule}: {status}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_api_asks_for_a_token_and_looks_at_no_cookie(app: Flask, people: People) -> None:
    wrong = []
    for route in routes(app):
        for method in route.methods if route.access == BEARER else ():
            answer = people.administrator.client.request_raw(route.path(people), method=method, json={})
            if answer.status_code != 401 or answer.mimetype != "application/problem+json":
                wrong.append(f"{method} {route.rule.rule}: {answer.status} {answer.mimetype}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_a_form_without_its_token_changes_nothing(app: Flask, people: People) -> None:
    wrong = []
    for route in routes(app):
        if route.access == BEARER or route.rule.rule.startswith("/api/"):
            continue
        anybody = route.access == PUBLIC and route.rule.rule != "/keluar"  # without a session there is nothing to leave
        client = people.visitor if anybody else people.administrator.client
        for method in set(route.methods) - FORGERY_SAFE:
            status = ask(client, method, route.path(people))
            if status not in (400, 404, 422):
                wrong.append(f"{method} {route.rule.rule}: {status}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_wrong_method_is_named(app: Flask, people: People) -> None:
    by_path: dict[str, set[str]] = {}
    for route in routes(app):
        by_path.setdefault(route.path(people), set()).update(route.methods)
    wrong = []
    for path, methods in by_path.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = people.administrator.client.request_raw(path, method=method)
            if answer.status_code != 405 or not answer.headers.get("Allow"):
                wrong.append(f"{method} {path}: {answer.status}")
    assert not wrong, "\n" + "\n".join(wrong)
