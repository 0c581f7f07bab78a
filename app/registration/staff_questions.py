"""The editor of the questions that a stage asks of its own at registration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.hosts.queries import notice_in_force
from app.institutions.queries import categories_of
from app.programmes.models import Stage
from app.registration import queries_questions as queries
from app.registration.forms import RegistrationForm
from app.registration.forms_question_editor import QuestionForm, written_as
from app.registration.forms_questions import answer_word
from app.registration.models_questions import RegistrationQuestion
from app.registration.rules_answers import KIND_LABELS, QuestionTerms
from app.registration.rules_questions import QuestionRefused
from app.registration.service import questions as service
from app.web.csrf import keeps_form
from app.web.flashes import done, refuse
from app.web.forms import require_token
from app.web.navigation import Section, register_section

blueprint = Blueprint("questions_staff", __name__)
blueprint.add_app_template_filter(KIND_LABELS.__getitem__, "answer_kind")
ROOT = "/panel/kegiatan/<stage>/pengaturan/pertanyaan"
ONE = f"{ROOT}/<int:question_id>"
register_section(
    Section(
        key="questions",
        label=_l("Questions at registration"),
        endpoint="questions_staff.index",
        icon="card-checklist",
        permission=Permission.EDIT_PROGRAMME,
        order=95,
    )
)


@blueprint.get(ROOT)
@needs(Permission.EDIT_PROGRAMME)
def index(stage: Stage) -> str:
    """What the stage asks, in order, and what it asks no more."""
    questions = queries.questions_of(stage, retired=True)
    return render_template(
        "registration/questions.html",
        stage=stage,
        questions=[one for one in questions if one.retired_at is None],
        retired=[one for one in questions if one.retired_at is not None],
        by_id={one.id: one for one in questions},
        answered=queries.answer_counts(stage),
        answer_word=answer_word,
        categories={category.code: category.name for category in categories_of(stage.host)},
    )


@blueprint.route(f"{ROOT}/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_PROGRAMME)
@keeps_form
def add(stage: Stage) -> Response:
    """Ask one more thing."""
    earlier = queries.terms_asked(stage)
    form = QuestionForm()
    form.offer(categories_of(stage.host), earlier)
    if form.validate_on_submit() and _saved(form, lambda terms: service.add_question(stage, terms, by=current_user)):
        done(_("The question has been added."))
        return _to_list(stage)
    return _editor(stage, form, None)


@blueprint.route(ONE, methods=["GET", "POST"])
@needs(Permission.EDIT_PROGRAMME)
@keeps_form
def edit(stage: Stage, question_id: int) -> Response:
    """Ask it otherwise."""
    question = _get(stage, question_id)
    asked = queries.questions_of(stage)
    place = (question.position, question.id)
    earlier = [one.terms for one in asked if question.retired_at or (one.position, one.id) < place]
    form = QuestionForm(data=written_as(question.terms, earlier))
    form.offer(categories_of(stage.host), earlier)
    if form.validate_on_submit() and _saved(
        form, lambda terms: service.change_question(question, terms, by=current_user)
    ):
        done(_("The question has been saved."))
        return _to_list(stage, question_id)
    return _editor(stage, form, question)


@blueprint.get(f"{ROOT}/pratinjau")
@needs(Permission.EDIT_PROGRAMME)
def preview(stage: Stage) -> str:
    """The very form that people fill in; it cannot be sent."""
    form = RegistrationForm(
        stage.host, shown=notice_in_force(stage.host), questions=queries.terms_asked(stage), formdata=None
    )
    form.offer()
    return render_template(
        "registration/form.html",
        stage=stage,
        host=stage.host,
        form=form,
        full=False,
        notice=form.shown,
        preview_of=url_for("questions_staff.index", stage=stage.slug),
    )


@blueprint.post(f"{ONE}/pindah")
@needs(Permission.EDIT_PROGRAMME)
def move(stage: Stage, question_id: int) -> Response:
    """One place up or down."""
    require_token()
    up = request.form.get("direction") == "up"
    _tried(lambda: service.move_question(_get(stage, question_id), up=up, by=current_user))
    return _to_list(stage, question_id)


@blueprint.post(f"{ROOT}/urutan")
@needs(Permission.EDIT_PROGRAMME)
def arrange(stage: Stage) -> Response:
    """The order in which they were laid by hand: their ids, apart by commas."""
    require_token()
    wanted = [int(part) for part in request.form.get("order", "").split(",") if part.isascii() and part.isdecimal()]
    if _tried(lambda: service.arrange_questions(stage, wanted, by=current_user)):
        done(_("The order is saved."))
    return _to_list(stage)


@blueprint.post(f"{ONE}/pensiun")
@needs(Permission.EDIT_PROGRAMME)
def retire(stage: Stage, question_id: int) -> Response:
    """Ask it no more; the answers stay."""
    require_token()
    if _tried(lambda: service.retire_question(_get(stage, question_id), by=current_user)):
        done(_("The question is asked no more; its answers stay."))
    return _to_list(stage)


@blueprint.post(f"{ONE}/kembalikan")
@needs(Permission.EDIT_PROGRAMME)
def restore(stage: Stage, question_id: int) -> Response:
    """Ask it again."""
    require_token()
    if _tried(lambda: service.restore_question(_get(stage, question_id), by=current_user)):
        done(_("The question is asked again, as the last one."))
    return _to_list(stage, question_id)


@blueprint.post(f"{ONE}/hapus")
@needs(Permission.EDIT_PROGRAMME)
def remove(stage: Stage, question_id: int) -> Response:
    """Delete one that nobody has answered."""
    require_token()
    if _tried(lambda: service.remove_question(_get(stage, question_id), by=current_user)):
        done(_("The question has been removed."))
    return _to_list(stage)


def _saved(form: QuestionForm, save: Callable[[QuestionTerms], Any]) -> bool:
    try:
        save(form.terms())
    except QuestionRefused as refused:
        form.show(refused)
        return False
    return True


def _tried(change: Callable[[], None]) -> bool:
    try:
        change()
    except QuestionRefused as refused:
        refuse(str(refused.sentence))
        return False
    return True


def _get(stage: Stage, question_id: int) -> RegistrationQuestion:
    return queries.find_question(stage, question_id) or abort(404)


def _editor(stage: Stage, form: QuestionForm, question: RegistrationQuestion | None) -> Response:
    page = render_template(
        "registration/question.html",
        stage=stage,
        form=form,
        question=question,
        answered=bool(question is not None and queries.values_given(question)),
    )
    return make_response(page, 422 if form.is_submitted() else 200)


def _to_list(stage: Stage, question_id: int | None = None) -> Response:
    anchor = f"pertanyaan-{question_id}" if question_id else None
    return redirect(url_for("questions_staff.index", stage=stage.slug, _anchor=anchor), 303)
