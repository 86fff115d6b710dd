"""Repeating times: rules after RFC 5545 in the local time of a place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from labitory.lib.periods import Period

_PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
)
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_ENDS = frozenset({"COUNT", "UNTIL"})
_DAY = re.compile(r"\d{8}$")
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?$")
_NUMBER = re.compile(r"[1-9]\d{0,3}$")
_WEEKDAY = "(MO|TU|WE|TH|FR|SA|SU)"


def _list_of(one: str) -> re.Pattern[str]:
    return re.compile(f"{one}(,{one})*$", re.ASCII)


_SHAPES = {
    "COUNT": _NUMBER,
    "INTERVAL": _NUMBER,
    "UNTIL": _UNTIL,
    "BYDAY": _list_of(rf"([+-]?[1-9]\d?)?{_WEEKDAY}"),
    "BYMONTHDAY": _list_of(r"[+-]?(0?[1-9]|[12]\d|3[01])"),
    "BYMONTH": _list_of("(0?[1-9]|1[0-2])"),
    "BYSETPOS": _list_of(r"[+-]?[1-9]\d{0,2}"),
    "WKST": _list_of(_WEEKDAY),
}
# Weeks of a month, or of a year: dateutil looks beyond its end for more.
_WEEKS_OF_MONTH, _WEEKS_OF_YEAR = 5, 53
# How far from its first start a rule is followed.
_REACH = timedelta(days=366 * 20)
# 30 February never comes, and dateutil looks for it up to the year 9999. The calendar repeats
# itself every 400 years to the weekday: a rule is worked out in the last of these that fits.
_CYCLE = 400
_LAST_YEAR = 9999 - 21


class BadRule(ValueError):
    """A rule that is none, or one that this lab does not take; the text says which part."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a rule leads, in local time but so many years later; and how many it counts, if so."""

    starts: rrule
    count: int | None
    years: int


def read_rule(text: str, *, first: datetime, zone: ZoneInfo) -> Rule:
    """A rule such as `FREQ=WEEKLY;BYDAY=MO;COUNT=10`, that begins at `first` in local time.

    It repeats by days, weeks, months or years and must have an end (COUNT or UNTIL); an UNTIL in
    UTC is taken as the same moment in the zone, a mere day counts to its end. It is followed for
    twenty years. Raises `BadRule`.
    """
    parts = parts_of_rule(text)
    begins = first.astimezone(zone).replace(tzinfo=None)
    years = (_LAST_YEAR - begins.year) // _CYCLE * _CYCLE
    farthest = f"{begins + _REACH:%Y%m%dT%H%M%S}"
    until = min(_local_until(parts["UNTIL"], zone), farthest) if "UNTIL" in parts else farthest
    count = parts.pop("COUNT", None)
    parts["UNTIL"] = f"{int(until[:4]) + years}{until[4:]}"
    try:
        starts = _single(rrulestr(_text(parts), dtstart=begins.replace(year=begins.year + years)))
    except (ValueError, TypeError, AttributeError) as error:
        raise BadRule(text) from error
    return Rule(starts=starts, count=None if count is None else int(count), years=years)


def starts_of(rule: Rule, *, zone: ZoneInfo, most: int) -> list[datetime]:
    """The first `most` starts, as moments: 9:00 stays 9:00 when the clocks change.

    A local time that does not exist that night is the same distance after midnight (2:30 becomes
    3:30); one that comes twice is the first.
    """
    return [_moment(local, zone) for local in islice(_bounded(rule), most)]


def periods_of_rule(
    text: str, *, first: datetime, length: timedelta, zone: ZoneInfo, most: int
) -> list[Period]:
    """The first `most` occurrences of a rule, each from and to the same times on the wall's clock.

    In the night in which the clocks go on, what would begin in the missing hour keeps its length
    instead. Raises `BadRule`.
    """
    rule = read_rule(text, first=first, zone=zone)
    return [wall_period(local, length=length, zone=zone) for local in islice(_bounded(rule), most)]


def wall_length(start: datetime, length: timedelta, *, zone: ZoneInfo) -> timedelta:
    """How long a time lasts by the wall's clock: a night in March is an hour longer by it."""
    moment = start.astimezone(UTC)
    begins, ends = (
        each.astimezone(zone).replace(tzinfo=None) for each in (moment, moment + length)
    )
    return ends - begins if ends > begins else length


def wall_period(local: datetime, *, length: timedelta, zone: ZoneInfo) -> Period:
    """From a local time to the one so much later on the wall's clock."""
    start = _moment(local, zone)
    is_there = start.astimezone(zone).replace(tzinfo=None) == local
    end = _moment(local + length, zone) if is_there else start + length
    return Period(start, max(end, start + timedelta(minutes=1)))


def split_rule(
    text: str, *, first: datetime, at: datetime, zone: ZoneInfo, most: int
) -> tuple[str, str]:
    """A rule as two: up to the occurrence before `at`, and from there on to the same end.

    `most` is how many occurrences are looked at. Raises `BadRule`.
    """
    parts = parts_of_rule(text)
    starts = starts_of(read_rule(text, first=first, zone=zone), zone=zone, most=most)
    before = sum(start < at for start in starts)
    day = (at.astimezone(zone) - timedelta(days=1)).date()
    head = {name: value for name, value in parts.items() if name not in _ENDS}
    tail = dict(head)
    if "COUNT" in parts:
        tail["COUNT"] = str(max(int(parts["COUNT"]) - before, 1))
    else:
        # As a day: at whatever time the rest begins from now on, its last day counts.
        tail["UNTIL"] = _local_until(parts["UNTIL"], zone)[:8]
    return _text({**head, "UNTIL": f"{day:%Y%m%d}"}), _text(tail)


def _text(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def parts_of_rule(text: str) -> dict[str, str]:
    """The parts of a rule by name. Raises `BadRule`."""
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name not in _PARTS or name in parts:
            raise BadRule(part)
        parts[name] = value
    if parts.get("FREQ") not in _FREQUENCIES:
        raise BadRule(f"FREQ={parts.get('FREQ', '')}")
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise BadRule("COUNT, UNTIL")
    for name, shape in _SHAPES.items():
        if name in parts and not shape.fullmatch(parts[name]):
            raise BadRule(f"{name}={parts[name]}")
    in_month = parts["FREQ"] == "MONTHLY" or "BYMONTH" in parts
    most = _WEEKS_OF_MONTH if in_month else _WEEKS_OF_YEAR
    if any(int(week) > most for week in re.findall(r"\d+", parts.get("BYDAY", ""))):
        raise BadRule(f"BYDAY={parts['BYDAY']}")
    return parts


def _local_until(text: str, zone: ZoneInfo) -> str:
    """The last local moment: dateutil compares it with local starts."""
    if _DAY.match(text):
        return f"{text}T235959"
    if not text.endswith("Z"):
        return text
    try:
        moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadRule(f"UNTIL={text}") from error
    return f"{moment.astimezone(zone):%Y%m%dT%H%M%S}"


def _single(found: rrule | rruleset) -> rrule:
    if not isinstance(found, rrule):
        raise BadRule("RRULE")
    return found


def _bounded(rule: Rule) -> Iterator[datetime]:
    """Its local starts, as many as it counts."""
    for local in islice(rule.starts, rule.count):
        yield local.replace(year=local.year - rule.years)


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time as a moment in UTC."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
