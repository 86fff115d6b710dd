"""How dates and times are written for the reader, who is known like the active time zone is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.utils import dateformat, timezone

from labitory.lib.http import lab_zone


@dataclass(frozen=True, slots=True)
class Formats:
    """Django format strings for dates and for times of day."""

    date: str = "j M Y"
    time: str = "H:i"


_USUAL = Formats()
_active: ContextVar[Formats] = ContextVar("active_formats", default=_USUAL)


@contextmanager
def use_formats(formats: Formats) -> Iterator[None]:
    """Write dates and times in these formats for the time of the block."""
    token = _active.set(formats)
    try:
        yield
    finally:
        _active.reset(token)


def say_date(value: date, *, weekday: bool = False) -> str:
    """A day as the reader writes it; a moment is first taken to the reader's zone."""
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return dateformat.format(day, f"D {_active.get().date}" if weekday else _active.get().date)


def say_time(value: datetime | time) -> str:
    """A time of day as the reader writes it; the hour that occurs twice names its offset."""
    if isinstance(value, time):
        return dateformat.time_format(value, _active.get().time)
    local = timezone.localtime(value)
    text = dateformat.format(local, _active.get().time)
    return f"{text} {local.tzname()}" if _is_ambiguous(local) else text


def say_moment(value: datetime) -> str:
    """A day and time as the reader writes them: '2 Mar 2026, 14:00'."""
    return f"{say_date(value)}, {say_time(value)}"


def say_period(start: datetime, end: datetime, *, weekday: bool = False) -> str:
    """From when to when; the day is said once where it is the same one."""
    begins = f"{say_date(start, weekday=weekday)}, {say_time(start)}"
    if timezone.localtime(start).date() == timezone.localtime(end).date():
        return f"{begins}\u2013{say_time(end)}"
    return f"{begins} \u2013 {say_date(end, weekday=weekday)}, {say_time(end)}"


def say_wall(local: datetime) -> str:
    """A moment by the clock of its own zone, not the reader's: 'Mon 2 Mar 2026, 14:00'."""
    return f"{say_date(local.date(), weekday=True)}, {say_time(local.time())}"


def say_zone(moment: datetime) -> str:
    """The reader's zone by name where its clocks differ from the lab's at that moment, or ''."""
    local = timezone.localtime(moment)
    if local.utcoffset() == moment.astimezone(lab_zone()).utcoffset():
        return ""
    return timezone.get_current_timezone_name().replace("_", " ")


def with_zone(text: str, moment: datetime) -> str:
    """A time that was written in the zone of `moment`: names it where the reader's differs."""
    if moment.utcoffset() == timezone.localtime(moment).utcoffset():
        return text
    return f"{text} ({str(moment.tzinfo).replace('_', ' ')})"


def _is_ambiguous(local: datetime) -> bool:
    """Whether the clocks are set back over this time of day, so that it occurs twice."""
    earlier, later = local.replace(fold=0), local.replace(fold=1)
    # In the gap of spring the two differ as well, but only one of them comes back unchanged.
    return (
        earlier.utcoffset() != later.utcoffset()
        and earlier.astimezone(UTC).astimezone(local.tzinfo).time() == local.time()
    )
