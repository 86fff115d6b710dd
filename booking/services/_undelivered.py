"""What was sent and came back."""

from datetime import datetime

from audit.services import record
from booking.enums import DeliveryStatus
from booking.models import Message


def write_undelivered(message: Message, *, channel: str, why: str, now: datetime) -> None:
    """Mark a message that was taken and did not arrive, with the reason; within a transaction."""
    message.status, message.last_error = DeliveryStatus.FAILED, why
    message.save(update_fields=["status", "last_error"])
    record(
        action="message.undelivered",
        actor=None,
        target=message.user or message,
        now=now,
        facts={"channel": channel, "why": why, "kind": message.kind},
    )
