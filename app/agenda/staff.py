"""The agenda in the panel: days with their sessions, and the speakers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.accounts.permissions import may, needs
from app.accounts.rules import Permission
from app.agenda import queries, service
from app.agenda.forms import SessionForm, SpeakerForm, session_form
from app.agenda.models import AgendaSession, Speaker
from app.agenda.rules import AgendaError, SessionInUse
from app.programmes.models import Stage
from app.programmes.queries import groups_of
from app.shared import clock, dates
from app.web import flashes
from app.web.forms import keeps_form
from app.web.navigation import Section, register_section

blueprint = Blueprint("agenda_staff", __name__)
register_section(
    Section(
        key="agenda",
        label=_l("Agenda"),
        endpoint="agenda_staff.index",
        icon="calendar-week",
        permission=Permission.VIEW_STAGE,
        order=40,
    )
)
ROOT = "/panel/kegiatan/<stage>/agenda"


@blueprint.get(ROOT)
@needs(Permission.VIEW_STAGE)
def index(stage: Stage) -> str:
    """The days with their sessions, what clashes, and who speaks."""
    sessions = queries.sessions_of(stage)
    return render_template(
        "agenda/index.html",
        stage=stage,
        days=queries.days_of(sessions, stage.timezone),
        jp=sum(session.jp for session in sessions),
        clashes=_clash_sentences(sessions),
        outside=[session for session in sessions if _lies_outside(stage, session)],
        speakers=queries.speakers_of(stage),
    )


@blueprint.route(f"{ROOT}/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
@keeps_form
def add(stage: Stage) -> Any:
    """A new session; begins where the last one ends."""
    sessions = queries.sessions_of(stage)
    form = _form(stage, after=_last_of(stage, sessions))
    if form.wants_more_rows:
        return _page(form, stage, None)
    if form.validate_on_submit():
        try:
            session = service.add_session(stage, **form.values(), by=current_user)
        except AgendaError as error:
            form.show(error)
        else:
            flashes.done(_("“%(title)s” has been added.", title=session.title))
            _warn_of_clashes(stage, session)
            _offer_to_tell(stage)
            return _after_saving(stage, session)
    return _page(form, stage, None)


@blueprint.route(f"{ROOT}/<int:session_id>", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
@keeps_form
def edit(stage: Stage, session_id: int) -> Any:
    """All of a session."""
    session = _session(stage, session_id)
    form = _form(stage, session=session)
    if form.wants_more_rows:
        return _page(form, stage, session)
    if form.validate_on_submit():
        try:
            service.edit_session(session, **form.values(), by=current_user)
        except AgendaError as error:
            form.show(error)
        else:
            flashes.done(_("“%(title)s” has been saved.", title=session.title))
            _warn_of_clashes(stage, session)
            _offer_to_tell(stage)
            return _after_saving(stage, session)
    return _page(form, stage, session)


@blueprint.post(f"{ROOT}/<int:session_id>/hapus")
@needs(Permission.EDIT_AGENDA)
def remove(stage: Stage, session_id: int) -> Response:
    """Take a session out, unless something rests on it."""
    session = _session(stage, session_id)
    title = session.title
    try:
        service.remove_session(session, by=current_user)
    except SessionInUse as error:
        flashes.refuse(str(error))
    else:
        flashes.done(_("“%(title)s” has been removed.", title=title))
        _offer_to_tell(stage)
    return redirect(url_for(".index", stage=stage.slug))


@blueprint.route(f"{ROOT}/narasumber/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
@keeps_form
def add_speaker(stage: Stage) -> Any:
    """Make someone known before a session is planned."""
    form = SpeakerForm()
    if form.validate_on_submit():
        speaker = service.add_speaker(stage.host, **_speaker_values(form), by=current_user)
        flashes.done(_("%(name)s can now be chosen in a session.", name=speaker.full_name))
        return redirect(url_for(".index", stage=stage.slug))
    return _speaker_page(form, stage, None)


@blueprint.route(f"{ROOT}/narasumber/<int:speaker_id>", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
@keeps_form
def edit_speaker(stage: Stage, speaker_id: int) -> Any:
    """Names, titles, position."""
    speaker = queries.find_speaker(stage.host, speaker_id) or abort(404)
    form = SpeakerForm(obj=speaker)
    if form.validate_on_submit():
        service.edit_speaker(speaker, **_speaker_values(form), by=current_user)
        flashes.done(_("%(name)s has been saved.", name=speaker.full_name))
        return redirect(url_for(".index", stage=stage.slug))
    return _speaker_page(form, stage, speaker)


def _session(stage: Stage, session_id: int) -> AgendaSession:
    return queries.find_session(stage, session_id) or abort(404)


def _form(stage: Stage, *, session: AgendaSession | None = None, after: AgendaSession | None = None) -> SessionForm:
    return session_form(
        stage,
        groups=groups_of(stage.programme),
        speakers=queries.speakers_of_host(stage.host),
        session=session,
        after=after,
    )


def _page(form: SessionForm, stage: Stage, session: AgendaSession | None) -> Any:
    page = render_template("agenda/session.html", form=form, stage=stage, session=session)
    return page, 422 if form.is_submitted() and not form.wants_more_rows else 200


def _speaker_page(form: SpeakerForm, stage: Stage, speaker: Speaker | None) -> Any:
    page = render_template("agenda/speaker.html", form=form, stage=stage, speaker=speaker)
    return page, 422 if form.is_submitted() else 200


def _speaker_values(form: SpeakerForm) -> dict[str, Any]:
    names = ("title_before", "name", "title_after", "position", "institution")
    return {name: form[name].data or "" for name in names}


def _after_saving(stage: Stage, session: AgendaSession) -> Response:
    if "again" in request.form:
        return redirect(url_for(".add", stage=stage.slug, hari=_day_of(stage, session).isoformat()))
    return redirect(url_for(".index", stage=stage.slug))


def _last_of(stage: Stage, sessions: list[AgendaSession]) -> AgendaSession | None:
    """The last session of the day that the address names (?hari=2019-07-08), else of all."""
    wanted = request.args.get("hari")
    of_day = [session for session in sessions if _day_of(stage, session).isoformat() == wanted]
    return next(reversed(of_day or sessions), None)


def _day_of(stage: Stage, session: AgendaSession) -> Any:
    return dates.local_date(session.starts_at, stage.timezone)


def _lies_outside(stage: Stage, session: AgendaSession) -> bool:
    return not stage.starts_on <= _day_of(stage, session) <= stage.ends_on


def _clash_sentences(sessions: list[AgendaSession]) -> list[str]:
    """What the reader should know about sessions at the same time."""
    titles = {session.id: session.title for session in sessions}
    words = {
        "room": _l("“%(first)s” and “%(second)s” use the same room at the same time."),
        "audience": _l("“%(first)s” and “%(second)s” expect the same people at the same time."),
    }
    return [
        str(words[clash.kind.value]) % {"first": titles[clash.first_id], "second": titles[clash.second_id]}
        for clash in queries.clashes_of(sessions)
    ]


def _warn_of_clashes(stage: Stage, session: AgendaSession) -> None:
    sessions = queries.sessions_of(stage)
    clashing = {key for clash in queries.clashes_of(sessions) for key in (clash.first_id, clash.second_id)}
    if session.id in clashing:
        flashes.warn(
            _("This session overlaps with another in the same room or for the same people; see above the agenda.")
        )


def _offer_to_tell(stage: Stage) -> None:
    """Lead whoever may write to the participants to a message about the change; nothing is sent by itself."""
    over = dates.local_date(clock.now(), stage.timezone) > stage.ends_on
    if over or not stage.seats_taken or not may(Permission.EDIT_PEOPLE, stage):
        return
    address = url_for("messages_staff.write", stage=stage.slug, jenis="perubahan-agenda")
    link = Markup('{} <a href="{}">{}</a>').format(
        _("The participants are not told of it by themselves."), address, _("Write to them")
    )
    flashes.inform(link)
