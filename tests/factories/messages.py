"""Messages as the log finds them."""

from datetime import datetime
from typing import Any

from accounts.models import User
from booking.enums import DeliveryStatus
from booking.models import Message, OutboxEvent


def make_message(
    user: User | None,
    now: datetime,
    *,
    kind: str = "fault.assigned",
    status: DeliveryStatus = DeliveryStatus.FAILED,
    **fields: Any,
) -> Message:
    """A message about a fault, given up after eight attempts unless told otherwise."""
    facts = {"resource": "Confocal 1", "title": "Lamp", "due": {"at": now.isoformat()}}
    payload: dict[str, Any] = {"people": [], "actor": None, "path": "/resources", "facts": facts}
    event = OutboxEvent.objects.create(
        kind=kind, payload=payload, created_at=now, dispatched_at=now
    )
    usual = {"attempts": 8, "last_error": "550 no such mailbox", "channel": "email"}
    return Message.objects.create(
        event=event,
        user=user,
        kind=kind,
        payload=fields.pop("payload", payload),
        status=status,
        created_at=now,
        **{**usual, **fields},
    )
