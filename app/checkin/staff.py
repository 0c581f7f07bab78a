"""Pages of checkin that staff see."""

from flask import Blueprint

blueprint = Blueprint("checkin_staff", __name__)
