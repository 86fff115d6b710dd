"""Planning work on resources."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import ClaimKind
from booking.errors import ActionRefused
from booking.models import MaintenanceRecord, Resource, ResourceCalendar
from booking.permissions import can_manage_maintenance
from booking.services._blocks import cancel_in_the_way, claim_whole, require_free
from booking.services._freed import post_freed
from booking.services._managers import require_manager, require_period
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period


def schedule_maintenance(
    *,
    actor: User,
    resource_id: UUID,
    period: Period,
    title: str,
    now: datetime,
    notes: str = "",
    cancel_bookings: bool = False,
) -> MaintenanceRecord:
    """Take a whole resource out of use for a time.

    Bookings in the way refuse it by name, unless `cancel_bookings` says to cancel them. Raises
    `Resource.DoesNotExist`, `NotAllowed`, `BookingRefused` and `ActionRefused`.
    """
    require_period(period, now)
    if not title.strip():
        raise ActionRefused(
            code="maintenance.title", text=_("Say what is done."), field="title", status=422
        )

    def work() -> MaintenanceRecord:
        resource = Resource.objects.get(public_id=resource_id)
        _require(actor, resource)
        if cancel_bookings:
            cancel_in_the_way([resource], period, actor=actor, reason=title.strip(), now=now)
        else:
            require_free([resource], period, now=now)
        maintenance = MaintenanceRecord.objects.create(
            resource=resource,
            title=title.strip(),
            notes=notes,
            start_time=period.start,
            end_time=period.end,
            created_by=actor,
            created_at=now,
        )
        claim_whole([resource], period, ClaimKind.MAINTENANCE, maintenance=maintenance, now=now)
        _record(maintenance, "maintenance.scheduled", actor, now)
        return maintenance

    return run_transaction(work)


def cancel_maintenance(*, actor: User, maintenance_id: UUID, now: datetime) -> MaintenanceRecord:
    """Call planned work off; its time is free again. Raises `MaintenanceRecord.DoesNotExist`."""

    def work() -> MaintenanceRecord:
        maintenance = MaintenanceRecord.objects.select_related("resource").get(
            public_id=maintenance_id, cancelled_at=None
        )
        _require(actor, maintenance.resource)
        maintenance.cancelled_at = now
        maintenance.save(update_fields=["cancelled_at"])
        ResourceCalendar.objects.filter(maintenance=maintenance).delete()
        freed = Period(maintenance.start_time, maintenance.end_time)
        post_freed([(maintenance.resource.public_id, freed)], now=now)
        _record(maintenance, "maintenance.cancelled", actor, now)
        return maintenance

    return run_transaction(work)


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
