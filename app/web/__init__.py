"""What every page shares and no feature owns."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.web import bad_input, csrf, errors, headers, inputs, locale, navigation, static, templating

    errors.init_app(app)
    headers.init_app(app)
    bad_input.init_app(app)
    csrf.init_app(app)
    locale.init_app(app)
    static.init_app(app)
    templating.init_app(app)
    inputs.init_app(app)
    navigation.init_app(app)
