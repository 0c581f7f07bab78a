"""Pages of hosts that participants and the public see."""

from flask import Blueprint

blueprint = Blueprint("hosts", __name__)
