"""A mail server and an integrator's server that count what arrives, raw, under which id."""

import re
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller

# <event.reader@host>: the id by which a mail that came twice is known.
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([0-9a-f-]{36})\.", re.IGNORECASE | re.MULTILINE)


@dataclass(kw_only=True)
class Arrivals:
    """How often each event arrived, and when anything did."""

    counts: Counter[str] = field(default_factory=Counter)
    moments: list[float] = field(default_factory=list)

    def note(self, event_id: str) -> None:
        """One more, before the sender hears that it was taken."""
        self.counts[event_id] += 1
        self.moments.append(time.monotonic())

    def forget(self, event_ids: Iterable[str]) -> None:
        """Leave events out that are not those of the benchmark."""
        for event_id in event_ids:
            self.counts.pop(event_id, None)

    @property
    def raw(self) -> int:
        """All that came."""
        return len(self.moments)


@dataclass(kw_only=True)
class Receivers:
    """Where they listen and what they got."""

    mail_port: int
    webhook_url: str
    mails: Arrivals
    webhooks: Arrivals

    @property
    def raw(self) -> int:
        """All that came to either."""
        return self.mails.raw + self.webhooks.raw


@contextmanager
def receivers() -> Iterator[Receivers]:
    """Both listen on the loopback address while the block lasts."""
    mails, webhooks = Arrivals(), Arrivals()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(_MailHandler(mails), hostname="127.0.0.1", port=port)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _recorder(webhooks))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    controller.start()
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/hook"
        yield Receivers(mail_port=port, webhook_url=url, mails=mails, webhooks=webhooks)
    finally:
        controller.stop()
        server.shutdown()
        server.server_close()
        thread.join()


class _MailHandler:
    def __init__(self, arrivals: Arrivals) -> None:
        self.arrivals = arrivals

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802
        """Count the mail by its id, then take it."""
        found = _MESSAGE_ID.search(envelope.content)
        self.arrivals.note(found[1].decode() if found else "without an id")
        return "250 OK"


def _recorder(arrivals: Arrivals) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Count the delivery by its id, then take it."""
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            arrivals.note(self.headers.get("Labitory-Delivery", "without an id"))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nobody reads along."""

    return Handler
