"""Feedback in the panel: opening and closing, the projector, results, and the questions themselves."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.feedback import queries, service
from app.feedback.forms import NewQuestionForm, QuestionForm
from app.feedback.models import Question, Questionnaire
from app.feedback.rules import BAND_LABELS, COMMITMENT_LABELS, SCALE_LABELS, STATE_LABELS, FeedbackError, QuestionKind
from app.paper import qr
from app.programmes.models import Stage
from app.web import flashes
from app.web.forms import keeps_form
from app.web.navigation import Section, register_section
from app.web.places import public_url

blueprint = Blueprint("feedback_staff", __name__)
blueprint.add_app_template_filter(STATE_LABELS.__getitem__, "questionnaire_state")
blueprint.add_app_template_filter(BAND_LABELS.__getitem__, "band")
register_section(
    Section(
        key="feedback",
        label=_l("Feedback"),
        endpoint="feedback_staff.index",
        icon="chat-square-text",
        permission=Permission.VIEW_FEEDBACK,
        order=55,
    )
)
ROOT = "/panel/kegiatan/<stage>/umpan-balik"
ONE = f"{ROOT}/<int:questionnaire_id>"
QUESTION = f"{ONE}/pertanyaan/<int:question_id>"


@blueprint.get(ROOT)
@needs(Permission.VIEW_FEEDBACK)
def index(stage: Stage) -> str:
    """The questionnaires with their state and how many have answered."""
    questionnaires = queries.questionnaires_of(stage)
    return render_template(
        "feedback/index.html",
        stage=stage,
        parts=[
            (_("Open now"), [one for one in questionnaires if one.state.value == "open"]),
            (_("Speakers"), [one for one in questionnaires if one.session_id and one.state.value != "open"]),
            (_("The whole stage"), [one for one in questionnaires if not one.session_id and one.state.value != "open"]),
        ],
        answered=queries.answered_counts(stage),
        expected=queries.expected_counts(stage),
    )


@blueprint.post(f"{ROOT}/narasumber")
@needs(Permission.RUN_FEEDBACK)
def create_for_speakers(stage: Stage) -> Response:
    """A questionnaire for each speaker of a lesson who has none yet."""
    made = service.create_speaker_questionnaires(stage, by=current_user)
    if made:
        flashes.done(ngettext("%(num)d questionnaire has been made.", "%(num)d questionnaires have been made.", made))
    else:
        flashes.inform(_("Every speaker of a lesson in the agenda has a questionnaire already."))
    return redirect(url_for(".index", stage=stage.slug))


@blueprint.post(f"{ONE}/buka")
@needs(Permission.RUN_FEEDBACK)
def open_one(stage: Stage, questionnaire_id: int) -> Response:
    """Open it and go straight to the QR for the projector."""
    questionnaire = _questionnaire(stage, questionnaire_id)
    try:
        service.open_questionnaire(questionnaire, by=current_user)
    except FeedbackError as error:
        flashes.refuse(str(error))
        return redirect(url_for(".edit", stage=stage.slug, questionnaire_id=questionnaire.id))
    return redirect(url_for(".projector", stage=stage.slug, questionnaire_id=questionnaire.id))


@blueprint.post(f"{ONE}/tutup")
@needs(Permission.RUN_FEEDBACK)
def close_one(stage: Stage, questionnaire_id: int) -> Response:
    """Close it and show what it brought."""
    questionnaire = _questionnaire(stage, questionnaire_id)
    service.close_questionnaire(questionnaire, by=current_user)
    flashes.done(_("“%(title)s” is closed.", title=questionnaire.title))
    return redirect(url_for(".results", stage=stage.slug, questionnaire_id=questionnaire.id))


@blueprint.get(f"{ONE}/layar")
@needs(Permission.VIEW_FEEDBACK)
def projector(stage: Stage, questionnaire_id: int) -> str:
    """The QR, as large as the screen."""
    questionnaire = _questionnaire(stage, questionnaire_id)
    address = public_url(url_for("feedback.answer", token=questionnaire.token))
    return render_template(
        "feedback/projector.html",
        stage=stage,
        questionnaire=questionnaire,
        address=address,
        qr=qr.svg(address.upper(), title=_("QR of the questionnaire")),
        **_progress(stage, questionnaire),
    )


@blueprint.get(f"{ONE}/layar/jumlah")
@needs(Permission.VIEW_FEEDBACK)
def count(stage: Stage, questionnaire_id: int) -> str:
    """How many have answered, for the projector to ask every few seconds."""
    questionnaire = _questionnaire(stage, questionnaire_id)
    return render_template(
        "feedback/_count.html", stage=stage, questionnaire=questionnaire, **_progress(stage, questionnaire)
    )


@blueprint.get(f"{ONE}/hasil")
@needs(Permission.VIEW_FEEDBACK)
def results(stage: Stage, questionnaire_id: int) -> str:
    """Number, mean, distribution and texts."""
    questionnaire = _questionnaire(stage, questionnaire_id)
    return render_template(
        "feedback/results.html",
        stage=stage,
        questionnaire=questionnaire,
        results=queries.results(questionnaire),
        words={QuestionKind.SCALE.value: SCALE_LABELS, QuestionKind.COMMITMENT.value: COMMITMENT_LABELS},
    )


@blueprint.route(ONE, methods=["GET", "POST"])
@needs(Permission.RUN_FEEDBACK)
@keeps_form
def edit(stage: Stage, questionnaire_id: int) -> Any:
    """The questions; sending the form adds one."""
    questionnaire = _questionnaire(stage, questionnaire_id)
    form = NewQuestionForm()
    if form.validate_on_submit():
        kind = QuestionKind(form.kind.data)
        try:
            service.add_question(
                questionnaire, kind=kind, text=form.text.data or "", required=form.required.data, by=current_user
            )
        except FeedbackError as error:
            form.form_errors.append(str(error))
        else:
            flashes.done(_("The question has been added."))
            return _to_editor(questionnaire)
    page = render_template(
        "feedback/edit.html",
        stage=stage,
        questionnaire=questionnaire,
        questions=queries.questions_asked(questionnaire),
        answered=queries.answered_questions(questionnaire),
        has_answers=bool(queries.answered_count(questionnaire)),
        form=form,
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.post(f"{ONE}/wajib")
@needs(Permission.RUN_FEEDBACK)
def require(stage: Stage, questionnaire_id: int) -> Response:
    """Say whether the certificate asks for it."""
    questionnaire = _questionnaire(stage, questionnaire_id)
    service.set_required(questionnaire, request.form.get("required") == "1", by=current_user)
    return _to_editor(questionnaire)


@blueprint.post(f"{ONE}/hapus")
@needs(Permission.RUN_FEEDBACK)
def remove(stage: Stage, questionnaire_id: int) -> Response:
    """Remove one that nobody has answered."""
    questionnaire = _questionnaire(stage, questionnaire_id)
    try:
        service.remove_questionnaire(questionnaire, by=current_user)
    except FeedbackError as error:
        flashes.refuse(str(error))
        return _to_editor(questionnaire)
    flashes.done(_("The questionnaire has been removed."))
    return redirect(url_for(".index", stage=stage.slug))


@blueprint.route(QUESTION, methods=["GET", "POST"])
@needs(Permission.RUN_FEEDBACK)
@keeps_form
def edit_question(stage: Stage, questionnaire_id: int, question_id: int) -> Any:
    """The words of a question, until someone has answered it."""
    question = _question(stage, questionnaire_id, question_id)
    form = QuestionForm(obj=question)
    if form.validate_on_submit():
        try:
            service.edit_question(question, text=form.text.data or "", required=form.required.data, by=current_user)
        except FeedbackError as error:
            form.form_errors.append(str(error))
        else:
            flashes.done(_("The question has been saved."))
            return _to_editor(question.questionnaire)
    page = render_template("feedback/question.html", stage=stage, question=question, form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.post(f"{QUESTION}/hapus")
@needs(Permission.RUN_FEEDBACK)
def retire_question(stage: Stage, questionnaire_id: int, question_id: int) -> Response:
    """Ask it no more."""
    question = _question(stage, questionnaire_id, question_id)
    questionnaire = question.questionnaire
    try:
        service.retire_question(question, by=current_user)
    except FeedbackError as error:
        flashes.refuse(str(error))
    return _to_editor(questionnaire)


@blueprint.post(f"{QUESTION}/pindah")
@needs(Permission.RUN_FEEDBACK)
def move_question(stage: Stage, questionnaire_id: int, question_id: int) -> Response:
    """One place up or down."""
    question = _question(stage, questionnaire_id, question_id)
    service.move_question(question, up=request.form.get("direction") == "up", by=current_user)
    return _to_editor(question.questionnaire)


def _questionnaire(stage: Stage, questionnaire_id: int) -> Questionnaire:
    return queries.find_questionnaire(stage, questionnaire_id) or abort(404)


def _question(stage: Stage, questionnaire_id: int, question_id: int) -> Question:
    return queries.find_question(_questionnaire(stage, questionnaire_id), question_id) or abort(404)


def _progress(stage: Stage, questionnaire: Questionnaire) -> dict[str, int]:
    expected = queries.expected_counts(stage)[questionnaire.id]
    return {"answered": queries.answered_count(questionnaire), "expected": expected}


def _to_editor(questionnaire: Questionnaire) -> Response:
    return redirect(url_for(".edit", stage=questionnaire.stage.slug, questionnaire_id=questionnaire.id))
