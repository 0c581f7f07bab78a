"""Requests by the thousand over a handful of open connections, so lightly that it is the server which is measured."""

import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass
class Load:
    """What came of it: seconds from the first request to the last answer, and how long each took."""

    seconds: float
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds


@dataclass
class _Caller:
    connection: socket.socket
    received: bytes = b""
    asked_at: float = 0


def request(method: str, path: str, body: bytes = b"", *, token: str = "", **headers: str) -> bytes:
    """A whole HTTP/1.1 request that keeps its connection. A header `content_type` is written Content-Type; JSON by default."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    named = ({"content_type": "application/json"} if body else {}) | headers
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in named.items()]
    lines += [f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(port: int, requests: Iterable[bytes], *, connections: int = 8, status: int = 200) -> Load:
    """Send each request once, from so many callers that wait for their answer. RuntimeError for any answer of another status."""
    waiting, load = iter(requests), Load(0)
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            caller = _Caller(socket.create_connection(("127.0.0.1", port), timeout=60))
            caller.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(caller.connection, selectors.EVENT_READ, caller)
            _ask(selector, caller, waiting)
        while selector.get_map():
            for key, _events in selector.select(60):
                if _hear(key.data, b"HTTP/1.1 %d" % status):
                    load.latencies.append(time.perf_counter() - key.data.asked_at)
                    _ask(selector, key.data, waiting)
    load.seconds = time.perf_counter() - began
    return load


def _ask(selector: selectors.BaseSelector, caller: _Caller, waiting: Iterator[bytes]) -> None:
    following = next(waiting, None)
    if following is None:
        selector.unregister(caller.connection)
        caller.connection.close()
        return
    caller.received, caller.asked_at = b"", time.perf_counter()
    caller.connection.sendall(following)


def _hear(caller: _Caller, status: bytes) -> bool:
    """Whether the answer is complete."""
    arrived = caller.connection.recv(65536)
    caller.received += arrived
    head, end, body = caller.received.partition(b"\r\n\r\n")
    if not arrived or (end and not head.startswith(status)):
        raise RuntimeError(f"not an answer of {status.decode()}: {caller.received[:300]!r}")
    if not end:
        return False
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= int(length.partition(b":")[2])
