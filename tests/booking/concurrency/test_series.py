"""Series under rivals: nobody gets a time twice, and no half of a series is left."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from accounts.models import User
from booking.enums import Status
from booking.errors import ActionRefused, BookingRefused, SlotTaken
from booking.models import Booking, BookingSeries, OutboxEvent, Resource, ResourceCalendar
from booking.queries.series_changes import SeriesChange
from booking.services.bookings import BookingDetails, create_booking, reschedule_booking
from booking.services.series import SeriesMade, cancel_series, create_series
from booking.services.series_changes import change_series
from labitory.lib.periods import Period
from tests.booking.concurrency.test_bookings import assert_no_overlap
from tests.booking.services.test_series import wish
from tests.factories.people import make_user
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
Act = Callable[[], Any]


def series(user: User, resource: Resource, now: datetime, *, skip: bool, n: int = 10) -> Act:
    asked = wish(user, resource, now, f"FREQ=DAILY;COUNT={n}")
    return lambda: create_series(wish=asked, details=BookingDetails(), skip_refused=skip)


def single(user: User, resource: Resource, now: datetime, day: int) -> Act:
    start = now + DAY + HOUR + day * DAY
    return lambda: create_booking(
        actor=user,
        user=user,
        resource_ids=[resource.public_id],
        period=Period(start, start + HOUR),
        now=now,
    )


def sound(results: list[Any]) -> list[Any]:
    """What got through; the others were refused in words."""
    for result in results:
        if isinstance(result, Exception):
            if not isinstance(result, BookingRefused | ActionRefused):
                raise result
            assert result.refusals
    return [each for each in results if not isinstance(each, Exception)]


def assert_whole() -> None:
    """Every live booking has its claim, every claim its booking, every series its bookings."""
    assert_no_overlap()
    live = set(Booking.objects.filter(status=Status.CONFIRMED).values_list("pk", flat=True))
    assert set(ResourceCalendar.objects.values_list("booking_id", flat=True)) == live
    assert not BookingSeries.objects.filter(bookings=None).exists()


@pytest.mark.parametrize("round_number", range(3))
def test_series_against_single(
    ada: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    rivals = [single(make_user(f"r{n}"), microscope, now, n) for n in range(3)]
    results = race([series(ada, microscope, now, skip=True), *rivals])
    won = sound(results)
    [made] = [each for each in won if isinstance(each, SeriesMade)]
    singles = len(won) - 1
    assert len(made.bookings) == 10 - singles
    assert len(made.left_out) == singles
    assert Booking.objects.count() == 10
    assert_whole()


@pytest.mark.parametrize("round_number", range(3))
def test_all_or_nothing_against_single(
    ada: User, ben: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    results = race([series(ada, microscope, now, skip=False), single(ben, microscope, now, 5)])
    assert len(sound(results)) == 1
    assert Booking.objects.count() in (1, 10)
    assert OutboxEvent.objects.count() == 1
    assert_whole()


@pytest.mark.parametrize("round_number", range(3))
def test_series_against_series(
    ada: User, ben: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    results = race(
        [
            series(user, microscope, now, skip=False, n=20 + n)
            for n, user in enumerate((ada, ben, make_user("r1"), make_user("r2")))
        ]
    )
    assert len(sound(results)) == 1
    assert BookingSeries.objects.count() == 1
    assert_whole()


def test_series_that_take_what_they_can_share_the_days(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    results = race([series(user, microscope, now, skip=True) for user in (ada, ben)])
    for each in results:
        assert isinstance(each, SeriesMade | SlotTaken), each
    assert Booking.objects.count() == 10
    assert_whole()


@pytest.mark.parametrize("round_number", range(3))
def test_cancel_the_rest_against_move_of_one(
    ada: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    made = series(ada, microscope, now, skip=False)()
    third = made.bookings[2]
    there = Period(third.start_time + 4 * HOUR, third.end_time + 4 * HOUR)
    results = race(
        [
            lambda: cancel_series(actor=ada, series_id=made.series.public_id, now=now),
            lambda: reschedule_booking(
                actor=ada, booking_id=third.public_id, period=there, now=now
            ),
        ]
    )
    sound(results)
    assert not Booking.objects.exclude(status=Status.CANCELLED).exists()
    assert not ResourceCalendar.objects.exists()
    made.series.refresh_from_db()
    assert len(made.series.excluded) == 10


@pytest.mark.parametrize("round_number", range(3))
def test_change_the_rest_against_a_rival_and_another_change(
    ada: User, ben: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    made = series(ada, microscope, now, skip=False)()

    def change(hour: int) -> Act:
        return lambda: change_series(
            actor=ada,
            series_id=made.series.public_id,
            change=SeriesChange(starts=time(hour)),
            now=now,
        )

    start = now + 4 * DAY + 5 * HOUR
    rival = lambda: create_booking(  # noqa: E731 - as the others
        actor=ben,
        user=ben,
        resource_ids=[microscope.public_id],
        period=Period(start, start + HOUR),
        now=now,
    )
    results = race([change(13), change(15), rival])
    sound(results)
    assert Booking.objects.filter(series=made.series).count() == 10
    hours = {each.start_time.hour for each in Booking.objects.filter(series=made.series)}
    assert len(hours) == 1
    assert_whole()
