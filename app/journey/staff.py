"""The panel's home, and a stage's dashboard and settings."""

from __future__ import annotations

from datetime import date

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.accounts.permissions import Permission, may, needs, roles_in, scope_of, signed_in
from app.accounts.rules import ROLE_LABELS
from app.agenda import queries as agenda
from app.certificates.queries import versions_of
from app.certificates.rules import CertificateState
from app.checkin.queries import attendance_of, jp_tally, scanned_on_paper
from app.checkin.queries_corrections import annulled_of, excuses_of
from app.checkin.queries_incidents import open_counts
from app.hosts.models import Host
from app.journey import queries
from app.journey.rules import STEP_LABELS, Step, drawn_path, stage_progress
from app.journey.staff_people import blueprint, share_text
from app.programmes.forms import StageForm
from app.programmes.models import Stage
from app.programmes.rules import ProgrammeRefused
from app.programmes.service import update_stage
from app.registration.models import Registration
from app.registration.queries import counts_by_state
from app.registration.queries_seats import pending_counts
from app.registration.rules import ENDED, STATE_LABELS, RegistrationState
from app.shared.dates import long_date
from app.web import flashes
from app.web.forms import keeps_form
from app.web.locale import current_language
from app.web.navigation import Scope, Section, register_section

for key, label, endpoint, symbol, permission, order in (
    ("dashboard", _l("Dashboard"), "journey_staff.dashboard", "signpost-split", Permission.VIEW_STAGE, 10),
    ("people", _l("Participants"), "journey_staff.people", "people", Permission.VIEW_PEOPLE, 20),
    ("settings", _l("Settings"), "journey_staff.stage_settings", "gear", Permission.EDIT_PROGRAMME, 90),
):
    register_section(
        Section(
            key=key, label=label, endpoint=endpoint, icon=symbol, permission=permission, order=order, scope=Scope.STAGE
        )
    )


@blueprint.get("/panel")
@signed_in
def panel() -> str:
    """Where one belongs: hosts, programmes and their stages, each with the roles one has."""
    programmes = queries.programmes_of(current_user)
    stages = queries.all_stages([programme.id for programme in programmes])
    return render_template(
        "journey/panel.html",
        hosts=queries.hosts_of(current_user),
        programmes=programmes,
        roles={
            programme.id: [ROLE_LABELS[role] for role in roles_in(current_user, scope_of(programme))]
            for programme in programmes
        },
        stages=stages,
        pending=pending_counts([stage.id for of_one in stages.values() for stage in of_one]),
        phase_of=queries.phase_of,
    )


@blueprint.get("/panel/kegiatan/<stage>")
@needs(Permission.VIEW_STAGE)
def dashboard(stage: Stage) -> str:
    """How many stand at each step of the journey, by unsur, each a link to the people behind it; and what waits at the doors."""
    total, rows = queries.steps_by_category(stage)
    phase, states = queries.phase_of(stage), counts_by_state(stage)
    return render_template(
        "journey/dashboard.html",
        stage=stage,
        phase=phase,
        total=total,
        rows=rows,
        steps=list(Step),
        labels=STEP_LABELS,
        headers=[(STEP_LABELS[step], "number") for step in Step],
        step_states=stage_progress(total.counts, phase),
        states=states,
        told_apart=any(count for state, count in states.items() if state is not RegistrationState.CONFIRMED),
        state_labels=STATE_LABELS,
        share_text=share_text(stage),
        waiting=sum(open_counts(stage).values()) if may(Permission.VIEW_PEOPLE, stage) else 0,
    )


@blueprint.route("/panel/kegiatan/<stage>/pengaturan", methods=["GET", "POST"])
@needs(Permission.EDIT_PROGRAMME)
@keeps_form
def stage_settings(stage: Stage) -> Response | str | tuple[str, int]:
    """The stage's name, days, place, registration window, seats and rule for the certificate."""
    form = StageForm.for_stage(stage)
    if form.validate_on_submit():
        began, days = agenda.first_day(stage), (stage.starts_on, stage.ends_on)
        try:
            update_stage(stage, **form.values(), by=current_user)
        except ProgrammeRefused as refused:
            form.show(refused)
        else:
            flashes.done(_("The stage is saved."))
            _tell_of_agenda(stage, began)
            if days != (stage.starts_on, stage.ends_on) and stage.seats_taken:
                _offer_to_tell(stage)
            return redirect(url_for("journey_staff.stage_settings", stage=stage.slug))
    page = render_template("journey/stage_settings.html", stage=stage, form=form)
    return (page, 422) if form.is_submitted() else page


@blueprint.app_template_global()
def administered_hosts() -> list[Host]:
    """The agencies that whoever is signed in administers, for the menu."""
    return queries.hosts_of(current_user)


@blueprint.app_template_global()
def person_journey(registration: Registration) -> Markup:
    """How far a person has come, drawn on the person's page, whose room knows nothing of the steps after it."""
    stage = registration.stage
    certificate = next(iter(versions_of(registration)), None)
    revoked = certificate is not None and certificate.state is CertificateState.REVOKED
    return Markup(  # our own template, which escapes
        render_template(
            "journey/_person.html",
            registration=registration,
            stage=stage,
            confirmed=registration.state is RegistrationState.CONFIRMED,
            steps=drawn_path(
                queries.steps_of([registration])[registration.id], stopped=revoked or registration.state in ENDED
            ),
            attendances=attendance_of(registration),
            on_paper=scanned_on_paper(registration),
            excuses=excuses_of(registration),
            annulled=annulled_of(registration),
            tally=jp_tally(stage, registration_ids=[registration.id]).get(registration.id),
            answered=queries.answered_titles(registration),
            certificate=certificate,
            revoked=revoked,
            phase=queries.phase_of(stage),
        )
    )


def _tell_of_agenda(stage: Stage, began: date | None) -> None:
    """What the new days mean for the sessions, the first of which was on the day `began`."""
    begins = agenda.first_day(stage)
    if begins != began and begins is not None:
        day = long_date(begins, current_language())
        flashes.inform(_("The sessions have moved with the stage: the first is on %(day)s now.", day=day))
    outside = len(agenda.sessions_outside(stage))
    if outside:
        sentence = ngettext("%(num)d session lies outside its days.", "%(num)d sessions lie outside its days.", outside)
        address = url_for("agenda_staff.index", stage=stage.slug)
        flashes.warn(Markup('{} <a href="{}">{}</a>').format(sentence, address, _("To the agenda")))


def _offer_to_tell(stage: Stage) -> None:
    """Lead to a message about the new days; nothing is sent by itself."""
    address = url_for("messages_staff.write", stage=stage.slug, jenis="perubahan-agenda")
    sentence = _("The participants are not told of it by themselves.")
    flashes.inform(Markup('{} <a href="{}">{}</a>').format(sentence, address, _("Write to them")))
