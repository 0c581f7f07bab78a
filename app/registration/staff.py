"""Pages of registration that staff see."""

from flask import Blueprint

blueprint = Blueprint("registration_staff", __name__)
