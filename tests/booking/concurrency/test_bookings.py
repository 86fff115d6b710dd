"""Rivals with real connections: as many win as there are seats, and nobody sees a deadlock."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from booking.enums import Limit, Status
from booking.errors import BookingRefused, SlotTaken
from booking.models import (
    Booking,
    BookingPolicy,
    Resource,
    ResourceCalendar,
    ResourceLink,
    ResourcePool,
)
from booking.services.bookings import cancel_booking, create_booking, reschedule_booking
from booking.services.holds import hold_time
from booking.services.pools import create_pool_booking
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.factories.resources import make_resource
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)
RIVALS = 12


@pytest.fixture
def rivals(db: None) -> list[User]:
    return [make_user(f"rival{n}") for n in range(RIVALS)]


def outcomes(results: list[Any]) -> Counter[str]:
    """How often each kind of result came; anything unexpected is raised."""
    found: Counter[str] = Counter()
    for result in results:
        if isinstance(result, BookingRefused | SlotTaken):
            found["no"] += 1
            assert result.refusals
        elif isinstance(result, Exception):
            raise result
        else:
            found["yes"] += 1
    return found


def booker(
    user: User, resources: list[Resource], period: Period, now: datetime
) -> Callable[[], Any]:
    return lambda: create_booking(
        actor=user,
        user=user,
        resource_ids=[resource.public_id for resource in resources],
        period=period,
        now=now,
    )


def assert_no_overlap() -> None:
    """What the exclusion constraint promises, asked in another way."""
    claims = list(ResourceCalendar.objects.order_by("pk"))
    for place, one in enumerate(claims):
        for other in claims[place + 1 :]:
            same = one.resource_id == other.resource_id and one.units.lower == other.units.lower
            assert not (
                same
                and one.during.lower < other.during.upper
                and other.during.lower < one.during.upper
            )


@pytest.mark.parametrize("round_number", range(3))
def test_one_slot_has_one_winner(
    rivals: list[User], microscope: Resource, now: datetime, round_number: int
) -> None:
    period = Period(now + HOUR, now + 2 * HOUR)
    results = race([booker(rival, [microscope], period, now) for rival in rivals])
    assert outcomes(results) == {"yes": 1, "no": RIVALS - 1}
    assert Booking.objects.count() == 1
    losers = [each for each in results if isinstance(each, SlotTaken)]
    assert len(losers) == RIVALS - 1
    assert all(each.repairs for each in losers)


def test_partly_overlapping_wishes(rivals: list[User], microscope: Resource, now: datetime) -> None:
    calls = [
        booker(
            rival,
            [microscope],
            Period(now + HOUR + n * timedelta(minutes=15), now + 3 * HOUR),
            now,
        )
        for n, rival in enumerate(rivals[:8])
    ]
    assert outcomes(race(calls))["yes"] == 1
    assert_no_overlap()


def test_three_seats_have_three_winners(rivals: list[User], now: datetime) -> None:
    room = make_resource("Room", capacity=3)
    period = Period(now + HOUR, now + 2 * HOUR)
    results = race([booker(rival, [room], period, now) for rival in rivals])
    assert outcomes(results) == {"yes": 3, "no": RIVALS - 3}
    assert ResourceCalendar.objects.count() == 3
    assert_no_overlap()


def test_shared_laser_has_one_winner(
    rivals: list[User], microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    laser = make_resource("Laser")
    for each in (microscope, second_microscope):
        ResourceLink.objects.create(resource=each, linked=laser)
    period = Period(now + HOUR, now + 2 * HOUR)
    calls = [
        booker(rival, [microscope if n % 2 else second_microscope], period, now)
        for n, rival in enumerate(rivals)
    ]
    assert outcomes(race(calls))["yes"] == 1
    assert_no_overlap()


def test_sets_in_opposite_order_do_not_deadlock(
    rivals: list[User], microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    both = [microscope, second_microscope]
    period = Period(now + HOUR, now + 2 * HOUR)
    calls = [
        booker(rival, both if n % 2 else both[::-1], period, now) for n, rival in enumerate(rivals)
    ]
    assert outcomes(race(calls)) == {"yes": 1, "no": RIVALS - 1}
    assert Booking.objects.count() == 2


def test_reschedules_into_one_gap(rivals: list[User], microscope: Resource, now: datetime) -> None:
    bookings = [
        make_booking(rival, microscope, now + (n + 10) * HOUR) for n, rival in enumerate(rivals)
    ]
    gap = Period(now + HOUR, now + 2 * HOUR)
    results = race(
        [
            lambda booking=booking: reschedule_booking(  # type: ignore[misc]
                actor=booking.user, booking_id=booking.public_id, period=gap, now=now
            )
            for booking in bookings
        ]
    )
    assert outcomes(results) == {"yes": 1, "no": RIVALS - 1}
    assert ResourceCalendar.objects.count() == RIVALS
    assert_no_overlap()


def test_quota_holds_over_two_tabs(
    ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.MINUTES_PER_DAY, value=60)
    calls = [
        booker(ada, [microscope], Period(now + HOUR, now + 2 * HOUR), now),
        booker(ada, [second_microscope], Period(now + 3 * HOUR, now + 4 * HOUR), now),
    ]
    assert outcomes(race(calls)) == {"yes": 1, "no": 1}


def test_cancel_against_reschedule(ada: User, microscope: Resource, now: datetime) -> None:
    booking = make_booking(ada, microscope, now + HOUR)
    race(
        [
            lambda: cancel_booking(actor=ada, booking_id=booking.public_id, now=now),
            lambda: reschedule_booking(
                actor=ada,
                booking_id=booking.public_id,
                period=Period(now + 5 * HOUR, now + 6 * HOUR),
                now=now,
            ),
        ]
    )
    booking.refresh_from_db()
    held = ResourceCalendar.objects.filter(booking=booking).count()
    assert held == (0 if booking.status == Status.CANCELLED else 1)


def test_hold_against_booking(rivals: list[User], microscope: Resource, now: datetime) -> None:
    period = Period(now + HOUR, now + 2 * HOUR)
    calls: list[Callable[[], Any]] = [
        booker(rival, [microscope], period, now) for rival in rivals[:4]
    ]
    calls += [
        lambda rival=rival: hold_time(  # type: ignore[misc]
            actor=rival, resource_id=microscope.public_id, period=period, now=now
        )
        for rival in rivals[4:8]
    ]
    assert outcomes(race(calls))["yes"] == 1
    assert ResourceCalendar.objects.count() == 1


def test_pool_gives_each_member_once(rivals: list[User], now: datetime) -> None:
    pool = ResourcePool.objects.create(name="Cyclers")
    pool.resources.set([make_resource(f"Cycler {n}") for n in range(4)])
    period = Period(now + HOUR, now + 2 * HOUR)
    results = race(
        [
            lambda rival=rival: create_pool_booking(  # type: ignore[misc]
                actor=rival, user=rival, pool_id=pool.public_id, period=period, now=now
            )
            for rival in rivals
        ]
    )
    assert outcomes(results) == {"yes": 4, "no": RIVALS - 4}
