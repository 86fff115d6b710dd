"""Planned work on resources, as lists."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from accounts.models import User
from booking.models import MaintenancePlan, MaintenanceRecord, Offer
from booking.queries.places import in_places
from labitory.lib.periods import Period
from labitory.lib.recurrence import periods_of_rule

# Every day for six years: no plan is read further than that.
MOST_OCCURRENCES = 2200


def maintenance_ahead(*, viewer: User, now: datetime) -> "QuerySet[MaintenanceRecord]":
    """Work that goes on or is to come where the viewer plans it, the soonest first."""
    return (
        _own(viewer)
        .filter(cancelled_at=None, end_time__gt=now)
        .select_related("resource", "created_by")
        .order_by("start_time", "pk")
    )


def maintenance_past(*, viewer: User, now: datetime) -> "QuerySet[MaintenanceRecord]":
    """Work that is done or was called off, the latest first."""
    return (
        _own(viewer)
        .filter(Q(end_time__lte=now) | Q(cancelled_at__isnull=False))
        .select_related("resource", "created_by")
        .order_by("-start_time", "-pk")
    )


def _own(viewer: User) -> "QuerySet[MaintenanceRecord]":
    return MaintenanceRecord.objects.filter(in_places(viewer, "maintenance.manage"))


def find_work(*, viewer: User, public_id: UUID) -> MaintenanceRecord | None:
    """One piece of work where the viewer plans it."""
    found = _own(viewer).select_related("resource__resource_type", "created_by", "plan")
    return found.filter(public_id=public_id).first()


def displaced_by(work: MaintenanceRecord) -> list[Offer]:
    """What became of the bookings that the work displaced, by their old time."""
    found = work.replacements.select_related("displaced__resource", "resource", "user")
    return list(found.order_by("displaced__start_time", "pk"))


def plans_of(viewer: User) -> "QuerySet[MaintenancePlan]":
    """The plans where the viewer looks after maintenance: what goes on first."""
    return (
        MaintenancePlan.objects.filter(in_places(viewer, "maintenance.manage"))
        .select_related("resource", "created_by")
        .order_by(F("ended_at").desc(nulls_first=True), "resource__name", "title")
    )


def find_plan(*, viewer: User, public_id: UUID) -> MaintenancePlan | None:
    """One plan that the viewer looks after."""
    return plans_of(viewer).filter(public_id=public_id).first()


def due_plans(until: datetime) -> "QuerySet[MaintenancePlan]":
    """The plans whose windows are not made up to then."""
    found = MaintenancePlan.objects.filter(ended_at=None)
    return found.filter(Q(planned_until=None) | Q(planned_until__lt=until)).order_by("pk")


def occurrences(plan: MaintenancePlan, until: datetime) -> list[Period]:
    """When the work comes back up to a moment; a rule without an end is read as far as that.

    Raises `BadRule`.
    """
    zone = plan.resource.zone
    text = plan.rule.strip().removeprefix("RRULE:").rstrip(";")
    if "COUNT=" not in text.upper() and "UNTIL=" not in text.upper():
        text = f"{text};UNTIL={until.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    found = periods_of_rule(
        text,
        first=plan.first_start,
        length=timedelta(minutes=plan.minutes),
        zone=zone,
        most=MOST_OCCURRENCES,
    )
    return [each for each in found if each.start <= until]


def missing_windows(plan: MaintenancePlan, *, now: datetime) -> list[Period]:
    """Times to come at which the work should be and is not: something else had them."""
    if plan.ended_at is not None or plan.planned_until is None:
        return []
    ahead = MaintenanceRecord.objects.filter(resource=plan.resource_id, end_time__gt=now)
    there = [
        Period(start, end)
        for start, end, plan_id, cancelled_at in ahead.values_list(
            "start_time", "end_time", "plan", "cancelled_at"
        )
        # What was called off by hand is not asked for again.
        if plan_id == plan.pk or cancelled_at is None
    ]
    return [
        each
        for each in occurrences(plan, plan.planned_until)
        if now < each.start < plan.planned_until
        and not any(each.overlaps(other) for other in there)
    ]


def coming_windows(plan: MaintenancePlan, *, now: datetime) -> "QuerySet[MaintenanceRecord]":
    """The plan's times that are not over, the soonest first."""
    return plan.windows.filter(end_time__gt=now, cancelled_at=None).order_by("start_time")
