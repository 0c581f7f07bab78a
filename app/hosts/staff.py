"""Pages of hosts that staff see."""

from flask import Blueprint

blueprint = Blueprint("hosts_staff", __name__)
