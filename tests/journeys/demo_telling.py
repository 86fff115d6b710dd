"""What the demonstration lacks of ways to be told, and their objects for addresses."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django_celery_results.models import TaskResult

from accounts.models import User
from booking.enums import ActOutcome, EndpointKind, FeedScope, RemoteState, WallKind
from booking.models import (
    Booking,
    BouncedAddress,
    Broadcast,
    BroadcastReceipt,
    CalendarFeed,
    Endpoint,
    Heartbeat,
    ImportedEvent,
    Message,
    OfflineAct,
    OutboxEvent,
    PhoneNumber,
    Price,
    PushSubscription,
    RemoteCalendar,
    RemoteEntry,
    Resource,
    WallDisplay,
    Wording,
)
from booking.notifications.declining import decline_of
from booking.queries.feeds import hash_token
from booking.queries.watching import QUEUES
from tests.journeys.routes import Place

SERVER = "https://server.example.org"


def add_telling(people: dict[str, User], booking: Booking, now: datetime) -> None:
    """One of each that appears only while people choose how they are told."""
    ada, dora = people["ada"], people["dora"]
    PhoneNumber.objects.get_or_create(user=ada, defaults={"number": "+4915123456789"})
    PushSubscription.objects.create(
        user=ada, endpoint=SERVER, endpoint_hash="0" * 64, p256dh="k", auth="a",
        label="Firefox", created_at=now,
    )  # fmt: skip
    BouncedAddress.objects.create(address="gone@example.org", reason="550", bounced_at=now)
    crawled = Endpoint.objects.create(
        kind=EndpointKind.WEBHOOK, name="Crawled", url=SERVER, secret="s", kinds=["booking."],
        created_by=dora, created_at=now,
    )  # fmt: skip
    Message.objects.create(
        event=OutboxEvent.objects.create(
            kind="endpoint.tested", payload={"endpoint": crawled.pk}, created_at=now,
            dispatched_at=now,
        ),
        endpoint=crawled, address=str(crawled.public_id), channel="webhook",
        kind="endpoint.tested", payload={"resources": []}, created_at=now,
    )  # fmt: skip
    Wording.objects.create(
        kind="booking.cancelled", language="en", version=1, subject="Gone: %(resource)s",
        text="%(actor)s cancelled it.", author=dora, created_at=now,
    )  # fmt: skip
    TaskResult.objects.create(task_id="crawled", periodic_task_name="tidy-bookings")
    Heartbeat.objects.bulk_create(Heartbeat(queue=queue, at=now) for queue in QUEUES)
    said = Broadcast.objects.create(title="Cake", text="At four.", author=dora, created_at=now)
    BroadcastReceipt.objects.create(broadcast=said, user=ada)
    _add_calendars(people, booking, now)
    OfflineAct.objects.create(
        key=UUID(int=1), user=ada, booking=booking, act="check_in", done_at=now,
        received_at=now, outcome=ActOutcome.DONE,
    )  # fmt: skip


def _add_calendars(people: dict[str, User], booking: Booking, now: datetime) -> None:
    ada, mine = people["ada"], FeedScope.MINE
    CalendarFeed.objects.create(
        user=ada, name="Phone", scope=mine, token_hash="1" * 64, created_at=now
    )
    # Read by everybody here: its address is all it asks for, so that it must not be hers.
    CalendarFeed.objects.create(
        user=people["eve"], name="Read", scope=mine, token_hash=hash_token("crawled"),
        created_at=now, last_read_at=now,
    )  # fmt: skip
    ImportedEvent.objects.create(
        uid="1@example.org", occurrence=booking.start_time, resource=booking.resource,
        booking=booking, imported_at=now,
    )  # fmt: skip
    WallDisplay.objects.create(
        name="Crawled", kind=WallKind.LAB, token_hash=hash_token("crawled"),
        created_by=people["chris"], created_at=now, last_seen_at=now,
    )  # fmt: skip
    calendar = RemoteCalendar.objects.create(
        user=ada, url=SERVER, username="ada", password="p", created_at=now
    )
    RemoteEntry.objects.create(
        calendar=calendar, booking=booking, href="/1.ics", state=RemoteState.CONFLICT
    )


def telling_arguments(people: dict[str, User]) -> dict[Place, Any]:
    """What stands after the words of these nouns in addresses."""
    crawled = Endpoint.objects.get(name="Crawled")
    said = Broadcast.objects.get(title="Cake").public_id
    message = Message.objects.filter(user__username="ada").earliest("pk")
    declined = decline_of(
        Message(user=people["ada"], kind="booking.created", created_at=message.created_at)
    )
    assert declined
    adas = RemoteEntry.objects.get().booking.public_id
    return {
        ("endpoints", "public_id"): crawled.public_id,
        ("deliveries", "event_id"): crawled.messages.get().event.public_id,
        ("new", "kind"): crawled.kind,
        ("messages", "pk"): message.pk,
        ("announcements", "public_id"): said,
        ("broadcasts", "public_id"): said,
        ("stuck", "public_id"): message.event.public_id,
        ("addresses", "pk"): BouncedAddress.objects.get(address="gone@example.org").pk,
        ("decline", "token"): declined.link.rpartition("/")[2],
        ("prices", "public_id"): Price.objects.latest("valid_from").public_id,
        ("icons", "purpose"): "any",
        ("browsers", "public_id"): PushSubscription.objects.get(user=people["ada"]).public_id,
        ("wall", "token"): "crawled",
        ("walls", "public_id"): WallDisplay.objects.get(name="Crawled").public_id,
        ("displays", "public_id"): WallDisplay.objects.get(name="Crawled").public_id,
        ("icons", "size"): 192,
        ("calendars", "public_id"): CalendarFeed.objects.get(name="Phone").public_id,
        ("server", "public_id"): adas,
        ("conflicts", "booking_id"): adas,
        ("feeds", "token"): "crawled",
        ("wordings", "kind"): "booking.cancelled",
        ("<kind>", "language"): "en",
        ("watches", "resource_id"): Resource.objects.earliest("pk").public_id,
        ("feeds", "public_id"): CalendarFeed.objects.get(name="Phone").public_id,
    }
