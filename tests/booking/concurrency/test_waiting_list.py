"""Offers under rivals: nobody is ever offered the same minutes as somebody else."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from booking.enums import OfferState, WaitingState
from booking.errors import ActionRefused, BookingRefused
from booking.handlers import HANDLERS
from booking.models import Booking, Offer, Resource, ResourceCalendar, WaitingEntry
from booking.services.bookings import cancel_booking, create_booking
from booking.services.events import dispatch_batch
from booking.services.freed_time import serve_waiting
from booking.services.offers import accept_offer, decline_offer, expire_offers
from booking.services.waiting_list import leave_waiting_list
from labitory.lib.periods import Period
from tests.booking.concurrency.test_bookings import assert_no_overlap
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.factories.waiting import hours, make_entry
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)
Act = Callable[[], Any]


def won(results: list[Any]) -> int:
    """How many got through; the others were refused in words."""
    found: Counter[bool] = Counter()
    for result in results:
        if isinstance(result, Exception):
            if not isinstance(result, BookingRefused | ActionRefused):
                raise result
            assert result.refusals
        found[not isinstance(result, Exception)] += 1
    return found[True]


def tell(resource: Resource, period: Period, now: datetime) -> Act:
    told = {
        "resource": str(resource.public_id),
        "start_time": period.start.isoformat(),
        "end_time": period.end.isoformat(),
    }
    return lambda: serve_waiting(kind="time.freed", payload={"freed": [told]}, now=now)


def offer_to(user: User, resource: Resource, now: datetime) -> Offer:
    """The user is offered the fifth hour from now."""
    make_entry(user, hours(now, 4, 5), at=now, resource=resource)
    assert tell(resource, hours(now, 4, 5), now)() == 1
    return Offer.objects.get(user=user, state=OfferState.OPEN)


@pytest.mark.parametrize("round_number", range(3))
def test_two_handlers_offer_one_slot_once(
    microscope: Resource, now: datetime, round_number: int
) -> None:
    for n in range(6):
        make_entry(make_user(f"w{n}"), hours(now, 4, 5), at=now, resource=microscope)
    results = race([tell(microscope, hours(now, 4, 5), now)] * 6)
    assert sorted(results) == [0, 0, 0, 0, 0, 1]
    assert Offer.objects.count() == 1
    assert WaitingEntry.objects.filter(state=WaitingState.OFFERED).count() == 1
    assert ResourceCalendar.objects.count() == 1


def test_two_workers_dispatch_what_two_cancelled(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    for n in range(4):
        make_entry(
            make_user(f"w{n}"), hours(now, 4, 6), at=now, minutes=60 + 30 * n, resource=microscope
        )
    for user, start in ((ada, 4), (ben, 5)):
        booking = make_booking(user, microscope, now + start * HOUR)
        cancel_booking(actor=user, booking_id=booking.public_id, now=now)
    # Until then it can be undone, and nobody hears of it.
    told = now + timedelta(minutes=10)
    results = race([lambda: dispatch_batch(handlers=HANDLERS, now=told)] * 4)
    assert all(isinstance(result, int) for result in results)
    for n in range(3):
        dispatch_batch(handlers=HANDLERS, now=told + timedelta(minutes=n))
    assert Offer.objects.count() == 1
    assert_no_overlap()


@pytest.mark.parametrize("round_number", range(3))
def test_one_of_two_accepts_wins(
    ada: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    offer = offer_to(ada, microscope, now)
    act = lambda: accept_offer(actor=ada, offer_id=offer.public_id, now=now)  # noqa: E731
    assert won(race([act] * 6)) == 1
    assert Booking.objects.count() == 1
    assert_no_overlap()


@pytest.mark.parametrize("round_number", range(3))
def test_accept_against_expiry_against_decline_against_leaving(
    ada: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    offer = offer_to(ada, microscope, now)
    entry = WaitingEntry.objects.get()
    late = offer.expires_at
    results = race(
        [
            lambda: accept_offer(
                actor=ada, offer_id=offer.public_id, now=late - timedelta(seconds=1)
            ),
            lambda: expire_offers(now=late),
            lambda: decline_offer(actor=ada, offer_id=offer.public_id, now=now),
            lambda: leave_waiting_list(actor=ada, entry_id=entry.public_id, now=now),
        ]
    )
    won([result for result in results if not isinstance(result, int)])
    offer.refresh_from_db()
    taken = offer.state == OfferState.ACCEPTED
    assert offer.state != OfferState.OPEN
    assert Booking.objects.count() == int(taken)
    assert ResourceCalendar.objects.count() == int(taken)


@pytest.mark.parametrize("round_number", range(3))
def test_accept_against_somebodys_booking(
    ada: User, ben: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    offer = offer_to(ada, microscope, now)

    def book() -> Any:
        return create_booking(
            actor=ben,
            user=ben,
            resource_ids=[microscope.public_id],
            period=offer.period,
            now=now,
        )

    accept = lambda: accept_offer(actor=ada, offer_id=offer.public_id, now=now)  # noqa: E731
    assert won(race([book, accept, book])) == 1
    assert Booking.objects.get().user == ada
    assert_no_overlap()


@pytest.mark.parametrize("round_number", range(3))
def test_offer_against_somebodys_booking(
    ada: User, ben: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    make_entry(ada, hours(now, 4, 5), at=now, resource=microscope)

    def book() -> Any:
        return create_booking(
            actor=ben,
            user=ben,
            resource_ids=[microscope.public_id],
            period=hours(now, 4, 5),
            now=now,
        )

    results = race([tell(microscope, hours(now, 4, 5), now), book])
    offered = [result for result in results if result == 1]
    assert len(offered) + Booking.objects.count() == 1
    assert Offer.objects.count() == len(offered)
    assert_no_overlap()
