"""The API of registration: the form's own rules, problems that name each field, and the same answer to the same call."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from app.accounts.models_tokens import ApiToken, IdempotencyKey
from app.accounts.rules_tokens import ApiScope
from app.accounts.service_tokens import KeyUsed, create_token, forget_answers, revoke_token
from app.extensions import db
from app.programmes.models import Stage
from app.registration import api
from app.registration.models import Registration
from app.registration.rules_questions import AnswerKind, QuestionTerms
from app.registration.service.questions import add_question
from app.shared import clock
from app.shared.codes import token_digest
from tests import factories
from tests.databases import statements
from tests.faults.registering import open_stage
from tests.pages import PageClient, browse, forget_what_was_read

SENT = {
    "category": "OPD",
    "institution_other": "Dinas Kominfo",
    "title_after": "S.Kom.",
    "name": "Raja Nur'aini",
    "identity_type": "NIP",
    "identity_number": "198507202010012001",
    "rank": "III/c",
    "position": "Analis",
    "email": "raja@tanjungpinangkota.go.id",
    "phone": "0812 3456-7890",
    "notice": True,
    "consent_photo": True,
}


@pytest.fixture
def stage(app) -> Stage:
    return open_stage()


@pytest.fixture
def token(stage: Stage) -> str:
    return create_token(stage.host, name="SIMPEG", scopes=list(ApiScope), by=None)[1]


@pytest.fixture
def send(client: PageClient, stage: Stage, token: str) -> Callable[..., Any]:
    slug = stage.slug

    def post(
        body: Any = SENT, *, key: str | None = None, by: str | None = token, at: str = slug, **options: Any
    ) -> Any:
        headers = {"Authorization": f"Bearer {by}"} if by else {}
        headers |= {"Idempotency-Key": key} if key else {}
        data = body if isinstance(body, str) else json.dumps(body)
        return client.request_raw(
            f"/api/v1/stages/{at}/registrations", method="POST", data=data, headers=headers, **options
        )

    return post


def all_registrations() -> list[Registration]:
    forget_what_was_read()
    return list(db.session.scalars(sa.select(Registration).order_by(Registration.id)))


@pytest.mark.both_databases
def test_a_person_is_registered_as_by_the_form(send, stage: Stage) -> None:
    answer = send()
    (made,) = all_registrations()
    assert answer.status_code == 201, answer.json
    assert answer.json["id"] == made.id and answer.json["state"] == "confirmed"
    assert answer.json["ticket_code"] == made.ticket_code
    assert answer.json["ticket_url"] == answer.headers["Location"] and made.ticket_code in answer.json["ticket_url"]
    assert (made.full_name, made.phone, made.rank) == ("Raja Nur'aini, S.Kom.", "+6281234567890", "III/c")
    assert [consent.kind.value for consent in made.consents] == ["photo"] and made.notice_id is not None
    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"


@pytest.mark.both_databases
def test_registering_by_the_api_needs_few_statements(send, token: str) -> None:
    send()
    other = SENT | {
        "identity_number": "198507202010012002",
        "email": "b@kota.go.id",
        "phone": "081234567891",
        "name": "B",
    }
    with statements() as seen:
        assert send(other, key="second").status_code == 201
    assert len(seen) <= 12, seen


def test_each_wrong_field_is_named_with_its_sentence(send) -> None:
    answer = send(SENT | {"identity_number": "1985", "email": "raja@gmail.con", "notice": False})
    assert answer.status_code == 422 and answer.content_type == "application/problem+json"
    wrong = {one["field"]: one["detail"] for one in answer.json["errors"]}
    assert wrong.keys() == {"identity_number", "email", "notice"}
    assert wrong["identity_number"] == "NIP terdiri dari 18 angka; yang diketik 4."
    assert all_registrations() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"nama": "Raja"},
        {"name": ["Raja"]},
        {"name": {"a": 1}},
        {"notice": "ya"},
        {"phone": True},
        {"groups": ["Smart Living"]},
        {"groups": [999999]},
        {"answers": [1]},
        {"answers": {"7": "x"}},
        {"institution": "999999"},
        {"second_address": "spam"},
        {"name": "Raja\x00" * 100},
    ],
)
def test_values_of_the_wrong_kind_are_named(send, wrong: dict[str, Any]) -> None:
    answer = send(SENT | wrong)
    assert answer.status_code == 422, answer.json
    (name,) = wrong
    assert [one["field"].partition(".")[0] for one in answer.json["errors"]] == [name]


@pytest.mark.parametrize(("body", "status"), [("{", 400), ("[]", 422), ('"x"', 422), ("[" * 100_000, 400)])
def test_a_body_that_is_no_object(send, body: str, status: int) -> None:
    assert send(body).status_code == status


def test_groups_and_answers(send, stage: Stage) -> None:
    group = factories.group(stage.programme).id
    question = add_question(
        stage, QuestionTerms(id=0, kind=AnswerKind.YES_NO, text="Menginap?", required=True), by=None
    ).id
    missing = send()
    assert [one["field"] for one in missing.json["errors"]] == [f"answers.{question}"]
    assert send(SENT | {"groups": [group], "answers": {str(question): True}}).status_code == 201
    assert [one.id for one in all_registrations()[0].groups] == [group]


def test_who_is_registered_already_is_told_nothing(send) -> None:
    first, again = send(), send(SENT | {"name": "Raja Nuraini"})
    assert again.status_code == 409 and again.json["code"] == "already"
    assert first.json["ticket_code"] not in again.get_data(as_text=True) and "raja@" not in again.get_data(as_text=True)
    assert len(all_registrations()) == 1


def test_a_stage_that_is_closed(send, stage: Stage, token: str) -> None:
    closed = factories.stage(stage.programme, registration_closes_at=clock.now() - timedelta(hours=1))
    answer = send(at=closed.slug)
    assert answer.status_code == 409 and answer.json["code"] == "closed"


def test_a_full_stage_has_a_waiting_list(send, stage: Stage) -> None:
    full = factories.stage(stage.programme, capacity=1, seats_taken=1, ends_on=stage.ends_on)
    answer = send(at=full.slug)
    assert (answer.status_code, answer.json["state"]) == (201, "waitlisted")


@pytest.mark.both_databases
def test_the_same_call_gets_the_same_answer(send) -> None:
    first, again = send(key="a-key"), send(key="a-key")
    assert (first.status_code, again.status_code) == (201, 201) and first.json == again.json
    other = send(SENT | {"name": "Another"}, key="a-key")
    assert other.status_code == 422 and other.json["field"] == "Idempotency-Key"
    assert len(all_registrations()) == 1


def test_answers_are_kept_for_a_day(send, frozen_clock) -> None:
    send(key="a-key")
    forget_answers()
    assert db.session.scalar(sa.select(sa.func.count(IdempotencyKey.id))) == 1
    frozen_clock(clock.now() + timedelta(hours=25))
    forget_answers()
    assert db.session.scalar(sa.select(sa.func.count(IdempotencyKey.id))) == 0


def test_an_answer_that_is_thrown_away_in_between(send, monkeypatch) -> None:
    def used(*_args: Any, **_values: Any) -> None:
        raise KeyUsed

    monkeypatch.setattr(api, "keep_answer", used)
    answer = send(key="a-key")
    assert answer.status_code == 409 and "coba lagi" in answer.json["detail"].lower()
    assert not all_registrations()


def test_what_was_refused_may_be_mended_under_the_same_key(send) -> None:
    assert send(SENT | {"email": "x"}, key="a-key").status_code == 422
    assert send(key="a-key").status_code == 201


@pytest.mark.both_databases
def test_one_key_from_eight_callers_at_once(app, stage: Stage, token: str) -> None:
    address, start, answers = f"/api/v1/stages/{stage.slug}/registrations", Barrier(8), []
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    db.session.rollback()

    def call() -> None:
        client = browse(app)
        start.wait(30)
        answers.append(client.request_raw(address, method="POST", data=json.dumps(SENT), headers=headers))

    threads = [Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(all_registrations()) == 1


def test_only_a_token_of_the_host_and_scope(send, stage: Stage, token: str) -> None:
    def other(**values: Any) -> str:
        return create_token(
            values.pop("host", stage.host), name="x", **{"scopes": [ApiScope.REGISTER], "by": None} | values
        )[1]

    assert send(by=None).status_code == 401 and send(by="x" * 43).status_code == 401
    assert send(by=other(scopes=[ApiScope.READ_REGISTRATIONS])).status_code == 403
    assert send(by=other(host=factories.host())).status_code == 404
    assert send(by=other(programme_id=factories.programme(stage.host).id)).status_code == 404
    assert send(at="tidak-ada").status_code == 404
    assert send(by=other(programme_id=stage.programme_id)).status_code == 201


def test_a_token_that_is_over(send, stage: Stage, frozen_clock) -> None:
    staff = factories.user()
    token, secret = create_token(
        stage.host, name="x", scopes=[ApiScope.REGISTER], expires_at=clock.now() + timedelta(hours=2), by=staff
    )
    frozen_clock(clock.now() + timedelta(hours=3))
    assert send(by=secret).status_code == 403
    token, secret = create_token(stage.host, name="y", scopes=[ApiScope.REGISTER], by=staff)
    assert revoke_token(token, by=staff) and not revoke_token(token, by=staff)
    assert send(by=secret).status_code == 403 and all_registrations() == []


def test_the_secret_is_not_kept_and_use_is_noted(send, token: str) -> None:
    send()
    forget_what_was_read()
    kept = db.session.scalars(sa.select(ApiToken)).one()
    assert kept.token_hash == token_digest(token) and token not in repr(vars(kept)) and kept.last_used_at is not None


def test_the_list_is_paged_and_tells_no_secrets(send, client: PageClient, stage: Stage, token: str) -> None:
    for number in range(1, 4):
        factories.registration(stage, email=f"rahasia{number}@kota.go.id")
    factories.registration()
    address, headers = f"/api/v1/stages/{stage.slug}/registrations", {"Authorization": f"Bearer {token}"}
    first = client.request_raw(f"{address}?limit=2", headers=headers).json
    rest = client.request_raw(f"{address}?limit=2&cursor={first['next']}", headers=headers)
    assert len(first["registrations"]) == 2 and len(rest.json["registrations"]) == 1 and rest.json["next"] is None
    assert first["registrations"][0].keys() == {
        *("id", "state", "title_before", "name", "title_after", "category", "institution", "groups", "registered_at")
    }
    assert "rahasia" not in rest.get_data(as_text=True)
    for wrong in ("limit=0", "limit=501", "limit=x", "cursor=-1", "cursor=99999999999"):
        assert client.request_raw(f"{address}?{wrong}", headers=headers).status_code == 422


def test_the_list_takes_as_many_statements_for_many_as_for_few(client: PageClient, stage: Stage, token: str) -> None:
    address, headers = f"/api/v1/stages/{stage.slug}/registrations", {"Authorization": f"Bearer {token}"}
    counted = []
    for _ in range(2):
        for _number in range(5):
            factories.registration(stage)
        client.request_raw(address, headers=headers)
        with statements() as seen:
            client.request_raw(address, headers=headers)
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 6
