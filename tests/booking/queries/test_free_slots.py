"""Finding time agrees with booking it."""

from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import User
from booking.enums import Limit
from booking.models import (
    BookingPolicy,
    Holiday,
    OpeningHours,
    Resource,
    ResourceAccess,
    ResourceLink,
    ResourcePool,
)
from booking.queries.free_slots import FreeSlot, free_slots, next_free
from booking.queries.previews import preview_booking
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def search(user: User, now: datetime, days: float = 1, **extra: object) -> list[FreeSlot]:
    options: dict[str, object] = {
        "minimum": HOUR,
        "window": Period(now, now + timedelta(days=days)),
    }
    return free_slots(user=user, now=now, **{**options, **extra})  # type: ignore[arg-type]


def spans(slots: list[FreeSlot], now: datetime) -> list[tuple[float, float]]:
    return [((s.start_time - now) / HOUR, (s.end_time - now) / HOUR) for s in slots]


def test_hours_minus_bookings(
    ada: User, ben: User, microscope: Resource, now: datetime, weekday_hours: None
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR, 2 * HOUR)
    with count_queries(1):
        found = search(ada, now)
    assert spans(found, now) == [(0, 2), (4, 12)]


def test_weekend_and_holiday_are_closed(
    ada: User, microscope: Resource, now: datetime, weekday_hours: None
) -> None:
    Holiday.objects.create(day=datetime(2026, 3, 3, tzinfo=UTC).date(), name="Day", country="DE")
    found = search(ada, now, days=7)
    assert [slot.start_time.day for slot in found] == [2, 4, 5, 6]


def test_without_hours_always_open(ada: User, microscope: Resource, now: datetime) -> None:
    assert spans(search(ada, now, days=3), now) == [(0, 72)]


def test_buffers_leave_room(ada: User, ben: User, now: datetime) -> None:
    resource = make_resource("NMR", setup_minutes=30, cleanup_minutes=15)
    make_booking(ben, resource, now + 3 * HOUR, HOUR)
    # The other's set-up begins at 2.5 and ours needs clean-up before it; theirs ends at 4.25.
    assert spans(search(ada, now), now) == [(0, 2.25), (4.75, 24)]


def test_seats_are_full_only_together(ada: User, ben: User, eve: User, now: datetime) -> None:
    room = make_resource("Room", capacity=2)
    make_booking(ben, room, now + 2 * HOUR, 4 * HOUR)
    make_booking(eve, room, now + 3 * HOUR, HOUR)
    assert spans(search(ada, now), now) == [(0, 3), (4, 24)]


def test_linked_resource_counts(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    laser = make_resource("Laser")
    for each in (microscope, second_microscope):
        ResourceLink.objects.create(resource=each, linked=laser)
    make_booking(ben, second_microscope, now + 2 * HOUR)
    found = search(ada, now, resource_ids=[microscope.public_id])
    assert spans(found, now) == [(0, 2), (3, 24)]


def test_askers_own_rules(ada: User, eve: User, microscope: Resource, now: datetime) -> None:
    closed = make_resource("NMR", requires_access=True, resource_type=microscope.resource_type)
    ResourceAccess.objects.create(user=ada, resource=closed, expires_at=now + 6 * HOUR)
    BookingPolicy.objects.create(limit=Limit.LEAD_TIME, value=60)
    BookingPolicy.objects.create(limit=Limit.HORIZON, value=600)
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=240, resource=microscope)
    assert {slot.resource_name for slot in search(eve, now)} == {"Confocal 1"}
    found = search(ada, now)
    assert spans([s for s in found if s.resource_name == "NMR"], now) == [(1, 6)]
    assert spans([s for s in found if s.resource_name == "Confocal 1"], now) == [(1, 5)]


def test_own_bookings_are_avoided(
    ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    make_booking(ada, second_microscope, now + 2 * HOUR)
    found = search(ada, now, resource_ids=[microscope.public_id])
    assert spans(found, now) == [(0, 2), (3, 24)]


def test_days_and_hours(ada: User, microscope: Resource, now: datetime) -> None:
    found = search(
        ada, now, days=7, weekdays=frozenset({1, 3}), hours=(time(14), time(17)), minimum=2 * HOUR
    )
    assert [(s.start_time.weekday(), s.start_time.hour, s.end_time.hour) for s in found] == [
        (1, 14, 17),
        (3, 14, 17),
    ]


def test_grid_is_kept(ada: User, confocals: object, now: datetime) -> None:
    make_resource("NMR", slot_minutes=30)
    late = now + timedelta(minutes=7)
    found = free_slots(user=ada, now=late, window=Period(late, late + 4 * HOUR), minimum=HOUR)
    assert spans(found, now) == [(0.5, 4)]


def test_pool_type_and_ranking(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    other = make_resource("NMR")
    make_booking(ben, microscope, now, 3 * HOUR)
    pool = ResourcePool.objects.create(name="Confocals")
    pool.resources.set([microscope, second_microscope])
    names = [s.resource_name for s in search(ada, now, pool_id=pool.public_id)]
    assert names == ["Confocal 2", "Confocal 1"]
    found = search(ada, now, type_id=other.resource_type.public_id)
    assert [s.resource_name for s in found] == ["NMR"]


def test_next_free_of_each(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now, 3 * HOUR)
    ids = [microscope.public_id, second_microscope.public_id]
    found = next_free(user=ada, now=now, resource_ids=ids, minimum=HOUR)
    assert [found[key].start_time for key in ids] == [now + 3 * HOUR, now]


@pytest.mark.parametrize(
    "start", [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)]
)
def test_dst_nights_keep_lab_hours(ada: User, microscope: Resource, start: datetime) -> None:
    OpeningHours.objects.bulk_create(
        OpeningHours(weekday=day, opens_at=time(22), closes_at=time(6)) for day in range(7)
    )
    found = search(ada, start, days=1)
    assert [(s.start_time.hour, s.end_time.hour) for s in found] == [(22, 6)]
    length = (found[0].end_time.astimezone(UTC) - found[0].start_time.astimezone(UTC)) / HOUR
    assert length == (7 if start.month == 3 else 9)


def test_what_is_found_can_be_booked(
    ada: User, ben: User, microscope: Resource, now: datetime, weekday_hours: None
) -> None:
    for hour in (1, 4, 30):
        make_booking(ben, microscope, now + hour * HOUR, HOUR)
    found = search(ada, now, days=5)
    assert len(found) == 8
    for slot in found:
        preview = preview_booking(
            actor=ada,
            user=ada,
            resource_ids=[slot.resource_id],
            period=Period(slot.start_time, slot.end_time),
            now=now,
        )
        assert preview.allowed, preview.refusals


def test_a_booking_keeps_its_seat(ada: User, ben: User, eve: User, now: datetime) -> None:
    lathe = make_resource("Lathe", capacity=2)
    make_booking(ben, lathe, now + 2 * HOUR, 2 * HOUR)
    make_booking(eve, lathe, now + 3 * HOUR, 2 * HOUR)
    # From the third to the fourth hour both seats are taken; beside it each has time of its own.
    assert spans(search(ada, now), now) == [(0, 3), (4, 24)]
    make_booking(ben, lathe, now + 5 * HOUR, 2 * HOUR)
    found = search(ada, now)
    # The second seat is free from the fifth hour, the first from the seventh and between the two.
    assert spans(found, now) == [(0, 3), (4, 5), (5, 24)]
    for slot in found:
        preview = preview_booking(
            actor=ada,
            user=ada,
            resource_ids=[lathe.public_id],
            period=Period(slot.start_time, slot.end_time),
            now=now,
        )
        assert preview.allowed, (slot, preview.refusals)


@pytest.mark.parametrize("limit", [(Limit.LEAD_TIME, 10_080), (Limit.HORIZON, 60)])
def test_limits_beyond_the_window_leave_nothing(
    ada: User, microscope: Resource, now: datetime, limit: tuple[Limit, int]
) -> None:
    BookingPolicy.objects.create(limit=limit[0], value=limit[1])
    window = Period(now + 10 * HOUR, now + 20 * HOUR)
    assert search(ada, now, window=window) == []


def test_access_that_ends_before_the_window_leaves_nothing(ada: User, now: datetime) -> None:
    guarded = make_resource("Electron microscope", requires_access=True)
    ResourceAccess.objects.create(user=ada, resource=guarded, expires_at=now + HOUR)
    assert search(ada, now, window=Period(now + 10 * HOUR, now + 20 * HOUR)) == []


def test_hours_in_the_gap_of_spring_are_none(ada: User, microscope: Resource) -> None:
    saturday = datetime(2026, 3, 28, 12, tzinfo=UTC)
    quarter = timedelta(minutes=15)
    found = search(ada, saturday, days=2, minimum=quarter, hours=(time(2, 30), time(3)))
    assert [slot.start_time.day for slot in found] == [30]
