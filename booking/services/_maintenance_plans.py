"""The steps of planning work that comes back, inside an open transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.range import TimestamptzRange

from accounts.models import User
from audit.services import record
from booking.enums import ClaimKind
from booking.errors import ActionRefused
from booking.models import MaintenancePlan, MaintenanceRecord, Resource
from booking.queries.maintenance import occurrences
from booking.services._maintenance import WorkDetails
from labitory.lib.recurrence import BadRule

AHEAD = timedelta(days=180)
LONGEST = timedelta(days=14)

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


def write_plan(
    resource: Resource, rhythm: Rhythm, details: WorkDetails, *, actor: User, now: datetime
) -> MaintenancePlan:
    """Write down work that comes back, and make the windows of the next half year."""
    plan = MaintenancePlan(resource=resource, created_by=actor, created_at=now)
    fill_plan(plan, rhythm, details, now)
    plan.save()
    record_plan(plan, "maintenance.planned", actor, now)
    make_windows(plan, now)
    return plan


def make_windows(plan: MaintenancePlan, now: datetime) -> tuple[int, int]:
    """Make what is not there yet; gives how many were made, and how many have no room."""
    until = now + AHEAD
    since = max(now, plan.planned_until or now)
    wanted = [each for each in occurrences(plan, until) if since <= each.start < until]
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


def fill_plan(plan: MaintenancePlan, rhythm: Rhythm, details: WorkDetails, now: datetime) -> None:
    """Write down what is said about the plan. Raises `ActionRefused` (422)."""
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


def record_plan(plan: MaintenancePlan, action: str, actor: User, now: datetime) -> None:
    """Write the audit record of what was done about the plan."""
    record(
        action=action,
        actor=actor,
        target=plan,
        now=now,
        reason=plan.title,
        facts={"resource": plan.resource.name, "rule": plan.rule},
    )
