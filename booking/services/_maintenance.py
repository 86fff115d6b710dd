"""The steps of planning work, inside an open transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import ClaimKind, InTheWay, MaintenanceKind
from booking.errors import ActionRefused
from booking.events import post_change, post_followed
from booking.models import Booking, MaintenanceRecord, Resource
from booking.services._blocks import cancel_in_the_way, claim_whole, in_the_way, require_free
from booking.services._displacing import lift_out, re_plan
from labitory.lib.db import LostRace
from labitory.lib.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDetails:
    """What is said about work besides where and when."""

    title: str
    kind: MaintenanceKind = MaintenanceKind.PLANNED
    vendor: str = ""
    cost: Decimal | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """What becomes of bookings in the way, why, and which ones the asker saw."""

    way: InTheWay
    title: str
    shown: Collection[UUID] | None = None


def plan_work(
    resource: Resource,
    period: Period,
    details: WorkDetails,
    clearing: Clearing,
    *,
    actor: User,
    now: datetime,
) -> MaintenanceRecord:
    """Take the resource out of use for the period, and deal with the bookings in the way.

    Raises `LostRace` where a booking came in between.
    """
    lifted = clear_way(resource, period, clearing, actor, now)
    maintenance = MaintenanceRecord(resource=resource, created_by=actor, created_at=now)
    maintenance.start_time, maintenance.end_time = period.start, period.end
    fill_work(maintenance, details)
    maintenance.save()
    claim_work(maintenance, period, clearing.way, now)
    record_work(maintenance, "maintenance.scheduled", actor, now)
    _tell_who_follow(maintenance, now)
    post_change(resource.public_id, now=now)
    re_plan(lifted, maintenance, actor=actor, now=now)
    return maintenance


def _tell_who_follow(maintenance: MaintenanceRecord, now: datetime) -> None:
    resource = maintenance.resource
    start, end = maintenance.start_time.isoformat(), maintenance.end_time.isoformat()
    post_followed(
        kind="resource.maintenance",
        resource=resource,
        path=reverse("booking:resource_detail", args=[resource.public_id]),
        facts={
            "resource": resource.name,
            "title": maintenance.title,
            "when": {"start": start, "end": end},
        },
        now=now,
    )


def clear_way(
    resource: Resource, period: Period, clearing: Clearing, actor: User, now: datetime
) -> list[Booking]:
    """Make room; gives the bookings that need another time."""
    if clearing.way is InTheWay.DISPLACE:
        return lift_out(resource, period, actor=actor, now=now, shown=clearing.shown)
    if clearing.way is InTheWay.CANCEL:
        cancel_in_the_way(
            [resource],
            period,
            actor=actor,
            reason=clearing.title,
            now=now,
            shown=clearing.shown,
        )
    else:
        require_free([resource], period, now=now)
    return []


def claim_work(
    maintenance: MaintenanceRecord, period: Period, way: InTheWay, now: datetime
) -> None:
    """Claim the time of the work; a booking that came in between is a lost race."""
    resource = maintenance.resource
    try:
        claim_whole([resource], period, ClaimKind.MAINTENANCE, maintenance=maintenance, now=now)
    except ActionRefused:
        # A booking that came in between is dealt with like the others, from the start.
        if way is not InTheWay.REFUSE and in_the_way([resource], period):
            raise LostRace from None
        raise


def require_sense(details: WorkDetails) -> None:
    """Refuse work without a name, or of a cost below zero."""
    if not details.title.strip():
        raise ActionRefused(
            code="maintenance.title", text=_("Say what is done."), field="title", status=422
        )
    if details.cost is not None and details.cost < 0:
        raise ActionRefused(
            code="maintenance.cost",
            text=_("The cost is below zero."),
            field="cost",
            status=422,
        )


def fill_work(maintenance: MaintenanceRecord, details: WorkDetails) -> None:
    """Write down what is said about the work."""
    maintenance.title, maintenance.kind = details.title.strip(), details.kind
    maintenance.vendor, maintenance.cost = details.vendor.strip(), details.cost
    maintenance.notes = details.notes


def record_work(maintenance: MaintenanceRecord, action: str, actor: User, now: datetime) -> None:
    """Write the audit record of what was done about the work."""
    record(
        action=action,
        actor=actor,
        target=maintenance,
        now=now,
        reason=maintenance.title,
        facts={
            "resource": maintenance.resource.name,
            "start_time": maintenance.start_time,
            "end_time": maintenance.end_time,
        },
    )
