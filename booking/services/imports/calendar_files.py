"""Calendar files (RFC 5545) as entries with one time each, whatever the file asks for.

What a file may say is looked at before it is worked out: repetitions by seconds, rules that never
come true and other floods are refused, each entry by itself and in words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from booking.services.imports.plan import BadRow
from booking.services.imports.reading import no_null
from labitory.lib.periods import Period
from labitory.lib.recurrence import BadRule, parts_of_rule, read_rule, starts_of

LARGEST = 1_000_000
AHEAD = timedelta(days=366)
MOST_ENTRIES = 1000
# In the file, with all that is past; and of those that repeat.
MOST_WRITTEN, MOST_SERIES = 5000, 100
# A series that began before is not followed up to today.
_OLDEST = timedelta(days=366 * 10)
_LONGEST_UID = 255
_FOLD = re.compile(r"\r?\n[ \t]")
# Some programs put their own name before that of the zone.
_OWN_ZONE = re.compile(r'TZID="?/[^:;"]*?/([A-Z][A-Za-z_]+/[A-Za-z_/+-]+)"?(?=[;:])')
_WRONG = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)


class BadFile(BadRow):
    """A file that is not worked out at all; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry with its time; `occurrence` is the original start of one of a series."""

    uid: str
    occurrence: datetime
    in_series: bool
    period: Period
    summary: str
    notes: str
    is_cancelled: bool

    @property
    def place(self) -> str:
        """Where it stands in its file: the soonest first."""
        return f"{self.period.start:%Y%m%dT%H%M%S} {self.occurrence:%Y%m%dT%H%M%S} {self.uid}"


@dataclass(slots=True, kw_only=True)
class CalendarFile:
    """What is to come in a file; what is not understood and what is past, by name and reason.

    `rest` are the entries that a portion leaves to the next one.
    """

    entries: list[Entry] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    past: list[str] = field(default_factory=list)
    rest: int = 0

    def portion(self, *, after: str, size: int) -> "CalendarFile":
        """The next so many entries after a place; what is not read is told with the first ones."""
        ahead = [entry for entry in self.entries if entry.place > after]
        rest = max(len(ahead) - size, 0)
        if after:
            return CalendarFile(entries=ahead[:size], rest=rest)
        return replace(self, entries=ahead[:size], rest=rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """How entries are read: local times of the resource, and between when and when."""

    zone: ZoneInfo
    window: Period
    whole_days: bool


def read_calendar(
    content: bytes, *, zone: ZoneInfo, now: datetime, whole_days: bool
) -> CalendarFile:
    """The entries from now to a year ahead, each of a series by itself.

    Times without a zone are the resource's; whole days are taken where `whole_days` says so.
    Raises `BadFile` for what is no calendar file, and for what is more than a file may hold.
    """
    window = Period(now, now + AHEAD)
    frame = _Frame(zone=zone, window=window, whole_days=whole_days)
    found, groups = CalendarFile(), dict[str, list[Event]]()
    written = list(_written(_text_of(content)))
    if len(written) > MOST_WRITTEN:
        raise _too_much(_("The file has more than %(n)d entries."), MOST_WRITTEN)
    series = 0
    for text in written:
        try:
            event = _read(text, frame)
        except BadFile:
            raise
        except BadRow as error:
            found.unread.append((_name_of(text), str(error)))
            continue
        series += "RRULE" in event or "RDATE" in event
        if series > MOST_SERIES:
            raise _too_much(_("The file has more than %(n)d series."), MOST_SERIES)
        groups.setdefault(str(event["UID"]), []).append(event)
    for uid, events in groups.items():
        _work_out(uid, events, frame, found)
    found.entries.sort(key=lambda each: each.place)
    return found


def _too_much(text: str, limit: int) -> BadFile:
    """What is too much, and the way out."""
    way = _(
        "Save it in parts, such as some months each, and take one after the other over: what is "
        "known already is not made twice."
    )
    return BadFile(f"{text % {'n': limit}} {way}")


def _text_of(content: bytes) -> str:
    if len(content) > LARGEST:
        raise _too_much(_("The file is larger than %(n)d MB."), LARGEST // 1_000_000)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(_("The file is not UTF-8.")) from None
    if "\x00" in text or not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise BadFile(_("This is no calendar file (.ics)."))
    return _OWN_ZONE.sub(r"TZID=\1", _FOLD.sub("", text))


def _written(text: str) -> Iterator[str]:
    """The text of each entry, without what lies within it such as alarms.

    Zones are known by their names alone: what a file says of their clocks is not followed.
    """
    own: list[str] | None = None
    within: list[str] = []
    for line in text.splitlines():
        word, _colon, name = line.strip().upper().partition(":")
        if word == "BEGIN":
            within.append(name)
            if within[-2:] == ["VCALENDAR", "VEVENT"]:
                own = []
        elif word == "END" and within:
            if within.pop() == "VEVENT" and own is not None and within == ["VCALENDAR"]:
                yield "\r\n".join(["BEGIN:VEVENT", *own, "END:VEVENT", ""])
                own = None
        elif own is not None and within[-1:] == ["VEVENT"]:
            own.append(line)


def _name_of(text: str) -> str:
    """What an entry that cannot be read calls itself."""
    for word in ("SUMMARY", "UID"):
        for line in text.splitlines():
            if line.upper().startswith((f"{word}:", f"{word};")):
                return no_null(line.partition(":")[2])[:200]
    return _("Without a name")


def _read(text: str, frame: _Frame) -> Event:
    """One entry that can be worked out without harm, or a `BadRow` that says why not."""
    try:
        event = Event.from_ical(text)
        if not isinstance(event, Event):
            raise BadRow(_("It cannot be read."))
        _require_known(event)
        _require_times(event, frame)
        _bound_rule(event, text, frame)
    except BadRow:
        raise
    except _WRONG:
        raise BadRow(_("It cannot be read.")) from None
    return event


def _require_known(event: Event) -> None:
    uid = str(event.get("UID", "")).strip()
    if not uid or len(uid) > _LONGEST_UID or "\x00" in uid:
        raise BadRow(_("It has no UID by which it would be known again."))
    if "DTSTART" not in event or isinstance(_said(event, "DTSTART"), list):
        raise BadRow(_("It has no start."))


def _require_times(event: Event, frame: _Frame) -> None:
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if name not in event:
            continue
        moment, zone = _said(event, name).dt, _said(event, name).params.get("TZID", "")
        if isinstance(moment, datetime) and moment.tzinfo is None and zone:
            raise BadRow(_("Its time zone is not known here: %(zone)s.") % {"zone": zone[:80]})
    start = _said(event, "DTSTART").dt
    if isinstance(start, datetime):
        if "DTEND" not in event and "DURATION" not in event:
            raise BadRow(_("It has no end."))
    elif not frame.whole_days:
        raise BadRow(_("It lasts all day: bookings have a time."))
    if "DTEND" in event and _moment(_said(event, "DTEND").dt, frame.zone) < _moment(
        start, frame.zone
    ):
        raise BadRow(_("It ends before it starts."))
    oldest = (frame.window.start - _OLDEST).date()
    if "RRULE" in event and (start.date() if isinstance(start, datetime) else start) < oldest:
        raise BadRow(_("This series began more than ten years ago."))


def _bound_rule(event: Event, text: str, frame: _Frame) -> None:
    """Refuse rules that this lab does not take, and end the others where nobody looks further."""
    if "EXRULE" in event or isinstance(event.get("RRULE"), list):
        raise BadRow(_("It repeats by several rules: only one is taken."))
    dates: Any = event.get("RDATE", [])
    many = sum(len(each.dts) for each in (dates if isinstance(dates, list) else [dates]))
    if many > MOST_ENTRIES:
        raise BadRow(_("It repeats more than %(n)d times.") % {"n": MOST_ENTRIES})
    if "RRULE" not in event:
        return
    rules = (line for line in text.splitlines() if line.upper().startswith(("RRULE:", "RRULE;")))
    [written] = rules
    said, start = written.partition(":")[2].strip(), _said(event, "DTSTART").dt
    end = frame.window.end
    last = f"{end:%Y%m%d}" if not isinstance(start, datetime) else f"{end:%Y%m%dT%H%M%S}"
    if isinstance(start, datetime) and start.tzinfo is not None:
        last += "Z"
    has_end = re.search(r"(^|;)(COUNT|UNTIL)=", said, re.IGNORECASE)
    try:
        parts = parts_of_rule(said if has_end else f"{said};UNTIL={last}")
        _require_coming(parts, _moment(start, frame.zone), frame.zone)
    except BadRule as error:
        raise BadRow(
            _(
                "It repeats in a way that is not taken (%(rule)s): only by days, weeks, months or "
                "years, and at most %(n)d times."
            )
            % {"rule": str(error)[:80], "n": MOST_ENTRIES}
        ) from None
    if "UNTIL" in parts and parts["UNTIL"][:8] > last[:8]:
        parts["UNTIL"] = last
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    event.pop("RRULE")
    event.add("RRULE", Event.from_ical(f"BEGIN:VEVENT\r\nRRULE:{rule}\r\nEND:VEVENT\r\n")["RRULE"])


def _require_coming(parts: dict[str, str], first: datetime, zone: ZoneInfo) -> None:
    """Refuse the whole file for a rule such as every 30 February: looking for it has no end.

    Whatever comes twice within twenty years is found soon, however it ends.
    """
    ends = {"COUNT": "2"}
    told = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")} | ends
    text = ";".join(f"{name}={value}" for name, value in told.items())
    if len(starts_of(read_rule(text, first=first, zone=zone), zone=zone, most=2)) < 2:  # noqa: PLR2004
        raise BadFile(_("It has a repetition that never comes true: %(rule)s.") % {"rule": text})


def _work_out(uid: str, events: Sequence[Event], frame: _Frame, found: CalendarFile) -> None:
    """Each time of the entries of one name that is still to come."""
    calendar = Calendar()
    for event in events:
        calendar.add_component(event)
    name = no_null(str(events[0].get("SUMMARY", "")))[:200] or uid
    in_series = len(events) > 1 or any(
        word in event for event in events for word in ("RRULE", "RDATE", "RECURRENCE-ID")
    )
    try:
        times = recurring_ical_events.of(calendar).between(frame.window.start, frame.window.end)
        entries = [_entry(uid, each, frame, in_series=in_series) for each in times]
    except _WRONG:
        found.unread.append((name, _("It cannot be read.")))
        return
    known = [each for each in entries if each is not None]
    if len(known) < len(entries):
        found.unread.append((name, _("It ends before it starts.")))
    ahead = [each for each in known if each.period.end > frame.window.start]
    found.entries += ahead
    if not entries:
        found.past.append(name)
    if len(found.entries) > MOST_ENTRIES:
        text = _("The file has more than %(n)d entries within a year, series counted out.")
        raise _too_much(text, MOST_ENTRIES)


def _entry(uid: str, event: Event, frame: _Frame, *, in_series: bool) -> Entry | None:
    start = _moment(_said(event, "DTSTART").dt, frame.zone)
    end = _moment(_said(event, "DTEND").dt, frame.zone)
    if end <= start:
        return None
    occurrence = (
        _said(event, "RECURRENCE-ID").dt if "RECURRENCE-ID" in event else _said(event, "DTSTART").dt
    )
    return Entry(
        uid=uid,
        occurrence=_moment(occurrence, frame.zone),
        in_series=in_series,
        period=Period(start, end),
        summary=" ".join(no_null(str(event.get("SUMMARY", ""))).split())[:200],
        notes=no_null(str(event.get("DESCRIPTION", "")))[:5000],
        is_cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
    )


def _said(event: Event, name: str) -> Any:  # noqa: ANN401 - of many types, most without a time
    return event[name]


def _moment(said: date | datetime, zone: ZoneInfo) -> datetime:
    """A moment in UTC; what has no zone is the resource's, a day begins there at midnight."""
    if not isinstance(said, datetime):
        said = datetime.combine(said, time())
    return (said if said.tzinfo is not None else said.replace(tzinfo=zone)).astimezone(UTC)
