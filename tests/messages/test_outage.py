"""A mail server that is away for an hour: people register all the same, staff are told, and every letter arrives once."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.registration.rules import Outcome
from tests import factories, services
from tests.mailbox import Mailbox
from tests.personas import People
from tests.registration.people import online, person


@pytest.mark.both_databases
def test_registration_goes_on_and_the_letters_follow(app: Flask, people: People, work: Any, frozen_clock: Any) -> None:
    start, port = frozen_clock(), services.free_port()
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
    factories.category(people.host, "OPD")
    stage = factories.stage(people.programme)
    for number in range(1, 7):
        frozen_clock(start + timedelta(minutes=10 * number))
        assert online(stage, person(number)).outcome is Outcome.CONFIRMED
        work()
    page = people.organiser.client.get("/panel")
    assert "6 pesan menunggu karena server surel tidak menjawab sejak" in page.text
    with Mailbox(port=port) as mailbox:
        for minute in range(61, 67):
            frozen_clock(start + timedelta(minutes=minute))
            work()
        assert all(len(mailbox.to(person(number).email or "")) == 1 for number in range(1, 7))
        assert len(mailbox.messages) == 6
    assert "menunggu karena server" not in people.organiser.client.get("/panel").text
