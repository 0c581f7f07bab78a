"""Pages of agenda that staff see."""

from flask import Blueprint

blueprint = Blueprint("agenda_staff", __name__)
