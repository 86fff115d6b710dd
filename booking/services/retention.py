"""What the bookings keep for a time only: notices, mails, and wishes that could not be served."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.enums import DataKind
from accounts.models import User
from accounts.retention import declare_sweeper
from booking.enums import DeliveryStatus
from booking.models import (
    BouncedAddress,
    BroadcastReceipt,
    DemandEntry,
    Message,
    OfflineAct,
    OutboxEvent,
)


def _notices(*, before: datetime, now: datetime, limit: int) -> int:
    """Events that were told, with their notices and messages; never one that still waits."""
    still = (DeliveryStatus.PENDING, DeliveryStatus.HELD)
    waiting = Message.objects.filter(event=OuterRef("pk"), status__in=still)
    # What is kept for an endpoint that nobody switches on again waits for nothing.
    waiting = waiting.exclude(status=DeliveryStatus.HELD, endpoint__isnull=False)
    told = OutboxEvent.objects.filter(
        ~Exists(waiting), created_at__lt=before, dispatched_at__isnull=False
    )
    ids = list(told.order_by("pk").values_list("pk", flat=True)[:limit])
    return OutboxEvent.objects.filter(pk__in=ids).delete()[0]


def _receipts(*, before: datetime, now: datetime, limit: int) -> int:
    """Who read announcements that stand nowhere any more; what was announced stays."""
    over = Q(broadcast__ended_at__isnull=False) | Q(broadcast__shown_until__lt=now)
    old = BroadcastReceipt.objects.filter(over, broadcast__created_at__lt=before)
    ids = list(old.values_list("pk", flat=True)[:limit])
    return BroadcastReceipt.objects.filter(pk__in=ids).delete()[0]


def _demand(*, before: datetime, now: datetime, limit: int) -> int:
    ids = list(DemandEntry.objects.filter(at__lt=before).values_list("pk", flat=True)[:limit])
    return DemandEntry.objects.filter(pk__in=ids).delete()[0]


def _addresses(*, before: datetime, now: datetime, limit: int) -> int:
    """What is known of addresses that nobody has any more."""
    owner = User.objects.filter(email__iexact=OuterRef("address"))
    left = BouncedAddress.objects.filter(~Exists(owner), bounced_at__lt=before)
    ids = list(left.order_by("pk").values_list("pk", flat=True)[:limit])
    return BouncedAddress.objects.filter(pk__in=ids).delete()[0]


def _acts(*, before: datetime, now: datetime, limit: int) -> int:
    """What devices told of later; the sessions that came of it stay."""
    told = OfflineAct.objects.filter(received_at__lt=before)
    ids = list(told.order_by("pk").values_list("pk", flat=True)[:limit])
    return OfflineAct.objects.filter(pk__in=ids).delete()[0]


declare_sweeper(DataKind.NOTICES, _notices)
declare_sweeper(DataKind.NOTICES, _acts)
declare_sweeper(DataKind.NOTICES, _addresses)
declare_sweeper(DataKind.NOTICES, _receipts)
declare_sweeper(DataKind.DEMAND, _demand)
