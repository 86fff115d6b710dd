"""What the lab looks like: numbers for those who look after it, and for everybody."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet, Window

from accounts.models import User
from accounts.permissions import may
from booking.enums import DeliveryStatus
from booking.models import (
    Closure,
    DemandEntry,
    MaintenanceRecord,
    Message,
    OpeningHours,
    Resource,
)
from booking.queries.bookings import on_day, visible_bookings
from booking.queries.closures import closures_ahead, managed_closures_ahead
from booking.queries.demand import seen_demand
from booking.queries.hours import written_hours
from booking.queries.maintenance import maintenance_ahead
from booking.queries.places import in_places
from labitory.lib.http import lab_zone

SHOWN = 5
DEMAND_DAYS = 7
FAILED_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The lab manager's numbers, and the first of what is behind two of them."""

    closed_count: int
    closed: tuple[Resource, ...]
    maintenance_count: int
    maintenance: tuple[MaintenanceRecord, ...]
    closure_count: int
    demand_count: int
    failed_count: int
    today: date
    today_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What everybody may know of the lab."""

    instruments: int
    closed: int
    hours: tuple[OpeningHours, ...]
    closures: tuple[Closure, ...]


def lab_overview(*, viewer: User, now: datetime) -> Overview:
    """All numbers of the lab manager's first page, each of what the viewer looks after."""
    # The first few and the number of all of them, in one query each.
    of_all = Window(Count("pk"))
    today = now.astimezone(lab_zone()).date()
    closed = closed_resources(viewer).annotate(total=of_all)
    first_closed = tuple(closed[:SHOWN])
    first_work = tuple(maintenance_ahead(viewer=viewer, now=now).annotate(total=of_all)[:SHOWN])
    since = now - timedelta(days=DEMAND_DAYS)
    return Overview(
        closed_count=first_closed[0].total if first_closed else 0,
        closed=first_closed,
        maintenance_count=first_work[0].total if first_work else 0,
        maintenance=first_work,
        closure_count=managed_closures_ahead(viewer=viewer, now=now).count(),
        demand_count=DemandEntry.objects.filter(seen_demand(viewer), at__gte=since).count(),
        failed_count=_failed_lately(now) if may(viewer, "message.view") else 0,
        today=today,
        today_count=on_day(visible_bookings(viewer), today).count(),
    )


def _failed_lately(now: datetime) -> int:
    """Messages of the last 30 days that were given up: those that the list behind it shows."""
    since = now - timedelta(days=FAILED_DAYS)
    return Message.objects.filter(status=DeliveryStatus.FAILED, created_at__gt=since).count()


def about_lab(*, now: datetime) -> About:
    """What the about page says."""
    counts = Resource.objects.aggregate(
        instruments=Count("pk"), closed=Count("pk", filter=Q(is_active=False))
    )
    return About(
        instruments=counts["instruments"],
        closed=counts["closed"],
        hours=tuple(written_hours(None)),
        closures=tuple(closures_ahead(now=now).filter(resource=None)[:SHOWN]),
    )


def closed_resources(viewer: User) -> "QuerySet[Resource]":
    """Resources that are closed for booking where the viewer looks after them, by name."""
    own = in_places(viewer, "resource.manage", resource="")
    return (
        Resource.objects.filter(own, is_active=False)
        .select_related("resource_type")
        .order_by("name")
    )
