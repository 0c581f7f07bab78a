"""Static files: addresses that carry a hash of the content, long caching for them, and the compressed file beside each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, current_app, request, send_from_directory, url_for
from flask_compress import Compress
from werkzeug.security import safe_join

YEAR = 365 * 24 * 3600
DAY = 24 * 3600
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))  # best first
ALWAYS_ASKED = (".css", ".js")  # their unversioned addresses (modules that import each other) must never be stale


@dataclass(frozen=True)
class _Version:
    modified: int
    digest: str


_versions: dict[Path, _Version] = {}
_compress = Compress()


def init_app(app: Flask) -> None:
    """Serve static/ from here, and compress pages; gunicorn compresses nothing."""
    app.config.setdefault("COMPRESS_ALGORITHM", ["br", "gzip"])
    app.config.setdefault("COMPRESS_BR_LEVEL", 4)
    app.config.setdefault("COMPRESS_MIN_SIZE", 1000)
    _compress.init_app(app)
    app.view_functions["static"] = serve
    app.jinja_env.globals["static_url"] = static_url


def static_url(filename: str) -> str:
    """`css/bimtek.css` → `/static/css/bimtek.css?v=…`; without the version where the file is missing."""
    path = Path(current_app.static_folder or "") / filename
    return (
        url_for("static", filename=filename, v=digest(path)) if path.is_file() else url_for("static", filename=filename)
    )


def digest(path: Path) -> str:
    """Twelve hex digits of the SHA-256 of the content, read again only when the file has changed."""
    modified = path.stat().st_mtime_ns
    known = _versions.get(path)
    if known is None or known.modified != modified:
        known = _versions[path] = _Version(modified, hashlib.sha256(path.read_bytes()).hexdigest()[:12])
    return known.digest


def serve(filename: str) -> Response:
    """The file, compressed if the browser takes it and the compressed one is not older than the file."""
    folder = Path(current_app.static_folder or "")
    found = safe_join(str(folder), filename)
    path = Path(found) if found else None
    if path is None or not path.is_file():
        return send_from_directory(folder, filename)  # answers 404
    suffix, encoding = _encoding(path)
    response = send_from_directory(folder, filename + suffix, mimetype=_mimetype(path), conditional=True)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = _caching(path)
    return response


def _encoding(path: Path) -> tuple[str, str]:
    for name, suffix in ENCODINGS:
        beside = path.with_name(path.name + suffix)
        if (
            request.accept_encodings.quality(name) > 0
            and beside.is_file()
            and beside.stat().st_mtime_ns >= path.stat().st_mtime_ns
        ):
            return suffix, name
    return "", ""


def _mimetype(path: Path) -> str | None:
    # Left to the machine's own table, a module or a font may get a type that a browser refuses under nosniff.
    return {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2",
            ".webmanifest": "application/manifest+json"}.get(path.suffix)  # fmt: skip


def _caching(path: Path) -> str:
    version = request.args.get("v")
    if version and version == digest(path):
        return f"public, max-age={YEAR}, immutable"
    return "no-cache" if path.suffix in ALWAYS_ASKED else f"public, max-age={DAY}"
