"""Files of a registration or an invitation, handed out to those who may see them."""

from __future__ import annotations

import io

from flask import Blueprint, Response, abort, send_file

from app.accounts.permissions import public
from app.registration import queries
from app.registration.models_documents import Document
from app.registration.queries_questions import find_document, find_invited_document
from app.registration.service import documents
from app.web.headers import private_page

blueprint = Blueprint("documents", __name__)
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


@blueprint.get("/t/<code>/berkas/<int:document_id>")
@public
def of_ticket(code: str, document_id: int) -> Response:
    """What the holder of a ticket handed in himself."""
    registration = queries.find_by_ticket(code)
    return handed_out(find_document(document_id, registration=registration) if registration else None)


@blueprint.get("/undangan/<token>/berkas/<int:document_id>")
@public
def of_invitation(token: str, document_id: int) -> Response:
    """What the contact of an invited institution handed in."""
    return handed_out(find_invited_document(token, document_id))


def handed_out(document: Document | None) -> Response:
    """The file, or 404 where there is none that whoever asks may see."""
    return document_response(document) if document is not None else abort(404)


def document_response(document: Document) -> Response:
    """The file as an attachment that can neither run nor be framed, kept by no cache."""
    content = documents.content_of(document)
    if content is None:
        abort(404)
    response = send_file(io.BytesIO(content), document.media_type, as_attachment=True, download_name=document.file_name)
    response.headers["Content-Security-Policy"] = SANDBOX
    return private_page(response)
