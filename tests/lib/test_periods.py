"""Periods and lab-local days."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from labitory.lib.periods import Period, local_day, local_days, local_midnight, local_week, merge

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 2, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)

hours = st.integers(min_value=0, max_value=200)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = START + draw(hours) * HOUR
    return Period(start, start + draw(st.integers(min_value=1, max_value=50)) * HOUR)


def test_touching_ends_share_nothing() -> None:
    one, two = Period(START, START + HOUR), Period(START + HOUR, START + 2 * HOUR)
    assert not one.overlaps(two)
    assert one.clip(two) is None


def test_dst_days() -> None:
    assert local_day(datetime(2026, 3, 29, 12, tzinfo=UTC), BERLIN).length == 23 * HOUR
    assert local_day(datetime(2026, 10, 25, 12, tzinfo=UTC), BERLIN).length == 25 * HOUR


def test_midnight_in_a_gap_and_leap_day() -> None:
    # In Cairo the clocks jump at midnight.
    gap = local_midnight(date(2026, 4, 24), ZoneInfo("Africa/Cairo"))
    assert gap == datetime(2026, 4, 23, 22, tzinfo=UTC)
    leap = local_day(datetime(2028, 2, 29, 12, tzinfo=UTC), BERLIN)
    assert leap.end.astimezone(BERLIN).date() == date(2028, 3, 1)


def test_week_starts_on_monday() -> None:
    week = local_week(datetime(2026, 3, 8, 22, 59, tzinfo=UTC), BERLIN)
    assert week.start == datetime(2026, 3, 1, 23, tzinfo=UTC)


@given(periods())
def test_days_cover_the_period_without_gaps(period: Period) -> None:
    days = list(local_days(period, BERLIN))
    assert days[0].start <= period.start
    assert days[-1].end >= period.end
    assert all(one.end == two.start for one, two in itertools.pairwise(days))


@given(st.lists(periods(), max_size=12))
def test_merge_keeps_every_moment_once(found: list[Period]) -> None:
    merged = merge(found)
    assert all(one.end < two.start for one, two in itertools.pairwise(merged))
    moments = {p.start + n * HOUR for p in found for n in range(p.minutes // 60)}
    kept = {p.start + n * HOUR for p in merged for n in range(p.minutes // 60)}
    assert moments == kept


@given(periods(), periods())
def test_overlap_is_a_shared_clip(one: Period, two: Period) -> None:
    assert one.overlaps(two) == two.overlaps(one) == (one.clip(two) is not None)
