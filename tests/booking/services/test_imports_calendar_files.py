"""What is understood of calendar files, and what of hostile ones is refused in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.services.imports import BadRow
from booking.services.imports.calendar_files import CalendarFile, read_calendar
from tests.factories.calendars import calendar_file, entry

ZONE = ZoneInfo("Europe/Berlin")
NINE = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


def read(*entries: str, whole_days: bool = False) -> CalendarFile:
    now = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    return read_calendar(calendar_file(*entries), zone=ZONE, now=now, whole_days=whole_days)


def raw(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", "UID:1", "SUMMARY:Cells", *lines, "END:VEVENT", ""])


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("", "20260309T080000Z", "20260309T093000Z"),
        (";TZID=Europe/Berlin", "20260309T090000", "20260309T103000"),
        (";TZID=W. Europe Standard Time", "20260309T090000", "20260309T103000"),
        (';TZID="W. Europe Standard Time"', "20260309T090000", "20260309T103000"),
        (";TZID=/example.org/20210210_1/Europe/Berlin", "20260309T090000", "20260309T103000"),
        # Without a zone it is the instrument's.
        ("", "20260309T090000", "20260309T103000"),
        (";TZID=America/New_York", "20260309T040000", "20260309T053000"),
        (";TZID=Europe/\r\n Berlin", "20260309T090000", "20260309T103000"),
    ],
)
def test_times_are_understood_as_programs_write_them(zone: str, start: str, end: str) -> None:
    for length in ("DURATION:PT90M", f"DTEND{zone}:{end}"):
        [found] = read(raw(f"DTSTART{zone}:{start}", length)).entries
        assert (found.period.start, found.period.length) == (NINE, timedelta(minutes=90))


def test_a_series_is_counted_out_with_what_was_left_out_and_moved() -> None:
    moved = raw(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260323T090000",
        "DTSTART;TZID=Europe/Berlin:20260324T110000",
        "DURATION:PT1H",
    )
    found = read(
        raw(
            "DTSTART;TZID=Europe/Berlin:20260309T090000",
            "DURATION:PT1H",
            "RRULE:FREQ=WEEKLY;COUNT=5",
            "EXDATE;TZID=Europe/Berlin:20260316T090000",
        ),
        moved,
    )
    week = timedelta(days=7)
    # At nine by the wall on both sides of the night in which the clocks change.
    assert [each.period.start for each in found.entries] == [
        NINE,
        NINE + 2 * week + timedelta(hours=26),
        NINE + 3 * week - timedelta(hours=1),
        NINE + 4 * week - timedelta(hours=1),
    ]
    assert found.entries[1].occurrence == NINE + 2 * week


def test_nothing_is_followed_further_than_a_year() -> None:
    for rule in ("FREQ=DAILY", "FREQ=DAILY;UNTIL=20991231T000000Z", "FREQ=DAILY;COUNT=9999"):
        [*found] = read(entry(RRULE=rule)).entries
        assert 358 <= len(found) <= 360
    assert read(entry(start="20200309T090000")).past == ["Cells"]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["DTSTART:20260309", "DURATION:P1D"], "all day"),
        (["DTSTART;VALUE=DATE:20260309"], "all day"),
        (["DTSTART:20260309T090000Z"], "no end"),
        (["DTSTART:20260309T090000Z", "DTEND:20260309T080000Z"], "ends before"),
        (["DTSTART:20260309T090000Z", "DTEND:20260309T090000Z"], "ends before"),
        (["DTSTART;TZID=Middle Earth:20260309T090000", "DURATION:PT1H"], "Middle Earth"),
        (["DTSTART:garbage", "DURATION:PT1H"], "cannot be read"),
        (["DTSTART:20260309T090000Z", "DURATION:garbage"], "cannot be read"),
        (["DURATION:PT1H"], "no start"),
        (["DTSTART:00010101T000000", "DTEND:99991231T235959"], "cannot be read"),
    ],
)
def test_what_is_not_understood_says_why(lines: list[str], why: str) -> None:
    found = read(raw(*lines), entry("other"))
    assert [name for name, _why in found.unread] == ["Cells"]
    assert why in found.unread[0][1]
    assert len(found.entries) == 1


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=5",
        "FREQ=HOURLY;UNTIL=20260310T000000Z",
        "FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=0,1,2,3;BYSECOND=0,1,2,3",
        "FREQ=DAILY;COUNT=99999999999999",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=3;UNTIL=20270101",
        "FREQ=NEVER",
        "FREQ=MONTHLY;BYDAY=6MO",
        "",
    ],
)
def test_floods_are_refused_with_what_is_taken_instead(rule: str) -> None:
    found = read(entry(RRULE=rule))
    assert found.entries == []
    assert "days, weeks, months or years" in found.unread[0][1]


def test_a_rule_that_never_comes_true_refuses_the_file_at_once() -> None:
    rule = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    with pytest.raises(BadRow, match="never comes true"):
        read(*(entry(f"{n}", RRULE=rule) for n in range(100)))


def test_more_than_a_thousand_entries_are_refused() -> None:
    for entries in (
        [entry(f"{n}") for n in range(1001)],
        [entry(f"{n}", RRULE="FREQ=DAILY") for n in range(3)],
        [entry(f"{n}", RRULE="FREQ=YEARLY") for n in range(101)],
        [entry(f"{n}", start="20200309T090000") for n in range(5001)],
    ):
        with pytest.raises(BadRow, match="more than"):
            read(*entries)
    dates = ",".join(f"{2000 + n:04}0309T090000Z" for n in range(1001))
    assert "more than 1000 times" in read(entry(RDATE=dates)).unread[0][1]


def test_what_is_no_calendar_is_refused() -> None:
    for content in (
        b"",
        b"hello",
        b"PK\x03\x04",
        b"\xff\xfe",
        b"BEGIN:VCALENDAR\x00",
        b"x" * 1000001,
    ):
        with pytest.raises(BadRow):
            read_calendar(content, zone=ZONE, now=NINE, whole_days=False)


def test_clocks_that_a_file_invents_are_not_followed() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Invented\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "RRULE:FREQ=SECONDLY\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
        "END:VTIMEZONE\r\n"
    )
    found = read(zone, raw("DTSTART;TZID=Invented:20260309T090000", "DURATION:PT1H"))
    assert "Invented" in found.unread[0][1]


def test_whole_days_are_the_instruments_where_they_are_wanted() -> None:
    [found] = read(raw("DTSTART;VALUE=DATE:20260329"), whole_days=True).entries
    assert found.period.length == timedelta(hours=23)
    assert found.period.start == datetime(2026, 3, 28, 23, 0, tzinfo=UTC)


def test_alarms_and_tasks_within_a_file_are_not_entries() -> None:
    alarm = "BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nSUMMARY:Wake\r\nEND:VALARM"
    task = "BEGIN:VTODO\r\nUID:2\r\nSUMMARY:Task\r\nEND:VTODO\r\n"
    found = read(entry().replace("END:VEVENT", f"{alarm}\r\nEND:VEVENT"), task)
    assert [each.summary for each in found.entries] == ["Cells"]
