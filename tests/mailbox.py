"""A real SMTP server that keeps what it receives, and fails on demand."""

import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests import services


@dataclass
class Mailbox:
    """`refuse_with`: the answer to every recipient (such as "550 No such user") in place of taking the mail.
    `hang`: answer nothing to the mail's text until the mailbox is closed.
    """

    port: int = field(default_factory=services.free_port)
    messages: list[EmailMessage] = field(default_factory=list)
    refuse_with: str = ""
    hang: bool = False
    _closing: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Mailbox":
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing.set()
        self._controller.stop()

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if address in (message["To"] or "")]

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.refuse_with:
            return self.refuse_with
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        import asyncio

        while self.hang and not self._closing.is_set():
            await asyncio.sleep(0.02)
        content = envelope.content
        assert isinstance(content, bytes)
        self.messages.append(message_from_bytes(content, _class=EmailMessage, policy=policy.default))
        return "250 OK"
