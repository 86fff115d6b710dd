"""Work that comes back: its plan, and the windows that are made ahead of time."""

from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from booking.errors import ActionRefused
from booking.events import post_notice
from booking.locks import lock_plan
from booking.models import MaintenancePlan, Offer, Resource
from booking.permissions import can_manage_maintenance
from booking.queries.maintenance import due_plans
from booking.services._displacing import call_off
from booking.services._freed import post_freed
from booking.services._maintenance import WorkDetails
from booking.services._maintenance_plans import (
    AHEAD,
    Rhythm,
    fill_plan,
    make_windows,
    record_plan,
    write_plan,
)
from booking.services._managers import require_manager
from labitory.lib.db import run_each, run_transaction
from labitory.lib.periods import Period

__all__ = ["Rhythm", "change_plan", "end_plan", "make_plan", "make_windows_ahead"]

# A plan is looked at again when so much of its windows has passed.
AGAIN = timedelta(days=7)


def make_plan(
    *, actor: User, resource_id: UUID, rhythm: Rhythm, details: WorkDetails, now: datetime
) -> MaintenancePlan:
    """Plan work that comes back; the windows of the next half year are made at once.

    A rule needs no end. Windows whose time is taken are not made: the plan's page lists them, to be
    planned by hand. Raises `Resource.DoesNotExist`, `NotAllowed` and `ActionRefused` (422).
    """

    def work() -> MaintenancePlan:
        resource = Resource.objects.get(public_id=resource_id)
        _require(actor, resource)
        return write_plan(resource, rhythm, details, actor=actor, now=now)

    return run_transaction(work)


def change_plan(
    *, actor: User, plan_id: UUID, rhythm: Rhythm, details: WorkDetails, now: datetime
) -> MaintenancePlan:
    """Change a plan; its windows to come follow, those that began stay as they were.

    Raises `MaintenancePlan.DoesNotExist`, `NotAllowed` and `ActionRefused` (409: it has ended).
    """

    def work() -> MaintenancePlan:
        plan = _open_plan(actor, plan_id)
        fill_plan(plan, rhythm, details, now)
        _drop_windows(plan, now)
        plan.planned_until = None
        plan.save()
        record_plan(plan, "maintenance.plan_changed", actor, now)
        make_windows(plan, now)
        return plan

    return run_transaction(work)


def end_plan(*, actor: User, plan_id: UUID, now: datetime) -> MaintenancePlan:
    """End a plan: its windows to come are gone, and their time is free.

    Raises `MaintenancePlan.DoesNotExist`, `NotAllowed` and `ActionRefused` (409: it has ended).
    """

    def work() -> MaintenancePlan:
        plan = _open_plan(actor, plan_id)
        plan.ended_at = now
        plan.save(update_fields=["ended_at"])
        _drop_windows(plan, now)
        record_plan(plan, "maintenance.plan_ended", actor, now)
        return plan

    return run_transaction(work)


def make_windows_ahead(*, now: datetime) -> int:
    """Make the windows of all plans for the next half year; gives how many came to be.

    Running twice makes nothing twice. Who wrote a plan is told of windows whose time is taken.
    """
    keys = due_plans(now + AHEAD - AGAIN).values_list("public_id", flat=True)
    return run_each(keys, lambda key: _ahead(key, now))


def _ahead(plan_id: UUID, now: datetime) -> int:
    plan = lock_plan(plan_id)
    if plan.ended_at is not None:
        return 0
    made, missed = make_windows(plan, now)
    if missed and plan.created_by_id is not None:
        post_notice(
            kind="maintenance.clash",
            people=[plan.created_by_id],
            now=now,
            path=reverse("booking:maintenance_plan", args=[plan.public_id]),
            facts={"resource": plan.resource.name, "title": plan.title, "n": missed},
        )
    return made


def _drop_windows(plan: MaintenancePlan, now: datetime) -> None:
    """Take back the windows that have not begun; their claims go with them.

    One that displaced bookings is called off instead: they get their time back where it is free.
    """
    coming = plan.windows.filter(start_time__gt=now, cancelled_at=None)
    freed = [Period(start, end) for start, end in coming.values_list("start_time", "end_time")]
    displacing = Offer.objects.filter(maintenance__in=coming).values("maintenance")
    for window in coming.filter(pk__in=displacing).order_by("start_time"):
        call_off(window, now=now)
    coming.delete()
    post_freed([(plan.resource.public_id, each) for each in freed], now=now)


def _open_plan(actor: User, plan_id: UUID) -> MaintenancePlan:
    plan = lock_plan(plan_id)
    _require(actor, plan.resource)
    if plan.ended_at is not None:
        raise ActionRefused(
            code="maintenance.plan_ended", text=_("This plan has ended: write a new one.")
        )
    return plan


def _require(actor: User, resource: Resource) -> None:
    require_manager(can_manage_maintenance(actor, resource), "maintenance.manage", resource)
