"""What a person answered to the stage's own questions, for staff to see and change; and the files of a stage's people."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.programmes.models import Stage
from app.registration import queries_questions as queries
from app.registration.forms_questions import AnswersForm, answers_form
from app.registration.models import Registration
from app.registration.models_questions import RegistrationAnswer
from app.registration.queries import find_registration
from app.registration.rules import ENDED
from app.registration.rules_answers import shown_answer
from app.registration.rules_questions import is_shown
from app.registration.service.questions import change_answers
from app.registration.views_documents import handed_out
from app.web.csrf import keeps_form
from app.web.flashes import done
from app.web.locale import current_language

blueprint = Blueprint("answers_staff", __name__)


@blueprint.route("/panel/kegiatan/<stage>/peserta/<int:registration_id>/jawaban", methods=["GET", "POST"])
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def change(stage: Stage, registration_id: int) -> AnyResponse:
    """Answer in a person's stead; what is required may stay open."""
    registration = find_registration(stage, registration_id)
    if registration is None or registration.state in ENDED:
        abort(404)
    form = answers_form(
        AnswersForm, registration.category.code, queries.terms_asked(stage), queries.values_of(registration)
    )
    if form.validate_on_submit():
        change_answers(registration, form.answers, by=current_user)
        done(_("The answers are saved."))
        address = url_for("registration_staff.person", stage=stage.slug, registration_id=registration_id)
        return redirect(address + "#jawaban", 303)
    form.keep_files()
    page = render_template("registration/answers.html", stage=stage, registration=registration, form=form)
    return make_response(page, 422 if form.is_submitted() else 200)


@blueprint.get("/panel/kegiatan/<stage>/berkas/<int:document_id>")
@needs(Permission.VIEW_PEOPLE)
def document(stage: Stage, document_id: int) -> Response:
    """A file of one of the stage's people or invitations."""
    return handed_out(queries.find_document(document_id, stage=stage))


@blueprint.app_template_filter()
def answer_text(answer: RegistrationAnswer) -> str:
    """An answer as people read it."""
    return shown_answer(answer.question.kind, answer.value, current_language())


@blueprint.app_template_global()
def person_answers(registration: Registration) -> Markup:
    """The part of the person's page that tells what he answered and which files are his; nothing where there is neither."""
    stage = registration.stage
    given = {answer.question_id: answer for answer in queries.answers_to(registration)}
    files = queries.documents_of(registration)
    asked = queries.questions_of(stage)
    if not (given or files or asked):
        return Markup()
    unsur, values = registration.category.code, {key: answer.value for key, answer in given.items()}
    page = render_template(
        "registration/_answers.html",
        registration=registration,
        stage=stage,
        answers=given.values(),
        open_questions=[one for one in asked if one.id not in given and is_shown(one.terms, unsur, values)],
        files={document.question_id: document for document in files if document.question_id},
        papers=[document for document in files if not document.question_id],
        changeable=bool(asked) and registration.state not in ENDED,
    )
    return Markup(page)  # our own template, which escapes
