"""When the resource is open at all."""

from booking.rules import opening_hours
from booking.rules.request import LinkedResource
from tests.factories.requests import ask, span


def test_closed_resource_says_why() -> None:
    refusal = opening_hours.resource_is_open.ask(ask(is_active=False, closed_reason="Flooded"))
    assert refusal is not None
    assert refusal.code == "resource.closed"
    assert "Flooded" in refusal.text


def test_closed_link_closes_it_too() -> None:
    laser = LinkedResource(id=2, name="Laser", is_active=False, capacity=1)
    refusal = opening_hours.resource_is_open.ask(ask(linked=(laser,)))
    assert refusal is not None
    assert "Laser" in refusal.text


def test_within_hours() -> None:
    open_periods = (span(0, 12), span(24, 36))
    inside = ask(span(1, 12), open_periods=open_periods)
    assert opening_hours.within_opening_hours.ask(inside) is None
    refusal = opening_hours.within_opening_hours.ask(ask(span(11, 25), open_periods=open_periods))
    assert refusal is not None
    assert refusal.code == "hours.closed"
    assert "08:00 to 20:00" in refusal.text


def test_never_open_again_and_always_open() -> None:
    refusal = opening_hours.within_opening_hours.ask(ask(span(1, 2), open_periods=()))
    assert refusal is not None
    assert "another day" in refusal.text
    assert opening_hours.within_opening_hours.ask(ask(open_periods=None)) is None
