"""The list of people: order, columns, answers, what is taken away or printed, and what is done to many at once."""

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from app.extensions import db, transaction
from app.jobs.models import Job, OutboxMessage
from app.registration import service as registration
from app.registration.models import Registration
from app.registration.models_questions import RegistrationAnswer, RegistrationQuestion
from app.registration.queries_people import PeopleFilter, in_batches, people
from app.registration.rules import RegistrationSource, RegistrationState
from app.registration.rules_answers import AnswerKind
from app.registration.rules_bulk import AT_ONCE, BulkAction, BulkResult, Skipped
from app.registration.rules_people import Mailbox, PeopleOrder, Queue, Sorting
from app.registration.rules_seats import QuotaKind
from app.registration.service import bulk
from app.shared import clock
from tests import factories
from tests.databases import statements
from tests.journey import scene as scenes
from tests.pages import Page
from tests.personas import People as Staff


@pytest.fixture
def scene(people: Staff) -> scenes.Scene:
    return scenes.lay(people.stage)


def page_of(staff: Staff, query: str = "", role: str = "organiser") -> Page:
    return staff.staff[role].client.get(f"/panel/kegiatan/{staff.stage.slug}/peserta{query}")


def names_on(page: Page) -> list[str]:
    return [name.split()[0] for name in page.texts("td.card-title a")]


def fresh(*found: Registration) -> list[Registration]:
    ids = [sa.inspect(one).identity[0] for one in found]
    db.session.rollback()
    return [db.session.get_one(Registration, one) for one in ids]


@pytest.fixture
def question(people: Staff, scene: scenes.Scene) -> RegistrationQuestion:
    """Answered by two of the scene."""
    made = RegistrationQuestion(
        stage_id=people.stage.id, kind=AnswerKind.ONE_CHOICE, text="Ukuran kaus", options=["L", "XL"], position=1
    )
    made.created_at = clock.now()
    with transaction():
        db.session.add(made)
        db.session.flush()
        for who, value in (("present", "L"), ("absent", "XL")):
            answer = RegistrationAnswer(registration_id=scene.people[who].id, question_id=made.id, value=value)
            answer.answered_at = clock.now()
            db.session.add(answer)
    return made


class TestOrder:
    def test_an_address_says_it_both_ways(self) -> None:
        for order in PeopleOrder:
            for descending in (False, True):
                sorting = Sorting(order, descending)
                assert Sorting.read(sorting.written) == sorting
        assert Sorting.read("x") == Sorting.read(None) == Sorting.read("-") == Sorting()
        assert Sorting().turned(PeopleOrder.NAME).descending and not Sorting().turned(PeopleOrder.STATE).descending

    @pytest.mark.both_databases
    def test_every_order_names_everybody_once(self, people: Staff, scene: scenes.Scene) -> None:
        for number in range(5):
            factories.registration(people.stage, name="Nama Sama", created_at=clock.now() - timedelta(days=number))
        everybody = {one.id for one in db.session.scalars(sa.select(Registration))}
        for order in PeopleOrder:
            for descending in (False, True):
                statement = people_of(people, sorting=Sorting(order, descending))
                ids = [one.id for one in db.session.scalars(statement)]
                assert len(ids) == len(everybody) and set(ids) == everybody
                assert [one.id for part in in_batches(statement, size=2) for one in part] == ids

    def test_who_waits_stands_first_either_way(self, people: Staff, scene: scenes.Scene) -> None:
        for sort in ("waiting", "-waiting"):
            assert names_on(page_of(people, f"?sort={sort}"))[0] == "Eko"

    def test_headers_say_and_turn_the_order(self, people: Staff, scene: scenes.Scene) -> None:
        page = page_of(people, "?q=a&sort=institution")
        assert [cell.get("aria-sort") for cell in page.select("thead th[aria-sort]")] == ["ascending"]
        turned = page.follow("thead th[aria-sort] a")
        assert turned.select("thead th[aria-sort=descending]") and "q=a" in turned.url
        assert names_on(turned)[-1] in ("Dewi", "Eko", "Fajar", "Aminah", "Budi", "Cahya")
        assert set(names_on(page)) == set(names_on(turned))


def people_of(staff: Staff, **wanted: Any) -> sa.Select[Any]:
    return people(staff.stage, PeopleFilter(**wanted))


class TestFilters:
    @pytest.mark.both_databases
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("state=waitlisted&state=cancelled", {"Eko", "Fajar"}),
            ("source=online", {"Aminah", "Budi", "Cahya", "Dewi", "Eko", "Fajar"}),
            ("source=import", set()),
            ("mailbox=none", {"Dewi"}),
            ("mailbox=own&category=PERBANKAN", {"Eko", "Fajar"}),
            ("queue=waiting", {"Eko"}),
            ("queue=passed_on", set()),
            ("q=0812{digits}", {"Budi"}),
            ("q={digits}", {"Budi"}),
            ("q=%2B62+812+{digits}", {"Budi"}),
            ("q=Budi.Kembali%40", {"Budi"}),
        ],
    )
    def test_narrow(self, people: Staff, scene: scenes.Scene, query: str, expected: set[str]) -> None:
        with transaction():
            scene.people["banker"].email = None
            scene.people["present"].phone = "+6281277123456"
            scene.people["present"].email = "budi.kembali@dinas.test"
        page = page_of(people, "?" + query.format(digits="77123456"))
        assert set(names_on(page)) == expected

    def test_an_offer_that_passed_on_is_found(self, people: Staff, scene: scenes.Scene) -> None:
        with transaction():
            scene.people["waiting"].passed_on_at = clock.now()
        assert names_on(page_of(people, "?queue=passed_on")) == ["Eko"]
        assert not names_on(page_of(people, "?queue=waiting"))

    @pytest.mark.both_databases
    def test_by_answers(self, people: Staff, scene: scenes.Scene, question: RegistrationQuestion) -> None:
        page = page_of(people, f"?answer-{question.id}=L&column=answer-{question.id}")
        assert names_on(page) == ["Budi"] and page.texts("tbody td[data-label='Ukuran kaus']") == ["L"]
        assert page.values("form[role=search]")[f"answer-{question.id}"] == "L"
        assert len(names_on(page_of(people, f"?answer-{question.id}=nonsense"))) == 6

    def test_hostile_addresses_break_nothing(self, people: Staff, scene: scenes.Scene) -> None:
        query = "?stage=x&_external=1&_scheme=x&endpoint=x&sort=x&column=x&id=abc&id=99999999999&answer-1=x&state="
        assert len(names_on(page_of(people, query))) == 6


class TestColumns:
    def test_are_chosen_in_the_address(self, people: Staff, scene: scenes.Scene) -> None:
        page = page_of(people, "?column=phone&column=registered&q=budi")
        assert [text.strip() for text in page.texts("thead th")[1:]] == ["Nama", "Nomor HP", "Terdaftar pada"]
        ticked = [box.get("value") for box in page.select("input[name=column][checked]")]
        assert ticked == ["phone", "registered"]

    def test_as_many_questions_for_many_people_as_for_few(
        self, people: Staff, scene: scenes.Scene, question: RegistrationQuestion
    ) -> None:
        columns = "&".join(
            f"column={one}" for one in ("groups", "photo", "present", "certified", f"answer-{question.id}")
        )

        def ask(address: str) -> int:
            with statements() as seen:
                people.organiser.client.request_raw(f"/panel/kegiatan/{people.stage.slug}/peserta{address}?{columns}")
            return len(seen)

        addresses = ("", "/ekspor.xlsx", "/ekspor.csv", "/cetak")
        ask("")  # what is kept from the first page on
        few = [ask(address) for address in addresses]
        for number in range(297):
            factories.registration(people.stage, name=f"Orang {number}", institution=scene.opd)
        assert [ask(address) for address in addresses] == few
        with statements() as seen:
            page_of(people)
        assert len(seen) < 15


class TestTakenAway:
    def test_csv_opens_in_excel_and_holds_no_formula(self, people: Staff, scene: scenes.Scene) -> None:
        with transaction():
            scene.people["present"].position = '=HYPERLINK("http://x")'
            scene.people["absent"].position = "  +1;2\r\n3"
        answer = people.organiser.client.request_raw(
            f"/panel/kegiatan/{people.stage.slug}/peserta/ekspor.csv?column=position&column=registered&q=dinas"
        )
        text = answer.data.decode()
        assert text.startswith("\ufeff") and text.endswith("\r\n") and "no-store" in answer.headers["Cache-Control"]
        head, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";")
        assert head == ["No.", "Nama", "Jabatan", "Terdaftar pada"]
        assert [row[2] for row in rows] == ["", '\'=HYPERLINK("http://x")', "'  +1;2\r\n3"]

    def test_all_data_and_those_shown(self, people: Staff, scene: scenes.Scene, question: RegistrationQuestion) -> None:
        def heads(query: str) -> list[str]:
            address = f"/panel/kegiatan/{people.stage.slug}/peserta/ekspor.xlsx{query}"
            book = openpyxl.load_workbook(io.BytesIO(people.organiser.client.request_raw(address).data))
            return [cell.value for cell in next(book.active.iter_rows())]

        assert heads("?column=email") == ["No.", "Nama", "Surel"]
        everything = heads("?all_columns=1&column=email")
        assert {"Nomor identitas", "Presensi", "Ukuran kaus", "Kode tiket"} <= set(everything)

    def test_the_step_narrows_what_is_taken_away_too(self, people: Staff, scene: scenes.Scene) -> None:
        address = f"/panel/kegiatan/{people.stage.slug}/peserta/ekspor.xlsx?step=certified"
        book = openpyxl.load_workbook(io.BytesIO(people.certifier.client.request_raw(address).data))
        assert book.active.max_row == 2

    def test_the_paper_says_what_it_is(self, people: Staff, scene: scenes.Scene) -> None:
        page = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta/cetak?category=OPD")
        assert people.stage.name in page.words() and len(page.select(".sheet-table tbody tr")) == 3
        people.viewer.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta/cetak", status=403)
        people.outsider.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta/ekspor.csv", status=404)


class TestManyAtOnce:
    def confirm(self, staff: Staff, query: str) -> Page:
        return staff.organiser.client.get(f"/panel/kegiatan/{staff.stage.slug}/peserta/massal?{query}")

    def test_those_ticked_are_cancelled_with_a_reason(self, people: Staff, scene: scenes.Scene) -> None:
        ids = [scene.people[who].id for who in ("present", "waiting", "cancelled")]
        page = self.confirm(people, "action=cancel&" + "&".join(f"id={one}" for one in ids))
        assert len(page.select(".named-list li")) == 3
        page.submit("form.form", status=422)
        page = page.submit("form.form", reason="Acara diundur")
        said = page.one("#flashes .alert").text_content()
        assert "2 pendaftaran dibatalkan." in said and "1 dilewati" in said
        states = [one.state for one in fresh(*(scene.people[who] for who in ("present", "waiting", "absent")))]
        assert states == [RegistrationState.CANCELLED] * 2 + [RegistrationState.CONFIRMED]
        letters = db.session.scalars(sa.select(OutboxMessage.subject_id).filter_by(kind="registration.cancelled")).all()
        offers = db.session.scalars(sa.select(OutboxMessage).filter_by(kind="registration.offered")).all()
        assert sorted(letters) == sorted(ids[:2]) and not offers

    def test_all_of_the_list_whoever_is_ticked(self, people: Staff, scene: scenes.Scene) -> None:
        query = f"action=into_group&all=1&category=PERBANKAN&id={scene.people['absent'].id}"
        page = self.confirm(people, query).submit("form.form", group=str(scene.group.id))
        assert "2 peserta dimasukkan" in page.one("#flashes .alert").text_content()
        inside = {one.name for one in db.session.scalars(people_of(people, group=scene.group.id))}
        assert inside == {"Aminah Certified", "Dewi Banker", "Eko Waiting"}

    def test_a_list_that_changed_is_shown_again(self, people: Staff, scene: scenes.Scene) -> None:
        page = self.confirm(people, "action=resend&all=1")
        factories.registration(people.stage)
        page = page.submit("form.form", status=422)
        assert page.select(".alert-danger")
        assert "6 surel" in page.submit("form.form").one("#flashes .alert").text_content()

    def test_nobody_ticked_does_nothing_to_everybody(self, people: Staff, scene: scenes.Scene) -> None:
        assert self.confirm(people, "action=cancel").select("#flashes .alert-danger")
        people.organiser.client.get(
            f"/panel/kegiatan/{people.stage.slug}/peserta/massal?action=cancel&id=x", status=404
        )

    def test_who_may_only_look_can_only_take_away(self, people: Staff, scene: scenes.Scene) -> None:
        page = page_of(people, role="certifier")
        assert [one.get("value") for one in page.select("select[name=action] option")] == ["export", "badges"]
        address = f"/panel/kegiatan/{people.stage.slug}/peserta/massal?all=1&action="
        people.certifier.client.get(address + "cancel", status=403)
        answer = people.certifier.client.request_raw(address + "export")
        assert answer.status_code == 302 and "/ekspor.xlsx" in answer.headers["Location"]

    def test_a_message_takes_the_filter_along(self, people: Staff, scene: scenes.Scene) -> None:
        page = self.confirm(people, "action=message&all=1&category=OPD&state=confirmed")
        assert "/pesan" in page.url and page.values("form.form")["category"] == "OPD"
        assert self.confirm(people, "action=message&all=1&q=budi").select("#flashes .alert-info")

    @pytest.mark.both_databases
    def test_a_group_with_few_seats_takes_the_first(self, people: Staff, scene: scenes.Scene) -> None:
        by = people.manager.user
        group = factories.group(people.programme)
        with transaction():
            people.stage.capacity = people.stage.seats_taken
        registration.set_quota(people.stage, kind=QuotaKind.GROUP, target_id=group.id, capacity=2, by=by)
        with transaction():
            scene.people["banker"].created_at = clock.now() - timedelta(days=3)
        ids = [one.id for one in scene.people.values()]
        result = bulk.act_on(people.stage, ids, BulkAction.INTO_GROUP, by=by, group_id=group.id)
        assert result == BulkResult(3, result.skipped)  # two with a seat, and who waits for one
        assert dict(result.skipped) == {Skipped.GROUP_FULL: 2, Skipped.ENDED: 1}
        inside = {one.name for one in db.session.scalars(people_of(people, group=group.id))}
        assert "Dewi Banker" in inside and "Eko Waiting" in inside
        left = bulk.act_on(people.stage, ids, BulkAction.OUT_OF_GROUP, by=by, group_id=group.id)
        assert left.done == 3 and left.skipped[Skipped.NOT_IN_GROUP] == 3
        again = bulk.act_on(people.stage, ids, BulkAction.INTO_GROUP, by=by, group_id=group.id)
        assert again.done == 3

    def test_groups_of_other_programmes_are_none(self, people: Staff, scene: scenes.Scene) -> None:
        other = factories.group(factories.programme(people.host))
        ids = [scene.people["present"].id]
        assert (
            bulk.act_on(people.stage, ids, BulkAction.INTO_GROUP, by=people.manager.user, group_id=other.id).done == 0
        )

    @pytest.mark.both_databases
    def test_approving_and_rejecting(self, people: Staff, scene: scenes.Scene) -> None:
        made = [factories.registration(people.stage, state=RegistrationState.PENDING, confirmed_at=None) for _ in "abc"]
        by, ids = people.manager.user, [one.id for one in made]
        assert bulk.act_on(people.stage, ids[:2], BulkAction.APPROVE, by=by) == BulkResult(2)
        result = bulk.act_on(people.stage, ids, BulkAction.REJECT, by=by, reason="Kuota penuh")
        assert result.done == 1 and dict(result.skipped) == {Skipped.NOT_PENDING: 2}

    @pytest.mark.both_databases
    def test_many_are_left_to_the_worker(self, people: Staff, scene: scenes.Scene, work: Any) -> None:
        for number in range(AT_ONCE + 20):
            factories.registration(people.stage, name=f"Orang {number}", institution=scene.opd, email=None)
        page = self.confirm(people, "action=into_group&all=1&category=OPD")
        page = page.submit("form.form", group=str(scene.group.id))
        assert "/panel/pekerjaan/" in page.url
        work()
        job = db.session.scalars(sa.select(Job).filter_by(kind=bulk.BULK)).one()
        assert job.done == job.total == AT_ONCE + 23
        assert BulkResult.read(job.result) == BulkResult(AT_ONCE + 22, BulkResult.read(job.result).skipped)
        assert "1 sudah ada" in people.organiser.client.get(f"/panel/pekerjaan/{job.token}").words()

    def test_a_job_taken_up_again_goes_on_where_it_was_left(
        self, people: Staff, scene: scenes.Scene, work: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = [
            factories.registration(people.stage, name=f"Orang {number}", institution=scene.opd).id
            for number in range(2 * AT_ONCE)
        ]
        job = bulk.act_on(people.stage, ids, BulkAction.RESEND, by=people.manager.user)
        with transaction():
            job = db.session.get_one(Job, sa.inspect(job).identity[0])
            job.done, job.result = AT_ONCE, BulkResult(AT_ONCE).written()
        work()
        assert BulkResult.read(db.session.scalars(sa.select(Job)).one().result).done == 2 * AT_ONCE
        sent = db.session.scalars(sa.select(OutboxMessage.subject_id).filter_by(kind="registration.ticket")).all()
        assert sorted(sent) == sorted(ids[AT_ONCE:])

    def test_sources_are_named(self) -> None:
        assert PeopleFilter.from_address({"source": "walk-in"}).source is RegistrationSource.WALK_IN
        assert PeopleFilter.from_address({"mailbox": "own"}).mailbox is Mailbox.OWN
        assert PeopleFilter.from_address({"queue": "passed_on"}).queue is Queue.PASSED_ON
