"""The demand ledger as lab managers read it: what was wished, by whom, and why it was not to be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Func, Max, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.enums import DemandSource
from booking.models import DemandEntry
from booking.queries.places import in_places, types_in_places

MINUTES_PER_HOUR = 60
MOST_REASONS = 12

# Why a wish was not served, in a few words; the codes of the rules and of what asks them.
REASONS: "dict[str, str | Promise]" = {
    "search.nothing_free": _("Nothing free was found"),
    "period.order": _("End before start"),
    "period.too_long": _("Far too long"),
    "period.year": _("A year that cannot be meant"),
    "period.grid": _("Off the slot grid"),
    "period.past": _("In the past"),
    "resource.closed": _("Instrument closed"),
    "hours.closed": _("Outside opening hours"),
    "access.missing": _("No access"),
    "access.expires": _("Access ends before"),
    "length.minimum": _("Shorter than allowed"),
    "length.maximum": _("Longer than allowed"),
    "lead.too_soon": _("Too little notice"),
    "lead.horizon": _("Too far ahead"),
    "quota.hours_per_day": _("Daily hours used up"),
    "quota.hours_per_week": _("Weekly hours used up"),
    "quota.active_bookings": _("Too many upcoming bookings"),
    "quota.future_minutes": _("Too much time held"),
    "quota.gap": _("Too close to own booking"),
    "own.overlap": _("Overlaps own booking"),
    "seats.too_many": _("More seats than there are"),
    "conflict.taken": _("Time is taken"),
    "conflict.lost_race": _("Somebody was faster"),
    "conflict.linked": _("A linked instrument is taken"),
    "project.active": _("Project is closed"),
    "project.period": _("Project is not valid then"),
    "project.member": _("Not a member of the project"),
    "project.instrument": _("Project pays for other instruments"),
    "waiting.unserved": _("Waited in vain"),
    "quota.allowance": _("Quota used up"),
    "training.required": _("Training is missing"),
    "assessment.required": _("Risk assessment is missing"),
    "resource.out_of_order": _("Out of order"),
    "pool.empty": _("Nothing in the pool is open"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandFilters:
    """Which wishes to look at, of those the viewer may see; empty words and None narrow nothing."""

    viewer: User
    since: datetime
    source: str = ""
    code: str = ""
    type_id: UUID | None = None
    resource_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Some of the wishes: how many, and how many hours."""

    key: str
    label: str
    wishes: int
    hours: float


class _Unnest(Func):
    function = "unnest"
    set_returning = True


def seen_demand(viewer: User) -> Q:
    """The wishes for what the viewer looks after; those for no certain place are for all of it."""
    own = in_places(viewer, "demand.view")
    return own | types_in_places(viewer, "demand.view", kind="resource_type") if own else own


def demand_entries(filters: DemandFilters) -> "QuerySet[DemandEntry]":
    """Single wishes, the latest first."""
    found = DemandEntry.objects.filter(seen_demand(filters.viewer), at__gte=filters.since)
    if filters.source in DemandSource.values:
        found = found.filter(source=filters.source)
    if filters.code:
        found = found.filter(codes__contains=[filters.code])
    if filters.type_id:
        found = found.filter(resource_type__public_id=filters.type_id)
    if filters.resource_id:
        found = found.filter(resource__public_id=filters.resource_id)
    return found.select_related("resource", "resource_type", "pool").order_by("-at", "-pk")


def demand_by_resource(filters: DemandFilters) -> "QuerySet[DemandEntry, Any]":
    """Wishes and minutes for each resource, type or pool that was asked for, the most first."""
    return (
        demand_entries(filters)
        .order_by()
        .values("resource__public_id", "resource__name", "resource_type__name", "pool__name")
        .annotate(wishes=Count("pk"), minutes=Sum("minutes"), last=Max("at"))
        .order_by("-wishes", "-minutes", "resource__name", "resource_type__name", "pool__name")
    )


def demand_by_type(filters: DemandFilters) -> "QuerySet[DemandEntry, Any]":
    """Wishes and minutes for each type, the most first."""
    return (
        demand_entries(filters)
        .order_by()
        .values("resource_type__public_id", "resource_type__name")
        .annotate(wishes=Count("pk"), minutes=Sum("minutes"), last=Max("at"))
        .order_by("-wishes", "-minutes", "resource_type__name")
    )


def demand_by_source(filters: DemandFilters) -> list[Share]:
    """The wishes by what made them; their sum is all of them."""
    rows = (
        demand_entries(filters)
        .order_by()
        .values("source")
        .annotate(wishes=Count("pk"), minutes=Sum("minutes"))
        .order_by("-wishes", "source")
    )
    return [
        Share(
            key=row["source"],
            label=str(DemandSource(row["source"]).label),
            wishes=row["wishes"],
            hours=row["minutes"] / MINUTES_PER_HOUR,
        )
        for row in rows
    ]


def demand_by_reason(filters: DemandFilters) -> list[Share]:
    """The wishes by reason, the most frequent first; a wish with two reasons counts in both."""
    rows = (
        demand_entries(filters)
        .order_by()
        .annotate(code=_Unnest(F("codes")))
        .values("code")
        .annotate(wishes=Count("pk"), minutes=Sum("minutes"))
        .order_by("-wishes", "code")[:MOST_REASONS]
    )
    return [
        Share(
            key=row["code"],
            label=say_reason(row["code"]),
            wishes=row["wishes"],
            hours=row["minutes"] / MINUTES_PER_HOUR,
        )
        for row in rows
    ]


def say_reason(code: str) -> str:
    """A rule's code in a few words, or the code itself where none are known."""
    return str(REASONS.get(code, code))
