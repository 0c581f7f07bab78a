"""JSON endpoints of certificates."""

from flask import Blueprint

blueprint = Blueprint("certificates_api", __name__, url_prefix="/api/v1")
