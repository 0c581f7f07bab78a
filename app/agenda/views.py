"""Pages of agenda that participants and the public see."""

from flask import Blueprint

blueprint = Blueprint("agenda", __name__)
