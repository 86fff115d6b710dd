"""Time that is already somebody's."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from booking.enums import ClaimKind
from booking.rules import conflicts
from booking.rules.request import LinkedResource
from tests.factories.requests import NOW, ask, claim, own, span


@pytest.mark.parametrize(
    ("start", "end", "refused"), [(0, 1, False), (0, 1.25, True), (1.25, 1.5, True), (2, 3, False)]
)
def test_taken(start: float, end: float, refused: bool) -> None:
    refusal = conflicts.time_is_free.ask(ask(claims=(claim(span(start, end)),)))
    assert (refusal is not None) is refused
    if refusal:
        assert refusal.code == "conflict.taken"
        assert "Ben" in refusal.text


def test_buffers_of_the_wish_count() -> None:
    request = ask(claims=(claim(span(2, 3)),), cleanup=timedelta(minutes=15))
    assert conflicts.time_is_free.ask(request) is not None


def test_own_old_claim_does_not_stand_in_the_way() -> None:
    mine = own(span(1, 2), id=7, resource_id=10)
    assert conflicts.time_is_free.ask(ask(claims=(claim(span(1, 2)),), existing=mine)) is None


@pytest.mark.parametrize(("seats", "refused"), [(1, False), (2, True)])
def test_seats(seats: int, refused: bool) -> None:
    taken = (claim(span(1, 2), seat=0), claim(span(1, 2), seat=1))
    refusal = conflicts.time_is_free.ask(ask(claims=taken, capacity=3, seats=seats))
    assert (refusal is not None) is refused


def test_closure_takes_every_seat() -> None:
    closure = claim(span(0, 9), seat=None, kind=ClaimKind.CLOSURE, booking_id=None)
    assert conflicts.time_is_free.ask(ask(claims=(closure,), capacity=9)) is not None


@pytest.mark.parametrize(("seats", "refused"), [(0, True), (1, False), (3, True)])
def test_too_many_seats(seats: int, refused: bool) -> None:
    refusal = conflicts.enough_seats.ask(ask(capacity=2, seats=seats))
    assert (refusal is not None) is refused
    assert refusal is None or (refusal.code, refusal.field) == ("seats.too_many", "seats")


@pytest.mark.parametrize(
    ("holder", "minutes", "refused"), [(2, 5, True), (2, -5, False), (1, 5, False)]
)
def test_holds(holder: int, minutes: int, refused: bool) -> None:
    held = claim(
        span(1, 2),
        kind=ClaimKind.HOLD,
        booking_id=None,
        hold_id=3,
        hold_user_id=holder,
        hold_expires_at=NOW + timedelta(minutes=minutes),
    )
    assert (conflicts.time_is_free.ask(ask(claims=(held,))) is not None) is refused


def test_linked() -> None:
    laser = LinkedResource(id=2, name="Laser", is_active=True, capacity=1)
    request = ask(linked=(laser,), linked_claims={2: (claim(span(1, 2)),)})
    refusal = conflicts.linked_time_is_free.ask(request)
    assert refusal is not None
    assert refusal.code == "conflict.linked"
    assert "Laser" in refusal.text
    free = ask(linked=(laser,), linked_claims={2: (claim(span(2, 3)),)})
    assert conflicts.linked_time_is_free.ask(free) is None


def test_own_overlap() -> None:
    refusal = conflicts.no_own_overlap.ask(ask(own_bookings=(own(span(1.5, 3)),)))
    assert refusal is not None
    assert refusal.code == "own.overlap"
    assert "09:30 to 11:00" in refusal.text
    assert conflicts.no_own_overlap.ask(ask(own_bookings=(own(span(2, 3)),))) is None


@pytest.mark.parametrize(("group", "refused"), [(UUID(int=1), False), (UUID(int=2), True)])
def test_what_was_booked_together_may_overlap(group: UUID, refused: bool) -> None:
    moved = own(span(1, 2), id=7, resource_id=10, group_id=UUID(int=1))
    request = ask(existing=moved, own_bookings=(moved, own(span(1, 2), group_id=group)))
    assert (conflicts.no_own_overlap.ask(request) is not None) is refused


@pytest.mark.parametrize(("capacity", "refused"), [(1, True), (2, False)])
def test_what_a_sibling_brings_along_is_taken(capacity: int, refused: bool) -> None:
    sibling = own(span(1, 2), linked_ids=frozenset({10}))
    refusal = conflicts.time_is_free.ask(ask(capacity=capacity, siblings=(sibling,)))
    assert (refusal is not None) is refused
    assert refusal is None or "NMR brings Confocal 1 along" in refusal.text


@pytest.mark.parametrize("sibling", [{"resource_id": 2}, {"linked_ids": frozenset({2})}])
def test_linked_to_a_sibling(sibling: dict[str, Any]) -> None:
    laser = LinkedResource(id=2, name="Laser", is_active=True, capacity=1)
    refusal = conflicts.linked_time_is_free.ask(
        ask(linked=(laser,), siblings=(own(span(1, 2), **sibling),))
    )
    assert refusal is not None
    assert "needs Laser, which NMR takes" in refusal.text
