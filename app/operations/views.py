"""Pages of operations that participants and the public see."""

from flask import Blueprint

blueprint = Blueprint("operations", __name__)
