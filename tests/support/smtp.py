"""A real mail server on this machine that keeps, stalls or refuses what it is given."""

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from tests.support.workers import free_port


class MailServer:
    """Listens on a free port of the loopback address while the block lasts.

    `refusal` is the answer to every mail instead of 250. While `stalled`, no conversation gets
    beyond MAIL FROM; `waiting` counts those that hang there.
    """

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        # Of each, where it comes back to.
        self.senders: list[str] = []
        self.refusal = ""
        self.stalled = False
        self.waiting = 0
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stalled = False
        # A line that is closing just now would stay open when its loop ends.
        closing = asyncio.run_coroutine_threadsafe(asyncio.sleep(0.05), self._controller.loop)
        closing.result(timeout=5)
        self._controller.stop()

    async def handle_MAIL(  # noqa: N802 - named by the library
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Let the sender wait while stalled."""
        self.waiting += 1
        try:
            while self.stalled:
                await asyncio.sleep(0.02)
        finally:
            self.waiting -= 1
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail, or refuse it."""
        if self.refusal:
            return self.refusal
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.received.append(mail)
        self.senders.append(envelope.mail_from)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """What one address received, in order."""
        return [mail for mail in self.received if address in mail["To"]]

    def clear(self) -> None:
        """Forget what came."""
        self.received.clear()
        self.senders.clear()


def calendar_part(mail: EmailMessage) -> EmailMessage:
    """The calendar file of a mail."""
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert len(parts) == 1, [part.get_content_type() for part in mail.walk()]
    assert isinstance(parts[0], EmailMessage)
    return parts[0]


def text_part(mail: EmailMessage) -> str:
    """The plain words of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
