"""Two who change one booking at once: nobody's change is silently overwritten."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from accounts.models import User
from booking.models import Booking, Resource, ResourceCalendar
from booking.services.bookings import BookingDetails, edit_booking, reschedule_booking
from labitory.lib.periods import Period
from tests.booking.concurrency.test_plans import settled
from tests.factories.bookings import make_booking
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR, MOMENT = timedelta(hours=1), timedelta(microseconds=1)
ROUNDS = 20


def fresh(user: User, resource: Resource, start: datetime) -> Booking:
    made = make_booking(user, resource, start, purpose="old")
    return Booking.objects.select_related("resource", "user", "project").get(pk=made.pk)


def test_two_ends_of_one_booking_are_not_both_moved(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    for number in range(ROUNDS):
        # Both read the booking as it was: one changes its start, the other its end.
        booking = fresh(ada, microscope, now + (number + 1) * 24 * HOUR)
        move = partial(reschedule_booking, booking_id=booking.public_id, now=now)
        early = Period(booking.start_time - HOUR, booking.end_time)
        late = Period(booking.start_time, booking.end_time + HOUR)
        results = race(
            [
                partial(move, actor=ada, period=early, seen=booking),
                partial(move, actor=chris, period=late, seen=booking),
            ]
        )
        first, second = settled(results)
        assert first is not second
        lost = next(each for each in results if isinstance(each, Exception))
        assert str(lost) == "booking.changed"
        booking.refresh_from_db()
        assert booking.period == (early if first else late)
        claim = ResourceCalendar.objects.get(booking=booking)
        assert (claim.during.lower, claim.during.upper) == (booking.start_time, booking.end_time)


def test_a_move_keeps_the_words_that_are_written_meanwhile(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    for number in range(ROUNDS):
        booking = fresh(ada, microscope, now + (number + 1) * 24 * HOUR)
        there = Period(booking.start_time + HOUR, booking.end_time + HOUR)
        details = BookingDetails(purpose=booking.purpose, notes=booking.notes)
        moved, edited = settled(
            race(
                [
                    partial(
                        reschedule_booking,
                        actor=chris,
                        booking_id=booking.public_id,
                        period=there,
                        details=details,
                        seen=booking,
                        now=now,
                    ),
                    partial(
                        edit_booking,
                        actor=ada,
                        booking_id=booking.public_id,
                        purpose="new",
                        now=now + MOMENT,
                    ),
                ]
            )
        )
        assert edited
        booking.refresh_from_db()
        assert booking.purpose == "new"
        assert (booking.period == there) is moved


def test_of_two_who_saw_the_same_words_one_writes(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    for number in range(ROUNDS):
        booking = fresh(ada, microscope, now + (number + 1) * 24 * HOUR)
        calls = [
            partial(
                edit_booking,
                actor=user,
                booking_id=booking.public_id,
                purpose=user.username,
                version=booking.version,
                now=now + place * MOMENT,
            )
            for place, user in enumerate((ada, chris), 1)
        ]
        first, second = settled(race(calls))
        assert first is not second
        booking.refresh_from_db()
        assert booking.purpose == ("ada" if first else "chris")
