"""What a booking costs: which price counts, and what it makes of the hours."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.enums import Measure, QuotaPeriod
from booking.rules.prices import PriceFacts, cost_of, price_on
from booking.rules.shares import shares
from labitory.lib.periods import Period
from tests.booking.rules.test_allowances import quota
from tests.factories.requests import NOW, ZONE, ask, span

LONG_AGO = date(2020, 1, 1)


def price(per_hour: str = "10", per_booking: str = "0", **more: Any) -> PriceFacts:
    plain: dict[str, Any] = {"valid_from": LONG_AGO}
    amounts = {"per_hour": Decimal(per_hour), "per_booking": Decimal(per_booking)}
    return PriceFacts(**{**plain, **amounts, **more})


def test_the_most_specific_price_counts() -> None:
    of_type, of_class = price("1"), price("2", of_class=True)
    of_resource = price("3", of_resource=True)
    both = price("4", of_resource=True, of_class=True)
    found = [of_type, of_class, of_resource, both]
    for most in (both, of_resource, of_class, of_type):
        assert price_on(found, NOW.date()) == most
        found.remove(most)
    assert price_on([], NOW.date()) is None


def test_the_newest_that_has_begun_counts() -> None:
    old, new = price("1"), price("2", valid_from=date(2026, 4, 1))
    assert price_on([old, new], date(2026, 3, 31)) == old
    assert price_on([new, old], date(2026, 4, 1)) == new
    # A newer one that is less specific does not.
    own = price("3", of_resource=True)
    assert price_on([own, new], date(2026, 4, 1)) == own
    assert price_on([new], date(2026, 3, 31)) is None


def test_the_day_is_the_lab_s() -> None:
    """Half past midnight in the lab is the day before in UTC."""
    begin = datetime(2026, 4, 1, 0, 30, tzinfo=ZONE)
    period = Period(begin, begin + timedelta(hours=1))
    prices = [price("1"), price("2", valid_from=date(2026, 4, 1))]
    assert cost_of(prices, period, ZONE) == Decimal("2.00")


@pytest.mark.parametrize(
    ("minutes", "per_hour", "per_booking", "cost"),
    [
        (60, "10", "0", "10.00"),
        (90, "10", "5", "20.00"),
        (1, "10", "0", "0.17"),
        # A half goes up.
        (3, "0.10", "0", "0.01"),
        (9, "0.10", "0", "0.02"),
        (20, "0", "12.50", "12.50"),
        (60, "0", "0", "0.00"),
    ],
)
def test_amounts(minutes: int, per_hour: str, per_booking: str, cost: str) -> None:
    period = Period(NOW, NOW + timedelta(minutes=minutes))
    found = cost_of([price(per_hour, per_booking)], period, ZONE)
    assert found == Decimal(cost)
    assert str(found) == cost


def test_the_day_of_the_clock_change_counts_its_real_hours() -> None:
    begin = datetime(2026, 3, 29, tzinfo=ZONE)
    whole = Period(begin, datetime(2026, 3, 30, tzinfo=ZONE))
    assert cost_of([price("1")], whole, ZONE) == Decimal("23.00")


def test_set_up_and_clean_up_cost_nothing() -> None:
    plain = ask(span(1, 2), prices=(price("10"),))
    kept = ask(
        span(1, 2),
        prices=(price("10"),),
        setup=timedelta(minutes=30),
        cleanup=timedelta(minutes=30),
    )
    assert plain.cost == kept.cost == Decimal(10)
    assert ask(span(1, 2)).cost is None
    assert ask(span(2, 1), prices=(price(),)).cost is None


@given(
    st.integers(1, 20_000),
    st.decimals(0, 999_999, places=2),
    st.decimals(0, 999_999, places=2),
    st.sampled_from(QuotaPeriod),
)
def test_a_quota_takes_the_whole_cost_once(
    minutes: int, per_hour: Decimal, per_booking: Decimal, period: QuotaPeriod
) -> None:
    whole = Period(NOW, NOW + timedelta(minutes=minutes))
    cost = cost_of([price(str(per_hour), str(per_booking))], whole, ZONE)
    assert cost is not None
    found = shares(quota(measure=Measure.COST, period=period, rolling_days=7), whole, ZONE, cost)
    assert sum(found.values()) == cost == cost.quantize(Decimal("0.01"))
