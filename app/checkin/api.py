"""JSON endpoints of checkin."""

from flask import Blueprint

blueprint = Blueprint("checkin_api", __name__, url_prefix="/api/v1")
