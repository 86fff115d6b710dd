"""How much of what was cancelled late was used by others after all: a late cancellation melts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from booking.enums import LIVE, Status
from booking.models import Booking
from booking.queries.places import in_places

# What stands there now came after the cancellation: before, the time was not free. Only where
# there are several seats may it have stood beside it.
MELTED = """
WITH late AS (
    SELECT b.id, b.resource_id, b.user_id, tstzrange(b.start_time, b.end_time) AS during,
        (SELECT max(s.at) FROM booking_bookingstatus s
            WHERE s.booking_id = b.id AND s.to_status = 'cancelled') AS at
    FROM booking_booking b WHERE b.id = ANY(%(ids)s)
), used AS (
    SELECT late.id, range_agg(tstzrange(o.start_time, o.end_time)
        * late.during) AS parts
    FROM late
    JOIN booking_resource r ON r.id = late.resource_id
    JOIN booking_booking o ON o.resource_id = late.resource_id AND o.user_id <> late.user_id
        AND o.status = ANY(%(live)s)
        AND o.start_time < upper(late.during) AND o.end_time > lower(late.during)
        AND o.start_time > lower(late.during) - interval '7 days'
    WHERE r.capacity = 1 OR o.created_at >= late.at
    GROUP BY late.id
)
SELECT late.id, late.at, COALESCE((
    SELECT sum(extract(epoch FROM upper(p) - lower(p))) FROM unnest(used.parts) AS p), 0)
FROM late LEFT JOIN used USING (id)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Melting:
    """A late cancellation: when it was cancelled, and how many minutes others use since."""

    booking: Booking
    cancelled_at: datetime | None
    melted_minutes: int
    left_minutes: int

    @property
    def has_melted(self) -> bool:
        """Whether nothing was lost."""
        return self.left_minutes == 0

    @property
    def percent(self) -> int:
        """How much of it others use."""
        return 100 * self.melted_minutes // (self.melted_minutes + self.left_minutes)


def melting_of(bookings: Sequence[Booking]) -> list[Melting]:
    """How far each of these late cancellations has melted, in one query."""
    if not bookings:
        return []
    with connection.cursor() as cursor:
        cursor.execute(MELTED, {"ids": [each.pk for each in bookings], "live": list(LIVE)})
        found = {key: (at, round(float(seconds) / 60)) for key, at, seconds in cursor.fetchall()}
    return [
        Melting(
            booking=each,
            cancelled_at=found[each.pk][0],
            melted_minutes=found[each.pk][1],
            left_minutes=max(each.period.minutes - found[each.pk][1], 0),
        )
        for each in bookings
    ]


def late_cancellations(viewer: User, *, since: datetime) -> QuerySet[Booking]:
    """What was cancelled late where the viewer sees all bookings, the latest time first."""
    found = Booking.objects.filter(
        is_late_cancellation=True, status=Status.CANCELLED, start_time__gte=since
    )
    places = in_places(viewer, "booking.view_all")
    if places:
        found = found.filter(places)
    return found.select_related("resource", "user").order_by("-start_time", "-pk")
