"""Pages of programmes that staff see."""

from flask import Blueprint

blueprint = Blueprint("programmes_staff", __name__)
