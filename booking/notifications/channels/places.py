"""How a message goes to an address outside, whatever is said there."""

import json
import time
from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from booking.models import Endpoint, Message
from booking.notifications.channels.base import Sender, Undeliverable
from booking.queries.endpoints import Keys, keys_of
from labitory.lib.outbound import AddressRefused, send

DRY_RUN = "dry run"
# An answer is only looked at to say why it is a no.
LONGEST_ANSWER = 64_000
SHOWN = 200


class Gone(Undeliverable):
    """The other side says that it wants nothing any more (410)."""


class Refused(OSError):
    """The other side answered, but did not take it."""


class PlaceSender(Sender):
    """Sends to the address of an endpoint; 2xx is success."""

    @abstractmethod
    def body(self, message: Message) -> dict[str, Any]:
        """What is sent, made of what was kept when it happened."""

    def headers(self, _message: Message, _content: bytes, _keys: Keys) -> Mapping[str, str]:
        """What goes with it."""
        return {}

    def content(self, message: Message) -> bytes:
        """The body as it travels."""
        return json.dumps(self.body(message), ensure_ascii=False).encode()

    def shown(self, message: Message) -> str:
        """The body for people to read."""
        return json.dumps(self.body(message), ensure_ascii=False, indent=2)

    def send(self, message: Message) -> str:
        """Hand it over; the receipt is the answer's status and how long it took."""
        endpoint = endpoint_of(message)
        if endpoint.is_dry_run:
            return DRY_RUN
        content, keys = self.content(message), keys_of(endpoint.pk, now=sent_at(message))
        said = {"Content-Type": "application/json", **self.headers(message, content, keys)}
        begun = time.monotonic()
        try:
            answer = send("POST", keys.url, body=content, headers=said, most=LONGEST_ANSWER)
        except AddressRefused as error:
            raise Undeliverable(str(error)) from error
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return f"HTTP {answer.status}, {round((time.monotonic() - begun) * 1000)} ms"
        words = answer.body[:SHOWN].decode(errors="replace")
        refusal = f"HTTP {answer.status} {' '.join(words.split())}".strip()
        if answer.status == HTTPStatus.GONE:
            raise Gone(refusal)
        raise Refused(refusal)

    def secrets(self, message: Message) -> tuple[str, ...]:
        """The address and what is signed with."""
        keys = keys_of(endpoint_of(message).pk, now=sent_at(message))
        return (keys.url, *keys.secrets)


def endpoint_of(message: Message) -> Endpoint:
    """Where it goes."""
    if message.endpoint is None:
        raise Undeliverable("this message is for no endpoint")
    return message.endpoint


def sent_at(message: Message) -> datetime:
    """The moment of this sending; before the first that of the message."""
    return message.sent_at or message.created_at
