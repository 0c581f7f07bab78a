"""Pages of registration that participants and the public see."""

from flask import Blueprint

blueprint = Blueprint("registration", __name__)
