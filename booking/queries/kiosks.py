"""The screen beside an instrument: what everybody who passes may know, and nobody's name."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from booking.models import Resource
from booking.queries.calendars import with_hours
from booking.queries.check_ins import over_since
from booking.queries.faults import fault_told, with_fault_facts
from booking.queries.passing import passing, rest_of_day
from booking.queries.resources import Presence
from booking.rules.request import FaultFacts
from labitory.lib.periods import Period

LATER_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskView:
    """A resource's state, without reasons or names.

    `over_since` is when somebody's time was over who has not left; `later` is when it is taken
    later today, without buffers.
    """

    resource: Resource
    presence: Presence
    free_until: datetime | None
    over_since: datetime | None
    later: tuple[Period, ...]
    # Why it cannot be used now.
    fault: FaultFacts | None = None


def for_everybody(code: str) -> Q:
    """The instrument of a screen that everybody may stand before."""
    return Q(code=code.lower(), is_hidden=False)


def kiosk_view(which: Q, *, now: datetime, zone: ZoneInfo) -> KioskView | None:
    """What the screen of this one instrument shows, in two queries; None where there is none."""
    rest = rest_of_day(now, zone)
    rows = with_hours(Resource.objects.filter(which).select_related("resource_type"), rest)
    rows = with_fault_facts(rows, now=now)
    resource = rows.annotate(over_since=over_since(now)).first()
    if resource is None:
        return None
    found = passing(resources=[resource], rest=rest)[resource.pk]
    presence, fault = found.presence, fault_told(resource)
    if fault is not None and not fault.is_blocking(now):
        fault = None
    if fault is not None and presence.kind in ("free", "shut"):
        presence = Presence(kind="fault", until=fault.back_at)
    return KioskView(
        resource=resource,
        presence=presence,
        free_until=found.free_until,
        over_since=resource.over_since,
        later=found.later[:LATER_SHOWN],
        fault=fault,
    )
