"""Use as it was: what was done with a resource or by a person, planned against actual."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from accounts.models import User
from booking.enums import Status
from booking.models import Booking, Resource, UsageSession
from booking.queries._among import among
from booking.queries.check_ins import overdue_bookings, with_terms
from booking.queries.places import in_places

# Nobody is late or early by less.
_PUNCTUAL = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class UseFilters:
    """What a list of use is narrowed to: one kind, or all."""

    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseFigures:
    """How well plans were kept, counted over a time that is over."""

    bookings: int
    missed: int
    overran: int
    planned: timedelta
    used: timedelta


KINDS = ("overrun", "missed", "early")


def with_use(bookings: "QuerySet[Booking]", now: datetime) -> "QuerySet[Any]":
    """Adds `began_at` and `left_at` of the last session, `plan_end`, and `stayed`.

    Without a session the plan stands as it is in the booking, and the others are None. One that
    should have ended by itself has ended. `stayed` is how long somebody was there beyond the plan;
    negative is how much earlier they left.
    """
    last = UsageSession.objects.filter(booking=OuterRef("pk")).order_by("-started_at")
    found: QuerySet[Any] = (
        with_terms(bookings)
        .annotate(
            began_at=Subquery(last.values("started_at")[:1]),
            left_at=Coalesce(
                Subquery(last.values("ended_at")[:1]),
                Case(When(began_at__isnull=False, check_out_at__lte=now, then=F("check_out_at"))),
            ),
            ended_how=Subquery(last.values("ended_how")[:1]),
            plan_end=Coalesce(Subquery(last.values("planned_end")[:1]), "end_time"),
        )
        .annotate(
            stayed=ExpressionWrapper(F("left_at") - F("plan_end"), output_field=DurationField())
        )
    )
    return found


def uses_of(*, resource: Resource, filters: UseFilters, now: datetime) -> "QuerySet[Any]":
    """What was done with a resource, planned against actual, the newest first."""
    begun = Booking.objects.filter(
        resource=resource,
        status__in=(Status.CHECKED_IN, Status.COMPLETED, Status.NO_SHOW, Status.CONFIRMED),
        start_time__lte=now,
    )
    return _narrowed(with_use(begun, now).select_related("user"), filters, now)


def own_uses(*, viewer: User, filters: UseFilters, now: datetime) -> "QuerySet[Any]":
    """A person's own use, planned against actual, the newest first."""
    begun = Booking.objects.filter(
        user=viewer,
        status__in=(Status.CHECKED_IN, Status.COMPLETED, Status.NO_SHOW),
        start_time__lte=now,
    )
    return _narrowed(with_use(begun, now).select_related("resource"), filters, now)


def _narrowed(found: "QuerySet[Any]", filters: UseFilters, now: datetime) -> "QuerySet[Any]":
    match filters.kind:
        case "overrun":
            still = Q(began_at__isnull=False, left_at=None, end_time__lte=now)
            found = found.filter(Q(stayed__gt=_PUNCTUAL) | still)
        case "missed":
            lapsed = Q(status=Status.CONFIRMED, lapses_at__lte=now)
            found = found.filter(Q(status=Status.NO_SHOW) | lapsed)
        case "early":
            found = found.filter(stayed__lt=-_PUNCTUAL)
    return found.order_by("-start_time", "-pk")


def figures_of(uses: "QuerySet[Any]") -> UseFigures:
    """The figures of a list of use, in one query."""
    length = ExpressionWrapper(F("plan_end") - F("start_time"), output_field=DurationField())
    used = ExpressionWrapper(F("left_at") - F("began_at"), output_field=DurationField())
    found = uses.order_by().aggregate(
        bookings=Count("pk"),
        missed=Count("pk", filter=Q(status=Status.NO_SHOW)),
        overran=Count("pk", filter=Q(stayed__gt=_PUNCTUAL)),
        planned=Sum(length),
        used=Sum(used),
    )
    return UseFigures(
        **{name: found[name] for name in ("bookings", "missed", "overran")},
        planned=found["planned"] or timedelta(0),
        used=found["used"] or timedelta(0),
    )


def seen_sessions(viewer: User) -> QuerySet[UsageSession]:
    """The sessions that a person may see in full.

    Their own, those on resources they are responsible for, and all where they may see all.
    """
    found = UsageSession.objects.select_related("resource", "user", "booking")
    all_of = in_places(viewer, "booking.view_all")
    if not all_of:
        return found
    responsible = among("resource", viewer.responsible_for.values("resource"))
    return found.filter(all_of | Q(user=viewer) | responsible)


def running_now(viewer: User, now: datetime) -> QuerySet[UsageSession]:
    """The sessions that run and that the viewer may see, the most overdue first."""
    return (
        seen_sessions(viewer)
        .filter(ended_at=None)
        .exclude(booking__in=overdue_bookings(now).values("pk"))
        .order_by("planned_end", "pk")
    )
