"""The people of one programme and one who belongs elsewhere. `people.manager.client` is signed in, `.user` is her record."""

from dataclasses import dataclass, field
from functools import cached_property

from flask import Flask

from app.accounts.models import User
from app.accounts.rules import PROGRAMME_ROLES, Role
from app.hosts.models import Host
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from tests import factories
from tests.pages import PageClient, browse

STAFF = tuple(role.value for role in Role)


@dataclass
class Person:
    app: Flask
    user: User

    @cached_property
    def client(self) -> PageClient:
        return browse(self.app).sign_in_as(self.user)


@dataclass
class People:
    """Around `host`, `programme` and `stage`, which is on today. `outsider` is administrator of `other_host` with `other_stage`."""

    app: Flask
    host: Host
    programme: Programme
    stage: Stage
    other_host: Host
    other_stage: Stage
    staff: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["staff"][name]
        except KeyError:
            raise AttributeError(name) from None

    @cached_property
    def visitor(self) -> PageClient:
        """Whoever is not signed in."""
        return browse(self.app)

    @cached_property
    def participant(self) -> Registration:
        """Someone confirmed at the stage."""
        return factories.registration(self.stage, name="Siti Aminah")


def gather(app: Flask) -> People:
    host, other_host = factories.host(), factories.host()
    programme, other_programme = factories.programme(host), factories.programme(other_host)
    factories.notice(host)
    people = People(app, host, programme, factories.stage(programme), other_host, factories.stage(other_programme))
    for role in Role:
        member = factories.user(name=role.value.title())
        factories.membership(member, role, programme if role in PROGRAMME_ROLES else host)
        people.staff[role.value] = Person(app, member)
    outsider = factories.user(name="Orang Luar")
    factories.membership(outsider, Role.ADMINISTRATOR, other_host)
    people.staff["outsider"] = Person(app, outsider)
    return people
