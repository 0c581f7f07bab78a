"""The panel's home, and a stage's dashboard, people, invitations and settings, as each role sees them."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from lxml.html import HtmlElement

from app.accounts.rules import MAY, ROLE_LABELS, Permission, Role
from app.agenda.models import AgendaSession
from app.checkin.rules import Decision
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration import service as registration
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.dates import long_date
from tests import factories
from tests.checkin import doors
from tests.journey import scene as scenes
from tests.journey.counting import counted
from tests.pages import Page
from tests.personas import People

STEPS = ["Undangan", "Pendaftaran", "Presensi", "Umpan balik", "Sertifikat"]


@pytest.fixture
def scene(people: People) -> scenes.Scene:
    return scenes.lay(people.stage)


def dashboard(people: People, role: str = "manager") -> Page:
    return people.staff[role].client.get(f"/panel/kegiatan/{people.stage.slug}")


def listed(page: Page) -> list[str]:
    return page.texts("td.card-title a")


def number_in(link: HtmlElement) -> int:
    return int("".join(letter for letter in link.text_content() if letter.isdigit()))


def behind(page: Page, link: HtmlElement) -> int:
    """How many the page behind a figure shows: people, or for invitations their seats."""
    target = page.client.get(link.get("href"))
    if "/undangan" in link.get("href"):
        return sum(int(text.split()[-1]) for text in target.texts("td.number"))
    return len(listed(target))


class TestPanel:
    @pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
    def test_shows_where_one_belongs_and_as_what(self, people: People, role: Role) -> None:
        page = people.staff[role.value].client.get("/panel")
        assert page.texts("h2")[1 if role is Role.ADMINISTRATOR else 0].startswith(people.programme.name)
        assert str(ROLE_LABELS[role]) in page.texts("main .badge")
        assert people.other_stage.name not in page.words()
        scans = page.select(f"a[href^='/presensi?kegiatan={people.stage.slug}']")
        assert bool(scans) == (Permission.SCAN in MAY[role])
        assert bool(page.select(f"a[href='/panel/program/{people.programme.slug}']")) == (
            Permission.EDIT_PROGRAMME in MAY[role]
        )
        for place in ("nav[aria-label='Panel']", "main"):
            own = page.select(f"{place} a[href='/panel/penyelenggara/{people.host.slug}']")
            assert bool(own) == (role is Role.ADMINISTRATOR)
        assert page.follow(f"main a[href='/panel/kegiatan/{people.stage.slug}']").status == 200

    def test_whoever_belongs_nowhere_is_told_whom_to_ask(self, app: Flask, people: People) -> None:
        from tests.pages import browse

        page = browse(app).sign_in_as(factories.user(name="Baru")).get("/panel")
        assert "Baru" in page.texts("h1")[0]
        assert page.select(".empty")

    def test_several_roles_are_all_named(self, people: People) -> None:
        factories.membership(people.organiser.user, Role.CERTIFIER, people.programme)
        badges = people.organiser.client.get("/panel").texts("main .badge")
        assert {str(ROLE_LABELS[Role.ORGANISER]), str(ROLE_LABELS[Role.CERTIFIER])} <= set(badges)

    def test_unpublished_stages_are_there_for_staff(self, people: People) -> None:
        factories.stage(people.programme, name="Belum tayang", published=False)
        assert "Belum tayang" in people.viewer.client.get("/panel").words()


class TestDashboard:
    def test_draws_the_journey_with_the_number_at_each_step(self, people: People, scene: scenes.Scene) -> None:
        page = dashboard(people)
        assert page.texts("ol.journey .label") == STEPS
        assert page.texts("ol.journey .count") == ["4", "4", "3", "1", "1"]

    def test_every_number_is_a_link_to_as_many(self, people: People, scene: scenes.Scene) -> None:
        page = dashboard(people)
        links = page.select("ol.journey a") + page.select("table td.number a")
        assert len(links) == 5 + (5 + 2) + 5  # the path; OPD at all steps and the bank at two; the total
        for link in links:
            assert behind(page, link) == number_in(link), link.get("href")

    def test_every_state_is_a_link_to_as_many(self, people: People, scene: scenes.Scene) -> None:
        page = dashboard(people)
        tiles = page.select("a.tile")
        assert [int(tile.cssselect(".value")[0].text_content()) for tile in tiles] == [4, 1, 1]
        for tile in tiles:
            assert len(listed(page.client.get(tile.get("href")))) == int(tile.cssselect(".value")[0].text_content())

    def test_one_number_is_not_said_twice(self, people: People) -> None:
        factories.registration(people.stage)
        assert not dashboard(people).select("a.tile")

    def test_the_link_is_shared_until_registration_closes(self, people: People, scene: scenes.Scene) -> None:
        with transaction():
            people.stage.registration_closes_at = clock.now() + timedelta(hours=1)
        assert dashboard(people).select(".page-heading a[href^='https://wa.me/']")
        with transaction():
            people.stage.registration_closes_at = clock.now() - timedelta(hours=1)
        assert not dashboard(people).select("main a[href^='https://wa.me/']")

    def test_who_may_not_see_people_sees_numbers_alone(self, people: People, scene: scenes.Scene) -> None:
        page = dashboard(people, "facilitator")
        assert page.texts("ol.journey .count") == ["4", "4", "3", "1", "1"]
        assert not page.select("main a[href*='/peserta'], main a[href*='/undangan']")

    @pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
    def test_what_waits_at_the_doors_is_said_to_who_may_see_it(self, people: People, role: Role) -> None:
        device, point = factories.device(people.stage)[0], factories.checkpoint(people.stage)
        link = "main a[href$='/presensi/insiden']"
        assert not dashboard(people, role.value).select(link)
        for _ in range(2):
            doors.scan(device, point, offline=Decision.PARKED)
        page = dashboard(people, role.value)
        assert bool(page.select(link)) == (Permission.VIEW_PEOPLE in MAY[role])
        if page.select(link):
            assert page.texts(f"{link} strong") == ["2 perlu diselesaikan di presensi"]
            assert len(page.follow(link).select("li.waiting")) == 2

    def test_empty_offers_the_link_to_share(self, people: People) -> None:
        page = dashboard(people)
        assert not page.select("table")
        (link,) = page.select("main a[href*='wa.me'], main a[href*='whatsapp']")
        assert people.stage.slug in parse_qs(urlsplit(link.get("href")).query)["text"][0]

    def test_as_many_questions_for_many_people_as_for_few(self, people: People, scene: scenes.Scene) -> None:
        client = people.manager.client

        def ask(address: str) -> int:
            with counted() as statements:
                client.get(address)
            return len(statements)

        addresses = [f"/panel/kegiatan/{people.stage.slug}{rest}" for rest in ("", "/peserta", "/undangan")]
        few = [ask(address) for address in addresses]
        for number in range(60):
            person = scenes.person(scene, scene.opd, f"Orang {number}", groups=[scene.group])
            factories.attendance(person, scene.door)
        invited = [factories.institution(people.host, "BUMD", name=f"Perusahaan {number}") for number in range(20)]
        registration.invite(people.stage, {one.id: 2 for one in invited}, by=people.manager.user)
        assert [ask(address) for address in addresses] == few

    def test_nobody_of_another_host(self, people: People, scene: scenes.Scene) -> None:
        for rest in ("", "/peserta", "/undangan", "/pengaturan"):
            people.outsider.client.get(f"/panel/kegiatan/{people.stage.slug}{rest}", status=404)


class TestPeople:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", {"certified", "present", "absent", "banker", "waiting", "cancelled"}),
            ("step=registered", {"certified", "present", "absent", "banker"}),
            ("step=present", {"certified", "present", "banker"}),
            ("step=answered", {"certified"}),
            ("step=certified", {"certified"}),
            ("state=waitlisted", {"waiting"}),
            ("state=cancelled", {"cancelled"}),
            ("category=PERBANKAN", {"banker", "waiting", "cancelled"}),
            ("category=PERBANKAN&step=present", {"banker"}),
            ("institution={opd}", {"certified", "present", "absent"}),
            ("group={group}", {"certified"}),
            ("q=budi", {"present"}),
            ("q=riau", {"banker", "waiting", "cancelled"}),
            ("q={ticket}", {"absent"}),
            ("q=tidak+ada", set()),
            ("step=nonsense&state=nonsense&category=X&institution=x&group=-1&halaman=x", set()),
            ("step=nonsense&state=nonsense&institution=x&group=-1&halaman=x", "all"),
        ],
    )
    def test_filters(self, people: People, scene: scenes.Scene, query: str, expected: Any) -> None:
        values = {"opd": scene.opd.id, "group": scene.group.id, "ticket": scene.people["absent"].ticket_code}
        page = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta?{query.format(**values)}")
        wanted = set(scene.people) if expected == "all" else expected
        assert listed(page) == [
            one.full_name for name, one in sorted(scene.people.items(), key=by_name) if name in wanted
        ]

    def test_the_filter_stays_in_the_form_and_goes_into_the_download(self, people: People, scene: scenes.Scene) -> None:
        page = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta?category=OPD&q=budi")
        assert page.values("form[role=search]")["category"] == "OPD"
        assert page.values("form[role=search]")["q"] == "budi"
        for download in page.select("a[href*='ekspor'], a[href*='cetak']"):
            query = parse_qs(urlsplit(download.get("href")).query)
            assert (query["category"], query["q"]) == (["OPD"], ["budi"])
        again = parse_qs(urlsplit(page.submit("form[role=search]", q="", step="certified").url).query)
        assert again["step"] == ["certified"] and again["category"] == ["OPD"] and again["sort"] == ["name"]

    def test_marks_say_who_has_reached_what(self, people: People, scene: scenes.Scene) -> None:
        page = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta?q=aminah")
        assert len(page.select("tbody td svg[aria-label], tbody td [role=img][aria-label]")) == 3

    def test_leads_to_the_person(self, people: People, scene: scenes.Scene) -> None:
        page = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta?q=budi")
        assert "Budi Present" in page.follow("td.card-title a").words()

    def test_pages_keep_the_filter(self, people: People) -> None:
        for number in range(51):
            factories.registration(people.stage, name=f"Orang {number:02}")
        page = people.viewer  # may not look at people at all
        page.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta", status=403)
        page = people.certifier.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta?state=confirmed")
        assert len(listed(page)) == 50
        second = page.follow("a[rel=next]")
        assert listed(second) == ["Orang 50"]
        assert "state=confirmed" in second.url

    def test_who_may_only_look_is_offered_no_adding(self, people: People) -> None:
        address = f"/panel/kegiatan/{people.stage.slug}/peserta"
        assert not people.certifier.client.get(address).select("a[href$='/tambah']")
        assert people.organiser.client.get(address).follow("a[href$='/tambah']").status == 200

    def test_empty_gives_the_link_to_share(self, people: People) -> None:
        page = people.organiser.client.get(f"/panel/kegiatan/{people.stage.slug}/peserta")
        assert f"http://localhost/kegiatan/{people.stage.slug}" in page.words()


class TestSettings:
    def settings(self, people: People) -> Page:
        with transaction():
            people.stage.number = 2
        page = dashboard(people, "manager")
        return page.follow(f".tab-strip a[href='/panel/kegiatan/{people.stage.slug}/pengaturan']")

    def test_are_saved(self, people: People) -> None:
        page = self.settings(people).submit(
            "form[data-draft]", name="Bimtek Tahap II", venue="Hotel Aston", capacity=80
        )
        assert page.texts(".alert-success")
        stage = db.session.get_one(Stage, people.stage.id)
        assert (stage.name, stage.venue, stage.capacity) == ("Bimtek Tahap II", "Hotel Aston", 80)

    def test_saving_what_is_there_changes_nothing(self, people: People) -> None:
        page = self.settings(people)
        before = {column.key: getattr(people.stage, column.key) for column in Stage.__table__.columns}
        page.submit("form[data-draft]")
        stage = db.session.get_one(Stage, people.stage.id)
        after = {column.key: getattr(stage, column.key) for column in Stage.__table__.columns}
        moments = ("registration_opens_at", "registration_closes_at")
        assert {key: after[key] for key in after if key not in moments} == {
            key: before[key] for key in before if key not in moments
        }
        assert all(abs((after[key] - before[key]).total_seconds()) < 60 for key in moments)  # a form has no seconds

    @pytest.mark.parametrize(
        "wrong",
        [
            {"ends_on": "2019-01-01"},
            {"starts_on": "besok"},
            {"capacity": "0"},
            {"capacity": "banyak"},
            {"name": ""},
            {"min_jp_percent": "101"},
            {"registration_closes_at": "2001-01-01T00:00"},
        ],
        ids=str,
    )
    def test_wrong_values_are_kept_and_explained(self, people: People, wrong: dict[str, str]) -> None:
        page = self.settings(people).submit("form[data-draft]", venue="Hotel Aston", status=422, **wrong)
        assert page.select(".invalid-feedback, .alert-danger")
        values = page.values("form[data-draft]")
        assert values["venue"] == "Hotel Aston"
        assert {name: values.get(name) for name in wrong} == wrong
        assert db.session.get_one(Stage, people.stage.id).venue == "Aula Kantor Wali Kota"

    def test_what_becomes_of_the_agenda_is_said(self, people: People) -> None:
        stage = people.stage
        session = factories.agenda_session(stage)
        days = {"starts_on": stage.starts_on + timedelta(days=7), "ends_on": stage.ends_on + timedelta(days=7)}
        page = self.settings(people).submit("form[data-draft]", **{key: day.isoformat() for key, day in days.items()})
        assert long_date(days["starts_on"]) in page.one("#flashes .alert-info").text_content()
        assert not page.select("#flashes .alert-warning")

        later = days["starts_on"] + timedelta(days=30)
        page = page.submit(
            "form[data-draft]", starts_on=later.isoformat(), ends_on=(later + timedelta(days=9)).isoformat()
        )
        assert "1 sesi" in page.one("#flashes .alert-warning").text_content()
        assert page.follow("#flashes .alert-warning a").status == 200
        assert db.session.get_one(AgendaSession, session.id).stage_id == stage.id

    def test_capacity_below_the_seats_taken_is_refused(self, people: People, scene: scenes.Scene) -> None:
        page = self.settings(people).submit("form[data-draft]", capacity=2, status=422)
        assert page.select(".invalid-feedback, .alert-danger")

    def test_approval_and_the_time_to_answer_an_offer(self, people: People) -> None:
        for hours in ("0", "337", "banyak", ""):
            page = self.settings(people).submit("form[data-draft]", offer_hours=hours, status=422)
            assert page.values("form[data-draft]")["offer_hours"] == hours
        self.settings(people).submit("form[data-draft]", offer_hours=48, approval_required=True)
        assert (people.stage.offer_hours, people.stage.approval_required) == (48, True)
        self.settings(people).submit("form[data-draft]", approval_required=False)
        assert not people.stage.approval_required

    def test_more_seats_are_offered_to_those_who_wait(self, people: People) -> None:
        from app.shared import clock

        one = factories.registration(people.stage)
        page = self.settings(people).submit("form[data-draft]", capacity=1)
        waits = factories.registration(people.stage, state=RegistrationState.WAITLISTED, waiting_since=clock.now())
        page.submit("form[data-draft]", capacity=2)
        assert one.state is RegistrationState.CONFIRMED
        assert db.session.get_one(type(waits), waits.id).state is RegistrationState.OFFERED

    @pytest.mark.parametrize("role", ["organiser", "facilitator", "certifier", "viewer"])
    def test_are_the_managers(self, people: People, role: str) -> None:
        people.staff[role].client.get(f"/panel/kegiatan/{people.stage.slug}/pengaturan", status=403)
        assert not dashboard(people, role).select("a[href$='/pengaturan']")


def by_name(item: tuple[str, Any]) -> str:
    return str(item[1].sort_name)
