"""Pages of journey that participants and the public see."""

from flask import Blueprint

blueprint = Blueprint("journey", __name__)
