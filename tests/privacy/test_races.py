"""Things done to one person at the same moment: a link is used once, nothing waits for itself, and a request is settled once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.jobs.models import OutboxMessage
from app.privacy import service
from app.privacy.models import DataRequest, PersonLink
from app.privacy.rules import RequestKind, RequestState
from app.registration.models import Participant, Registration
from app.registration.queries import details_of
from app.shared.identity import IdentityType
from tests import factories
from tests.privacy.scene import ADDRESS, a_host, coming, registered


def at_once(app: Flask, *tasks: Callable[[], Any]) -> list[Any]:
    """What each of these answered, begun at the same moment in threads of their own; an error is answered as it is."""
    ready, answers = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(place: int, task: Callable[[], Any]) -> None:
        with app.app_context():
            ready.wait()
            try:
                answers[place] = task()
            except Exception as error:
                answers[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    db.session.rollback()
    return answers


@pytest.mark.both_databases
def test_a_link_is_used_once(app: Flask) -> None:
    registered(coming(a_host()))
    service.ask_for_link(ADDRESS)
    token = service.token_of(db.session.scalars(sa.select(PersonLink)).one())
    answers = at_once(app, *[lambda: service.enter(token) is not None] * 6)
    assert sorted(answers) == [False] * 5 + [True]


@pytest.mark.both_databases
def test_a_request_is_settled_once(app: Flask) -> None:
    registration = registered(coming(a_host()))
    person = db.session.get_one(Participant, registration.participant_id)
    request_id = service.ask(person, RequestKind.CORRECTION, proposed={"name": "Siti Putri"}).id
    clerk = factories.user()

    def accept() -> Any:
        return service.accept(db.session.get_one(DataRequest, request_id), by=db.session.merge(clerk))

    def refuse() -> Any:
        return service.refuse(db.session.get_one(DataRequest, request_id), reason="Tidak", by=db.session.merge(clerk))

    answers = at_once(app, accept, refuse, accept, refuse)
    assert sorted(answers) == [False, False, False, True]
    request = db.session.get_one(DataRequest, request_id)
    letters = sa.select(OutboxMessage.kind).where(OutboxMessage.kind.in_(("privacy.done", "privacy.refused")))
    wanted = "privacy.done" if request.state is RequestState.DONE else "privacy.refused"
    assert db.session.scalars(letters).all() == [wanted]


@pytest.mark.both_databases
def test_asking_again_while_the_open_request_is_settled(app: Flask) -> None:
    registration = registered(coming(a_host()))
    person_id = registration.participant_id
    clerk = factories.user()

    def ask(text: str) -> Any:
        person = db.session.get_one(Participant, person_id)
        return service.ask(person, RequestKind.CORRECTION, text=text).id

    def refuse(request_id: int) -> Any:
        return service.refuse(db.session.get_one(DataRequest, request_id), reason="Tidak", by=db.session.merge(clerk))

    for number in range(6):
        request_id = ask("Nama saya salah")
        asked, refused = at_once(app, lambda: ask("Masih salah"), lambda given=request_id: refuse(given))
        assert isinstance(asked, int) and refused is True
        if asked != request_id:
            assert db.session.get_one(DataRequest, asked).text == "Masih salah", number


@pytest.mark.both_databases
def test_corrections_and_registrations_do_not_wait_for_each_other(app: Flask) -> None:
    """Siti corrects what reaches three stages while others register there as new people."""
    host = a_host()
    stages = [coming(host) for _stage in range(3)]
    first, *_others = [registered(stage) for stage in stages]
    registration_id = first.id
    stage_ids = [stage.id for stage in stages]

    def correct(number: int) -> Callable[[], Any]:
        def run() -> Any:
            registration = db.session.get_one(Registration, registration_id)
            own = details_of(registration)
            changed = type(own)(**{**vars(own), "phone": f"+62813770022{number:02}"})
            return service.save_own(registration.participant, changed).reason

        return run

    def register(number: int) -> Callable[[], Any]:
        def run() -> Any:
            stage = db.session.get_one(type(stages[0]), stage_ids[number % 3])
            details = {
                "identity_type": IdentityType.NONE,
                "identity_number": None,
                "email": f"orang{number}@example.org",
            }
            return registered(stage, name=f"Orang {chr(65 + number)}", **details).id

        return run

    tasks = [task for number in range(20) for task in (correct(number), register(number))]
    answers = at_once(app, *tasks)
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    phones = db.session.scalars(sa.select(Registration.phone).where(Registration.name == "Siti Aminah")).all()
    assert len(phones) == 3 and len(set(phones)) == 1
