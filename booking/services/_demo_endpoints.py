"""A chat room that is only tried, and a webhook that failures have switched off."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.models import User
from booking.enums import DeliveryStatus, EndpointKind
from booking.models import Booking, Endpoint, Message, OutboxEvent
from booking.notifications.channels import CHAT, WEBHOOK
from booking.notifications.channels.places import DRY_RUN
from booking.notifications.outside import data_of, happened, seen_from
from labitory.lib.crypto import new_token

HOUR = timedelta(hours=1)
_SHOWN = 6
_FAILURES = 27
_WHY = "Refused: HTTP 503 maintenance"


def make_endpoints(*, cast: dict[str, User], now: datetime) -> None:
    """Both with a short log of the latest bookings."""
    room = Endpoint.objects.create(
        kind=EndpointKind.MATTERMOST,
        name="Room “Core facility”",
        url="https://chat.example.org/hooks/demonstration",
        kinds=["booking.", "resource."],
        is_dry_run=True,
        created_by=cast["dora"],
        created_at=now - 30 * 24 * HOUR,
    )
    server = Endpoint.objects.create(
        kind=EndpointKind.WEBHOOK,
        name="Inventory",
        url="https://inventory.example.org/labitory",
        secret=new_token(),
        kinds=["booking.created", "booking.cancelled", "fault."],
        failures=_FAILURES,
        stopped_at=now - 2 * HOUR,
        stopped_reason=_WHY,
        created_by=cast["dora"],
        created_at=now - 60 * 24 * HOUR,
    )
    latest = Booking.objects.filter(resource__is_hidden=False).order_by("-pk")[:_SHOWN]
    bookings = list(latest.only("public_id"))
    events = [_event(each, now - (n + 1) * HOUR) for n, each in enumerate(bookings)]
    Message.objects.bulk_create([*_tried(room, events), *_failed(server, events)])


def _event(booking: Booking, at: datetime) -> OutboxEvent:
    return OutboxEvent.objects.create(
        kind="booking.created",
        payload={"bookings": [str(booking.public_id)]},
        created_at=at,
        dispatched_at=at,
    )


def _tried(room: Endpoint, events: Sequence[OutboxEvent]) -> list[Message]:
    return [
        _message(
            room,
            event,
            channel=CHAT.name,
            status=DeliveryStatus.SENT,
            attempts=1,
            sent_at=event.created_at,
            receipt=DRY_RUN,
        )
        for event in events
    ]


def _failed(server: Endpoint, events: Sequence[OutboxEvent]) -> list[Message]:
    """What was tried until it was switched off, and what was kept since."""
    return [
        _message(
            server,
            event,
            channel=WEBHOOK.name,
            **(
                {"status": DeliveryStatus.HELD}
                if n == 0
                else {"status": DeliveryStatus.FAILED, "attempts": 8, "last_error": _WHY}
            ),
        )
        for n, event in enumerate(events)
    ]


def _message(endpoint: Endpoint, event: OutboxEvent, **fields: object) -> Message:
    seen = seen_from(happened(event), set())
    return Message(
        event=event,
        endpoint=endpoint,
        address=str(endpoint.public_id),
        kind=event.kind,
        payload=data_of(event, seen) if seen else {},
        created_at=event.created_at,
        **fields,
    )
