"""Pages of certificates that participants and the public see."""

from flask import Blueprint

blueprint = Blueprint("certificates", __name__)
