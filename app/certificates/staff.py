"""Pages of certificates that staff see."""

from flask import Blueprint

blueprint = Blueprint("certificates_staff", __name__)
