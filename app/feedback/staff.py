"""Pages of feedback that staff see."""

from flask import Blueprint

blueprint = Blueprint("feedback_staff", __name__)
