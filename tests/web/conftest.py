"""An application with a few pages that exist for these tests alone."""

from pathlib import Path

import pytest
from flask import Blueprint, Flask, abort, make_response, render_template, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app import create_app
from app.accounts.permissions import public
from app.extensions import db
from app.web import flashes
from app.web.forms import BaseForm, ButtonForm, LocalDateTimeField, keeps_form
from app.web.headers import private_page
from tests.conftest import SETTINGS

blueprint = Blueprint("probe", __name__, template_folder="templates")


class ProbeForm(BaseForm):
    """One field of each kind that the house treats in a way of its own."""

    name = StringField("Name", validators=[InputRequired(), Length(max=20)])
    secret = PasswordField("Secret")
    story = TextAreaField("Story")
    starts = LocalDateTimeField("Starts", validators=[Optional()])
    day = DateField("Day", validators=[Optional()])
    seats = IntegerField("Seats", validators=[Optional(), NumberRange(1, 500)])
    unsur = SelectField(
        "Unsur",
        choices=[SelectChoice("", "–"), SelectChoice("OPD", "OPD"), SelectChoice("BANK", "Perbankan")],
        validators=[Optional()],
    )
    institution = SelectField(
        "Institution",
        choices=[
            SelectChoice("", "–"),
            SelectChoice("1", "Dinas Kesehatan", render_kw={"data-unsur": "OPD"}),
            SelectChoice("2", "Dinas Komunikasi dan Informatika", render_kw={"data-unsur": "OPD"}),
            SelectChoice("3", "Bank Riau Kepri", render_kw={"data-unsur": "BANK"}),
            SelectChoice("other", "Lainnya"),
        ],
        validators=[Optional()],
    )
    agreed = BooleanField("Agreed", validators=[Optional()])


@blueprint.route("/probe/form", methods=["GET", "POST"])
@public
@keeps_form
def filled() -> ResponseReturnValue:
    form = ProbeForm()
    if form.validate_on_submit():
        flashes.done("Saved")
        return {"name": form.name.data, "secret": form.secret.data, "story": form.story.data}
    return render_template("probe.html", form=form), 422 if form.is_submitted() else 200


@blueprint.get("/probe/thanks")
@public
def thanks() -> ResponseReturnValue:
    return render_template("thanks.html")


@blueprint.post("/probe/button")
@public
def button() -> ResponseReturnValue:
    return "pressed" if ButtonForm().validate_on_submit() else ("not pressed", 422)


@blueprint.get("/probe/error/<int:code>")
@public
def error(code: int) -> ResponseReturnValue:
    abort(code)


@blueprint.get("/probe/told")
@public
def told() -> ResponseReturnValue:
    abort(410, description="The offer ended on Monday.")


@blueprint.get("/probe/crash")
@public
def crash() -> ResponseReturnValue:
    raise ValueError("a secret of the inside")


@blueprint.get("/probe/database")
@public
def database() -> ResponseReturnValue:
    return str(db.session.execute(db.text("SELECT * FROM missing_table")).all())


@blueprint.get("/probe/page")
@public
def page() -> ResponseReturnValue:
    return "x" * 5000 if request.args.get("long") else "plain"


@blueprint.get("/probe/private")
@public
def private() -> ResponseReturnValue:
    return private_page(make_response("private"))


@blueprint.post("/api/v1/probe")
@public
def api_call() -> ResponseReturnValue:
    return {"ok": True}


@blueprint.get("/api/v1/probe/crash")
@public
def api_crash() -> ResponseReturnValue:
    raise ValueError("a secret of the inside")


@pytest.fixture(scope="module")
def probe(worker_folder: Path) -> Flask:
    """The whole application with the pages above."""
    return application(worker_folder / "probe")


def application(folder: Path, url: str = "") -> Flask:
    app = create_app(
        SETTINGS
        | {
            "SQLALCHEMY_DATABASE_URI": url or f"sqlite:///{folder / 'probe.sqlite'}",
            "INSTANCE_DIR": str(folder),
            "UPLOAD_DIR": str(folder / "uploads"),
            "QUEUE_FILE": str(folder / "queue.sqlite"),
            "PROPAGATE_EXCEPTIONS": False,
        }
    )
    app.register_blueprint(blueprint)
    return app


@pytest.fixture
def visitor(probe: Flask) -> FlaskClient:
    return probe.test_client()
