"""The pages of limits and of the waiting list: what they show, what can be done there, and by whom."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.extensions import db, transaction
from app.institutions.models import InstitutionCategory
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Registration
from app.registration.models_seats import Quota
from app.registration.queries import quotas_of
from app.registration.rules import RegistrationState
from app.registration.rules_seats import QuotaKind
from app.registration.service import cancel, pass_on_offers
from app.shared import clock
from tests import factories
from tests.databases import statements
from tests.pages import Page
from tests.personas import People, gather
from tests.registration.people import fresh, online, person

CONFIRMED, OFFERED, WAITLISTED = RegistrationState.CONFIRMED, RegistrationState.OFFERED, RegistrationState.WAITLISTED


@pytest.fixture
def people(app, frozen_clock) -> People:
    frozen_clock(clock.now().replace(microsecond=0))
    gathered = gather(app)
    seed_categories(gathered.host)
    with transaction():
        gathered.stage.capacity = 2
        gathered.stage.ends_on += timedelta(
            days=3
        )  # it is not over when an offer of a day has passed, however late it is now
    return gathered


def registered(people: People, count: int, *, first: int = 1, **values) -> list[Registration]:
    return [online(people.stage, person(number, **values)).registration for number in range(first, first + count)]


def waiting_page(people: People, role: str = "organiser") -> Page:
    return people.staff[role].client.get(f"/panel/kegiatan/{people.stage.slug}/peserta/antrean")


def quota_page(people: People, role: str = "manager") -> Page:
    return people.staff[role].client.get(f"/panel/kegiatan/{people.stage.slug}/pengaturan/kuota")


def category(people: People, code: str = "OPD") -> int:
    of_code = sa.select(InstitutionCategory.id).filter_by(host_id=people.host.id, code=code)
    return db.session.scalars(of_code).one()


class TestWaitingList:
    def test_in_order_with_what_each_waits_for(self, people: People) -> None:
        service.set_quota(people.stage, kind=QuotaKind.CATEGORY, target_id=category(people), capacity=2, by=None)
        made = registered(people, 4)
        expert = online(people.stage, person(9, category_code="PAKAR")).registration
        page = waiting_page(people)
        rows = page.select("section[aria-labelledby=antrean] tbody tr")
        assert [row.cssselect("a")[0].text_content() for row in rows] == [one.full_name for one in (*made[2:], expert)]
        assert [row.cssselect(".number")[0].text_content() for row in rows] == ["1", "2", "3"]
        blocked = "Unsur: Organisasi Perangkat Daerah (2/2)"
        assert blocked in rows[0].text_content() and "tempat kegiatan" in rows[0].text_content()
        assert blocked not in rows[2].text_content()

    def test_offers_that_run_and_those_that_passed_on(self, people: People, frozen_clock) -> None:
        made = registered(people, 4)
        cancel(made[0])
        assert "Sisa 24 jam" in waiting_page(people).one("section[aria-labelledby=tawaran]").text_content()
        frozen_clock(clock.now() + timedelta(hours=25))
        pass_on_offers()
        page = waiting_page(people)
        assert made[3].full_name in page.one("section[aria-labelledby=tawaran]").text_content()
        assert made[2].full_name in page.one("section[aria-labelledby=lewat]").text_content()
        assert "Tidak ada yang menunggu" in page.words()

    def test_a_seat_out_of_turn_needs_a_reason_which_is_kept(self, people: People) -> None:
        made = registered(people, 4)
        with db.engine.begin() as connection:
            connection.execute(sa.update(Stage).where(Stage.id == people.stage.id).values(capacity=3))
        giving = f"form[action*='/{made[3].id}/tempat']"
        page = waiting_page(people).submit(giving, status=422)
        assert page.select("details.confirm[open]") and "Tulis alasan" in page.words()
        page = waiting_page(people).submit(giving, reason="Diminta Sekretaris Daerah")
        assert page.url.endswith("/antrean")
        assert [fresh(one).state for one in made[2:]] == [WAITLISTED, CONFIRMED]
        entry = db.session.scalars(sa.select(AuditEntry).filter_by(action="registration.promoted")).one()
        assert entry.reason == "Diminta Sekretaris Daerah" and entry.actor_id == people.organiser.user.id

    def test_no_seat_out_of_turn_where_none_is_free(self, people: People) -> None:
        made = registered(people, 3)
        page = waiting_page(people).submit(f"form[action*='/{made[2].id}/tempat']", reason="Penting")
        assert page.select(".alert-danger, .flash-danger, [role=alert]") and fresh(made[2]).state is WAITLISTED

    def test_one_is_taken_off_the_list(self, people: People) -> None:
        made = registered(people, 3)
        page = waiting_page(people).submit(f"form[action*='/{made[2].id}/batal']", reason="Atas permintaan sendiri")
        assert page.url.endswith("/antrean")
        assert fresh(made[2]).state is RegistrationState.CANCELLED

    @pytest.mark.parametrize("role", ["facilitator", "viewer"])
    def test_is_not_for_everybody(self, people: People, role: str) -> None:
        people.staff[role].client.get(f"/panel/kegiatan/{people.stage.slug}/peserta/antrean", status=403)

    def test_who_may_only_look_finds_no_buttons(self, people: People) -> None:
        registered(people, 3)
        assert not waiting_page(people, "certifier").select("main form[method=post]")
        people.outsider.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta/antrean", status=404)

    def test_asks_as_much_of_the_database_for_many(self, people: People) -> None:
        registered(people, 5)
        waiting_page(people)
        with statements() as few:
            waiting_page(people)
        registered(people, 30, first=6)
        with statements() as many:
            waiting_page(people)
        assert len(many) == len(few)


class TestQuotas:
    def test_are_added_changed_and_removed(self, people: People) -> None:
        registered(people, 1)
        opd = category(people)
        page = quota_page(people).submit("form:has(#target-category)", target=str(opd), capacity="3")
        assert "disimpan" in page.words() and "1 dari 3" in page.words()
        row = "td form.quota-form"
        page = page.submit(row, capacity="1")
        assert "1 dari 1" in page.words() and "penuh" in page.words()
        assert fresh(registered(people, 1, first=2)[0]).state is WAITLISTED
        page = page.submit("form[action$='/hapus']")
        assert quotas_of(people.stage) == [] and "dihapus" in page.words()
        assert db.session.scalars(sa.select(Registration.state).order_by(Registration.id)).all() == [CONFIRMED, OFFERED]

    def test_never_below_what_is_taken(self, people: People) -> None:
        registered(people, 2)
        page = quota_page(people).submit(
            "form:has(#target-category)", target=str(category(people)), capacity="1", status=422
        )
        assert page.one(".quota-new .invalid-feedback").text.startswith("Sudah 2 kursi terisi")
        assert page.one("#capacity-category").get("value") == "1"
        service.set_quota(people.stage, kind=QuotaKind.CATEGORY, target_id=category(people), capacity=2, by=None)
        page = quota_page(people).submit("td form.quota-form", capacity="1", status=422)
        assert page.one("td input[name=capacity]").get("value") == "1" and page.select("td .invalid-feedback")
        assert [quota.capacity for quota in quotas_of(people.stage)] == [2]

    @pytest.mark.parametrize(
        "typed", [{"capacity": ""}, {"capacity": "-1"}, {"capacity": "banyak"}, {"target": "", "capacity": "3"}]
    )
    def test_nonsense_is_answered_with_a_sentence(self, people: People, typed: dict[str, str]) -> None:
        values = {"target": str(category(people))} | typed
        page = quota_page(people).submit("form:has(#target-category)", status=422, **values)
        assert page.select(".invalid-feedback") and page.one("#capacity-category").get("value") == typed["capacity"]

    def test_a_foreign_group_cannot_be_limited(self, people: People) -> None:
        factories.group(people.programme)
        foreign = factories.group(factories.programme(people.other_host))
        page = quota_page(people)
        data = {"csrf_token": page.values("form:has(#target-group)")["csrf_token"], "kind": "group"}
        address = f"/panel/kegiatan/{people.stage.slug}/pengaturan/kuota"
        people.manager.client.post(address, data=data | {"target": foreign.id, "capacity": 3}, status=422)
        assert db.session.scalar(sa.select(sa.func.count(Quota.id))) == 0

    def test_where_there_is_nothing_to_limit_it_is_said(self, app) -> None:
        bare = gather(app)
        for kind, says in (("group", "belum memiliki kelompok"), ("institution", "kosong")):
            page = quota_page(bare)
            assert says in page.one(f"section[aria-labelledby=kuota-{kind}]").text_content()
            values = {"csrf_token": page.select("[name=csrf_token]")[0].get("value"), "kind": kind}
            page = bare.manager.client.post(page.url, data=values | {"target": "1", "capacity": "5"}, status=422)
            assert page.select(f"section[aria-labelledby=kuota-{kind}] .invalid-feedback")

    def test_a_limit_of_another_stage_is_not_removed(self, people: People) -> None:
        other = factories.stage(people.programme)
        service.set_quota(other, kind=QuotaKind.CATEGORY, target_id=category(people), capacity=3, by=None)
        quota_id = db.session.scalar(sa.select(Quota.id))
        token = quota_page(people).values("form:has(#target-category)")["csrf_token"]
        address = f"/panel/kegiatan/{people.stage.slug}/pengaturan/kuota/{quota_id}/hapus"
        people.manager.client.post(address, data={"csrf_token": token})
        assert db.session.scalar(sa.select(Quota.id)) == quota_id

    @pytest.mark.parametrize("role", ["organiser", "facilitator", "certifier", "viewer"])
    def test_are_the_managers(self, people: People, role: str) -> None:
        people.staff[role].client.get(f"/panel/kegiatan/{people.stage.slug}/pengaturan/kuota", status=403)

    def test_are_linked_from_settings_and_people(self, people: People) -> None:
        for page in ("pengaturan", "peserta"):
            found = people.manager.client.get(f"/panel/kegiatan/{people.stage.slug}/{page}")
            assert found.follow("main a[href$='/pengaturan/kuota']").url.endswith("/kuota")


def test_a_full_group_is_told_on_the_persons_page(people: People) -> None:
    group = factories.group(people.programme)
    service.set_quota(people.stage, kind=QuotaKind.GROUP, target_id=group.id, capacity=1, by=None)
    first, second = registered(people, 2)
    client, address = people.organiser.client, f"/panel/kegiatan/{people.stage.slug}/peserta"
    client.get(f"{address}/{first.id}").submit("form[action$='/kelompok']", groups=str(group.id))
    page = client.get(f"{address}/{second.id}").submit("form[action$='/kelompok']", groups=str(group.id))
    assert "kelompok ini sudah terisi" in page.words()
    assert fresh(second).groups == []


class TestRegistering:
    """What the public page of registration says about limits and approval."""

    def register(self, people: People) -> Page:
        page = people.visitor.get(f"/kegiatan/{people.stage.slug}/daftar")
        typed = {"category": "PAKAR", "name": "Raja Ismail", "identity_type": "NONE", "position": "Ahli"}
        return page.submit("main form", **typed, email="raja@ahli.id", phone="081199999999", notice=True)

    def test_approval_is_announced_and_told(self, people: People) -> None:
        with transaction():
            people.stage.approval_required = True
        page = people.visitor.get(f"/kegiatan/{people.stage.slug}/daftar")
        assert "menunggu persetujuan panitia" in page.words()
        page = self.register(people)
        assert "sudah terdaftar dan menunggu persetujuan panitia" in page.words()
        assert page.url.startswith("/t/") and not page.select(".ticket-qr")

    def test_a_full_unsur_leads_to_the_waiting_list(self, people: People) -> None:
        pakar = category(people, "PAKAR")
        service.set_quota(people.stage, kind=QuotaKind.CATEGORY, target_id=pakar, capacity=0, by=None)
        page = self.register(people)
        assert "masuk daftar tunggu" in page.words() and "urutan 1 daftar tunggu" in page.words()

    def test_seats_that_invitations_keep_are_not_left(self, people: People) -> None:
        deadline = clock.now() + timedelta(days=1)
        office = factories.institution(people.host)
        service.create_invitation(people.stage, office, seats_asked=1, deadline=deadline, by=None)
        assert "1 kursi tersisa" in people.visitor.get(f"/kegiatan/{people.stage.slug}").words()
