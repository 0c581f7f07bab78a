"""Pages of certificates that participants and the public see: verification, and one's own certificate."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import public
from app.certificates import queries, service_printing
from app.certificates.forms import CodeForm
from app.certificates.models import Certificate
from app.registration.queries import find_by_ticket
from app.shared import codes
from app.web.forms import keeps_form
from app.web.headers import private_page

blueprint = Blueprint("certificates", __name__)


@blueprint.route("/verifikasi", methods=["GET", "POST"])
@blueprint.route("/VERIFIKASI", methods=["GET", "POST"], endpoint="verify_form_in_capitals")
@public
@keeps_form
def verify_form() -> BaseResponse | tuple[str, int] | str:
    """Takes the code, or the whole address, as somebody typed it."""
    form = CodeForm()
    if form.validate_on_submit():
        return redirect(url_for("certificates.verify", code=codes.canonical(form.code.data or "")))
    if request.method == "POST":
        return render_template("certificates/verify_form.html", form=form), 422
    return render_template("certificates/verify_form.html", form=form)


@blueprint.get("/verifikasi/<code>")
@blueprint.get("/VERIFIKASI/<code>", endpoint="verify_in_capitals")
@blueprint.get("/Verifikasi/<code>", endpoint="verify_capitalised")
@public
def verify(code: str) -> Response:
    """Is this certificate genuine? 404 for an unknown code.

    Wrong codes are not counted: of 80 random bits none can be guessed, and a GET writes nothing.
    """
    certificate = queries.find_by_code(code)
    if certificate is None:
        typed = codes.grouped(code) if codes.is_code(code) else code[:40]
        form = CodeForm(formdata=None, data={"code": typed})
        page = render_template("certificates/unknown.html", form=form, typed=typed, problem=codes.length_problem(code))
        return private_page(make_response(page, 404))
    return private_page(make_response(render_template("certificates/verify.html", **_facts(certificate))))


@blueprint.get("/t/<code>/sertifikat.pdf")
@blueprint.get("/T/<code>/SERTIFIKAT.PDF", endpoint="own_pdf_in_capitals")
@public
def own_pdf(code: str) -> Response:
    """The certificate of whoever holds the ticket, while it is in force."""
    registration = find_by_ticket(code)
    certificate = queries.certificate_of(registration) if registration else None
    if certificate is None:
        abort(404, _("There is no certificate in force for this ticket."))
    response = make_response(service_printing.printed(certificate))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{service_printing.file_name(certificate)}"'
    return private_page(response)


def _facts(certificate: Certificate) -> dict[str, Any]:
    """What the public may know, out of the frozen snapshot: no NIP, phone or mail."""
    frozen = certificate.snapshot
    return {
        "certificate": certificate,
        "host": certificate.stage.host,
        "name": frozen["name"],
        "programme_name": frozen["programme"],
        "stage_name": frozen["stage"],
        "starts_on": date.fromisoformat(frozen["starts_on"]),
        "ends_on": date.fromisoformat(frozen["ends_on"]),
        "jp": frozen["jp"],
        "successor": queries.successor_of(certificate),
    }
