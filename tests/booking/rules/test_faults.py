"""What is out of order: `resource.out_of_order`."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from booking.rules.faults import not_out_of_order
from booking.rules.request import FaultFacts
from tests.factories.requests import NOW, ask, span


def fault(hours: float | None, *, blocks: bool = True) -> FaultFacts:
    back_at = None if hours is None else NOW + timedelta(hours=hours)
    return FaultFacts(public_id=uuid4(), title="No laser", back_at=back_at, blocks=blocks)


@pytest.mark.parametrize(
    ("found", "start", "refused"),
    [
        (None, 1, False),
        # Until it is expected back, and not a minute longer.
        (fault(5), 1, True),
        (fault(5), 4.75, True),
        (fault(5), 5, False),
        # What was expected back by now refuses nothing.
        (fault(-1), 0, False),
        # Nobody knows: what starts within a day.
        (fault(None), 1, True),
        (fault(None), 23.75, True),
        (fault(None), 24, False),
        # What can still be used is booked.
        (fault(5, blocks=False), 1, False),
        (fault(None, blocks=False), 1, False),
    ],
)
def test_out_of_order(found: FaultFacts | None, start: float, refused: bool) -> None:
    refusal = not_out_of_order.ask(ask(span(start, start + 1), fault=found))
    assert (refusal is not None) is refused
    assert refusal is None or refusal.code == "resource.out_of_order"


@pytest.mark.parametrize("hours", [5, None])
def test_what_it_is_linked_to_is_named(hours: float | None) -> None:
    found = replace(fault(hours), of_linked="Shared laser")
    refusal = not_out_of_order.ask(ask(span(1, 2), fault=found))
    assert refusal is not None
    assert "needs Shared laser, which is out of order (No laser)" in refusal.text
    assert refusal.facts["linked"] == "Shared laser"


def test_it_says_what_is_wrong_and_when_it_is_back() -> None:
    known = not_out_of_order.ask(ask(span(1, 2), fault=fault(5)))
    assert known is not None
    assert "No laser" in known.text
    assert "Mon 2 Mar 2026, 13:00" in known.text
    assert known.facts["back_at"] == (NOW + timedelta(hours=5)).isoformat()
    unknown = not_out_of_order.ask(ask(span(1, 2), fault=fault(None)))
    assert unknown is not None
    assert "nobody knows for how long" in unknown.text
    assert unknown.is_overridable
