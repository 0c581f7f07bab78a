"""Pages of certificates that staff see: who has earned them, issuing, printing, and what is decided by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import may, needs
from app.accounts.rules import Permission
from app.certificates import queries, rules, service, service_printing
from app.certificates.forms import DesignForm, OverrideForm, ReasonForm, RevokeForm
from app.certificates.models import Certificate, CertificateDesign
from app.certificates.rules import BadPattern, CertificateError
from app.certificates.staff_list import Listing
from app.jobs import service as jobs
from app.jobs.models import Job
from app.jobs.rules import UNFINISHED, JobState
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.queries import find_registration
from app.shared import clock
from app.shared.dates import local_date
from app.web import flashes
from app.web.forms import keeps_form, require_token
from app.web.headers import private_page
from app.web.navigation import Section, register_section

blueprint = Blueprint("certificates_staff", __name__)
PAGE = "/panel/kegiatan/<stage>/sertifikat"
FORMS: dict[str, type[ReasonForm]] = {"reissue": ReasonForm, "revoke": RevokeForm, "override": OverrideForm}


@blueprint.get(PAGE)
@needs(Permission.VIEW_CERTIFICATES)
def index(stage: Stage) -> str:
    """Who has earned the certificate and who not, with each condition and its figure."""
    design, listing = queries.design_of(stage.programme), Listing(queries.people(stage))
    ahead, problem = _ahead(stage, listing.counts["due"])
    printing = jobs.latest_job(service_printing.PRINT, stage.id)
    return render_template(
        "certificates/index.html",
        stage=stage,
        listing=listing,
        ahead=ahead,
        problem=problem,
        missing=rules.missing_in_design(design),
        issuing=jobs.latest_job(service.ISSUE, stage.id),
        printing=printing,
        print_ready=printing is not None and service_printing.print_file(printing) is not None,
        unfinished=UNFINISHED,
        failed=JobState.FAILED,
        condition_labels=rules.CONDITION_LABELS,
        change_labels=rules.CHANGE_LABELS,
    )


@blueprint.post(f"{PAGE}/terbitkan")
@needs(Permission.ISSUE_CERTIFICATES)
def issue_all(stage: Stage) -> BaseResponse:
    """Let the worker issue to all who have earned it; while it does, a second press finds the same job."""
    return _started(stage, lambda: service.enqueue_issue(stage, by=current_user))


@blueprint.post(f"{PAGE}/cetak")
@needs(Permission.ISSUE_CERTIFICATES)
def print_all(stage: Stage) -> BaseResponse:
    """Let the worker print all into one file."""
    return _started(stage, lambda: service_printing.enqueue_print(stage, by=current_user))


@blueprint.get(f"{PAGE}/cetak/<token>.pdf")
@needs(Permission.ISSUE_CERTIFICATES)
def prints(stage: Stage, token: str) -> Response:
    """The file that a print job has made; 410 once it was cleared away."""
    job = jobs.find_job(token)
    if job is None or job.kind != service_printing.PRINT or job.stage_id != stage.id:
        abort(404)
    path = service_printing.print_file(job)
    if path is None:
        abort(410, _("The file has been cleared away. Print it anew from the list of certificates."))
    return private_page(
        send_file(path, mimetype="application/pdf", download_name=f"sertifikat-{stage.slug}.pdf", max_age=0)
    )


@blueprint.get(f"{PAGE}/<int:certificate_id>.pdf")
@needs(Permission.ISSUE_CERTIFICATES)
def pdf(stage: Stage, certificate_id: int) -> Response:
    """One certificate, as it was frozen."""
    certificate = _certificate(stage, certificate_id)
    return _pdf(service_printing.printed(certificate), service_printing.file_name(certificate))


@blueprint.post(f"{PAGE}/peserta/<int:registration_id>/terbitkan")
@needs(Permission.ISSUE_CERTIFICATES)
def issue(stage: Stage, registration_id: int) -> BaseResponse:
    """Issue to one person."""
    registration = _registration(stage, registration_id)

    def act() -> str:
        certificate = service.issue(registration, by=current_user)
        return _("Certificate %(number)s has been issued.", number=certificate.number)

    require_token()
    return _done(stage, act, registration_id)


@blueprint.get(f"{PAGE}/peserta/<int:registration_id>")
@needs(Permission.VIEW_CERTIFICATES)
def person(stage: Stage, registration_id: int) -> str:
    """One person: conditions, every version of the certificate, and what can be done by hand."""
    return _person_page(stage, registration_id)


@blueprint.post(f"{PAGE}/<int:certificate_id>/terbitkan-ulang")
@needs(Permission.ISSUE_CERTIFICATES)
@keeps_form
def reissue(stage: Stage, certificate_id: int) -> BaseResponse | tuple[str, int]:
    """A new version with today's data."""
    certificate, form = _certificate(stage, certificate_id), ReasonForm()

    def act() -> str:
        new = service.reissue(certificate, by=current_user, reason=form.reason.data or "")
        return _("Version %(version)d of %(number)s has been issued.", version=new.version, number=new.number)

    return _decided(stage, certificate.registration_id, form, "reissue", act)


@blueprint.post(f"{PAGE}/<int:certificate_id>/cabut")
@needs(Permission.ISSUE_CERTIFICATES)
@keeps_form
def revoke(stage: Stage, certificate_id: int) -> BaseResponse | tuple[str, int]:
    """Take a certificate out of force."""
    certificate, form = _certificate(stage, certificate_id), RevokeForm()

    def act() -> str:
        service.revoke(certificate, reason=form.reason.data or "", by=current_user)
        return _("Certificate %(number)s has been revoked.", number=certificate.number)

    return _decided(stage, certificate.registration_id, form, "revoke", act)


@blueprint.post(f"{PAGE}/peserta/<int:registration_id>/keputusan")
@needs(Permission.ISSUE_CERTIFICATES)
@keeps_form
def override(stage: Stage, registration_id: int) -> BaseResponse | tuple[str, int]:
    """Decide by hand whether a person has earned the certificate."""
    registration, form = _registration(stage, registration_id), OverrideForm()

    def act() -> str:
        service.override(registration, earned=form.earned.data == "yes", reason=form.reason.data or "", by=current_user)
        return _("Your decision on %(name)s has been recorded.", name=registration.full_name)

    return _decided(stage, registration_id, form, "override", act)


@blueprint.post(f"{PAGE}/peserta/<int:registration_id>/keputusan/tarik")
@needs(Permission.ISSUE_CERTIFICATES)
def withdraw_override(stage: Stage, registration_id: int) -> BaseResponse:
    """Let the conditions decide again."""
    registration = _registration(stage, registration_id)

    def act() -> str:
        service.withdraw_override(registration, by=current_user)
        return _("The conditions decide again: %(name)s", name=registration.full_name)

    require_token()
    return _done(stage, act, registration_id)


@blueprint.route(f"{PAGE}/desain", methods=["GET", "POST"])
@needs(Permission.ISSUE_CERTIFICATES)
@keeps_form
def design(stage: Stage) -> BaseResponse | tuple[str, int] | str:
    """How the programme's certificates are worded and numbered, and who signs them."""
    current = queries.design_of(stage.programme)
    form = DesignForm(obj=current)
    if form.validate_on_submit():
        service.save_design(stage.programme, by=current_user, **form.values)
        flashes.done(_("The design has been saved. Certificates already issued stay as they are."))
        return redirect(url_for("certificates_staff.design", stage=stage.slug))
    number, problem = _sample_number(current, stage)
    page = render_template("certificates/design.html", stage=stage, form=form, number=number, problem=problem)
    return (page, 422) if form.is_submitted() else page


@blueprint.get(f"{PAGE}/contoh.pdf")
@needs(Permission.ISSUE_CERTIFICATES)
def sample(stage: Stage) -> BaseResponse:
    """How a certificate looks with the stored design, for an invented person."""
    try:
        return _pdf(service_printing.sample(stage), "contoh.pdf")
    except CertificateError as problem:
        flashes.refuse(str(problem))
        return redirect(url_for("certificates_staff.design", stage=stage.slug))


def _ahead(stage: Stage, count: int) -> tuple[queries.Forecast | None, str]:
    """What the next certificates would bear, and why there can be none."""
    try:
        return queries.forecast(stage, count) if count else None, ""
    except BadPattern as problem:
        return None, str(problem)


def _sample_number(design: CertificateDesign, stage: Stage) -> tuple[str, str]:
    """The number that would come first, and why there can be none."""
    today = local_date(clock.now(), stage.timezone)
    try:
        return rules.number_by(design, design.first_number, today), ""
    except BadPattern as problem:
        return "–", str(problem)


def _started(stage: Stage, start: Callable[[], Job]) -> BaseResponse:
    require_token()
    try:
        job = start()
    except CertificateError as problem:
        flashes.refuse(str(problem))
        return _back(stage)
    return redirect(url_for("jobs_staff.job", token=job.token))


def _decided(
    stage: Stage, registration_id: int, form: ReasonForm, which: str, act: Callable[[], str]
) -> BaseResponse | tuple[str, int]:
    """Do it and show the person; a form that is refused comes back filled."""
    if not form.validate_on_submit():
        return _person_page(stage, registration_id, **{which: form}), 422
    return _done(stage, act, registration_id)


def _person_page(stage: Stage, registration_id: int, **refused: ReasonForm) -> str:
    found = queries.person(stage, registration_id)
    if found is None:
        abort(404)
    names = ("reissue", "revoke", "override")
    forms = {name: refused.get(name) or FORMS[name](formdata=None) for name in names}
    return render_template(
        "certificates/person.html",
        stage=stage,
        person=found,
        registration=found.registration,
        versions=queries.versions_of(found.registration),
        forms=forms,
        refused=refused,
        missing=rules.missing_in_design(queries.design_of(stage.programme)),
        condition_labels=rules.CONDITION_LABELS,
        change_labels=rules.CHANGE_LABELS,
        state_labels=rules.STATE_LABELS,
    )


def _done(stage: Stage, act: Callable[[], str], registration_id: int) -> BaseResponse:
    try:
        flashes.done(act())
    except CertificateError as problem:
        flashes.refuse(str(problem))
    return _to_person(stage, registration_id)


def _to_person(stage: Stage, registration_id: int) -> BaseResponse:
    return redirect(url_for("certificates_staff.person", stage=stage.slug, registration_id=registration_id))


def _back(stage: Stage) -> BaseResponse:
    return redirect(url_for("certificates_staff.index", stage=stage.slug))


def _registration(stage: Stage, registration_id: int) -> Registration:
    registration = find_registration(stage, registration_id)
    return registration if registration is not None else abort(404)


def _certificate(stage: Stage, certificate_id: int) -> Certificate:
    certificate = queries.find_certificate(stage, certificate_id)
    return certificate if certificate is not None else abort(404)


def _pdf(data: bytes, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return private_page(response)


def _issued(job: Job) -> jobs.Outcome:
    issued = job.result.get("issued", 0)
    sentence = ngettext("%(num)d certificate has been issued.", "%(num)d certificates have been issued.", issued)
    return jobs.Outcome(sentence, _links(job))


def _printed(job: Job) -> jobs.Outcome:
    printed = job.result.get("printed", 0)
    if not printed:
        return jobs.Outcome(_("No certificate is in force, so there was nothing to print."), _links(job))
    sentence = ngettext(
        "%(num)d certificate is in the file: %(pages)d pages. Print them on both sides of the paper.",
        "%(num)d certificates are in the file: %(pages)d pages. Print them on both sides of the paper.",
        printed,
        pages=job.result["pages"],
    )
    file: list[tuple[str, str]] = []
    if service_printing.print_file(job) is not None:
        address = url_for("certificates_staff.prints", stage=queries.stage_of(job).slug, token=job.token)
        file = [(_("Open the PDF"), address)]
    return jobs.Outcome(sentence, [*file, *_links(job)])


def _links(job: Job) -> list[tuple[str, Any]]:
    return [(_("Back to the certificates"), url_for("certificates_staff.index", stage=queries.stage_of(job).slug))]


def _stage_shown(job: Job) -> Stage | None:
    stage = queries.stage_of(job)
    return stage if may(Permission.VIEW_CERTIFICATES, stage) else None


jobs.register_page(service.ISSUE, jobs.JobPage(_l("Issuing certificates"), _issued, _l("Certificates"), _stage_shown))
jobs.register_page(
    service_printing.PRINT, jobs.JobPage(_l("Printing certificates"), _printed, _l("Certificates"), _stage_shown)
)
register_section(
    Section(
        key="certificates",
        label=_l("Certificates"),
        endpoint="certificates_staff.index",
        icon="award",
        permission=Permission.VIEW_CERTIFICATES,
        order=60,
    )
)
