"""Claiming whole resources, and what stands in the way of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _
from psycopg.types.range import TimestamptzRange

from accounts.models import User
from booking.enums import OPEN, ClaimKind, Status
from booking.errors import ActionRefused, BookingRefused, Refusal
from booking.locks import lock_booking
from booking.models import Booking, Closure, MaintenanceRecord, Resource, ResourceCalendar
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import release_claims, release_holds
from booking.services._shown import require_shown
from labitory.lib.formats import say_wall
from labitory.lib.periods import Period

_MOST_NAMED = 10

# One row a resource that meets every seat, resources in the order of their keys.
CLAIM_WHOLE = """
INSERT INTO booking_resourcecalendar
    (resource_id, units, during, kind, maintenance_id, closure_id)
SELECT id, int4range(NULL, NULL), %(during)s::tstzrange, %(kind)s, %(maintenance)s, %(closure)s
FROM unnest(%(resources)s::bigint[]) AS id ORDER BY id
ON CONFLICT DO NOTHING RETURNING resource_id
"""


def in_the_way(resources: Sequence[Resource], period: Period) -> list[Booking]:
    """The bookings whose claims lie in the period, soonest first."""
    claims = ResourceCalendar.objects.filter(
        resource__in=resources,
        during__overlap=DateTimeTZRange(period.start, period.end),
        booking__isnull=False,
    )
    # Claims first, by their index: joined, a planner without statistics looks through all claims
    # of the resource again for every booking there is, which takes minutes.
    keys = list(claims.values_list("booking", flat=True))
    return list(
        Booking.objects.filter(pk__in=keys, status__in=(*OPEN, Status.CHECKED_IN))
        .select_related("user", "resource")
        .order_by("start_time", "pk")
    )


def require_free(resources: Sequence[Resource], period: Period, *, now: datetime) -> None:
    """Refuse with the bookings that stand in the way, by name."""
    found = in_the_way(resources, period)
    if not found:
        return
    named = "; ".join(f"{each.user}, {each.resource}, {_say(each)}" for each in found[:_MOST_NAMED])
    raise BookingRefused(
        [
            Refusal(
                code="block.bookings",
                text=_(
                    "%(n)s bookings stand in the way: %(named)s. Choose another time, or have them "
                    "cancelled with the reason."
                )
                % {"n": len(found), "named": named},
                facts={"bookings": [str(each.public_id) for each in found]},
            )
        ]
    )


def cancel_in_the_way(
    resources: Sequence[Resource],
    period: Period,
    *,
    actor: User,
    reason: str,
    now: datetime,
    shown: Collection[UUID] | None = None,
) -> list[Booking]:
    """Cancel what stands in the way, each with its step and audit record, all told in one event.

    With `shown` only if nothing else stands there.
    """
    found = in_the_way(resources, period)
    require_shown(found, shown)
    cancelled = []
    for each in found:
        booking = lock_booking(each.public_id)
        if not still_in_the_way(booking, resources, period):
            continue
        require_open(booking)
        before = booking.status
        change_status(booking, Status.CANCELLED, actor=actor, now=now, reason=reason)
        booking.save(update_fields=["status", "sequence", "updated_at"])
        release_claims(booking)
        record_booking(
            booking,
            "booking.cancelled",
            actor=actor,
            now=now,
            reason=reason,
            changes={"status": (before, booking.status)},
        )
        cancelled.append(booking)
    # One message a person: each person's bookings make one event.
    for user_id in sorted({booking.user_id for booking in cancelled}):
        own = [booking for booking in cancelled if booking.user_id == user_id]
        post_booking_event("booking.cancelled", own, actor=actor, now=now, reason=reason)
    return cancelled


def require_open(booking: Booking) -> None:
    """Refuse to take the time of what is in use."""
    if booking.status not in OPEN:
        raise ActionRefused(
            code="block.in_use",
            text=_("%(resource)s is in use: wait until it is finished.")
            % {"resource": booking.resource.name},
        )


def still_in_the_way(booking: Booking, resources: Sequence[Resource], period: Period) -> bool:
    """Whether nobody has moved or cancelled it while we waited for its lock."""
    during = DateTimeTZRange(period.start, period.end)
    claims = booking.claims.filter(resource__in=resources, during__overlap=during)
    return booking.status in (*OPEN, Status.CHECKED_IN) and claims.exists()


def claim_whole(
    resources: Sequence[Resource],
    period: Period,
    kind: ClaimKind,
    *,
    now: datetime,
    closure: Closure | None = None,
    maintenance: MaintenanceRecord | None = None,
) -> None:
    """Claim every seat of the resources, or refuse naming what has the time."""
    keys = [resource.pk for resource in resources]
    overlap = ResourceCalendar.objects.filter(
        resource__in=keys, during__overlap=DateTimeTZRange(period.start, period.end)
    )
    holds = overlap.filter(kind=ClaimKind.HOLD).values_list("hold_id", flat=True)
    # Somebody's hold of some minutes gives way to the lab's own plans.
    release_holds(sorted({each for each in holds if each is not None}))
    during: Any = TimestamptzRange(period.start, period.end)
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM_WHOLE,
            {
                "during": during,
                "kind": int(kind),
                "maintenance": maintenance.pk if maintenance else None,
                "closure": closure.pk if closure else None,
                "resources": sorted(keys),
            },
        )
        claimed = len(cursor.fetchall())
    if claimed < len(keys):
        raise ActionRefused(
            code="block.claimed",
            text=_(
                "A booking, maintenance or another closure has part of that time: look at the "
                "calendar and choose another."
            ),
            field="start_time",
        )


def require_capacity(resource: Resource, capacity: int, *, now: datetime) -> None:
    """Refuse to take seats away that are claimed from now on."""
    claims = ResourceCalendar.objects.filter(
        resource=resource, during__endswith__gt=now, units__endswith__gt=capacity
    )
    if claims.exists():
        raise ActionRefused(
            code="capacity.booked",
            text=_("Seats beyond %(n)s are booked: wait, or move those bookings first.")
            % {"n": capacity},
            field="capacity",
            status=422,
        )


def _say(booking: Booking) -> str:
    return say_wall(booking.start_time.astimezone(booking.resource.zone))
