"""Pages of accounts that participants and the public see."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
