"""Pages of accounts that staff see."""

from flask import Blueprint

blueprint = Blueprint("accounts_staff", __name__)
