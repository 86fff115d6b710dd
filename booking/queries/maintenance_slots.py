"""When work would harm the fewest plans."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.enums import ClaimKind, Status
from booking.models import Resource, ResourceCalendar
from labitory.lib.periods import Period, local_days

OFFERED = 3
LONGEST_SEARCH_DAYS = 60
_STEP = timedelta(minutes=30)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSlot:
    """A time for the work, and what it would displace."""

    period: Period
    bookings: int
    people: int
    minutes: int

    @property
    def word(self) -> str:
        """As a form sends it back when it is picked."""
        return f"{self.period.start.isoformat()}|{self.period.end.isoformat()}"


@dataclass(frozen=True, slots=True)
class _Claimed:
    during: Period
    booking_id: int | None
    user_id: int | None
    is_fixed: bool


def least_harmful(
    *,
    resource: Resource,
    length: timedelta,
    now: datetime,
    days: int,
    hours: tuple[time, time],
    but: int | None = None,
) -> list[WorkSlot]:
    """The times of the coming days that displace the fewest booked minutes, then people.

    At most one a day and three in all, within the hours of the day where the work fits into them.
    Other work, closures and what is in use are left alone; `but` is the key of the work that is
    being moved. One statement.
    """
    if length <= timedelta(0):
        return []
    window = Period(now, now + min(days, LONGEST_SEARCH_DAYS) * _DAY)
    claimed = _claimed(resource, Period(window.start, window.end + length), but)
    best: list[WorkSlot] = []
    for day in local_days(window, resource.zone):
        found = [
            slot
            for start in _starts(day, resource, length, hours)
            if window.start < start < window.end
            and (slot := _weigh(Period(start, start + length), claimed)) is not None
        ]
        if found:
            best.append(min(found, key=_harm))
    return sorted(best, key=_harm)[:OFFERED]


def _claimed(resource: Resource, window: Period, but: int | None) -> list[_Claimed]:
    rows = (
        ResourceCalendar.objects.filter(
            resource=resource, during__overlap=DateTimeTZRange(window.start, window.end)
        )
        .exclude(kind=ClaimKind.HOLD)
        .values_list("during", "booking_id", "booking__user_id", "booking__status", "maintenance")
    )
    return [
        _Claimed(
            during=Period(during.lower, during.upper),
            booking_id=booking_id,
            user_id=user_id,
            is_fixed=booking_id is None or status == Status.CHECKED_IN,
        )
        for during, booking_id, user_id, status, maintenance in rows
        if but is None or maintenance != but
    ]


def _starts(
    day: Period,
    resource: Resource,
    length: timedelta,
    hours: tuple[time, time],
) -> Iterator[datetime]:
    """Each half hour of the day from which the work stays within the hours."""
    local = day.start.astimezone(resource.zone).date()
    opens, closes = (
        datetime.combine(local, hour, tzinfo=resource.zone).astimezone(day.start.tzinfo)
        for hour in hours
    )
    if closes <= opens:
        closes += _DAY
    if length > closes - opens:
        # Longer work begins within the hours, whenever it ends.
        closes += length
    start = opens
    while start + length <= closes:
        yield start
        start += _STEP


def _weigh(period: Period, claimed: Sequence[_Claimed]) -> WorkSlot | None:
    met = [each for each in claimed if each.during.overlaps(period)]
    if any(each.is_fixed for each in met):
        return None
    lengths = {each.booking_id: each.during.minutes for each in met}
    return WorkSlot(
        period=period,
        bookings=len(lengths),
        people=len({each.user_id for each in met}),
        minutes=sum(lengths.values()),
    )


def _harm(slot: WorkSlot) -> tuple[int, int, datetime]:
    return slot.minutes, slot.people, slot.period.start
