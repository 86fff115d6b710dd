"""Changing the rest of a series: all of it, or one and what follows."""

from datetime import datetime, time, timedelta
from uuid import UUID

import pytest

from accounts.models import User
from booking.enums import Limit, Status
from booking.errors import BookingRefused, NotAllowed, SlotTaken
from booking.models import (
    Booking,
    BookingPolicy,
    BookingSeries,
    OutboxEvent,
    Resource,
    ResourceCalendar,
)
from booking.queries.series_changes import SeriesChange, preview_change
from booking.services.bookings import cancel_booking, reschedule_booking
from booking.services.series import SeriesMade, cancel_series
from booking.services.series_changes import change_series
from booking.services.undo import undo_act
from labitory.lib.periods import Period
from tests.booking.services.test_series import book, wish
from tests.factories.bookings import make_booking
from tests.factories.quotas import assert_adds_up, make_quota
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def made(ada: User, microscope: Resource, now: datetime) -> SeriesMade:
    """Ada's series of four Tuesdays at nine."""
    return book(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=4"))


def of(series: BookingSeries) -> list[Booking]:
    """Its bookings as they are now."""
    return list(series.bookings.order_by("occurs_at"))


def test_all_move_to_another_hour_in_one_act(
    ada: User, microscope: Resource, now: datetime
) -> None:
    made = book(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=52"))
    OutboxEvent.objects.all().delete()
    with count_queries() as counted:
        changed = change_series(
            actor=ada,
            series_id=made.series.public_id,
            change=SeriesChange(starts=time(9, 30), minutes=90),
            now=now,
        )
    assert len(counted) <= 18
    assert (len(changed.bookings), changed.series.pk) == (52, made.series.pk)
    assert {each.period.length for each in of(made.series)} == {timedelta(minutes=90)}
    assert of(made.series)[0].start_time == now + DAY + HOUR + timedelta(minutes=30)
    assert ResourceCalendar.objects.count() == 52
    assert [each.kind for each in OutboxEvent.objects.all()] == ["booking.rescheduled"]
    made.series.refresh_from_db()
    assert (made.series.minutes, made.series.rule) == (90, "FREQ=WEEKLY;COUNT=52")
    assert BookingSeries.objects.count() == 1


def test_this_and_following_become_a_series_of_their_own(
    ada: User, made: SeriesMade, second_microscope: Resource, now: datetime
) -> None:
    third = made.bookings[2]
    changed = change_series(
        actor=ada,
        series_id=made.series.public_id,
        from_booking=third.public_id,
        change=SeriesChange(resource_id=second_microscope.public_id, purpose="New dye"),
        now=now,
    )
    assert changed.series.split_from == made.series
    assert changed.series.rule == "FREQ=WEEKLY;COUNT=2"
    made.series.refresh_from_db()
    assert made.series.rule == "FREQ=WEEKLY;UNTIL=20260316"
    assert [each.pk for each in of(made.series)] == [each.pk for each in made.bookings[:2]]
    assert {each.resource for each in of(changed.series)} == {second_microscope}
    assert {each.purpose for each in of(changed.series)} == {"New dye"}
    assert ResourceCalendar.objects.filter(resource=second_microscope).count() == 2


def test_own_moved_bookings_do_not_stand_in_each_others_way(
    ada: User, microscope: Resource, now: datetime
) -> None:
    made = book(wish(ada, microscope, now, "FREQ=DAILY;COUNT=5", length=20 * HOUR))
    changed = change_series(
        actor=ada,
        series_id=made.series.public_id,
        change=SeriesChange(starts=time(15), minutes=22 * 60),
        now=now,
    )
    assert len(changed.bookings) == 5


def test_a_refused_change_leaves_every_claim(
    ada: User, ben: User, made: SeriesMade, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + DAY + 2 * HOUR + WEEK)
    before = list(Booking.objects.order_by("pk").values())
    claims = list(ResourceCalendar.objects.order_by("pk").values_list("pk", "during"))
    events = OutboxEvent.objects.count()
    change = SeriesChange(starts=time(10))
    with pytest.raises(SlotTaken) as caught:
        change_series(actor=ada, series_id=made.series.public_id, change=change, now=now)
    assert len(caught.value.refusals[0].facts["occurrences"]) == 1
    assert list(Booking.objects.order_by("pk").values()) == before
    assert list(ResourceCalendar.objects.order_by("pk").values_list("pk", "during")) == claims
    assert OutboxEvent.objects.count() == events


def test_all_that_can_change_and_the_rest_stays(
    ada: User, ben: User, made: SeriesMade, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + DAY + 2 * HOUR + WEEK)
    preview = preview_change(
        actor=ada,
        series=made.series,
        bookings=made.bookings,
        change=SeriesChange(starts=time(10)),
        now=now,
    )
    assert (len(preview.allowed), len(preview.refused)) == (3, 1)
    changed = change_series(
        actor=ada,
        series_id=made.series.public_id,
        change=SeriesChange(starts=time(10)),
        now=now,
        skip_refused=True,
    )
    assert (len(changed.bookings), len(changed.kept)) == (3, 1)
    starts = [each.start_time for each in of(changed.series)]
    first = now + DAY + 2 * HOUR
    # It stays at nine, and the clocks change before the last.
    assert starts == [first, first + WEEK - HOUR, first + 2 * WEEK, first + 3 * WEEK]


def test_what_was_moved_by_hand_keeps_its_time(ada: User, made: SeriesMade, now: datetime) -> None:
    second = made.bookings[1]
    there = Period(second.start_time + 5 * HOUR, second.end_time + 5 * HOUR)
    reschedule_booking(actor=ada, booking_id=second.public_id, period=there, now=now)
    change_series(
        actor=ada,
        series_id=made.series.public_id,
        change=SeriesChange(starts=time(11)),
        now=now,
    )
    second.refresh_from_db()
    assert second.period == there
    assert second.occurs_at == now + DAY + 3 * HOUR + WEEK


def test_a_chain_longer_than_one_asks_for_stays_as_it_is(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    made = book(wish(ada, microscope, now, "FREQ=DAILY;COUNT=16", length=20 * HOUR))
    # From three in the afternoon each reaches into the next as it was, and the last has no room.
    make_booking(ben, microscope, made.bookings[-1].end_time + HOUR, 2 * HOUR)
    before = {each.pk: each.period for each in of(made.series)}
    preview = preview_change(
        actor=ada,
        series=made.series,
        bookings=made.bookings,
        change=SeriesChange(starts=time(15)),
        now=now,
    )
    assert (len(preview.allowed), len(preview.refused)) == (0, 16)
    assert {each.standing[0].code for each in preview.refused} == {
        "conflict.taken",
        "conflict.series",
    }
    with pytest.raises(SlotTaken):
        change_series(
            actor=ada,
            series_id=made.series.public_id,
            change=SeriesChange(starts=time(15)),
            now=now,
            skip_refused=True,
        )
    assert {each.pk: each.period for each in of(made.series)} == before


@pytest.mark.parametrize("place", [0, 1])
def test_a_cancelled_one_comes_back_into_the_series_that_goes_on(
    ada: User, made: SeriesMade, now: datetime, place: int
) -> None:
    gone = made.bookings[2]
    cancel_booking(actor=ada, booking_id=gone.public_id, now=now)
    changed = change_series(
        actor=ada,
        series_id=made.series.public_id,
        from_booking=made.bookings[place].public_id,
        change=SeriesChange(starts=time(11)),
        now=now,
    )
    gone.refresh_from_db()
    changed.series.refresh_from_db()
    assert gone.series == changed.series
    # It is left out at the hour at which the others are now.
    assert changed.series.excluded == [gone.occurs_at]
    assert gone.occurs_at is not None
    assert gone.occurs_at - gone.start_time == 2 * HOUR
    act = gone.undoable_acts.get()
    undo_act(actor=ada, act_id=act.public_id, now=now + timedelta(minutes=1))
    changed.series.refresh_from_db()
    assert changed.series.excluded == []
    starts = {each.start_time.hour for each in of(changed.series) if each.pk != gone.pk}
    again = change_series(
        actor=ada,
        series_id=changed.series.public_id,
        change=SeriesChange(minutes=30),
        now=now + timedelta(minutes=2),
    )
    # Back as it was, it stands by itself at nine.
    assert gone.pk in {each.pk for each in again.bookings}
    gone.refresh_from_db()
    assert gone.period.length == HOUR
    assert gone.start_time.hour not in starts


def test_a_purpose_alone_asks_and_tells_nobody(
    ada: User, made: SeriesMade, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.HORIZON, value=60)
    OutboxEvent.objects.all().delete()
    change = SeriesChange(purpose="Long run")
    change_series(actor=ada, series_id=made.series.public_id, change=change, now=now)
    assert {each.purpose for each in of(made.series)} == {"Long run"}
    assert not OutboxEvent.objects.exists()


def test_who_waits_is_asked_anew_and_the_ledger_follows(
    ada: User, chris: User, made: SeriesMade, second_microscope: Resource, now: datetime
) -> None:
    second_microscope.requires_approval = True
    second_microscope.save()
    make_quota(amount=6000, resource=second_microscope)
    changed = change_series(
        actor=ada,
        series_id=made.series.public_id,
        change=SeriesChange(resource_id=second_microscope.public_id),
        now=now,
    )
    assert {each.status for each in of(changed.series)} == {Status.PENDING}
    assert_adds_up()
    assert "booking.requested" in OutboxEvent.objects.values_list("kind", flat=True)
    change_series(
        actor=ada,
        series_id=changed.series.public_id,
        change=SeriesChange(minutes=120),
        now=now,
    )
    assert_adds_up()
    cancel_series(actor=ada, series_id=changed.series.public_id, now=now)
    assert_adds_up()


def test_what_was_used_is_split_off(ada: User, made: SeriesMade, now: datetime) -> None:
    changed = change_series(
        actor=ada,
        series_id=made.series.public_id,
        change=SeriesChange(minutes=30),
        now=now + 2 * DAY,
    )
    assert changed.series.split_from == made.series
    assert len(of(changed.series)) == 3


def test_strangers_and_unknown_places_are_refused(
    ada: User, ben: User, made: SeriesMade, now: datetime
) -> None:
    key = made.series.public_id
    with pytest.raises(NotAllowed):
        change_series(actor=ben, series_id=key, change=SeriesChange(minutes=30), now=now)
    nowhere = SeriesChange(resource_id=UUID(int=1))
    with pytest.raises(BookingRefused):
        change_series(actor=ada, series_id=key, change=nowhere, now=now)
    with pytest.raises(BookingSeries.DoesNotExist):
        change_series(actor=ada, series_id=UUID(int=1), change=nowhere, now=now)
    with pytest.raises(Booking.DoesNotExist):
        cancel_series(actor=ada, series_id=key, from_booking=UUID(int=1), now=now)
