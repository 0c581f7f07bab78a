"""Pages of journey that staff see."""

from flask import Blueprint

blueprint = Blueprint("journey_staff", __name__)
