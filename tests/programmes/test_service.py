"""Programmes, stages and groups in both databases."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from app.audit.models import AuditEntry
from app.extensions import db, transaction
from app.institutions import service as institutions
from app.programmes import queries, service
from app.programmes.models import ParticipantGroup, Programme, Stage
from app.programmes.rules import ProgrammeRefusal, ProgrammeRefused
from tests import factories
from tests.pages import forget_what_was_read

DATES = {
    "starts_on": date(2030, 7, 8),
    "ends_on": date(2030, 7, 9),
    "registration_opens_at": datetime(2030, 6, 1, tzinfo=UTC),
    "registration_closes_at": datetime(2030, 7, 7, tzinfo=UTC),
}


def refused(reason: ProgrammeRefusal):
    return pytest.raises(ProgrammeRefused, match=f"^{reason.value}$")


def new_stage(programme, number=1, **values):
    return service.create_stage(
        programme, **{"slug": f"baru-{number}", "number": number, "name": f"Tahap {number}"} | DATES | values
    )


@pytest.fixture
def hooks(monkeypatch):
    """What the rooms above are told, in order."""
    told = []
    monkeypatch.setattr(service, "_created_hooks", [lambda stage: told.append(("created", stage.slug))])
    monkeypatch.setattr(
        service, "_changed_hooks", [lambda stage, before: told.append(("changed", before["capacity"], stage.capacity))]
    )
    return told


@pytest.mark.both_databases
def test_a_programme_and_its_stages(app, hooks):
    programme = service.create_programme(factories.host(), slug="smart-city", name=" Smart   City ")
    assert (programme.name, programme.published) == ("Smart City", True)
    stage = new_stage(programme, capacity=10)
    second = new_stage(programme, 2, prerequisite=stage, min_jp_percent=None)
    assert (stage.min_jp_percent, second.min_jp_percent) == (80, None)
    assert second.prerequisite.id == stage.id
    assert [one.id for one in queries.stages_of(programme)] == [stage.id, second.id]
    service.update_stage(stage, by=None, venue="Aula")
    service.update_stage(stage, by=None, capacity=10)
    service.update_stage(stage, by=None, capacity=20, name="Lain")
    service.update_stage(stage, by=None, ends_on=date(2030, 7, 10))
    assert hooks == [("created", "baru-1"), ("created", "baru-2"), ("changed", 10, 20), ("changed", 20, 20)]
    fields = db.session.scalars(
        sa.select(AuditEntry.fields).where(AuditEntry.action == "stage.changed").order_by(AuditEntry.id)
    )
    assert list(fields) == [["venue"], ["capacity", "name"], ["ends_on"]]


@pytest.mark.both_databases
def test_slugs_are_unique_in_the_installation(app):
    service.create_programme(factories.host(), slug="smart-city", name="A")
    with refused(ProgrammeRefusal.SLUG_TAKEN):
        service.create_programme(factories.host(), slug="smart-city", name="B")
    with refused(ProgrammeRefusal.BAD_SLUG):
        service.create_programme(factories.host(), slug="Smart City", name="B")
    new_stage(factories.programme())
    with refused(ProgrammeRefusal.SLUG_TAKEN):
        new_stage(factories.programme())


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ends_on": date(2030, 7, 7)}, ProgrammeRefusal.ENDS_BEFORE_START),
        ({"registration_closes_at": datetime(2030, 5, 1, tzinfo=UTC)}, ProgrammeRefusal.CLOSES_BEFORE_OPENING),
        ({"registration_closes_at": datetime(2030, 7, 9, 17, 1, tzinfo=UTC)}, ProgrammeRefusal.CLOSES_AFTER_END),
        ({"number": 2}, ProgrammeRefusal.NUMBER_TAKEN),
        ({"capacity": 0}, ProgrammeRefusal.CAPACITY_NOT_POSITIVE),
        ({"min_jp_percent": 0}, ProgrammeRefusal.PERCENT_OUT_OF_RANGE),
        ({"name": " "}, ProgrammeRefusal.NO_NAME),
    ],
)
def test_what_a_stage_cannot_be(app, hooks, changes, reason):
    programme = factories.programme()
    stage = new_stage(programme)
    new_stage(programme, 2)
    hooks.clear()
    with refused(reason):
        new_stage(programme, **{"slug": "lain", "number": 3} | changes)
    with refused(reason):
        service.update_stage(stage, by=None, **changes)
    assert hooks == []
    assert db.session.scalar(sa.select(sa.func.count(Stage.id))) == 2
    assert stage.ends_on == DATES["ends_on"]


@pytest.mark.both_databases
def test_registration_may_close_at_the_hosts_midnight(app):
    """17.00 UTC is midnight in Jakarta and already one o'clock in Makassar."""
    closing = {"registration_closes_at": datetime(2030, 7, 9, 17, tzinfo=UTC)}
    new_stage(factories.programme(), **closing)
    with refused(ProgrammeRefusal.CLOSES_AFTER_END):
        new_stage(factories.programme(factories.host(timezone="Asia/Makassar")), 2, **closing)


@pytest.mark.both_databases
def test_seats_that_are_taken_stay(app):
    stage = factories.stage(capacity=3)
    for _ in range(2):
        factories.registration(stage)
    with refused(ProgrammeRefusal.CAPACITY_BELOW_SEATS):
        service.update_stage(stage, by=None, capacity=1)
    service.update_stage(stage, by=None, capacity=2)
    service.update_stage(stage, by=None, capacity=None)


@pytest.mark.both_databases
def test_a_prerequisite_is_of_the_same_programme_and_no_circle(app):
    programme = factories.programme()
    first, second = new_stage(programme), new_stage(programme, 2)
    stranger = factories.stage()
    with refused(ProgrammeRefusal.PREREQUISITE_ELSEWHERE):
        service.update_stage(second, by=None, prerequisite=stranger)
    service.update_stage(second, by=None, prerequisite=first)
    with refused(ProgrammeRefusal.PREREQUISITE_CIRCLE):
        service.update_stage(first, by=None, prerequisite=second)
    service.update_stage(second, by=None, prerequisite=None)
    assert second.prerequisite is None


@pytest.mark.both_databases
def test_two_stages_of_one_number_at_once(app):
    programme_id = factories.programme().id
    gate, results = threading.Barrier(3), []

    def create(place):
        with app.app_context():
            programme = db.session.get(Programme, programme_id)
            gate.wait(10)
            try:
                results.append(new_stage(programme, slug=f"tahap-{place}").number)
            except ProgrammeRefused as error:
                results.append(error.reason)

    threads = [threading.Thread(target=create, args=(place,)) for place in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    forget_what_was_read()
    assert sorted(results, key=str) == [1, ProgrammeRefusal.NUMBER_TAKEN, ProgrammeRefusal.NUMBER_TAKEN]


def test_a_hook_that_fails_leaves_no_stage(app, monkeypatch):
    def fail(stage):
        raise RuntimeError("no")

    monkeypatch.setattr(service, "_created_hooks", [fail])
    with pytest.raises(RuntimeError):
        new_stage(factories.programme())
    assert queries.find_stage("baru-1") is None


def test_a_field_that_is_none(app):
    with pytest.raises(TypeError):
        service.update_stage(factories.stage(), by=None, slug="lain")
    with pytest.raises(TypeError):
        service.update_programme(factories.programme(), by=None, host_id=1)


@pytest.mark.both_databases
def test_groups(app):
    programme = factories.programme()
    living, society = service.add_group(programme, "Smart  Living"), service.add_group(programme, "Smart Society")
    assert [group.name for group in queries.groups_of(programme)] == ["Smart Living", "Smart Society"]
    with refused(ProgrammeRefusal.GROUP_NAME_TAKEN):
        service.add_group(programme, "smart living")
    with refused(ProgrammeRefusal.GROUP_NAME_TAKEN):
        service.rename_group(society, "SMART LIVING", by=None)
    service.rename_group(living, "SMART LIVING", by=None)
    service.remove_group(society, by=None)
    assert [group.name for group in queries.groups_of(programme)] == ["SMART LIVING"]
    assert queries.find_group(factories.programme(), living.id) is None


@pytest.mark.both_databases
@pytest.mark.parametrize("user", ["registration", "agenda_session"])
def test_a_group_in_use_stays(app, user):
    stage = factories.stage()
    group = service.add_group(stage.programme, "Smart Living")
    getattr(factories, user)(stage, groups=[group])
    with refused(ProgrammeRefusal.GROUP_IN_USE):
        service.remove_group(group, by=None)
    assert queries.find_group(stage.programme, group.id)


def test_the_public_sees_what_is_published(app):
    stage = factories.stage()
    assert queries.get_published_stage(stage.slug).id == stage.id
    assert queries.get_published_programme(stage.programme.slug).id == stage.programme_id
    service.update_stage(stage, by=None, published=False)
    with pytest.raises(NotFound):
        queries.get_published_stage(stage.slug)
    service.update_stage(stage, by=None, published=True)
    service.update_programme(stage.programme, by=None, published=False)
    for read, slug in (
        (queries.get_published_stage, stage.slug),
        (queries.get_published_programme, stage.programme.slug),
    ):
        with pytest.raises(NotFound):
            read(slug)
        with pytest.raises(NotFound):
            read("tidak-ada")


def test_reads_of_programmes(app):
    host = factories.host()
    first, second = (
        factories.programme(host),
        factories.programme(host, created_at=DATES["registration_opens_at"] + timedelta(days=3000)),
    )
    factories.stage(first)
    assert queries.programmes_of(host) == [second, first]
    assert queries.stage_counts([first, second]) == {first.id: 1}


@pytest.fixture
def second(app):
    """Another machine's connection, which waits for a lock two seconds at most."""
    with db.engine.connect() as connection:
        connection.execute(sa.text("SET lock_timeout = '2s'"))
        yield connection


@pytest.mark.postgres
def test_a_registration_does_not_wait_for_settings_being_saved(app, second):
    stage = factories.stage()
    group = service.add_group(stage.programme, "Smart Living")
    ids = {"stage": stage.id, "programme": stage.programme_id, "host": stage.host.id}
    with transaction():
        service.update_stage(stage, by=None, capacity=77)
        service.rename_group(group, "Smart Society", by=None)
        institutions.add_institution(stage.host, category_code=category(stage.host), name="Dinas Sosial")
        for table, row_id in ids.items():  # what PostgreSQL does when a row is added that points there
            second.execute(sa.text(f"SELECT id FROM {table} WHERE id = {row_id} FOR KEY SHARE"))
        second.rollback()


def category(host):
    return factories.category(host, "OPD").code


@pytest.mark.postgres
def test_the_stage_is_held_before_its_programme(app, second):
    """As in a registration: were it the other way round, each would wait for what the other holds."""
    stage = factories.stage()
    second.execute(sa.text("SET lock_timeout = '10s'"))
    second.execute(sa.text(f"SELECT id FROM stage WHERE id = {stage.id} FOR NO KEY UPDATE"))
    saving = threading.Thread(target=save_capacity, args=(app, stage.id))
    saving.start()
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with db.engine.connect() as looking:
        while saving.is_alive() and not looking.scalar(waiting):
            looking.rollback()
    second.execute(sa.text(f"SELECT id FROM programme WHERE id = {stage.programme_id} FOR UPDATE NOWAIT"))
    second.commit()
    saving.join(30)
    forget_what_was_read()
    assert stage.capacity == 77


def save_capacity(app, stage_id):
    with app.app_context():
        service.update_stage(db.session.get_one(Stage, stage_id), by=None, capacity=77)


@pytest.mark.both_databases
@pytest.mark.parametrize("act", ["rename_group", "remove_group"])
def test_a_group_that_somebody_removed_at_that_moment_is_not_there(app, act):
    group = service.add_group(factories.programme(), "Smart Living")
    with transaction():
        db.session.execute(sa.delete(ParticipantGroup), execution_options={"synchronize_session": False})
    with pytest.raises(NotFound):
        getattr(service, act)(group, *(["Lain"] if act == "rename_group" else []), by=None)
