"""Tokens of other systems, as an administrator makes and revokes them."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from app.accounts.models_tokens import ApiToken
from app.accounts.queries_tokens import find_token
from app.accounts.rules_tokens import ApiScope
from app.accounts.service_tokens import create_token
from app.audit.models import AuditEntry
from app.extensions import db
from app.shared import clock
from tests import factories
from tests.pages import forget_what_was_read
from tests.personas import People


def page_of(people: People) -> str:
    return f"/panel/penyelenggara/{people.host.slug}/token"


def test_a_token_is_shown_once_and_only_its_hash_is_kept(people: People) -> None:
    client = people.administrator.client
    form = client.get(page_of(people) + "/tambah")
    shown = form.submit("main form", name="SIMPEG", scopes=[ApiScope.REGISTER.value])
    secret = shown.one("code").text_content()
    found = find_token(secret)
    assert found is not None and found[0].scopes == [ApiScope.REGISTER.value] and found[0].host_id == people.host.id
    assert shown.headers["Cache-Control"] == "no-store"
    listed = client.get(page_of(people))
    assert "SIMPEG" in listed.text and secret not in listed.text and secret[-4:] in listed.text
    assert db.session.scalars(sa.select(AuditEntry.action)).all().count("api_token.created") == 1


def test_what_is_missing_is_said(people: People) -> None:
    client, address = people.administrator.client, page_of(people) + "/tambah"
    page = client.get(address).submit("main form", name="", status=422)
    assert len(page.texts(".invalid-feedback")) == 2
    yesterday = (clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    typed = {"name": "SIMPEG", "scopes": [ApiScope.REGISTER.value], "expires_at": yesterday}
    page = client.get(address).submit("main form", **typed, status=422)
    assert len(page.texts(".invalid-feedback")) == 1 and page.values("main form")["name"] == "SIMPEG"
    assert db.session.scalar(sa.select(sa.func.count(ApiToken.id))) == 0


def test_a_revoked_token_stays_in_the_list(people: People) -> None:
    token, _secret = create_token(
        people.host, name="SIMPEG", scopes=[ApiScope.REGISTER], programme_id=people.programme.id, by=None
    )
    client = people.administrator.client
    page = client.get(page_of(people))
    assert people.programme.name in page.text
    assert page.submit("main details form").status == 200
    forget_what_was_read()
    revoked = db.session.get_one(ApiToken, token.id, populate_existing=True)
    assert revoked.revoked_at is not None and not client.get(page_of(people)).select("main details form")


def test_tokens_of_another_agency(people: People) -> None:
    other, _secret = create_token(factories.host(), name="x", scopes=[ApiScope.REGISTER], by=None)
    client = people.administrator.client
    token = client.get(page_of(people) + "/tambah").values("main form")["csrf_token"]
    client.post(f"{page_of(people)}/{other.id}/cabut", data={"csrf_token": token}, status=404)
    people.manager.client.get(page_of(people), status=404)
    people.outsider.client.get(page_of(people), status=404)
