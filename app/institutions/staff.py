"""Pages of institutions that staff see."""

from flask import Blueprint

blueprint = Blueprint("institutions_staff", __name__)
