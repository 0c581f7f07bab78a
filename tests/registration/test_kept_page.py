"""What a process keeps of the registration form is never shown after something behind it has changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.extensions import db, transaction
from app.hosts.models import Host
from app.hosts.service import publish_notice, update_host
from app.institutions.models import Institution, InstitutionCategory
from app.institutions.service import add_institution, edit_category, edit_institution, retire_institution
from app.programmes.models import Programme, Stage
from app.programmes.service import update_programme, update_stage
from app.registration.rules_questions import AnswerKind, QuestionTerms
from app.registration.service.questions import add_question, retire_question
from app.shared.identity import IdentityType
from tests import factories
from tests.faults.registering import TYPED, open_stage
from tests.pages import PageClient, browse

FORM = "main form"
pytestmark = pytest.mark.both_databases


@pytest.fixture
def stage(app) -> Stage:
    made = open_stage()
    factories.institution(made.host, name="Dinas Lama")
    return made


def read(client: PageClient, stage: Stage) -> str:
    return client.get(f"/kegiatan/{stage.slug}/daftar").text


def one(kind: type, **values: object) -> object:
    return db.session.query(kind).filter_by(**values).one()


def add_dinas(stage: Stage) -> None:
    add_institution(stage.host, category_code="OPD", name="Kata Baru")


def rename_dinas(stage: Stage) -> None:
    edit_institution(one(Institution, name="Dinas Lama"), category_code="OPD", name="Kata Baru", short_name="", by=None)


def rename_category(stage: Stage) -> None:
    category = one(InstitutionCategory, code="OPD")
    edit_category(
        category,
        name="Kata Baru",
        identity_types=[IdentityType.NIP, IdentityType.NONE],
        identity_required=False,
        institution_required=True,
        by=None,
    )


def add_by_hand(stage: Stage) -> None:
    with transaction():
        category = one(InstitutionCategory, code="OPD")
        db.session.add(Institution(host_id=stage.host.id, category_id=category.id, name="Kata Baru"))


def ask(stage: Stage) -> None:
    add_question(stage, QuestionTerms(id=0, kind=AnswerKind.SHORT_TEXT, text="Kata Baru?"), by=None)


CHANGES: list[Callable[[Stage], object]] = [
    add_dinas,
    rename_dinas,
    rename_category,
    add_by_hand,
    ask,
    lambda stage: publish_notice(stage.host, "Kata Baru"),
    lambda stage: update_host(db.session.get_one(Host, stage.host.id), by=None, name="Kata Baru"),
    lambda stage: update_stage(stage, by=None, name="Kata Baru"),
    lambda stage: update_programme(db.session.get_one(Programme, stage.programme_id), by=None, name="Kata Baru"),
]


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_a_change_is_seen_at_once(client: PageClient, stage: Stage, change: Callable[[Stage], object]) -> None:
    assert "Kata Baru" not in read(client, stage) and "Kata Baru" not in read(client, stage)
    change(db.session.get_one(Stage, stage.id))
    assert "Kata Baru" in read(client, db.session.get_one(Stage, stage.id))


def test_what_is_taken_away_is_gone_at_once(client: PageClient, stage: Stage) -> None:
    dinas = one(Institution, name="Dinas Lama")
    question = add_question(stage, QuestionTerms(id=0, kind=AnswerKind.SHORT_TEXT, text="Menginap?"), by=None)
    assert "Dinas Lama" in read(client, stage) and "Menginap?" in read(client, stage)
    retire_institution(dinas, by=None)
    retire_question(question, by=None)
    page = client.get(f"/kegiatan/{db.session.get_one(Stage, stage.id).slug}/daftar")
    assert "Dinas Lama" not in page.text and "Menginap?" not in page.text
    sent = page.values(FORM) | TYPED | {"institution_other": "", "institution": str(dinas.id)}
    client.post(page.url, data=sent, status=422)


def test_what_is_kept_holds_nothing_of_another_visitor(client: PageClient, stage: Stage) -> None:
    pages = [browse(client.application).get(f"/kegiatan/{stage.slug}/daftar") for _ in range(3)]
    for name in ("csrf_token", "submission_key"):
        assert len({page.values(FORM)[name] for page in pages}) == 3, name
    assert pages[2].submit(FORM, **TYPED).url.startswith("/t/")
    filled = browse(client.application).get(f"/kegiatan/{stage.slug}/daftar").values(FORM)
    assert filled["name"] == "" and filled["email"] == ""


def test_a_full_stage_says_so_at_once(client: PageClient, stage: Stage) -> None:
    update_stage(stage, by=None, capacity=1)
    assert "daftar tunggu" not in read(client, stage)
    page = client.get(f"/kegiatan/{stage.slug}/daftar")
    page.submit(FORM, **TYPED)
    assert "daftar tunggu" in read(browse(client.application), stage)


def test_what_was_just_said_is_not_kept(client: PageClient, stage: Stage) -> None:
    client.get(f"/kegiatan/{stage.slug}/daftar").submit(FORM, **TYPED, status=200)
    english = client.get(f"/kegiatan/{stage.slug}/daftar?lang=en")
    assert english.one("html").get("lang") == "en"
    assert read(browse(client.application), stage).count('lang="id"') >= 1
