"""How gunicorn serves; in production the same, behind a proxy. Settings are described in README.md."""

import os
import re
import sys
from pathlib import Path

from gunicorn.glogging import Logger

SECRET = re.compile(r"(/(?:t|undangan|umpan-balik|saya/masuk|saya/alamat|panel/pekerjaan)/)[^/?#\s]+", re.IGNORECASE)
QUERY = re.compile(r"\?[^\s]*")


class DiscreetLogger(Logger):
    """Logs requests without the secrets of private links and without what was searched for."""

    def atoms(self, resp, req, environ, request_time):
        found = super().atoms(resp, req, environ, request_time)
        hidden = {name: QUERY.sub("?…", SECRET.sub(r"\1…", found[name] or "")) for name in ("r", "U", "f")}
        return found | hidden | {"q": ""}


sys.setswitchinterval(0.0005)  # the door whose turn it is to write gets the interpreter back soon
wsgi_app = "wsgi:app"
bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS") or max(4, 16 // workers))  # more would only wait for each other's turn
control_socket_disable = True
timeout = 60
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
certfile = os.environ.get("TLS_CERTIFICATE") or None
keyfile = os.environ.get("TLS_KEY") or None
forwarded_allow_ips = ""  # what proxies say is read by the application, as far as TRUSTED_PROXIES goes
logger_class = DiscreetLogger
accesslog = "-" if os.environ.get("ACCESS_LOG") else None
loglevel = os.environ.get("LOG_LEVEL", "info").lower()
if Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"
