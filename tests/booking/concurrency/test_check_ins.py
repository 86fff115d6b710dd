"""Rivals at the instrument: exactly one wins, and claims always say what bookings say."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from booking.enums import ClaimKind, Limit, Status
from booking.errors import BookingError
from booking.models import (
    Booking,
    BookingPolicy,
    BookingStatus,
    Resource,
    ResourceCalendar,
    UsageSession,
)
from booking.services.bookings import create_booking
from booking.services.check_ins import check_in, check_out, extend_booking, start_now
from booking.services.tidying_sessions import tidy_sessions
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ROUNDS = 5


def planned(user: User, resource: Resource, start: datetime) -> Booking:
    before = start - 24 * HOUR
    return make_booking(user, resource, start, created_at=before, updated_at=before)


def refused(results: list[Any]) -> list[Any]:
    unexpected = [
        each
        for each in results
        if isinstance(each, Exception) and not isinstance(each, BookingError)
    ]
    assert unexpected == []
    return [each for each in results if isinstance(each, BookingError)]


def begin(ada: User, resource: Resource, now: datetime) -> Booking:
    booking = planned(ada, resource, now)
    return check_in(actor=ada, booking_id=booking.public_id, now=now)


def starter(
    user: User, resource: Resource, until: datetime, now: datetime
) -> Callable[[], Booking]:
    return lambda: start_now(actor=user, resource_id=resource.public_id, until=until, now=now)


def test_of_many_check_ins_one_counts(ada: User, microscope: Resource, now: datetime) -> None:
    booking = planned(ada, microscope, now)
    call: Callable[[], Any] = lambda: check_in(  # noqa: E731
        actor=ada, booking_id=booking.public_id, now=now
    )
    results = race([call] * 6)
    assert len(refused(results)) == 5
    assert UsageSession.objects.count() == 1
    assert BookingStatus.objects.filter(to_status=Status.CHECKED_IN).count() == 1


def test_finishing_against_staying_longer(ada: User, microscope: Resource, now: datetime) -> None:
    for number in range(ROUNDS):
        start = now + 6 * number * HOUR
        booking = begin(ada, microscope, start)
        results = race(
            [
                lambda: check_out(
                    actor=ada,
                    booking_id=booking.public_id,  # noqa: B023
                    now=start + 30 * MINUTE,  # noqa: B023
                ),
                lambda: extend_booking(
                    actor=ada,
                    booking_id=booking.public_id,  # noqa: B023
                    until=start + 2 * HOUR,  # noqa: B023
                    now=start + 30 * MINUTE,  # noqa: B023
                ),
            ]
        )
        assert not isinstance(results[0], Exception)
        assert len(refused(results)) <= 1
        booking.refresh_from_db()
        assert booking.status == Status.COMPLETED
        claim = ResourceCalendar.objects.get(booking=booking, kind=ClaimKind.BOOKING)
        assert claim.during.upper == booking.end_time == start + 31 * MINUTE


def test_coming_at_the_last_moment_against_being_missed(
    ada: User, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=30)
    for number in range(ROUNDS):
        start = now + 6 * number * HOUR
        booking = planned(ada, microscope, start)
        moment = start + 30 * MINUTE
        results = race(
            [
                lambda: check_in(
                    actor=ada,
                    booking_id=booking.public_id,  # noqa: B023
                    now=moment - MINUTE,  # noqa: B023
                ),
                lambda: tidy_sessions(now=moment),  # noqa: B023
            ]
        )
        booking.refresh_from_db()
        came = not isinstance(results[0], Exception)
        assert (results[1] == 0) is came
        assert booking.status == (Status.CHECKED_IN if came else Status.NO_SHOW)
        assert ResourceCalendar.objects.filter(booking=booking).exists() is came
        assert UsageSession.objects.filter(booking=booking).exists() is came
        if came:
            check_out(actor=ada, booking_id=booking.public_id, now=moment)


def test_staying_longer_against_somebodys_new_booking(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    for number in range(ROUNDS):
        start = now + 6 * number * HOUR
        booking = begin(ada, microscope, start)
        results = race(
            [
                lambda: extend_booking(
                    actor=ada,
                    booking_id=booking.public_id,  # noqa: B023
                    until=start + 2 * HOUR,  # noqa: B023
                    now=start + 30 * MINUTE,  # noqa: B023
                ),
                lambda: create_booking(
                    actor=ben,
                    user=ben,
                    resource_ids=[microscope.public_id],
                    period=Period(start + HOUR, start + 3 * HOUR),  # noqa: B023
                    now=start + 30 * MINUTE,  # noqa: B023
                ),
            ]
        )
        assert len(refused(results)) == 1
        booking.refresh_from_db()
        stayed = not isinstance(results[0], Exception)
        assert booking.end_time == start + (2 if stayed else 1) * HOUR
        claim = ResourceCalendar.objects.get(booking=booking)
        assert claim.during.upper == booking.end_time
        check_out(actor=ada, booking_id=booking.public_id, now=start + 31 * MINUTE)


def test_of_many_who_walk_up_one_gets_it(
    ada: User, ben: User, chris: User, dora: User, eve: User, microscope: Resource, now: datetime
) -> None:
    people = (ada, ben, chris, dora, eve)
    results = race([starter(user, microscope, now + HOUR, now) for user in people])
    assert len(refused(results)) == len(people) - 1
    assert Booking.objects.count() == UsageSession.objects.count() == 1
    assert ResourceCalendar.objects.count() == 1


def test_a_missed_slot_goes_to_one_of_many(
    ada: User, ben: User, chris: User, eve: User, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=15)
    missed = planned(ada, microscope, now)
    later = now + 30 * MINUTE
    walk_ups = [starter(user, microscope, now + HOUR, later) for user in (ben, chris, eve)]
    results = race([*walk_ups, lambda: tidy_sessions(now=later)])
    assert len(refused(results)) == 2
    missed.refresh_from_db()
    assert missed.status == Status.NO_SHOW
    assert BookingStatus.objects.filter(booking=missed).count() == 1
    assert ResourceCalendar.objects.count() == 1
