"""Work that comes back: its plan, and the windows that are made ahead of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from psycopg.types.range import TimestamptzRange

from accounts.models import User
from audit.services import record
from booking.enums import ClaimKind
from booking.errors import ActionRefused
from booking.events import post_notice
from booking.locks import lock_plan
from booking.models import MaintenancePlan, MaintenanceRecord, Resource
from booking.permissions import can_manage_maintenance
from booking.queries.maintenance import due_plans, occurrences
from booking.services._freed import post_freed
from booking.services._managers import require_manager
from booking.services.maintenance import WorkDetails
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period
from labitory.lib.recurrence import BadRule

AHEAD = timedelta(days=180)
LONGEST = timedelta(days=14)
# A plan is looked at again when so much of its windows has passed.
AGAIN = timedelta(days=7)

# The windows whose time nothing else has: a window that meets anything is left to a person.
CLAIM_WINDOWS = """
INSERT INTO booking_resourcecalendar (resource_id, units, during, kind, maintenance_id)
SELECT %(resource)s, int4range(NULL, NULL), w.during, %(kind)s, w.id
FROM unnest(%(ids)s::bigint[], %(durings)s::tstzrange[]) AS w(id, during) ORDER BY w.during
ON CONFLICT DO NOTHING RETURNING maintenance_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When the work comes back: a rule after RFC 5545 from its first start, and for how long."""

    rule: str
    first_start: datetime
    minutes: int


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
        plan = MaintenancePlan(resource=resource, created_by=actor, created_at=now)
        _fill(plan, rhythm, details, now)
        plan.save()
        _record(plan, "maintenance.planned", actor, now)
        _make_windows(plan, now)
        return plan

    return run_transaction(work)


def change_plan(
    *, actor: User, plan_id: UUID, rhythm: Rhythm, details: WorkDetails, now: datetime
) -> MaintenancePlan:
    """Change a plan; its windows to come follow, those that began stay as they were.

    Raises `MaintenancePlan.DoesNotExist`, `NotAllowed` and `ActionRefused` (409: it has ended).
    """

    def work() -> MaintenancePlan:
        plan = _open_plan(actor, plan_id)
        _fill(plan, rhythm, details, now)
        _drop_windows(plan, now)
        plan.planned_until = None
        plan.save()
        _record(plan, "maintenance.plan_changed", actor, now)
        _make_windows(plan, now)
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
        _record(plan, "maintenance.plan_ended", actor, now)
        return plan

    return run_transaction(work)


def make_windows_ahead(*, now: datetime) -> int:
    """Make the windows of all plans for the next half year; gives how many came to be.

    Running twice makes nothing twice. Who wrote a plan is told of windows whose time is taken.
    """
    keys = list(due_plans(now + AHEAD - AGAIN).values_list("public_id", flat=True))
    return sum(run_transaction(lambda: _ahead(key, now)) for key in keys)  # noqa: B023 - at once


def _ahead(plan_id: UUID, now: datetime) -> int:
    plan = lock_plan(plan_id)
    if plan.ended_at is not None:
        return 0
    made, missed = _make_windows(plan, now)
    if missed and plan.created_by_id is not None:
        post_notice(
            kind="maintenance.clash",
            people=[plan.created_by_id],
            now=now,
            path=reverse("booking:maintenance_plan", args=[plan.public_id]),
            facts={"resource": plan.resource.name, "title": plan.title, "n": missed},
        )
    return made


def _make_windows(plan: MaintenancePlan, now: datetime) -> tuple[int, int]:
    """Make what is not there yet; gives how many were made, and how many have no room."""
    until = now + AHEAD
    since = max(now, plan.planned_until or now)
    wanted = [each for each in occurrences(plan, until) if since <= each.start <= until]
    records = MaintenanceRecord.objects.bulk_create(
        MaintenanceRecord(
            resource=plan.resource,
            plan=plan,
            kind=plan.kind,
            title=plan.title,
            start_time=each.start,
            end_time=each.end,
            vendor=plan.vendor,
            cost=plan.cost,
            notes=plan.notes,
            created_by=plan.created_by,
            created_at=now,
        )
        for each in wanted
    )
    claimed = _claim(plan, records)
    missed = [each.pk for each in records if each.pk not in claimed]
    MaintenanceRecord.objects.filter(pk__in=missed).delete()
    plan.planned_until = until
    plan.save(update_fields=["planned_until"])
    return len(claimed), len(missed)


def _claim(plan: MaintenancePlan, records: list[MaintenanceRecord]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM_WINDOWS,
            {
                "resource": plan.resource_id,
                "kind": int(ClaimKind.MAINTENANCE),
                "ids": [each.pk for each in records],
                "durings": [TimestamptzRange(each.start_time, each.end_time) for each in records],
            },
        )
        return {row[0] for row in cursor.fetchall()}


def _drop_windows(plan: MaintenancePlan, now: datetime) -> None:
    """Take back the windows that have not begun; their claims go with them."""
    coming = plan.windows.filter(start_time__gt=now, cancelled_at=None)
    freed = [Period(start, end) for start, end in coming.values_list("start_time", "end_time")]
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


def _fill(plan: MaintenancePlan, rhythm: Rhythm, details: WorkDetails, now: datetime) -> None:
    if not details.title.strip():
        raise _refused("title", _("Say what is done."))
    if details.cost is not None and details.cost < 0:
        raise _refused("cost", _("The cost is below zero."))
    if not 1 <= rhythm.minutes <= LONGEST.total_seconds() // 60:
        raise _refused("minutes", _("Work that comes back lasts from a minute to two weeks."))
    if rhythm.first_start < now - timedelta(days=366):
        raise _refused("first_start", _("It cannot begin more than a year ago."))
    plan.title, plan.kind = details.title.strip(), details.kind
    plan.vendor, plan.cost, plan.notes = details.vendor.strip(), details.cost, details.notes
    plan.rule, plan.first_start, plan.minutes = rhythm.rule, rhythm.first_start, rhythm.minutes
    try:
        found = occurrences(plan, now + AHEAD)
    except BadRule as error:
        raise _refused("rule", _("This is no rule: %(part)s") % {"part": error}) from error
    if any(first.overlaps(second) for first, second in pairwise(found)):
        raise _refused("minutes", _("It would begin again before it ends."))


def _refused(field: str, text: str) -> ActionRefused:
    return ActionRefused(code=f"maintenance.{field}", text=text, field=field, status=422)


def _require(actor: User, resource: Resource) -> None:
    require_manager(can_manage_maintenance(actor, resource), "maintenance.manage", resource)


def _record(plan: MaintenancePlan, action: str, actor: User, now: datetime) -> None:
    record(
        action=action,
        actor=actor,
        target=plan,
        now=now,
        reason=plan.title,
        facts={"resource": plan.resource.name, "rule": plan.rule},
    )
