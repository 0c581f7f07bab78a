"""The letter that tells a person of the certificate, written in the worker: no request, Indonesian, links by BASE_URL."""

from __future__ import annotations

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from app.certificates.models import Certificate
from app.certificates.rules import CertificateState
from app.extensions import db
from app.jobs.models import OutboxMessage
from app.jobs.service import Letter
from app.registration.service import ticket_page
from app.web.locale import default_language
from app.web.places import public_url


def ready(message: OutboxMessage) -> Letter | None:
    """The certificate can be fetched from the ticket's page; None when it is no longer in force."""
    certificate = db.session.get(Certificate, message.subject_id)
    if certificate is None or certificate.state is not CertificateState.VALID:
        return None
    stage = certificate.stage
    with force_locale(default_language()):
        subject = _("Your certificate: %(stage)s", stage=stage.name)
        values = {
            "certificate": certificate,
            "registration": certificate.registration,
            "stage": stage,
            "host": stage.host,
            "subject": subject,
            "ticket_page": ticket_page(certificate.registration),
            "verify_address": public_url("/verifikasi"),
        }
        text = render_template("emails/certificate_ready.txt", **values)
        html = render_template("emails/certificate_ready.html", **values)
    return Letter(subject=subject, text=text, html=html)
