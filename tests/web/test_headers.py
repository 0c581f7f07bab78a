"""The headers of every answer, and what may be kept by whom."""

from flask.testing import FlaskClient


def test_every_answer_is_guarded(visitor: FlaskClient) -> None:
    for path in ("/probe/page", "/no/such/page", "/static/css/bimtek.css", "/api/v1/none"):
        headers = visitor.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "camera=(self)" in headers["Permissions-Policy"]
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_https_is_remembered_only_in_production(visitor: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in visitor.get("/probe/page", base_url="https://localhost").headers
    visitor.application.config["APP_ENV"] = "production"
    try:
        secure = visitor.get("/probe/page", base_url="https://localhost").headers
        plain = visitor.get("/probe/page").headers
    finally:
        visitor.application.config["APP_ENV"] = "test"
    assert "max-age" in secure["Strict-Transport-Security"] and "Strict-Transport-Security" not in plain


def test_what_is_personal_is_kept_nowhere(visitor: FlaskClient) -> None:
    assert "Cache-Control" not in visitor.get("/probe/page").headers
    private = visitor.get("/probe/private").headers
    assert private["Cache-Control"] == "no-store" and "noindex" in private["X-Robots-Tag"]
    assert visitor.get("/api/v1/none").headers["Cache-Control"] == "no-store"
    with visitor.session_transaction() as session:
        session["_user_id"] = "0.0"
    assert visitor.get("/probe/page").headers["Cache-Control"] == "no-store"
