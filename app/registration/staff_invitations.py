"""The page of invitations: how many people each institution is asked to send."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.permissions import may, needs
from app.accounts.rules import Permission
from app.institutions.models import Institution
from app.institutions.queries import categories_of, institutions_matching
from app.programmes.models import Stage
from app.registration import service
from app.registration.forms_invitations import InvitationsForm
from app.registration.queries import confirmed_by_institution
from app.registration.queries_people import LONGEST_SEARCH
from app.shared.text import squash
from app.web.flashes import done
from app.web.forms import keeps_form
from app.web.navigation import Scope, Section, register_section

blueprint = Blueprint("invitations_staff", __name__)
register_section(
    Section(
        key="invitations",
        label=_l("Invitations"),
        endpoint="invitations_staff.index",
        icon="envelope-open",
        permission=Permission.VIEW_PEOPLE,
        order=15,
        scope=Scope.STAGE,
    )
)


@blueprint.get("/panel/kegiatan/<stage>/undangan")
@needs(Permission.VIEW_PEOPLE)
def index(stage: Stage) -> Response:
    """Institutions by unsur with the seats asked of them and the people who came of it."""
    return _page(stage, _form(stage), 200)


@blueprint.post("/panel/kegiatan/<stage>/undangan")
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def save(stage: Stage) -> Response:
    """Keep the numbers typed for the institutions on the page."""
    form = _form(stage)
    if not form.validate_on_submit():
        return _page(stage, form, 422)
    changed = service.invite(stage, form.seats(), by=current_user)
    done(ngettext("%(num)d invitation changed.", "%(num)d invitations changed.", changed))
    address = url_for("invitations_staff.index", stage=stage.slug, category=_chosen(stage), q=_typed() or None)
    return redirect(address)


def _form(stage: Stage) -> InvitationsForm:
    seats = {invitation.institution_id: invitation.seats for invitation in service.invitations_of(stage)}
    return InvitationsForm.for_institutions(_institutions(stage), seats)


def _page(stage: Stage, form: InvitationsForm, status: int) -> Response:
    page = render_template(
        "registration/invitations.html",
        stage=stage,
        form=form,
        chosen=_chosen(stage),
        typed=_typed(),
        category_options=[(category.code, category.name) for category in categories_of(stage.host)],
        institutions=_institutions(stage),
        confirmed=confirmed_by_institution(stage),
        total=sum(invitation.seats for invitation in service.invitations_of(stage)),
        editable=may(Permission.EDIT_PEOPLE, stage),
    )
    return make_response(page, status)


def _institutions(stage: Stage) -> list[Institution]:
    """Those that the page shows, with what its address narrows it to."""
    return institutions_matching(stage.host, category_code=_chosen(stage) or "", text=_typed())


def _chosen(stage: Stage) -> str | None:
    """The unsur that the address narrows the page to."""
    wanted = request.args.get("category", "")
    return wanted if wanted in {category.code for category in categories_of(stage.host)} else None


def _typed() -> str:
    """The search of the address."""
    return squash(request.args.get("q"))[:LONGEST_SEARCH]
