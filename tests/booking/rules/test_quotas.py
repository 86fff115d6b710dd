"""How much one person may hold."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from booking.enums import Limit
from booking.rules import quotas
from labitory.lib.periods import Period
from tests.factories.requests import HOUR, limited, own, span


@pytest.mark.parametrize(("held", "refused"), [(1, False), (1.25, True)])
def test_hours_per_day(held: float, refused: bool) -> None:
    refusal = quotas.hours_per_day.ask(
        limited(Limit.MINUTES_PER_DAY, 120, own_bookings=(own(span(4, 4 + held)),))
    )
    assert (refusal is not None) is refused
    if refusal:
        assert refusal.code == "quota.hours_per_day"
        assert "45 minutes left" in refusal.text


def test_another_day_is_another_quota() -> None:
    yesterday = own(span(-20, -10))
    assert (
        quotas.hours_per_day.ask(limited(Limit.MINUTES_PER_DAY, 60, own_bookings=(yesterday,)))
        is None
    )


def test_a_night_counts_on_both_days() -> None:
    # 20:00 to 04:00 in the lab: four hours each.
    night = span(12, 20)
    assert quotas.hours_per_day.ask(limited(Limit.MINUTES_PER_DAY, 240, night)) is None
    assert quotas.hours_per_day.ask(limited(Limit.MINUTES_PER_DAY, 239, night)) is not None


def test_short_and_long_day_of_dst() -> None:
    short = datetime(2026, 3, 28, 23, tzinfo=UTC)
    whole = Period(short, short + 23 * HOUR)
    request = limited(Limit.MINUTES_PER_DAY, 23 * 60, whole)
    assert quotas.hours_per_day.ask(request) is None
    long = datetime(2026, 10, 24, 22, tzinfo=UTC)
    over = limited(Limit.MINUTES_PER_DAY, 24 * 60, Period(long, long + 25 * HOUR))
    assert quotas.hours_per_day.ask(over) is not None


def test_hours_per_week() -> None:
    held = own(span(48, 52))
    refused = quotas.hours_per_week.ask(limited(Limit.MINUTES_PER_WEEK, 270, own_bookings=(held,)))
    assert refused is not None
    assert refused.code == "quota.hours_per_week"
    next_week = own(span(24 * 7, 24 * 7 + 4))
    assert (
        quotas.hours_per_week.ask(limited(Limit.MINUTES_PER_WEEK, 60, own_bookings=(next_week,)))
        is None
    )


def test_active_bookings() -> None:
    held = (own(span(3, 4)), own(span(-5, -4), id=6))
    assert quotas.active_bookings.ask(limited(Limit.ACTIVE_BOOKINGS, 2, own_bookings=held)) is None
    refusal = quotas.active_bookings.ask(limited(Limit.ACTIVE_BOOKINGS, 1, own_bookings=held))
    assert refusal is not None
    assert (refusal.code, refusal.facts["held"]) == ("quota.active_bookings", 1)


def test_moving_does_not_count_itself() -> None:
    mine = own(span(3, 4))
    request = limited(Limit.ACTIVE_BOOKINGS, 1, own_bookings=(mine,), existing=mine)
    assert quotas.active_bookings.ask(request) is None


def test_siblings_of_one_request_count() -> None:
    request = limited(Limit.ACTIVE_BOOKINGS, 1, siblings=(own(span(1, 2), id=0),))
    assert quotas.active_bookings.ask(request) is not None


def test_future_minutes() -> None:
    far = own(span(24 * 30, 24 * 30 + 2))
    refusal = quotas.future_minutes.ask(limited(Limit.FUTURE_MINUTES, 179, own_bookings=(far,)))
    assert refusal is not None
    assert (refusal.code, refusal.facts["held_minutes"]) == ("quota.future_minutes", 120)
    assert (
        quotas.future_minutes.ask(limited(Limit.FUTURE_MINUTES, 180, own_bookings=(far,))) is None
    )


@pytest.mark.parametrize(
    ("start", "end", "resource", "refused"),
    [
        (2.5, 3, 10, True),
        (3, 4, 10, False),
        (0, 0.5, 10, True),
        (2.5, 3, 20, False),
        (1.5, 3, 10, False),
    ],
)
def test_gap(start: float, end: float, resource: int, refused: bool) -> None:
    other = own(span(start, end), resource_id=resource)
    refusal = quotas.gap_between_own.ask(limited(Limit.GAP, 60, own_bookings=(other,)))
    assert (refusal is not None) is refused
    assert refusal is None or refusal.code == "quota.gap"


def test_no_limit_refuses_nothing() -> None:
    assert quotas.gap_between_own.ask(limited(Limit.GAP, 0)) is None
    assert quotas.hours_per_day.ask(limited(Limit.GAP, 0)) is None


@pytest.mark.parametrize(
    ("scope", "counted"),
    [("resource", False), ("type", True), ("all", True)],
)
def test_a_limit_counts_where_it_is_set(scope: str, counted: bool) -> None:
    """Two hours are held on another resource of the same type; one more is asked of two."""
    elsewhere = replace(own(span(4, 6)), type_id=1)
    request = limited(
        Limit.MINUTES_PER_DAY,
        120,
        own_bookings=(elsewhere,),
        scopes={Limit.MINUTES_PER_DAY: scope},
    )
    assert (quotas.hours_per_day.ask(request) is not None) is counted


def test_a_limit_of_a_resource_is_told_with_its_name() -> None:
    here = own(span(4, 6), resource_id=10)
    request = limited(
        Limit.MINUTES_PER_DAY,
        120,
        own_bookings=(here,),
        scopes={Limit.MINUTES_PER_DAY: "resource"},
    )
    refusal = quotas.hours_per_day.ask(request)
    assert refusal is not None
    assert "2 hours a day on Confocal 1 and" in refusal.text
