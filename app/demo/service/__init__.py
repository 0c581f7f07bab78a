"""The Tanjungpinang programme, loaded through the services alone, with its dates moved so that stage II runs today."""

from __future__ import annotations

from app.demo.rules import COUNCIL, DIMENSIONS, TEAM
from app.demo.service import directory, history, people, questions, stages
from app.extensions import db, transaction
from app.hosts.models import Host
from app.hosts.queries import find_host
from app.jobs.service import withhold
from app.programmes import service as programmes
from app.registration import service as registration
from app.shared import clock, dates

HOST, PROGRAMME = directory.HOST, "smart-city-2019"
PASSWORD = directory.PASSWORD
SUMMARY = (
    "Kota Tanjungpinang adalah satu dari 100 kota dan kabupaten yang terpilih dari 514 dalam Gerakan Menuju 100 Smart City. "
    "Dinas Komunikasi dan Informatika menyelenggarakan persiapan dan empat tahap bimbingan teknis untuk menyusun masterplan "
    "Smart City Kota Tanjungpinang bersama FKPD, OPD, perguruan tinggi, dunia usaha, komunitas dan media.\n"
    "Semua orang dalam contoh ini rekaan."
)


class AlreadyLoaded(RuntimeError):
    """The demo host is there already."""


def load() -> dict[str, int]:
    """Load the demo into an installation that does not have it; answers what was made, by kind.

    All or nothing. Nobody is mailed: the addresses are invented. Raises AlreadyLoaded.
    """
    if find_host(HOST) is not None:
        raise AlreadyLoaded(HOST)
    prepared = directory.prepare_accounts()
    with transaction():
        host = directory.create_host()
        admin = directory.create_administrator(host, prepared)
        programme = programmes.create_programme(
            host, slug=PROGRAMME, name="Gerakan Menuju 100 Smart City 2019", summary=SUMMARY, by=admin
        )
        for name in (COUNCIL, TEAM, *DIMENSIONS):
            programmes.add_group(programme, name, by=admin)
        staff = {"admin": admin} | directory.create_staff(programme, prepared)
        made = {}
        for stage in stages.create(
            programme, by=staff["pengelola"], today=dates.local_date(clock.now(), host.timezone)
        ):
            made[stage.slug] = people.register(stage, by=staff["panitia"])
            questions.ask(stage, by=staff["pengelola"])
        registration.expire_invitations()
        history.live(programme, staff)
        directory.create_other_host(prepared)
        _withhold_all()
        history.write_letters(programme, staff)
    return made


def reset() -> dict[str, int]:
    """Forget everything in the database and load the demo anew with today's dates."""
    with transaction():
        for table in reversed(db.metadata.sorted_tables):
            db.session.execute(table.delete())
    db.session.remove()
    return load()


def _withhold_all() -> None:
    for host_id in db.session.scalars(db.select(Host.id)):
        withhold(host_id)
