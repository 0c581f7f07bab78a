"""Messages to people of a stage: written, looked at, sent at once or later; and the list for WhatsApp."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import Permission, needs
from app.jobs.rules import STATE_LABELS as MAIL_LABELS
from app.messages import queries, queries_people, service
from app.messages.defaults import EMPTY, Text
from app.messages.emails import preview_of
from app.messages.forms import CampaignForm, campaign_form
from app.messages.models import Campaign
from app.messages.queries_values import StageFacts
from app.messages.rules import BY_STAFF, KIND_LABELS, KIND_SLUGS, TemplateKind, kind_of, placeholders_of
from app.messages.rules_segments import CAMPAIGN_LABELS, CHANGEABLE, CampaignState, Segment, Timing, short_name
from app.messages.service import MessageRefused
from app.messages.staff_templates import letter_page
from app.programmes.models import Stage
from app.registration.queries_people import PeopleFilter
from app.registration.rules import STATE_LABELS, RegistrationState
from app.web import flashes
from app.web.forms import keeps_form, require_token
from app.web.headers import private_page
from app.web.navigation import Section, register_section
from app.web.paging import paginate

blueprint = Blueprint("messages_staff", __name__)
register_section(
    Section(
        key="messages",
        label=_l("Messages"),
        endpoint="messages_staff.index",
        icon="send",
        permission=Permission.EDIT_PEOPLE,
        order=75,
    )
)
ROOT = "/panel/kegiatan/<stage>/pesan"
ONE = f"{ROOT}/<int:campaign_id>"
NAMES_A_PAGE = 10
WHATSAPP_A_PAGE = 50


@blueprint.get(ROOT)
@needs(Permission.EDIT_PEOPLE)
def index(stage: Stage) -> str:
    """What was sent, what waits for its time, what is a draft still."""
    page = paginate(queries.campaigns_of(stage), size=20)
    return render_template(
        "messages/index.html",
        stage=stage,
        page=page,
        reached=queries.reached_counts([one.id for one in page.items]),
        labels=CAMPAIGN_LABELS,
        heading=StageFacts(stage).heading,
        kinds=[(KIND_SLUGS[kind], KIND_LABELS[kind]) for kind in BY_STAFF],
        short_name=short_name,
    )


@blueprint.route(f"{ROOT}/tulis", methods=["GET", "POST"])
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def write(stage: Stage) -> AnyResponse:
    """A new message, from a template (?jenis=pengingat) or in free words, to those of a list of people (?kepada=daftar&state=…)."""
    kind = _begun_from(request.args.get("jenis"))
    text = queries.template_text(stage.programme_id, kind) if kind else EMPTY
    form = campaign_form(stage, kind, text=text, segment=_listed() or Segment())
    if not form.validate_on_submit():
        return _form_page(stage, form, None, kind)
    campaign = service.draft_campaign(
        stage, kind=kind, subject=form.text.subject, body=form.text.body, segment=form.segment, plan=form.plan,
        by=current_user,
    )  # fmt: skip
    return redirect(_address(campaign))


@blueprint.get(ONE)
@needs(Permission.EDIT_PEOPLE)
def campaign(stage: Stage, campaign_id: int) -> AnyResponse:
    """One message before or after it is sent: what it says, to whom it goes, how many cannot be reached."""
    found = _campaign(stage, campaign_id)
    people = queries.people_in(stage, found.wanted)
    bad = queries_people.bad_in(stage)
    page = paginate(people, size=NAMES_A_PAGE)
    example = _example(stage, found)
    answer = render_template(
        "messages/campaign.html",
        stage=stage,
        campaign=found,
        heading=StageFacts(stage).heading(found.subject),
        label=CAMPAIGN_LABELS[found.state],
        kind_label=KIND_LABELS[found.kind] if found.kind else None,
        due=found.due_at if found.state is not CampaignState.DRAFT or found.timing is Timing.AT else None,
        plan=short_name(found.plan),
        changeable=found.state in CHANGEABLE,
        waits=found.state is CampaignState.SCHEDULED,
        counts=queries_people.counts_of(stage, found.wanted),
        reached=queries.reached_counts([found.id]).get(found.id, 0),
        delivery=queries_people.delivery_of(found),
        delivery_labels=MAIL_LABELS,
        page=page,
        bad=bad,
        described=queries_people.described(stage, found.wanted),
        state_labels=STATE_LABELS,
        choices=queries.people_to_look_at(stage),
        example=example,
        letter=preview_of(stage, _text(found), example) if example else None,
    )
    return private_page(make_response(answer))


@blueprint.get(f"{ONE}/surat")
@needs(Permission.EDIT_PEOPLE)
def letter(stage: Stage, campaign_id: int) -> Response:
    """The letter alone as a mail program shows it, for the frame of the page."""
    found = _campaign(stage, campaign_id)
    example = _example(stage, found) or abort(404)
    return letter_page(preview_of(stage, _text(found), example))


@blueprint.route(f"{ONE}/ubah", methods=["GET", "POST"])
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def edit(stage: Stage, campaign_id: int) -> AnyResponse:
    """Change what is not on its way yet."""
    found = _campaign(stage, campaign_id)
    if found.state not in CHANGEABLE:
        flashes.inform(_("This message is on its way already, or was cancelled; it can no longer be changed."))
        return redirect(_address(found))
    form = campaign_form(stage, found.kind, text=_text(found), segment=found.wanted, plan=found.plan)
    if form.validate_on_submit():
        try:
            service.edit_campaign(
                found, subject=form.text.subject, body=form.text.body, segment=form.segment, plan=form.plan,
                by=current_user,
            )  # fmt: skip
        except MessageRefused as refused:
            form.form_errors.append(str(refused.sentence))
        else:
            flashes.done(_("The message is saved."))
            return redirect(_address(found))
    return _form_page(stage, form, found, found.kind)


@blueprint.post(f"{ONE}/kirim")
@needs(Permission.EDIT_PEOPLE)
def send(stage: Stage, campaign_id: int) -> AnyResponse:
    """Let it leave: at once, or at its time."""
    found = _campaign(stage, campaign_id)
    done = _("The message is on its way. This page shows how many it has been sent to.")
    if found.timing is not Timing.NOW:
        done = _("The message waits for its time. Until then it can be changed and cancelled.")
    return _do(found, service.send_campaign, done)


@blueprint.post(f"{ONE}/tarik")
@needs(Permission.EDIT_PEOPLE)
def take_back(stage: Stage, campaign_id: int) -> AnyResponse:
    """What waits for its time becomes a draft again."""
    return _do(_campaign(stage, campaign_id), service.take_back, _("The message is a draft again."))


@blueprint.post(f"{ONE}/batal")
@needs(Permission.EDIT_PEOPLE)
def cancel(stage: Stage, campaign_id: int) -> AnyResponse:
    """It is not sent."""
    return _do(_campaign(stage, campaign_id), service.cancel_campaign, _("The message is cancelled."))


@blueprint.get(f"{ONE}/whatsapp")
@needs(Permission.EDIT_PEOPLE)
def whatsapp(stage: Stage, campaign_id: int) -> AnyResponse:
    """The people of the segment with a text for each, to be sent by hand."""
    found = _campaign(stage, campaign_id)
    people = queries_people.with_consents(queries.people_in(stage, found.wanted))
    unreached = request.args.get("surel") == "tanpa"
    page = paginate(queries_people.without_address(people) if unreached else people, size=WHATSAPP_A_PAGE)
    entries = queries_people.whatsapp_entries(stage, page.items, _text(found))
    answer = render_template(
        "messages/whatsapp.html",
        stage=stage,
        campaign=found,
        heading=StageFacts(stage).heading(found.subject),
        page=page,
        entries=entries,
        unreached=unreached,
        counts=queries_people.counts_of(stage, found.wanted),
        whole_list="\n".join(entry.line for entry in entries if entry.may_write),
    )
    return private_page(make_response(answer))


def _do(found: Campaign, action: Any, done: str) -> AnyResponse:
    require_token()
    try:
        action(found, by=current_user)
        flashes.done(done)
    except MessageRefused as refused:
        flashes.refuse(str(refused.sentence))
    return redirect(_address(found))


def _campaign(stage: Stage, campaign_id: int) -> Campaign:
    return queries.find_campaign(stage, campaign_id) or abort(404)


def _address(found: Campaign) -> str:
    return url_for("messages_staff.campaign", stage=found.stage.slug, campaign_id=found.id)


def _begun_from(slug: str | None) -> TemplateKind | None:
    kind = kind_of(slug)
    return kind if kind in BY_STAFF else None


def _listed() -> Segment | None:
    """The people of the list that the address names (?kepada=daftar&state=…), if it names one."""
    if request.args.get("kepada") != "daftar":
        return None
    listed = PeopleFilter.from_address(request.args)
    states = tuple(state for state in RegistrationState if state in listed.in_states)
    return Segment(
        states=states,
        category=listed.category,
        institution=listed.institution,
        group=listed.group,
        answering=listed.answering,
    )


def _text(found: Campaign) -> Text:
    return Text(found.subject, found.body)


def _example(stage: Stage, found: Campaign) -> Any:
    """Whom the address names (?orang=…), else the first of the segment, else anybody of the stage."""
    wanted = request.args.get("orang", type=int)
    first = None if wanted else queries_people.first_of(queries.people_in(stage, found.wanted))
    return first or queries.find_example(stage, wanted)


def _form_page(stage: Stage, form: CampaignForm, found: Campaign | None, kind: TemplateKind | None) -> Response:
    page = render_template(
        "messages/write.html",
        stage=stage,
        form=form,
        campaign=found,
        kind=kind,
        kinds=[(KIND_SLUGS[one], KIND_LABELS[one]) for one in BY_STAFF],
        placeholders=placeholders_of(kind),
        slugs=KIND_SLUGS,
    )
    return make_response(page, 422 if form.is_submitted() else 200)
