"""What the demonstration announced, who has read it, and a mail that did not arrive."""

from datetime import datetime, timedelta

from accounts.models import User
from booking.enums import DeliveryStatus
from booking.models import Broadcast, BroadcastReceipt, Incident, Message, OutboxEvent
from booking.queries.broadcasts import Scope, audience

DAY = timedelta(days=1)


def make_messages(*, cast: dict[str, User], now: datetime) -> None:
    """An announcement that stands, an emergency that is over, a failed mail, a past incident."""
    standing = Broadcast.objects.create(
        title="Liquid nitrogen comes on Thursday",
        text="The loading bay is closed from 9 to 11. Please fill small dewars the day before.",
        roles=["academic"],
        author=cast["chris"],
        created_at=now - DAY,
        shown_until=now + 3 * DAY,
    )
    _write_receipts(standing, now)
    over = Broadcast.objects.create(
        title="Helium leak in the NMR hall",
        text="Leave the NMR hall at once. Do not use the lift. Meet at the bicycle stand.",
        is_emergency=True,
        must_acknowledge=True,
        location="Building 2, cellar",
        author=cast["dora"],
        created_at=now - 20 * DAY,
        ended_at=now - 20 * DAY + timedelta(minutes=50),
    )
    BroadcastReceipt.objects.bulk_create(
        BroadcastReceipt(
            broadcast=over,
            user=cast[name],
            acknowledged_at=over.created_at + timedelta(minutes=minutes) if minutes else None,
        )
        for name, minutes in (("ada", 2), ("ben", 9), ("chris", 1), ("eve", None))
    )
    _fail_mail(cast["ada"], now - 2 * DAY)
    Incident.objects.create(
        kind="system.queue_late",
        subject="reports",
        facts={"title": "reports", "since": {"at": (now - 6 * DAY).isoformat()}},
        began_at=now - 6 * DAY,
        ended_at=now - 6 * DAY + timedelta(minutes=15),
    )


def _write_receipts(said: Broadcast, now: datetime) -> None:
    people = audience(Scope(roles=tuple(said.roles)), now=now).order_by("pk")
    BroadcastReceipt.objects.bulk_create(
        BroadcastReceipt(broadcast=said, user=each) for each in people
    )


def _fail_mail(user: User, at: datetime) -> None:
    payload = {
        "people": [user.pk],
        "actor": None,
        "path": "/training",
        "facts": {"course": "Laser safety", "until": {"at": (at + 30 * DAY).isoformat()}},
    }
    event = OutboxEvent.objects.create(
        kind="training.ending", payload=payload, created_at=at, dispatched_at=at
    )
    Message.objects.create(
        event=event,
        user=user,
        channel="email",
        kind=event.kind,
        payload=payload,
        status=DeliveryStatus.FAILED,
        attempts=8,
        last_error="SMTPRecipientsRefused: 452 4.2.2 Mailbox full",
        next_attempt_at=at + timedelta(hours=2),
        created_at=at,
    )
