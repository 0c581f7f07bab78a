"""Programmes, stages, groups and staff in the panel."""

from datetime import date

import pytest

from app.accounts.queries import find_user_by_email
from app.accounts.rules import Role
from app.programmes import queries, service
from tests import factories


@pytest.fixture(autouse=True)
def first_stage(people):
    service.update_stage(people.stage, by=None, number=1)


def panel(people):
    return f"/panel/program/{people.programme.slug}"


def test_a_new_programme_and_its_first_stage(people):
    client = people.administrator.client
    page = client.get(f"/panel/penyelenggara/{people.host.slug}/program")
    page = page.follow("main .actions a").submit("main form", name="Gerakan Menuju 100 Smart City")
    programme = queries.find_programme("gerakan-menuju-100-smart-city")
    assert programme.host_id == people.host.id
    assert page.url == f"/panel/program/{programme.slug}/tahap/tambah"
    page = page.submit("main form")  # what is typed in beforehand is already sound
    stage = queries.stages_of(programme)[0]
    assert (stage.slug, stage.number, stage.name) == ("tahap-i", 1, "Tahap I")
    assert stage.name in page.words()


def test_a_web_address_that_is_taken_or_wrong(people):
    address = f"/panel/penyelenggara/{people.host.slug}/program/tambah"
    page = people.administrator.client.get(address)
    page = page.submit("main form", name="Program", slug=people.programme.slug, status=422)
    page.one("#slug-error")
    page = page.submit("main form", slug="Bukan Alamat", status=422)
    page.one("#slug-error")
    assert page.one("[name=name]").get("value") == "Program"
    page.submit("main form", name=people.programme.name, slug="")  # a free one is made
    assert queries.find_programme(f"{people.programme.slug}-2") or queries.find_programme(people.programme.slug)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": "2019-01-01"}, "ends_on"),
        ({"registration_closes_at": "2019-01-01T08:00"}, "registration_closes_at"),
        ({"registration_closes_at": "2099-01-01T08:00"}, "registration_closes_at"),
        ({"registration_opens_at": "bukan waktu"}, "registration_opens_at"),
        ({"registration_opens_at": "0001-01-01T00:00"}, "registration_opens_at"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"starts_on": ""}, "starts_on"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "99999999999999999999"}, "capacity"),
        ({"capacity": "banyak"}, "capacity"),
        ({"min_jp_percent": "101"}, "min_jp_percent"),
        ({"late_tolerance_minutes": ""}, "late_tolerance_minutes"),
        ({"name": ""}, "name"),
        ({"number": "-1"}, "number"),
    ],
)
def test_a_stage_that_cannot_be_is_said_and_what_was_typed_stays(people, changes, field):
    page = people.manager.client.get(panel(people) + "/tahap/tambah")
    page = page.submit("main form", venue="Aula yang diketik", **changes, status=422)
    page.one(f"#{field}-error")
    assert page.one("[name=venue]").get("value") == "Aula yang diketik"
    assert page.one(f"[name={field}]").get("value", "") == changes[field]
    assert len(queries.stages_of(people.programme)) == 1


def test_a_number_that_is_taken(people):
    page = people.manager.client.get(panel(people) + "/tahap/tambah")
    page.submit("main form", number=people.stage.number, status=422).one("#number-error")


def test_times_are_those_of_the_agency(people):
    page = people.manager.client.get(panel(people) + "/tahap/tambah")
    page.submit(
        "main form", slug="jam", starts_on="2030-07-08", ends_on="2030-07-09", capacity="", prerequisite=people.stage.id,
        registration_opens_at="2030-06-01T07:00", registration_closes_at="2030-07-07T16:30", feedback_required=True, published=False,
    )  # fmt: skip
    stage = queries.find_stage("jam")
    assert stage.registration_opens_at.isoformat() == "2030-06-01T00:00:00+00:00"
    assert stage.registration_closes_at.isoformat() == "2030-07-07T09:30:00+00:00"
    assert (stage.starts_on, stage.capacity, stage.prerequisite_id) == (date(2030, 7, 8), None, people.stage.id)
    assert (stage.feedback_required, stage.published) == (True, False)


def test_what_the_next_stage_takes_over(people):
    stage = factories.stage(people.programme, number=people.stage.number + 1, venue="Aula Baru", capacity=44)
    service.update_stage(stage, by=None, min_jp_percent=None)
    values = people.manager.client.get(panel(people) + "/tahap/tambah").values("main form")
    assert values["number"] == str(people.stage.number + 2)
    assert (values["venue"], values["capacity"], values["min_jp_percent"]) == ("Aula Baru", "44", "")


def test_settings_of_a_programme(people):
    address = panel(people) + "/pengaturan"
    page = people.manager.client.get(address)
    page = page.submit(f"[action='{address}']", name="Nama lain", summary="Ringkasan", published=False)
    assert page.texts(".alert-success")
    assert (people.programme.name, people.programme.summary, people.programme.published) == (
        "Nama lain",
        "Ringkasan",
        False,
    )
    page.submit(f"[action='{address}']", name="", status=422).one("#name-error")


def test_groups(people):
    address = panel(people) + "/pengaturan"
    page = people.manager.client.get(address)
    page = page.submit(f"[action='{address}/kelompok']", name="Smart Living")
    page = page.submit(f"[action='{address}/kelompok']", name="smart living", status=422)
    page.one("#group_name-error")
    group = queries.groups_of(people.programme)[0]
    page = people.manager.client.get(f"{address}/kelompok/{group.id}").submit("main form", name="Smart Society")
    assert "Smart Society" in page.words()
    factories.registration(people.stage, groups=[group])
    page = page.submit(f"[action='{address}/kelompok/{group.id}/hapus']")
    assert page.texts(".alert-danger")
    spare = factories.group(people.programme)
    page = people.manager.client.get(address).submit(f"[action='{address}/kelompok/{spare.id}/hapus']")
    assert page.texts(".alert-success")
    assert [one.id for one in queries.groups_of(people.programme)] == [group.id]
    stranger = factories.group(people.other_stage.programme)
    people.manager.client.get(f"{address}/kelompok/{stranger.id}", status=404)


def test_staff_with_several_roles(people):
    address = panel(people) + "/staf"
    page = people.manager.client.get(address)
    page = page.submit(f"[action='{address}']", email="baru@bimtek.test", name="Orang Baru", status=422)
    assert page.texts(".alert-danger")
    assert page.one("[name=email]").get("value") == "baru@bimtek.test"
    page = page.submit(f"[action='{address}']", organiser=True, certifier=True)
    assert page.one("main code").text_content()
    user = find_user_by_email("baru@bimtek.test")
    assert {one.role for one in user.memberships} == {Role.ORGANISER, Role.CERTIFIER}
    page = page.follow("main a.btn-primary")
    page = page.submit(f"[action='{address}']", email="BARU@bimtek.test", name="", viewer=True)
    assert page.texts(".alert-success")
    assert len(user.memberships) == 3
    page.submit(f"[action='{address}/{user.memberships[0].id}/cabut']")
    assert len(user.memberships) == 2


def test_staff_of_other_programmes_are_out_of_reach(people):
    address = panel(people) + "/staf"
    sibling = factories.membership(factories.user(), Role.VIEWER, factories.programme(people.host))
    client = people.manager.client
    page = client.get(address)
    token = page.values(".side-foot form")
    for membership in (sibling, people.outsider.user.memberships[0], people.administrator.user.memberships[0]):
        client.post(f"{address}/{membership.id}/cabut", data=token, status=404)
    assert people.administrator.user.email not in page.text
    assert sibling.user.email not in page.text


def test_a_viewer_sees_the_programme_and_no_button(people):
    page = people.viewer.client.get(panel(people))
    assert people.stage.name in page.words()
    assert not page.select(f"a[href='{panel(people)}/staf'], a[href='{panel(people)}/tahap/tambah']")
