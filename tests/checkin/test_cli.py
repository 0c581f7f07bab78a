"""The door's commands."""

from flask import Flask

from tests import factories
from tests.pages import PageClient


def test_a_scanner_is_enrolled_and_may_scan(app: Flask, client: PageClient) -> None:
    stage = factories.stage()
    point = factories.checkpoint(stage, name="Pintu utama")
    person = factories.registration(stage)
    ticket, point_id = person.ticket_code, point.id
    runner = app.test_cli_runner()
    listed = runner.invoke(args=["checkpoints", "list", "--stage", stage.slug])
    number, name, window = listed.output.strip().split("\t")
    assert (int(number), name) == (point_id, "Pintu utama")
    assert window.count("+07:00") == 2
    enrolled = runner.invoke(args=["devices", "enrol", "--stage", stage.slug, "--name", "Meja 1"])
    token = enrolled.output.strip().splitlines()[-1]
    scan = {"scan_id": "a", "code": ticket, "occurred_at": "2019-07-08T08:00:00+07:00", "source": "wedge"}
    answer = client.post(
        f"/api/v1/checkpoints/{point_id}/scans",
        json={"sent_at": "2019-07-08T08:00:00+07:00", "scans": [scan]},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.json["results"][0]["decision"] == "admitted"


def test_what_is_not_there_is_said(app: Flask) -> None:
    runner = app.test_cli_runner()
    for command in (["checkpoints", "list"], ["devices", "enrol", "--name", "Meja 1"]):
        failed = runner.invoke(args=[*command, "--stage", "tidak-ada"])
        assert failed.exit_code == 1
        assert "There is no stage tidak-ada." in failed.output
    nameless = runner.invoke(args=["devices", "enrol", "--stage", factories.stage().slug, "--name", "  "])
    assert "Give the scanner a name." in nameless.output
