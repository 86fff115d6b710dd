"""When a message may go out: at once, after the quiet hours, or with the next digest."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.enums import Timing

DAY = timedelta(days=1)
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A person's quiet hours and digest on the clock of their zone.

    Quiet hours from 22:00 until 07:00 are over midnight; without them both are None. Monday is 0.
    """

    zone: ZoneInfo
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_at: time = time(7)
    digest_weekday: int = 0


def quiet_until(hours: Hours, now: datetime) -> datetime | None:
    """When the quiet that reigns now is over; None when nothing is quiet."""
    if hours.quiet_from is None or hours.quiet_until is None:
        return None
    today = now.astimezone(hours.zone).date()
    # A night that began yesterday may still last.
    for first_day in (today - DAY, today):
        start = _moment(first_day, hours.quiet_from, hours.zone)
        is_over_midnight = hours.quiet_until <= hours.quiet_from
        last_day = first_day + DAY if is_over_midnight else first_day
        end = _moment(last_day, hours.quiet_until, hours.zone)
        if start <= now < end:
            return end
    return None


def next_digest(hours: Hours, timing: Timing, now: datetime) -> datetime:
    """The first moment after now at which the person's daily or weekly digest is written."""
    day = now.astimezone(hours.zone).date()
    if timing is Timing.WEEKLY:
        day += DAY * ((hours.digest_weekday - day.weekday()) % DAYS_A_WEEK)
    step = DAY * (DAYS_A_WEEK if timing is Timing.WEEKLY else 1)
    while (moment := _moment(day, hours.digest_at, hours.zone)) <= now:
        day += step
    return moment


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A time on the wall; one that the clocks leave out is as much later as they jump."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
