"""Planning work on resources."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import ClaimKind, InTheWay, MaintenanceKind
from booking.errors import ActionRefused
from booking.locks import lock_fault, lock_maintenance
from booking.models import Booking, MaintenanceRecord, Resource, ResourceCalendar
from booking.permissions import can_manage_maintenance
from booking.services._blocks import cancel_in_the_way, claim_whole, in_the_way, require_free
from booking.services._displacing import lift_out, put_back, re_plan
from booking.services._faults import note_fault
from booking.services._freed import post_freed
from booking.services._managers import require_manager, require_period
from labitory.lib.db import LostRace, run_transaction
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
class _Clearing:
    """What becomes of bookings in the way, why, and which ones the asker saw."""

    way: InTheWay
    title: str
    shown: Collection[UUID] | None


def schedule_maintenance(
    *,
    actor: User,
    resource_id: UUID,
    period: Period,
    now: datetime,
    title: str = "",
    details: WorkDetails | None = None,
    way: InTheWay = InTheWay.REFUSE,
    fault_id: UUID | None = None,
    shown: Collection[UUID] | None = None,
) -> MaintenanceRecord:
    """Take a whole resource out of use for a time; `fault_id` is a fault that it is to mend.

    Bookings in the way refuse it by name, unless `way` says to cancel them with the title as the
    reason, or to displace them: each gives its time back and is offered the nearest other that its
    person may have; with `shown` only if no others stand there. All of it happens, or nothing.
    Raises `Resource.DoesNotExist`, `Fault.DoesNotExist`, `NotAllowed`, `BookingRefused` and
    `ActionRefused`.
    """
    said = details or WorkDetails(title=title)
    require_period(period, now)
    _require_sense(said)

    def work() -> MaintenanceRecord:
        resource = Resource.objects.select_related("resource_type").get(public_id=resource_id)
        _require(actor, resource)
        clearing = _Clearing(way=way, title=said.title.strip(), shown=shown)
        lifted = _clear(resource, period, clearing, actor, now)
        maintenance = MaintenanceRecord(resource=resource, created_by=actor, created_at=now)
        maintenance.start_time, maintenance.end_time = period.start, period.end
        _fill(maintenance, said)
        maintenance.save()
        _claim(maintenance, period, way, now)
        _record(maintenance, "maintenance.scheduled", actor, now)
        re_plan(lifted, maintenance, actor=actor, now=now)
        if fault_id is not None:
            _attach(fault_id, maintenance, actor, now)
        return maintenance

    return _run(work)


def change_maintenance(
    *,
    actor: User,
    maintenance_id: UUID,
    period: Period,
    details: WorkDetails,
    now: datetime,
    way: InTheWay = InTheWay.REFUSE,
    shown: Collection[UUID] | None = None,
) -> MaintenanceRecord:
    """Say something else about planned work, or move it; what is over stays as it was.

    Raises `MaintenanceRecord.DoesNotExist` and what `schedule_maintenance` raises.
    """
    require_period(period, now)
    _require_sense(details)

    def work() -> MaintenanceRecord:
        maintenance = lock_maintenance(maintenance_id)
        _require(actor, maintenance.resource)
        if maintenance.end_time <= now:
            raise ActionRefused(
                code="maintenance.over", text=_("This work is over: it can no longer be changed.")
            )
        before = (maintenance.start_time, maintenance.end_time)
        is_moved = before != (period.start, period.end)
        lifted: list[Booking] = []
        if is_moved:
            ResourceCalendar.objects.filter(maintenance=maintenance).delete()
            clearing = _Clearing(way=way, title=details.title.strip(), shown=shown)
            lifted = _clear(maintenance.resource, period, clearing, actor, now)
        maintenance.start_time, maintenance.end_time = period.start, period.end
        _fill(maintenance, details)
        maintenance.save()
        if is_moved:
            _claim(maintenance, period, way, now)
            post_freed([(maintenance.resource.public_id, Period(*before))], now=now)
        _record(maintenance, "maintenance.changed", actor, now)
        re_plan(lifted, maintenance, actor=actor, now=now)
        return maintenance

    return _run(work)


def cancel_maintenance(*, actor: User, maintenance_id: UUID, now: datetime) -> MaintenanceRecord:
    """Call planned work off; its time is free again.

    What it displaced and was not moved yet gets its time back where it is free still. Raises
    `MaintenanceRecord.DoesNotExist` and `NotAllowed`.
    """

    def work() -> MaintenanceRecord:
        maintenance = lock_maintenance(maintenance_id)
        _require(actor, maintenance.resource)
        maintenance.cancelled_at = now
        maintenance.save(update_fields=["cancelled_at"])
        ResourceCalendar.objects.filter(maintenance=maintenance).delete()
        put_back(maintenance, now=now)
        freed = Period(maintenance.start_time, maintenance.end_time)
        post_freed([(maintenance.resource.public_id, freed)], now=now)
        _record(maintenance, "maintenance.cancelled", actor, now)
        return maintenance

    return run_transaction(work)


def _run(work: Callable[[], MaintenanceRecord]) -> MaintenanceRecord:
    """In one transaction; who loses every race against bookings is told so."""
    try:
        return run_transaction(work)
    except LostRace as error:
        raise ActionRefused(
            code="block.claimed",
            text=_("Somebody books that time at this very moment: try again."),
            field="start_time",
        ) from error


def _clear(
    resource: Resource, period: Period, clearing: _Clearing, actor: User, now: datetime
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


def _claim(maintenance: MaintenanceRecord, period: Period, way: InTheWay, now: datetime) -> None:
    resource = maintenance.resource
    try:
        claim_whole([resource], period, ClaimKind.MAINTENANCE, maintenance=maintenance, now=now)
    except ActionRefused:
        # A booking that came in between is dealt with like the others, from the start.
        if way is not InTheWay.REFUSE and in_the_way([resource], period):
            raise LostRace from None
        raise


def _attach(fault_id: UUID, maintenance: MaintenanceRecord, actor: User, now: datetime) -> None:
    """Mend a fault of the same resource by the work."""
    fault = lock_fault(fault_id)
    if fault.resource_id != maintenance.resource_id:
        raise ActionRefused(
            code="maintenance.fault",
            text=_("This fault is of another instrument."),
            field="fault",
            status=422,
        )
    fault.maintenance = maintenance
    fault.save(update_fields=["maintenance"])
    text = _("Work is planned: %(title)s.") % {"title": maintenance.title}
    note_fault(fault, actor=actor, now=now, text=text)


def _require_sense(details: WorkDetails) -> None:
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


def _fill(maintenance: MaintenanceRecord, details: WorkDetails) -> None:
    maintenance.title, maintenance.kind = details.title.strip(), details.kind
    maintenance.vendor, maintenance.cost = details.vendor.strip(), details.cost
    maintenance.notes = details.notes


def _require(actor: User, resource: Resource) -> None:
    require_manager(can_manage_maintenance(actor, resource), "maintenance.manage", resource)


def _record(maintenance: MaintenanceRecord, action: str, actor: User, now: datetime) -> None:
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
