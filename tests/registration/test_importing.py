"""Importing people: what is foretold of each row, what becomes of it, and that nothing happens twice."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db, transaction
from app.jobs.models import Job
from app.jobs.rules import JobState
from app.jobs.service import Progress, claim_job
from app.programmes.models import Stage
from app.registration.forms_imports import RowReader, directory_of, reader_of, row_form
from app.registration.models import Participant, Registration
from app.registration.models_imports import ImportRow, ImportRun
from app.registration.rules import RegistrationSource, RegistrationState
from app.registration.rules_import import ImportMode, ImportState, Verdict, match_columns
from app.registration.service import importing, importing_rows
from app.shared import clock
from app.shared.cells import BadTable
from app.shared.identity import IdentityType
from app.shared.tables import read_pasted
from tests import factories
from tests.databases import statements
from tests.registration.imports import (
    HEADER,
    handed_in,
    imported,
    line,
    looked_at,
    mails,
    nip,
    people_of,
    problems,
    verdicts,
)


@pytest.fixture
def stage(app: Flask) -> Stage:
    made = factories.stage()
    factories.category(made.host, identity_types=["NIP"], identity_required=True, name="Organisasi Perangkat Daerah")
    factories.institution(made.host, name="Dinas Uji", short_name="DISUJI")
    factories.institution(made.host, "BANK", name="Bank Uji")
    return made


def test_a_row_becomes_the_person_that_the_form_would_make(stage: Stage) -> None:
    factories.group(stage.programme, name="Smart Living")
    run = imported(stage, line(1, institution="  dinas  UJI ", category="", groups="smart living"))
    (person,) = people_of(stage)
    assert (person.title_before, person.name, person.title_after) == ("Ir.", "Peserta Ab", "M.T.")
    assert (person.institution_name, person.category.code) == ("Dinas Uji", "OPD")
    assert (person.identity_type, person.identity_number) == (IdentityType.NIP, nip(1))
    assert (person.email, person.phone) == ("peserta1@contoh.test", "+6281200000001")
    assert (person.source, person.state) == (RegistrationSource.IMPORT, RegistrationState.CONFIRMED)
    assert [group.name for group in person.groups] == ["Smart Living"]
    assert run.state is ImportState.DONE and run.finished_at is not None
    row = db.session.scalars(sa.select(ImportRow)).one()
    assert (row.settled, row.registration_id) == (True, person.id)


def test_short_names_and_institutions_that_nobody_lists(stage: Stage) -> None:
    run = imported(
        stage, line(1, institution="disuji"), line(2, institution="Dinas Ujji"), line(3, institution="Warung")
    )
    assert [one.institution_name for one in people_of(stage)] == ["Dinas Uji", "Dinas Ujji", "Warung"]
    notes = db.session.scalars(sa.select(ImportRow.notes).where(ImportRow.run_id == run.id).order_by(ImportRow.number))
    assert ["Dinas Uji" in " ".join(one) for one in notes] == [False, True, False]


@pytest.mark.parametrize(
    ("values", "key", "words"),
    [
        ({"name": ""}, "name", "nama"),
        ({"nip": "123"}, "identity_number", "18"),
        ({"nip": "1,98507E+17"}, "identity_number", "Teks"),
        ({"institution": "Bank Uji"}, "institution", "Bank Uji"),
        ({"institution": "Toko", "category": ""}, "category", "unsur"),
        ({"institution": "Dinas Ujji", "category": ""}, "category", "Dinas Uji"),
        ({"category": "Xx"}, "category", "Xx"),
        ({"email": "siti@gmail.con"}, "email", "gmail.com"),
        ({"phone": "0777"}, "phone", "08"),
        ({"groups": "Entah"}, "groups", "kelompok"),
        ({"nip": "", "email": "", "phone": ""}, "identity_number", "dikenali"),
    ],
)
def test_each_cell_says_what_is_wrong(stage: Stage, values: dict[str, str], key: str, words: str) -> None:
    run = looked_at(stage, line(1, **values))
    assert verdicts(run) == {Verdict.WRONG: 1}
    ((found, sentence),) = problems(run)[2]
    assert found == key and words.lower() in sentence.lower()


def test_several_cells_of_a_row_are_named_at_once(stage: Stage) -> None:
    run = looked_at(stage, line(1, nip="12", email="x", phone="9"))
    assert {key for key, _sentence in problems(run)[2]} == {"identity_number", "email", "phone"}


def test_a_number_may_follow_where_the_person_can_be_told_again(stage: Stage) -> None:
    run = imported(stage, line(1, nip=""))
    assert verdicts(run) == {Verdict.NEW: 1} and people_of(stage)[0].identity_number is None


def test_two_rows_with_one_number_are_both_named(stage: Stage) -> None:
    run = looked_at(stage, line(1), line(2), line(3, nip=nip(1)))
    assert verdicts(run) == {Verdict.NEW: 1, Verdict.WRONG: 2}
    for number in (2, 4):
        ((key, sentence),) = problems(run)[number]
        assert key == "identity_number" and "2" in sentence and "4" in sentence


def test_a_row_that_repeats_another_is_left_out_and_names_it(stage: Stage) -> None:
    run = imported(stage, line(1), line(1))
    assert verdicts(run) == {Verdict.NEW: 1, Verdict.WRONG: 1} and "2" in problems(run)[3][0][1]


@pytest.mark.both_databases
def test_looking_changes_nothing_and_foretells_what_comes(stage: Stage) -> None:
    with transaction():
        db.session.get_one(Stage, stage.id).capacity = 2
    imported(stage, line(1))
    before = mails()
    lines = [line(1), line(2), line(3), line(4, nip="1")]
    run = looked_at(stage, *lines)
    foretold = verdicts(run)
    assert foretold == {Verdict.ALREADY: 1, Verdict.NEW: 1, Verdict.WAITLISTED: 1, Verdict.WRONG: 1}
    assert len(people_of(stage)) == 1 and mails() == before
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 1
    assert verdicts(imported(stage, *lines)) == foretold
    assert [one.state for one in people_of(stage)][1:] == [RegistrationState.CONFIRMED, RegistrationState.WAITLISTED]


@pytest.mark.both_databases
@pytest.mark.parametrize("mode", list(ImportMode))
def test_the_same_table_twice_changes_nothing(stage: Stage, mode: ImportMode) -> None:
    lines = [line(1), line(2, nip=""), line(3, email="", phone="")]
    assert verdicts(imported(stage, *lines, mode=mode)) == {Verdict.NEW: 3}
    before, mailed = [(one.id, one.ticket_code) for one in people_of(stage)], mails()
    assert verdicts(imported(stage, *lines, mode=mode)) == {Verdict.ALREADY: 3}
    assert [(one.id, one.ticket_code) for one in people_of(stage)] == before and mails() == mailed == 2


@pytest.mark.both_databases
def test_all_or_nothing_leaves_nothing_when_one_is_wrong(stage: Stage) -> None:
    run = imported(stage, line(1), line(2, nip="12"), line(3), mode=ImportMode.ALL)
    assert people_of(stage) == [] and mails() == 0
    assert run.state is ImportState.CHECKED and verdicts(run) == {Verdict.NEW: 2, Verdict.WRONG: 1}


@pytest.mark.both_databases
def test_all_or_nothing_is_undone_where_somebody_is_refused_at_the_end(stage: Stage) -> None:
    later = factories.stage(stage.programme, prerequisite_id=stage.id)
    imported(stage, line(1))
    run = imported(later, line(1), line(2), mode=ImportMode.ALL)
    assert people_of(later) == [] and mails() == 1
    assert verdicts(run) == {Verdict.NEW: 1, Verdict.REFUSED: 1} and problems(run)[3][0][0] == ""
    assert not db.session.scalars(
        sa.select(ImportRow.settled).where(ImportRow.run_id == run.id, ImportRow.settled)
    ).all()


@pytest.mark.both_databases
def test_only_the_good_rows_are_kept(stage: Stage) -> None:
    run = imported(stage, line(1), line(2, nip="12"), line(3))
    assert verdicts(run) == {Verdict.NEW: 2, Verdict.WRONG: 1} and len(people_of(stage)) == 2
    assert run.state is ImportState.DONE


def test_nobody_is_mailed_where_that_is_not_wanted(stage: Stage) -> None:
    imported(stage, line(1), mailed=False)
    assert len(people_of(stage)) == 1 and mails() == 0


def test_the_worker_does_it_and_a_worker_that_died_is_followed_by_one_that_goes_on(
    stage: Stage, work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing_rows, "CHUNK", 2)
    run = handed_in(stage, *(line(number) for number in range(1, 8)))
    assert importing.begin_check(run, columns=run.columns, category="", locale="id", by=None)
    assert not importing.begin_check(run, columns={}, category="", locale="id", by=None)
    work()
    run = db.session.get_one(ImportRun, run.id)
    assert run.state is ImportState.CHECKED and verdicts(run) == {Verdict.NEW: 7}
    assert importing.begin_import(run, mode=ImportMode.GOOD, mailed=True, locale="id", by=None)
    assert not importing.begin_import(run, mode=ImportMode.GOOD, mailed=True, locale="id", by=None)
    done: list[int] = []

    def dies(count: int) -> None:
        done.append(count)
        if len(done) == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing_rows.carry_out(run, reader_of(run, reserved_mail=True).read, dies, by=None)
    assert len(people_of(stage)) == 4
    work()
    assert len(people_of(stage)) == 7 and mails() == 7
    job = db.session.scalars(sa.select(Job).where(Job.kind == importing.IMPORT)).one()
    assert (job.state, job.done, job.total) == (JobState.DONE, 14, 14)
    assert verdicts(db.session.get_one(ImportRun, run.id)) == {Verdict.NEW: 7}


@pytest.mark.both_databases
def test_a_worker_that_dies_while_all_or_nothing_is_written_leaves_nothing_behind(
    stage: Stage, work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing_rows, "CHUNK", 2)
    run = looked_at(stage, *(line(number) for number in range(1, 6)))
    assert importing.begin_import(run, mode=ImportMode.ALL, mailed=True, locale="id", by=None)

    def dies(done: int) -> None:
        if done == importing_rows.steps(5):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing_rows.carry_out(run, reader_of(run, reserved_mail=True).read, dies, by=None)
    assert people_of(stage) == [] and mails() == 0
    work()
    assert len(people_of(stage)) == mails() == 5
    assert verdicts(db.session.get_one(ImportRun, run.id)) == {Verdict.NEW: 5}


def test_work_that_was_given_up_can_be_taken_up(stage: Stage) -> None:
    run = handed_in(stage, line(1))
    importing.begin_check(run, columns=run.columns, category="", locale="id", by=None)
    importing.take_up(run)
    assert run.state is ImportState.CHECKING
    with transaction():
        db.session.execute(sa.update(Job).values(state=JobState.FAILED))
    importing.take_up(run)
    assert run.state is ImportState.UPLOADED and importing.discard(run)


def test_tables_are_deleted_after_some_days_but_not_while_they_are_worked_on(stage: Stage) -> None:
    run = handed_in(stage, line(1))
    importing.begin_check(run, columns=run.columns, category="", locale="id", by=None)
    assert not importing.discard(run)
    importing.discard_old()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportRow)) == 1
    with clock.frozen(clock.now() + timedelta(days=8)):
        importing.discard_old()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportRow)) == 0


def test_the_example_of_the_template_is_nobody(stage: Stage) -> None:
    example = line(1, name="Siti Contoh", nip="198507202010012999")
    assert verdicts(imported(stage, example, line(2))) == {Verdict.NEW: 1}
    with pytest.raises(BadTable):
        handed_in(stage, example)


def test_looking_takes_as_many_statements_for_many_rows_as_for_few(stage: Stage) -> None:
    def count(*lines: str) -> int:
        run = handed_in(stage, *lines)
        read = reader_of(run, reserved_mail=True).read
        with statements() as seen:
            importing_rows.check(run, read, lambda _done: None)
        return len(seen)

    count(line(1))
    assert count(line(1)) == count(*(line(number) for number in range(1, 80)))


def test_rows_of_one_institution_bring_its_category(stage: Stage) -> None:
    directory = directory_of(stage.host)
    bank = next(one for one in directory.institutions if one.name == "Bank Uji")
    table = read_pasted(f"{HEADER}\n{line(1, nip='', institution='Lain', category='OPD')}")
    judged = RowReader(directory, match_columns(table.header), institution=bank, reserved_mail=True).read(table.rows[0])
    assert judged.person is not None
    assert (judged.person.category_code, judged.person.institution_name) == ("BANK", "Bank Uji")


def test_one_row_can_be_judged_alone(stage: Stage) -> None:
    good = row_form(stage.host, {"name": "Drs. Ani", "identity_number": nip(4), "institution": "DISUJI"})
    assert not good.errors and good.details().title_before == "Drs."
    assert set(row_form(stage.host, {"name": "", "institution": "DISUJI", "phone": "08123456789"}).errors) == {"name"}


def test_registrations_outlive_the_table(stage: Stage) -> None:
    run = imported(stage, line(1))
    assert importing.discard(run)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Registration)) == 1


@pytest.mark.postgres
def test_all_or_nothing_tells_how_far_it_is_before_it_is_committed(stage: Stage, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing_rows, "CHUNK", 2)
    run = looked_at(stage, *(line(number) for number in range(1, 7)))
    assert importing.begin_import(run, mode=ImportMode.ALL, mailed=False, locale="id", by=None)
    claim = claim_job()
    assert claim is not None
    progress, told = Progress(claim), []

    def within(done: int) -> None:
        progress.within(done)
        with db.engine.connect() as elsewhere:
            seen = elsewhere.scalar(sa.select(Job.done).where(Job.id == claim.job_id))
            people = elsewhere.scalar(sa.select(sa.func.count(Registration.id)))
        told.append((seen, people))

    read = reader_of(run, reserved_mail=True).read
    importing_rows.carry_out(run, read, progress.at, by=None, within=within)
    assert told == [(8, 0), (10, 0), (12, 0)] and len(people_of(stage)) == 6
