"""The period itself."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.rules import periods
from labitory.lib.periods import Period
from tests.factories.requests import HOUR, NOW, ask, own, span


@pytest.mark.parametrize(("end", "refused"), [(1, True), (0.5, True), (1.25, False)])
def test_order(end: float, refused: bool) -> None:
    refusal = periods.ends_after_start.ask(ask(span(1, end)))
    assert (refusal is not None) is refused
    if refusal:
        assert (refusal.code, refusal.field) == ("period.order", "end_time")


@pytest.mark.parametrize(("days", "refused"), [(366, False), (367, True), (3650, True)])
def test_too_long(days: int, refused: bool) -> None:
    refusal = periods.not_absurdly_long.ask(ask(Period(NOW, NOW + timedelta(days=days))))
    assert (refusal is not None) is refused
    assert refusal is None or refusal.code == "period.too_long"


def test_year() -> None:
    start = datetime(2099, 12, 31, 23, tzinfo=UTC)
    refusal = periods.within_calendar.ask(ask(Period(start, start + 2 * HOUR)))
    assert refusal is not None
    assert refusal.code == "period.year"
    assert periods.within_calendar.ask(ask(Period(start - 9 * HOUR, start))) is None


@pytest.mark.parametrize(
    ("minutes", "grid", "refused"),
    [(0, 15, False), (15, 15, False), (10, 15, True), (30, 60, True), (1, 1, False)],
)
def test_grid(minutes: int, grid: int, refused: bool) -> None:
    start = NOW + timedelta(minutes=minutes)
    refusal = periods.on_the_grid.ask(ask(Period(start, start + HOUR), slot_minutes=grid))
    assert (refusal is not None) is refused
    assert refusal is None or refusal.code == "period.grid"


def test_grid_refuses_seconds_and_names_a_time() -> None:
    start = NOW + timedelta(minutes=20, seconds=1)
    refusal = periods.on_the_grid.ask(ask(Period(start, start + HOUR)))
    assert refusal is not None
    assert "08:30" in refusal.text


def test_who_walks_up_starts_at_once_and_ends_on_the_grid() -> None:
    start = NOW + timedelta(minutes=7)
    end = NOW + timedelta(minutes=60)
    at_once = ask(Period(start, end), starts_at_once=True)
    assert periods.on_the_grid.ask(at_once) is None
    odd_end = ask(Period(start, end + timedelta(minutes=1)), starts_at_once=True)
    refusal = periods.on_the_grid.ask(odd_end)
    assert refusal is not None
    assert refusal.field == "end_time"


def test_grid_counts_from_lab_midnight_in_odd_zones() -> None:
    from zoneinfo import ZoneInfo

    start = datetime(2026, 3, 2, 7, 15, tzinfo=UTC)
    nepal = ask(Period(start, start + HOUR), slot_minutes=60, zone=ZoneInfo("Asia/Kathmandu"))
    assert periods.on_the_grid.ask(nepal) is None


@pytest.mark.parametrize(("minutes", "refused"), [(-30, True), (-14, False), (0, False)])
def test_past(minutes: int, refused: bool) -> None:
    start = NOW + timedelta(minutes=minutes)
    refusal = periods.not_in_the_past.ask(ask(Period(start, start + HOUR)))
    assert (refusal is not None) is refused
    assert refusal is None or refusal.code == "period.past"


def test_a_running_booking_may_keep_its_start() -> None:
    running = own(span(-1, 1), resource_id=10)
    assert periods.not_in_the_past.ask(ask(span(-1, 2), existing=running)) is None
