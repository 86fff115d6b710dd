"""What is left of quotas: arithmetic and words."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.enums import Measure, QuotaHolder, QuotaPeriod
from booking.rules.allowances import within_allowance
from booking.rules.request import AccountFacts, QuotaFacts
from booking.rules.shares import (
    balance_on,
    carry,
    is_over_quota,
    next_start,
    period_start,
    say_amount,
    say_rate,
    shares,
)
from labitory.lib.periods import Period
from tests.factories.requests import ZONE, ask, own, span

MARCH = date(2026, 3, 1)
TODAY = date(2026, 3, 2)
MINUTES = st.integers(0, 60 * 24 * 3650)


def quota(*accounts: AccountFacts, **changes: Any) -> QuotaFacts:
    """Ten hours a month for each person."""
    plain: dict[str, Any] = {
        "id": 1,
        "public_id": UUID(int=1),
        "name": "Imaging",
        "measure": Measure.MINUTES,
        "amount": Decimal(600),
        "period": QuotaPeriod.MONTH,
        "rolling_days": None,
        "holder": QuotaHolder.USER,
        "holder_id": 1,
        "carry_percent": 0,
        "overdraft": Decimal(0),
        "grab_hours": None,
        "counts_no_shows": True,
        "created_at": datetime(2026, 1, 5, tzinfo=UTC),
        "accounts": accounts,
    }
    return QuotaFacts(**{**plain, **changes})


def on(day: date, used: int = 0, **changes: Any) -> AccountFacts:
    return AccountFacts(starts_on=day, used=Decimal(used), **changes)


def code(*quotas: QuotaFacts, **changes: Any) -> str | None:
    refusal = within_allowance.ask(ask(quotas=quotas, **changes))
    return refusal.code if refusal else None


@pytest.mark.parametrize(
    ("period", "start", "after"),
    [
        (QuotaPeriod.DAY, date(2026, 5, 20), date(2026, 5, 21)),
        (QuotaPeriod.WEEK, date(2026, 5, 18), date(2026, 5, 25)),
        (QuotaPeriod.MONTH, date(2026, 5, 1), date(2026, 6, 1)),
        (QuotaPeriod.QUARTER, date(2026, 4, 1), date(2026, 7, 1)),
        (QuotaPeriod.YEAR, date(2026, 1, 1), date(2027, 1, 1)),
        (QuotaPeriod.ROLLING, date(2026, 5, 20), date(2026, 5, 21)),
    ],
)
def test_periods(period: QuotaPeriod, start: date, after: date) -> None:
    assert period_start(period, date(2026, 5, 20)) == start
    assert next_start(period, start) == after


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(QuotaPeriod))
def test_every_day_lies_in_its_period(day: date, period: QuotaPeriod) -> None:
    start = period_start(period, day)
    assert start <= day < next_start(period, start)
    assert period_start(period, start) == start
    assert period_start(period, next_start(period, start)) == next_start(period, start)


@given(MINUTES, st.integers(1, 20_000), st.sampled_from(QuotaPeriod))
def test_parts_make_the_whole(start: int, minutes: int, period: QuotaPeriod) -> None:
    begin = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    whole = Period(begin, begin + timedelta(minutes=minutes))
    found = shares(quota(period=period, rolling_days=7), whole, ZoneInfo("Europe/Berlin"))
    assert sum(found.values()) == minutes
    assert all(part > 0 for part in found.values())


def test_the_days_of_clock_changes_count_their_real_hours() -> None:
    """In the lab, 29 March 2026 has 23 hours, 25 October has 25."""
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        begin = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        end = datetime(day.year, day.month, day.day + 1, tzinfo=ZONE)
        found = shares(quota(period=QuotaPeriod.DAY), Period(begin, end), ZONE)
        assert found == {day: Decimal(hours * 60)}


def test_exactly_what_is_left_may_be_taken() -> None:
    assert code(quota(on(MARCH, 540)), period=span(1, 2)) is None
    assert code(quota(on(MARCH, 541)), period=span(1, 2)) == "quota.allowance"
    assert code(quota(on(MARCH, 600, carried=Decimal(60)))) is None


def test_every_quota_must_have_room() -> None:
    full = quota(on(MARCH, 600), id=2)
    assert code(quota(), full) == "quota.allowance"
    assert code(quota(), full, period=span(24 * 30, 24 * 30 + 1)) is None


def test_refusal_says_it_all() -> None:
    refusal = within_allowance.ask(
        ask(quotas=(quota(on(MARCH, 570), overdraft=Decimal(15), grab_hours=0, id=3),))
    )
    assert refusal is not None
    assert refusal.text == (
        "The quota “Imaging” gives Ada 10 hours a month; left: 30 minutes. Beyond it 15 minutes "
        "can be had with approval. Make it shorter, or choose a time from 1 Apr 2026 on."
    )
    assert refusal.facts == {
        "quota": str(UUID(int=1)),
        "limit": 600.0,
        "left": 30.0,
        "asked": 60.0,
        "overdraft": 15.0,
        "renews_on": "2026-04-01",
        "grab_hours": 0,
    }
    assert refusal.field == "end_time"
    assert refusal.is_overridable


def test_overdraft_is_over_quota_but_allowed() -> None:
    roomy = quota(on(MARCH, 570), overdraft=Decimal(60))
    assert code(roomy) is None
    assert is_over_quota(ask(quotas=(roomy,)))
    assert not is_over_quota(ask(quotas=(quota(on(MARCH, 540)),)))


def test_grab_window_ends_with_the_hour() -> None:
    full = quota(on(MARCH, 600), grab_hours=4)
    assert code(full, period=span(4, 5)) is None
    assert code(full, period=span(4.25, 5)) == "quota.allowance"
    moved = own(span(4, 5), is_counted=True)
    assert code(full, period=span(4, 5), existing=moved) == "quota.allowance"


def test_siblings_take_their_part() -> None:
    sibling = own(span(1, 2), quota_ids=frozenset({1}))
    assert code(quota(on(MARCH, 540)), siblings=(sibling,)) == "quota.allowance"
    assert code(quota(on(MARCH, 540)), siblings=(own(span(1, 2)),)) is None
    # What belongs to another month does not stand in the way of this one.
    later = own(span(24 * 30, 24 * 30 + 10), quota_ids=frozenset({1}))
    assert code(quota(on(MARCH, 540)), siblings=(later,)) is None


def test_rolling_windows() -> None:
    week = {"period": QuotaPeriod.ROLLING, "rolling_days": 7, "amount": Decimal(120)}
    day = timedelta(days=1)
    assert code(quota(on(TODAY - 6 * day, 60), **week)) is None
    assert code(quota(on(TODAY - 6 * day, 61), **week)) == "quota.allowance"
    assert code(quota(on(TODAY - 7 * day, 120), **week)) is None
    assert code(quota(on(TODAY + 6 * day, 61), **week)) == "quota.allowance"
    assert code(quota(on(TODAY + 7 * day, 120), **week)) is None
    # Three days before and three after are one window of seven.
    both = (on(TODAY - 3 * day, 40), on(TODAY + 3 * day, 40))
    assert code(quota(*both, **week)) == "quota.allowance"
    apart = (on(TODAY - 4 * day, 40), on(TODAY + 4 * day, 40))
    assert code(quota(*apart, **week)) is None


def test_what_was_added_leaves_a_rolling_window() -> None:
    week = {"period": QuotaPeriod.ROLLING, "rolling_days": 7, "amount": Decimal(60)}
    day = timedelta(days=1)
    added = on(TODAY - 2 * day, carried=Decimal(60))
    taken = on(TODAY + day, 60)
    # Until the fifth day what was added helps; a window that begins later is without it.
    assert code(quota(added, taken, **week)) == "quota.allowance"
    assert balance_on(quota(added, **week), TODAY, TODAY, ZONE).left == 60


def test_rolling_quota_says_when_something_is_free_again() -> None:
    week = {"period": QuotaPeriod.ROLLING, "rolling_days": 7, "amount": Decimal(60)}
    balance = balance_on(quota(on(TODAY - timedelta(days=2), 60), **week), TODAY, TODAY, ZONE)
    assert balance.left == 0
    assert balance.renews_on == TODAY + timedelta(days=5)


@given(
    st.dictionaries(st.integers(-20, 20), st.integers(0, 100), max_size=15),
    st.integers(1, 10),
    st.integers(-5, 5),
)
def test_rolling_balance_is_the_fullest_window(
    taken: dict[int, int], length: int, place: int
) -> None:
    """The same as adding up every window by hand."""
    accounts = [on(TODAY + timedelta(days=n), used) for n, used in sorted(taken.items())]
    rolling = quota(*accounts, period=QuotaPeriod.ROLLING, rolling_days=length, amount=Decimal(500))
    fullest = max(
        sum(taken.get(day, 0) for day in range(end - length + 1, end + 1))
        for end in range(place, place + length)
    )
    day = TODAY + timedelta(days=place)
    assert balance_on(rolling, day, TODAY, ZONE).left == 500 - fullest


def test_carry() -> None:
    half = quota(on(date(2026, 2, 1), 101), carry_percent=50)
    assert carry(half, MARCH, TODAY, ZONE) == 249
    # A period that has not begun, or was opened, gets nothing.
    assert carry(half, date(2026, 4, 1), TODAY, ZONE) is None
    opened = quota(on(MARCH, is_open=True), carry_percent=50)
    assert carry(opened, MARCH, TODAY, ZONE) is None
    assert carry(quota(), MARCH, TODAY, ZONE) is None
    # Who never touched the last period left all of it; before the quota there was nothing.
    assert carry(quota(carry_percent=50), MARCH, TODAY, ZONE) == 300
    new = quota(carry_percent=50, created_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert carry(new, MARCH, TODAY, ZONE) == 0
    overdrawn = quota(on(date(2026, 2, 1), 700), carry_percent=50)
    assert carry(overdrawn, MARCH, TODAY, ZONE) == 0


def test_words() -> None:
    assert say_amount(Measure.MINUTES, Decimal(1830)) == "30 hours 30 minutes"
    assert say_amount(Measure.MINUTES, Decimal(0)) == "0 minutes"
    assert say_amount(Measure.MINUTES, Decimal(-60)) == "−1 hour"
    assert say_amount(Measure.COUNT, Decimal(1)) == "1 booking"
    assert say_amount(Measure.COST, Decimal("1212.5")) == "1,212.50\N{NO-BREAK SPACE}EUR"
    assert say_amount(Measure.COST, Decimal("-0.5")) == "−0.50\N{NO-BREAK SPACE}EUR"
    rolling = quota(period=QuotaPeriod.ROLLING, rolling_days=30)
    assert say_rate(rolling, Decimal(60)) == "1 hour in any 30 days"
