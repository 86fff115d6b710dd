"""Reading calendars back: two parsers that are not the writer's, and the lines themselves."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import recurring_ical_events
import vobject
from icalendar import Calendar

_LINE = re.compile(rb"(BEGIN|END|[A-Z0-9-]+)((;[A-Z0-9-]+=(\"[^\"]*\"|[^\";:,]*))*):.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Read:
    """One entry as a program sees it; moments in UTC."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    status: str
    sequence: int
    changed: datetime


def check_lines(content: bytes) -> list[str]:
    """Strictly by RFC 5545: CRLF, at most 75 octets, UTF-8 never cut, every line a property."""
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75, line
        line.decode()
    whole = content.replace(b"\r\n ", b"").split(b"\r\n")[:-1]
    depth: list[bytes] = []
    for line in whole:
        assert _LINE.fullmatch(line), line
        if line.startswith(b"BEGIN:"):
            depth.append(line[6:])
        elif line.startswith(b"END:"):
            assert depth.pop() == line[4:]
    assert not depth
    return [line.decode() for line in whole]


def read_feed(content: bytes) -> dict[str, Read]:
    """The entries by UID, read by vobject and by recurring-ical-events, which must agree."""
    check_lines(content)
    found = {each.uid: each for each in map(_of_vobject, _events(content))}
    calendar = Calendar.from_ical(content)
    if found:
        first = min(each.start for each in found.values())
        last = max(each.end for each in found.values())
        others = recurring_ical_events.of(calendar).between(first, last)
        assert {each.uid: each for each in map(_of_icalendar, others)} == found
    return found


def _events(content: bytes) -> list[Any]:
    calendar = vobject.readOne(content.decode(), validate=True)
    return list(calendar.contents.get("vevent", []))


def _of_vobject(event: Any) -> Read:
    return Read(
        uid=event.uid.value,
        start=_utc(event.dtstart.value),
        end=_utc(event.dtend.value),
        summary=event.summary.value,
        status=event.status.value,
        sequence=int(event.sequence.value),
        changed=_utc(event.dtstamp.value),
    )


def _of_icalendar(event: Any) -> Read:
    return Read(
        uid=str(event["UID"]),
        start=_utc(event["DTSTART"].dt),
        end=_utc(event["DTEND"].dt),
        summary=str(event["SUMMARY"]),
        status=str(event["STATUS"]),
        sequence=int(event["SEQUENCE"]),
        changed=_utc(event["DTSTAMP"].dt),
    )


def _utc(moment: datetime) -> datetime:
    assert moment.tzinfo is not None
    return moment.astimezone(UTC)
