"""What a person needs to see first: now and next, what waits for them, their favourites."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from accounts.models import User
from booking.enums import OPEN, Status
from booking.models import Booking, Hold, Notification, Resource
from booking.queries.approvals import awaiting_decision
from booking.queries.bookings import my_bookings
from booking.queries.calendars import CalendarEntry, calendar_entries
from booking.queries.check_ins import with_terms
from booking.queries.displaced import with_replacement
from booking.queries.free_slots import FreeSlot, next_free
from labitory.lib.periods import Period

UPCOMING_SHOWN = 6
WAITING_SHOWN = 5
FAVOURITES_SHOWN = 12
CURRENT_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Favourite:
    """A favourite resource: what holds it now, and when it is free next."""

    resource: Resource
    current: CalendarEntry | None
    next_free: FreeSlot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What needs the person: the first bookings to decide on, and unread notices."""

    approvals: tuple[Booking, ...]
    notices: tuple[Notification, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(Waiting):
    """All that the first page shows; `is_new` when the person never booked anything."""

    current: tuple[Booking, ...]
    upcoming: tuple[Booking, ...]
    holds: tuple[Hold, ...]
    favourites: tuple[Favourite, ...]
    is_new: bool


def with_companions(bookings: "QuerySet[Booking]") -> "QuerySet[Booking]":
    """Adds `companions`: the names of the resources that were booked in the same act."""
    same_act = (
        Booking.objects.filter(group_id=OuterRef("group_id"))
        .exclude(pk=OuterRef("pk"))
        .order_by("resource__name")
    )
    return bookings.annotate(companions=ArraySubquery(same_act.values("resource__name")))


def home_page(*, viewer: User, now: datetime) -> HomePage:
    """Everything for one person's first page."""
    # One that is in use past its end still waits to be finished.
    alive = list(
        with_replacement(with_terms(my_bookings(viewer)))
        .filter(
            Q(status__in=OPEN, end_time__gt=now)
            | Q(status=Status.CHECKED_IN, end_time__gt=now - timedelta(hours=12))
        )
        # What nobody came for in time is missed, whether it is marked by now or not.
        .filter(
            ~Q(status=Status.CONFIRMED)
            | Q(start_time__gt=now)
            | Q(lapses_at=None)
            | Q(lapses_at__gt=now)
        )
        .order_by("start_time")[: UPCOMING_SHOWN + CURRENT_SHOWN]
    )
    current = tuple(
        b
        for b in alive
        if b.status == Status.CHECKED_IN or (b.start_time <= now and b.replacement_id is None)
    )
    upcoming = tuple(b for b in alive if b not in current)[:UPCOMING_SHOWN]
    waiting = waiting_for(viewer=viewer, now=now)
    return HomePage(
        current=current,
        upcoming=upcoming,
        holds=tuple(
            Hold.objects.filter(user=viewer, expires_at__gt=now).select_related("resource", "offer")
        ),
        approvals=waiting.approvals,
        notices=waiting.notices,
        favourites=favourites(viewer=viewer, now=now),
        is_new=not alive and not Booking.objects.filter(user=viewer).exists(),
    )


def waiting_for(*, viewer: User, now: datetime) -> Waiting:
    """The part of the first page that moves by itself."""
    return Waiting(
        approvals=tuple(
            awaiting_decision(viewer, now=now)
            .select_related("resource", "user")
            .order_by("start_time")[:WAITING_SHOWN]
        ),
        notices=tuple(Notification.objects.filter(user=viewer, read_at=None)[:WAITING_SHOWN]),
    )


def favourites(*, viewer: User, now: datetime) -> tuple[Favourite, ...]:
    """The person's favourites with their present state and next free hour."""
    resources = list(
        Resource.objects.filter(favoured_by__user=viewer)
        .select_related("resource_type")
        .order_by("name")[:FAVOURITES_SHOWN]
    )
    if not resources:
        return ()
    entries = calendar_entries(
        viewer=viewer,
        resource_ids=[resource.pk for resource in resources],
        window=Period(now, now + timedelta(minutes=1)),
        now=now,
    )
    current = {entry.resource_id: entry for entry in entries}
    free = next_free(
        user=viewer,
        now=now,
        resource_ids=[resource.public_id for resource in resources],
        minimum=timedelta(hours=1),
    )
    return tuple(
        Favourite(
            resource=resource,
            current=current.get(resource.public_id),
            next_free=free.get(resource.public_id),
        )
        for resource in resources
    )
