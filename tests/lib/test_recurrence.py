"""Repeating times keep to the clock on the wall, and bad rules are refused."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from labitory.lib.recurrence import (
    BadRule,
    periods_of_rule,
    read_rule,
    starts_of,
    wall_length,
)

BERLIN = ZoneInfo("Europe/Berlin")
HOURS_2 = timedelta(hours=2)


def local(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


def told(text: str, first: datetime, most: int = 400) -> list[str]:
    rule = read_rule(text, first=first, zone=BERLIN)
    return [
        f"{each.astimezone(BERLIN):%m-%d %H:%M}" for each in starts_of(rule, zone=BERLIN, most=most)
    ]


def test_nine_stays_nine_when_the_clocks_change() -> None:
    periods = periods_of_rule(
        "FREQ=WEEKLY;COUNT=2", first=local(3, 28), length=HOURS_2, zone=BERLIN, most=10
    )
    assert [each.start for each in periods] == [
        datetime(2026, 3, 28, 8, tzinfo=UTC),
        datetime(2026, 4, 4, 7, tzinfo=UTC),
    ]
    assert [each.length for each in periods] == [HOURS_2, HOURS_2]


def test_a_night_is_as_long_by_the_wall_as_it_was_typed() -> None:
    first, hours_13 = local(3, 28, 20), timedelta(hours=13)
    assert first.astimezone(UTC) + hours_13 == local(3, 29, 10).astimezone(UTC)
    by_the_wall = wall_length(first, hours_13, zone=BERLIN)
    assert by_the_wall == timedelta(hours=14)
    autumn = timedelta(hours=15)
    assert wall_length(local(10, 24, 20), autumn, zone=BERLIN) == timedelta(hours=14)
    periods = periods_of_rule(
        "FREQ=DAILY;COUNT=2", first=first, length=by_the_wall, zone=BERLIN, most=5
    )
    ends = [f"{each.end.astimezone(BERLIN):%d %H:%M}" for each in periods]
    assert ends == ["29 10:00", "30 10:00"]


def test_a_time_that_goes_back_on_the_wall_keeps_its_length() -> None:
    # From 2:45 to 2:15 in the hour that comes twice.
    start = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    half = timedelta(minutes=30)
    assert wall_length(start, half, zone=BERLIN) == half


@pytest.mark.parametrize("often", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_a_day_that_never_comes_is_not_looked_for_to_the_end_of_time(often: str) -> None:
    begun = time.process_time()
    assert told(f"FREQ={often};BYMONTH=2;BYMONTHDAY=30;COUNT=3", local(1, 1)) == []
    assert time.process_time() - begun < 1


def test_a_leap_day_comes_though_it_is_years_away() -> None:
    rule = read_rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=2", first=local(3, 1), zone=BERLIN)
    assert [each.year for each in starts_of(rule, zone=BERLIN, most=5)] == [2028, 2032]


def test_an_hour_that_is_missing_is_taken_after_it() -> None:
    periods = periods_of_rule(
        "FREQ=DAILY;COUNT=3", first=local(3, 28, 2, 30), length=HOURS_2, zone=BERLIN, most=10
    )
    assert [f"{each.start.astimezone(BERLIN):%d %H:%M}" for each in periods] == [
        "28 02:30",
        "29 03:30",
        "30 02:30",
    ]
    assert {each.length for each in periods} == {HOURS_2}


def test_an_hour_that_comes_twice_is_the_first() -> None:
    rule = read_rule("FREQ=DAILY;COUNT=2", first=local(10, 24, 2, 30), zone=BERLIN)
    assert starts_of(rule, zone=BERLIN, most=5)[1] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "starts"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3", ["01-01 09:00", "01-05 09:00", "01-08 09:00"]),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["01-30 09:00", "02-27 09:00"]),
        ("freq=daily;interval=10;until=20260121", ["01-01 09:00", "01-11 09:00", "01-21 09:00"]),
        # The last one begins at this very moment, told in UTC.
        ("FREQ=DAILY;UNTIL=20260102T080000Z", ["01-01 09:00", "01-02 09:00"]),
        ("FREQ=DAILY;UNTIL=20260102T075959Z", ["01-01 09:00"]),
        # 30 February is no day: this rule has an end too.
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", []),
    ],
)
def test_rules_say_when(rule: str, starts: list[str]) -> None:
    assert told(rule, local(1, 1)) == starts


def test_no_more_than_asked_for() -> None:
    assert len(told("FREQ=DAILY;COUNT=300", local(1, 1), most=7)) == 7


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "weekly",
        "FREQ=SECONDLY;COUNT=2",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;COUNT=2;UNTIL=20260101",
        "FREQ=WEEKLY;COUNT=x",
        "FREQ=WEEKLY;COUNT=-2",
        "FREQ=WEEKLY;COUNT=2;COUNT=3",
        "FREQ=WEEKLY;INTERVAL=0;COUNT=2",
        "FREQ=WEEKLY;BYDAY=XX;COUNT=2",
        "FREQ=WEEKLY;UNTIL=2026",
        "FREQ=WEEKLY;UNTIL=20269999T000000Z",
        "FREQ=WEEKLY;COUNT=2\nRDATE:20260101T000000",
        "FREQ=HOURLY;BYSECOND=1;COUNT=2",
        # Weeks and months that there are not: dateutil looked for them beyond its tables.
        "FREQ=MONTHLY;BYDAY=12TU;COUNT=5",
        "FREQ=YEARLY;BYDAY=53MO;BYMONTH=12;COUNT=5",
        "FREQ=YEARLY;BYDAY=-54SU;COUNT=5",
        "FREQ=YEARLY;BYDAY=358WE;BYMONTH=31,-31;COUNT=5",
        "FREQ=YEARLY;BYDAY=99999999999999999999SU;COUNT=5",
        "FREQ=MONTHLY;BYMONTHDAY=0;COUNT=5",
        "FREQ=WEEKLY;BYDAY=MO\n;COUNT=5",
    ],
)
def test_other_rules_are_refused(rule: str) -> None:
    with pytest.raises(BadRule):
        read_rule(rule, first=local(1, 1), zone=BERLIN)
