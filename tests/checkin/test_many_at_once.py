"""Many doors at the same moment: one admits, the others say so."""

import json
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Scan
from app.extensions import db
from app.shared import clock
from app.shared.codes import new_code
from tests import factories

DOORS = 20


def post(address: str, token: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Call all of them from threads that start together."""
    barrier = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(index: int) -> None:
        barrier.wait(30)
        answers[index] = calls[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def scan(code: str, scan_id: str | None = None) -> dict[str, Any]:
    moment = clock.now().isoformat()
    return {"scan_id": scan_id or new_code(), "code": code, "occurred_at": moment, "source": "camera"}


class Doors:
    """Many devices at one checkpoint, and the people who come."""

    def __init__(self, server: str, people: int) -> None:
        stage = factories.stage()
        checkpoint = factories.checkpoint(stage)
        self.codes = [factories.registration(stage).ticket_code for _ in range(people)]
        self.tokens = [factories.device(stage, name=f"Pintu {number}")[1] for number in range(DOORS)]
        self.address = f"{server}/api/v1/checkpoints/{checkpoint.id}/scans"
        db.session.remove()

    def send(self, token: str, *scans: dict[str, Any]) -> Callable[[], Any]:
        return partial(post, self.address, token, {"scans": scans})


@pytest.mark.both_databases
def test_twenty_doors_admit_a_ticket_once(app: Flask, gunicorn_server: str) -> None:
    doors = Doors(gunicorn_server, people=1)
    answers = at_once([doors.send(token, scan(doors.codes[0])) for token in doors.tokens])
    results = [answer["results"][0] for answer in answers]
    assert Counter(result["decision"] for result in results) == {"admitted": 1, "repeat": DOORS - 1}
    assert len({result["first"]["by"] for result in results if result["first"]}) == 1
    assert all(answer["counts"]["present"] == 1 for answer in answers)
    assert db.session.scalar(sa.select(sa.func.count(Attendance.id))) == 1
    assert db.session.scalar(sa.select(sa.func.count(Scan.id))) == DOORS


@pytest.mark.both_databases
def test_a_scan_sent_twenty_times_at_once_is_one(app: Flask, gunicorn_server: str) -> None:
    """As when a door's network comes and goes: whichever arrives first, all get the same answer."""
    doors = Doors(gunicorn_server, people=1)
    once = scan(doors.codes[0])
    answers = at_once([doors.send(doors.tokens[0], once) for _ in range(DOORS)])
    results = [answer["results"][0] for answer in answers]
    assert {result["decision"] for result in results} == {"admitted"}
    assert Counter(result["replay"] for result in results) == {False: 1, True: DOORS - 1}
    assert db.session.scalar(sa.select(sa.func.count(Scan.id))) == 1


@pytest.mark.both_databases
def test_batches_of_the_same_people_in_every_order(app: Flask, gunicorn_server: str) -> None:
    """Doors that hold the same people in other orders neither block each other nor admit anyone twice."""
    doors = Doors(gunicorn_server, people=DOORS)
    orders = [doors.codes[turn:] + doors.codes[:turn] for turn in range(DOORS)]
    orders = [order[::-1] if index % 2 else order for index, order in enumerate(orders)]
    calls = [doors.send(token, *map(scan, order)) for token, order in zip(doors.tokens, orders, strict=True)]
    decisions = Counter(result["decision"] for answer in at_once(calls) for result in answer["results"])
    assert decisions == {"admitted": DOORS, "repeat": DOORS * (DOORS - 1)}
    assert db.session.scalar(sa.select(sa.func.count(Attendance.id))) == DOORS
