"""The screen beside an instrument: what everybody who passes may know, and nobody's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from booking.models import Resource, ResourceCalendar
from booking.queries.calendars import open_periods
from booking.queries.check_ins import LastUse, last_use, missed_bookings
from booking.queries.faults import outage_facts
from booking.queries.resources import Presence, presences
from booking.rules.request import FaultFacts
from labitory.lib.periods import Period, local_day

LATER_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskView:
    """A resource's state, without reasons or names.

    Of `last` only says the screen since when somebody overstays; `later` is when it is taken later
    today, without buffers.
    """

    resource: Resource
    presence: Presence
    free_until: datetime | None
    last: LastUse
    later: tuple[Period, ...]
    # Why it cannot be used now.
    fault: FaultFacts | None = None


def kiosk_resource(code: str) -> Resource | None:
    """The instrument of a screen that everybody may stand before."""
    return (
        Resource.objects.select_related("resource_type")
        .filter(code=code.lower(), is_hidden=False)
        .first()
    )


def kiosk_view(
    *, resource: Resource, now: datetime, zone: ZoneInfo, opened: Sequence[Period] | None = None
) -> KioskView:
    """What the screen of an instrument shows; `opened` is when it is open today, where known."""
    rest = Period(now, local_day(now, zone).end)
    if opened is None:
        opened = open_periods(resources=[resource], window=rest)[resource.pk]
    found = presences(resources=[resource], opened={resource.pk: opened}, now=now)
    later = _taken_later(resource, rest, now)
    ends = [period.end for period in opened if period.start <= now]
    ends += [period.start for period in later]
    presence, fault = found[resource.pk], outage_facts(resource, now=now)
    if fault is not None and presence.kind in ("free", "shut"):
        presence = Presence(kind="fault", until=fault.back_at)
    return KioskView(
        resource=resource,
        presence=presence,
        free_until=min((end for end in ends if now < end < rest.end), default=None),
        last=last_use(resource=resource, now=now),
        later=tuple(later[:LATER_SHOWN]),
        fault=fault,
    )


def _taken_later(resource: Resource, rest: Period, now: datetime) -> list[Period]:
    claims = (
        ResourceCalendar.objects.filter(
            resource=resource,
            during__startswith__gt=now,
            during__startswith__lt=rest.end,
        )
        .exclude(hold_expires_at__lte=now)
        .exclude(booking__in=missed_bookings(now).values("pk"))
        .order_by("during")
        .values_list("during", "booking__start_time", "booking__end_time")
    )
    return list(
        dict.fromkeys(
            Period(start or during.lower, end or during.upper) for during, start, end in claims
        )
    )
