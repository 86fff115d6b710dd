"""Planning work on resources."""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import InTheWay
from booking.errors import ActionRefused
from booking.events import post_change
from booking.locks import lock_fault, lock_maintenance
from booking.models import Booking, MaintenanceRecord, Resource, ResourceCalendar
from booking.permissions import can_manage_maintenance
from booking.services._displacing import call_off, re_plan
from booking.services._faults import note_fault
from booking.services._freed import post_freed
from booking.services._maintenance import (
    Clearing,
    WorkDetails,
    claim_work,
    clear_way,
    fill_work,
    plan_work,
    record_work,
    require_sense,
)
from booking.services._managers import require_manager, require_period
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.periods import Period

__all__ = ["WorkDetails", "cancel_maintenance", "change_maintenance", "schedule_maintenance"]


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
    require_sense(said)

    def work() -> MaintenanceRecord:
        resource = Resource.objects.select_related("resource_type").get(public_id=resource_id)
        _require(actor, resource)
        clearing = Clearing(way=way, title=said.title.strip(), shown=shown)
        maintenance = plan_work(resource, period, said, clearing, actor=actor, now=now)
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
    require_sense(details)

    def work() -> MaintenanceRecord:
        maintenance = lock_maintenance(maintenance_id)
        _require(actor, maintenance.resource)
        if maintenance.end_time <= now:
            raise ActionRefused(
                code="maintenance.over", text=_("This work is over: it can no longer be changed.")
            )
        before = (maintenance.start_time, maintenance.end_time)
        is_moved = before != (period.start, period.end)
        if is_moved or maintenance.title != details.title.strip():
            maintenance.sequence, maintenance.changed_at = maintenance.sequence + 1, now
        lifted: list[Booking] = []
        if is_moved:
            ResourceCalendar.objects.filter(maintenance=maintenance).delete()
            clearing = Clearing(way=way, title=details.title.strip(), shown=shown)
            lifted = clear_way(maintenance.resource, period, clearing, actor, now)
        maintenance.start_time, maintenance.end_time = period.start, period.end
        fill_work(maintenance, details)
        maintenance.save()
        if is_moved:
            claim_work(maintenance, period, way, now)
            post_freed([(maintenance.resource.public_id, Period(*before))], now=now)
        record_work(maintenance, "maintenance.changed", actor, now)
        post_change(maintenance.resource.public_id, now=now)
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
        call_off(maintenance, now=now)
        freed = Period(maintenance.start_time, maintenance.end_time)
        post_freed([(maintenance.resource.public_id, freed)], now=now)
        record_work(maintenance, "maintenance.cancelled", actor, now)
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


def _require(actor: User, resource: Resource) -> None:
    require_manager(can_manage_maintenance(actor, resource), "maintenance.manage", resource)
