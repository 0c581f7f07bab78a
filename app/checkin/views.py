"""Pages of checkin that participants and the public see."""

from flask import Blueprint

blueprint = Blueprint("checkin", __name__)
