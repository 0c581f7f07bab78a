"""Pages of jobs that staff see."""

from flask import Blueprint

blueprint = Blueprint("jobs_staff", __name__)
