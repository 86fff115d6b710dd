"""Quiet hours and digests, on the clock of the reader's zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.enums import Timing
from booking.notifications.timing import DAY, Hours, next_digest, quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Hours(zone=BERLIN, quiet_from=time(22), quiet_until=time(7))
NOON = Hours(zone=BERLIN, quiet_from=time(12), quiet_until=time(13))


def at(text: str) -> datetime:
    """A time in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, "2026-03-02T21:59", None),
        (NIGHT, "2026-03-02T22:00", "2026-03-03T07:00"),
        (NIGHT, "2026-03-03T06:59", "2026-03-03T07:00"),
        (NIGHT, "2026-03-03T07:00", None),
        (NOON, "2026-03-02T12:30", "2026-03-02T13:00"),
        (NOON, "2026-03-02T13:00", None),
        # Over the night in which the clocks are put forward, and back.
        (NIGHT, "2026-03-28T23:00", "2026-03-29T07:00"),
        (NIGHT, "2026-10-25T06:30", "2026-10-25T07:00"),
        (Hours(zone=BERLIN), "2026-03-02T03:00", None),
    ],
)
def test_quiet_hours_end_on_their_clock(hours: Hours, now: str, end: str | None) -> None:
    assert quiet_until(hours, at(now)) == (at(end) if end else None)


@pytest.mark.parametrize(
    ("timing", "now", "expected"),
    [
        (Timing.DAILY, "2026-03-02T06:59", "2026-03-02T07:00"),
        (Timing.DAILY, "2026-03-02T07:00", "2026-03-03T07:00"),
        (Timing.DAILY, "2026-03-28T08:00", "2026-03-29T07:00"),
        # 2 March 2026 is a Monday.
        (Timing.WEEKLY, "2026-03-02T06:59", "2026-03-02T07:00"),
        (Timing.WEEKLY, "2026-03-02T07:00", "2026-03-09T07:00"),
        (Timing.WEEKLY, "2026-03-05T12:00", "2026-03-09T07:00"),
    ],
)
def test_a_digest_comes_at_its_hour(timing: Timing, now: str, expected: str) -> None:
    assert next_digest(Hours(zone=BERLIN), timing, at(now)) == at(expected)


def test_an_hour_that_the_clocks_leave_out_is_an_hour_later() -> None:
    hours = Hours(zone=BERLIN, digest_at=time(2, 30))
    assert next_digest(hours, Timing.DAILY, at("2026-03-28T12:00")) == at("2026-03-29T03:30")


@given(
    minutes=st.integers(0, 2 * 365 * 24 * 60),
    digest=st.times(),
    weekday=st.integers(0, 6),
    timing=st.sampled_from([Timing.DAILY, Timing.WEEKLY]),
)
def test_a_digest_is_never_further_than_its_period(
    minutes: int, digest: time, weekday: int, timing: Timing
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    hours = Hours(zone=BERLIN, digest_at=digest, digest_weekday=weekday)
    moment = next_digest(hours, timing, now)
    longest = DAY * (7 if timing is Timing.WEEKLY else 1)
    # The clocks may be put back in between.
    assert now < moment <= now + longest + DAY / 12
