"""Telling chat rooms and webhooks of events: one message an endpoint, with the other rows."""

from datetime import datetime

from booking.enums import DeliveryStatus, EndpointKind
from booking.models import Endpoint, Message, OutboxEvent
from booking.notifications.channels import CHAT, WEBHOOK
from booking.notifications.outside import TESTED, data_of, happened, may_hear, seen_from
from booking.queries.endpoints import SECRETS, listening


def tell_endpoints(*, event: OutboxEvent, now: datetime) -> None:
    """Write the message of each endpoint that hears of the event; written twice, still one.

    What happens while one is switched off by failures is kept for it. Without endpoints it costs
    one statement.
    """
    found = [each for each in listening(event.kind, now=now) if may_hear(each.kind, event.kind)]
    if not found:
        return
    about, messages = happened(event), []
    for endpoint in found:
        wanted = {each.pk for each in endpoint.resources.all()}
        seen = seen_from(about, wanted)
        # A booking that is gone tells nothing.
        if seen is None or ("bookings" in event.payload and not seen.bookings):
            continue
        message = _message(event, endpoint, now)
        message.payload = data_of(event, seen)
        if endpoint.stopped_at is not None:
            message.status = DeliveryStatus.HELD
        messages.append(message)
    Message.objects.bulk_create(messages, ignore_conflicts=True)


def tell_tested(*, event: OutboxEvent, now: datetime) -> None:
    """Write the message that tries an endpoint, also while it is switched off."""
    endpoint = Endpoint.objects.defer(*SECRETS).filter(pk=event.payload["endpoint"]).first()
    if endpoint is None or event.kind != TESTED:
        return
    message = _message(event, endpoint, now)
    message.payload = {"resources": []}
    Message.objects.bulk_create([message], ignore_conflicts=True)


def _message(event: OutboxEvent, endpoint: Endpoint, now: datetime) -> Message:
    sender = WEBHOOK if endpoint.kind == EndpointKind.WEBHOOK else CHAT
    return Message(
        event=event,
        endpoint=endpoint,
        # Unique by event, address and channel.
        address=str(endpoint.public_id),
        channel=sender.name,
        kind=event.kind,
        created_at=now,
    )
