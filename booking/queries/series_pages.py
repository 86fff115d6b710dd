"""Reading series and their bookings."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from booking.enums import OPEN
from booking.models import Booking, BookingSeries
from booking.permissions import can_change_booking
from booking.queries.approvals import asked_about
from booking.queries.places import in_places


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlace:
    """Which of how many a booking is in its series."""

    series_id: UUID
    rule: str
    number: int
    total: int


def visible_series(viewer: User) -> "QuerySet[BookingSeries]":
    """The series of which the viewer may see a booking in full."""
    series = BookingSeries.objects.select_related("resource", "user", "created_by", "split_from")
    all_of = in_places(viewer, "booking.view_all")
    if not all_of:
        return series
    some = Booking.objects.filter(Q(attendees__user=viewer) | asked_about(viewer))
    return series.filter(
        all_of
        | Q(user=viewer)
        | Q(created_by=viewer)
        | Q(resource__in=viewer.responsible_for.values("resource"))
        | Q(pk__in=some.values("series"))
    )


def find_series(viewer: User, public_id: UUID) -> BookingSeries | None:
    """One series, or None when the viewer may not see it."""
    return visible_series(viewer).filter(public_id=public_id).first()


def bookings_of_series(series: BookingSeries) -> "QuerySet[Booking]":
    """All its bookings in the order of the rule, cancelled ones too."""
    found = Booking.objects.filter(series=series).order_by("occurs_at", "pk")
    return found.select_related("resource", "user", "created_by", "project")


def left_out_of(series: BookingSeries) -> list[datetime]:
    """The times of its rule that were never booked, by choice or because they could not be."""
    booked = set(Booking.objects.filter(series=series).values_list("occurs_at", flat=True))
    return sorted(each for each in series.excluded if each not in booked)


def rest_of_series(
    series: BookingSeries, *, now: datetime, from_booking: UUID | None = None
) -> list[Booking]:
    """What can still be changed or cancelled of it, from one of its bookings on if it is named."""
    found = bookings_of_series(series).filter(status__in=OPEN, end_time__gt=now)
    if from_booking is not None:
        first = Booking.objects.filter(series=series, public_id=from_booking)
        found = found.filter(occurs_at__gte=first.values("occurs_at")[:1])
    return list(found)


def can_change_rest(viewer: User, rest: list[Booking]) -> bool:
    """Whether there is anything left, and the viewer may change all of it."""
    return bool(rest) and all(can_change_booking(viewer, each) for each in rest)


def place_in_series(booking: Booking) -> SeriesPlace | None:
    """Where the booking stands in its series; None where it is in none."""
    if booking.series_id is None:
        return None
    earlier = Q(bookings__occurs_at__lte=booking.occurs_at)
    series = BookingSeries.objects.annotate(
        total=Count("bookings"), number=Count("bookings", filter=earlier)
    ).get(pk=booking.series_id)
    return SeriesPlace(
        series_id=series.public_id, rule=series.rule, number=series.number, total=series.total
    )
