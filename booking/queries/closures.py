"""When the lab or a resource is closed out of turn: closures and public holidays."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from booking.enums import OPEN, Status
from booking.models import Booking, Closure, Holiday
from booking.queries.places import in_places
from labitory.lib.http import lab_zone

HOLIDAYS_AHEAD = timedelta(days=366)


def closures_ahead(*, now: datetime) -> "QuerySet[Closure]":
    """Closures that have not ended, the soonest first."""
    found = Closure.objects.filter(end_time__gt=now).select_related("resource", "created_by")
    return found.order_by("start_time", "pk")


def managed_closures_ahead(*, viewer: User, now: datetime) -> "QuerySet[Closure]":
    """Those of the whole lab, and those where the viewer sets them."""
    return closures_ahead(now=now).filter(_own(viewer))


def managed_closures_past(*, viewer: User, now: datetime) -> "QuerySet[Closure]":
    """The same that have ended, the latest first."""
    return closures_past(now=now).filter(_own(viewer))


def _own(viewer: User) -> Q:
    held = in_places(viewer, "calendar.manage")
    return held | Q(resource=None) if held else held


def closures_past(*, now: datetime) -> "QuerySet[Closure]":
    """Closures that have ended, the latest first."""
    found = Closure.objects.filter(end_time__lte=now).select_related("resource", "created_by")
    return found.order_by("-end_time", "-pk")


def holidays_ahead(*, now: datetime) -> list[Holiday]:
    """The public holidays of the coming year, today's included."""
    today = now.astimezone(lab_zone()).date()
    return list(Holiday.objects.filter(day__gte=today, day__lt=today + HOLIDAYS_AHEAD))


def named_bookings(public_ids: Sequence[UUID]) -> list[Booking]:
    """Bookings that a refusal named, which are still to be cancelled, the soonest first."""
    if not public_ids:
        return []
    return list(
        Booking.objects.filter(public_id__in=public_ids, status__in=(*OPEN, Status.CHECKED_IN))
        .select_related("resource", "user")
        .order_by("start_time", "pk")
    )
