"""Pages of feedback that participants and the public see."""

from flask import Blueprint

blueprint = Blueprint("feedback", __name__)
