"""People who come to their own data by a mailed link."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.hosts.models import Host
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Participant, Registration
from app.registration.rules import PersonDetails, RegistrationSource, person_key
from app.shared import clock
from app.shared.dates import local_date
from app.shared.identity import IdentityType
from tests import factories
from tests.mailbox import Mailbox
from tests.pages import Page, PageClient

FORM = "main form.form"
ADDRESS = "siti@dinas.example.org"
NIP = "198504122010011003"


def coming(host: Host, **values: Any) -> Stage:
    """A stage in two weeks whose registration is open."""
    today = local_date(clock.now(), host.timezone)
    dates = {"starts_on": today + timedelta(days=14), "ends_on": today + timedelta(days=15)}
    return factories.stage(factories.programme(host), **dates | values)


def over(host: Host, **values: Any) -> Stage:
    """A stage of last month."""
    today = local_date(clock.now(), host.timezone)
    dates = {"starts_on": today - timedelta(days=30), "ends_on": today - timedelta(days=29)}
    return factories.stage(factories.programme(host), **dates | values)


def a_host() -> Host:
    host = factories.host(email="dinas@example.org")
    seed_categories(host)
    factories.notice(host)
    return host


def registered(stage: Stage, **values: Any) -> Registration:
    """Siti of the Dinas Kesehatan, by NIP, registered as staff would."""
    known = {
        "name": "Siti Aminah",
        "category_code": "OPD",
        "institution_name": "Dinas Kesehatan",
        "identity_type": IdentityType.NIP,
        "identity_number": NIP,
        "rank": "III/c",
        "position": "Analis",
        "email": ADDRESS,
        "phone": "+6281377001122",
    }
    person = PersonDetails(**known | values)
    made = service.register(stage, person, source=RegistrationSource.IMPORT, by=factories.user()).registration
    assert made is not None and person_key(person).email
    return made


def participant_of(registration: Registration) -> Participant:
    return registration.participant


def link_in(smtp: Mailbox, address: str = ADDRESS, path: str = "/saya/masuk/") -> str:
    """The path of the link in the latest mail to an address that has one."""
    for message in reversed(smtp.to(address)):
        body = message.get_body(("plain",))
        found = re.search(rf"{path}[\w-]+", body.get_content()) if body else None
        if found:
            return found[0]
    raise AssertionError(f"no link {path} was mailed to {address}")


def subjects(smtp: Mailbox, address: str = ADDRESS) -> list[str]:
    return [str(message["Subject"]) for message in smtp.to(address)]


def ask(client: PageClient, address: str = ADDRESS, status: int = 200) -> Page:
    return client.get("/saya").submit(FORM, email=address, status=status)


def come_in(client: PageClient, smtp: Mailbox, work: Callable[[], None], address: str = ADDRESS) -> Page:
    """Through the whole way: the form, the mail, the button."""
    ask(client, address)
    work()
    return client.get(link_in(smtp, address)).submit(FORM)
