"""A network that is slow and breaks: a TCP proxy in front of a server of the test, for a browser has no other way to lose one."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

CHUNK = 16 * 1024
Direction = Literal["request", "answer"]


@dataclass
class Network:
    """Carries bytes to `server` (its address) and back, each piece after `delay` seconds.

    While `loses` is set, the connection of each POST breaks: before its request arrives, or when its answer is on the way.
    (Once would not do: a browser sends again by itself what a kept connection has swallowed.)
    cut() ends every connection and takes no other until mend(); a browser's own offline mode may spare its service workers.
    """

    server: str
    delay: float = 0.0
    loses: Direction | None = None
    cuts: int = 0
    _closing: threading.Event = field(default_factory=threading.Event)
    _gone: threading.Event = field(default_factory=threading.Event)
    _ends: set[socket.socket] = field(default_factory=set)

    def __enter__(self) -> "Network":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing.set()
        self._listener.close()

    def cut(self) -> None:
        self._gone.set()
        for end in list(self._ends):
            _end(end)

    def mend(self) -> None:
        self._gone.clear()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        if self._gone.is_set():
            near.close()
            return
        target = urlsplit(self.server)
        try:
            far = socket.create_connection((target.hostname, target.port))
        except OSError:  # the server is gone
            near.close()
            return
        with near, far:
            self._ends |= {near, far}
            doomed = threading.Event()
            back = threading.Thread(target=self._pump, args=(far, near, doomed, False), daemon=True)
            back.start()
            self._pump(near, far, doomed, True)
            back.join()
            self._ends -= {near, far}

    def _pump(self, source: socket.socket, sink: socket.socket, doomed: threading.Event, is_request: bool) -> None:
        try:
            while data := source.recv(CHUNK):
                self._closing.wait(self.delay)
                if is_request and self._cuts_now(data, doomed):
                    break
                if not is_request and doomed.is_set():
                    break
                sink.sendall(data)
        except OSError:
            pass
        _end(source)
        _end(sink)

    def _cuts_now(self, data: bytes, doomed: threading.Event) -> bool:
        """Whether this piece of a request is lost with its connection; the answer to it may be lost in its place."""
        if self.loses is None or not data.startswith(b"POST "):
            return False
        self.cuts += 1
        if self.loses == "request":
            return True
        doomed.set()
        return False


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
