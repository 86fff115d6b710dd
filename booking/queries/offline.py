"""What a person needs to know of their bookings where there is no network."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from booking.enums import OPEN, Moment, Status
from booking.models import Booking, Question
from booking.queries.check_ins import FORGOTTEN, with_terms
from labitory.lib.periods import local_day

MOST_SHOWN = 30


def _asks(moment: Moment) -> Exists:
    """Whether something must be answered at that moment: that cannot be kept without a network."""
    at = Q(resource=OuterRef("resource")) | Q(resource_type=OuterRef("resource__resource_type"))
    return Exists(Question.objects.filter(at, moment=moment, is_active=True, is_required=True))


def offline_bookings(*, viewer: User, now: datetime, zone: ZoneInfo) -> "list[Any]":
    """Their own bookings of today and tomorrow that are not over, and what they still use.

    Each has its terms, and `asks_before` and `asks_after`. One query.
    """
    tomorrow = local_day(local_day(now, zone).end, zone)
    mine = Booking.objects.filter(user=viewer).filter(
        Q(status__in=OPEN, start_time__lt=tomorrow.end, end_time__gt=now)
        | Q(status=Status.CHECKED_IN, end_time__gt=now - FORGOTTEN)
    )
    found = with_terms(mine).annotate(asks_before=_asks(Moment.START), asks_after=_asks(Moment.END))
    can_come = Q(start_time__gt=now) | Q(lapses_at=None) | Q(lapses_at__gt=now)
    alive = found.filter(can_come | ~Q(status=Status.CONFIRMED))
    return list(alive.select_related("resource").order_by("start_time", "pk")[:MOST_SHOWN])


def check_in_until(booking: Any) -> datetime:  # noqa: ANN401 - a booking with its terms
    """Up to when one may check in: its end, or the end of the grace where there is one."""
    end: datetime = booking.end_time
    return end if booking.lapses_at is None else max(booking.lapses_at, booking.start_time)
