"""Webhooks: events for the servers of integrators, as signed JSON."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.models import Message
from booking.notifications.channels.places import PlaceSender, sent_at
from booking.notifications.outside import write_utc
from booking.queries.endpoints import Keys


class WebhookSender(PlaceSender):
    """One event to one server; docs/webhooks.md says the same to integrators."""

    name = "webhook"
    label = _("Webhook")

    def body(self, message: Message) -> dict[str, Any]:
        """The event, with how often it was tried: all else stays the same however often."""
        return {
            "id": str(message.event.public_id),
            "type": message.kind,
            "occurred_at": write_utc(message.event.created_at),
            "attempt": max(message.attempts, 1),
            "data": message.payload,
        }

    def headers(self, message: Message, content: bytes, keys: Keys) -> Mapping[str, str]:
        """Kind, id and moment, and the moment signed with the body."""
        moment = str(int(sent_at(message).timestamp()))
        signatures = [f"v1={sign(each, moment, content)}" for each in keys.secrets]
        return {
            "Labitory-Event": message.kind,
            "Labitory-Delivery": str(message.event.public_id),
            "Labitory-Timestamp": moment,
            "Labitory-Signature": ",".join([f"t={moment}", *signatures]),
        }


def sign(secret: str, moment: str, content: bytes) -> str:
    """HMAC-SHA256 of moment, dot and body, in hexadecimal digits."""
    return hmac.new(secret.encode(), f"{moment}.".encode() + content, hashlib.sha256).hexdigest()
