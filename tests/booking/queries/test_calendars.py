"""Calendars show what is there, to whom it concerns, in few queries."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import Status
from booking.models import OpeningHours, Resource, ResourceLink, ResponsiblePerson
from booking.queries.calendars import CalendarEntry, calendar_entries, open_periods
from booking.services.bookings import create_booking
from booking.services.holds import hold_time
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def entries(viewer: User, resource: Resource, now: datetime, days: int = 7) -> list[CalendarEntry]:
    return calendar_entries(
        viewer=viewer, resource_ids=[resource.pk], window=Period(now, now + days * DAY), now=now
    )


def test_one_query_however_many(ada: User, ben: User, microscope: Resource, now: datetime) -> None:
    for hour in (1, 5, 30):
        make_booking(ben, microscope, now + hour * HOUR)
    with count_queries(1):
        assert len(entries(ada, microscope, now)) == 3


def test_long_bookings_reach_in(ada: User, microscope: Resource, now: datetime) -> None:
    make_booking(ada, microscope, now - 30 * DAY, 40 * DAY)
    make_booking(ada, microscope, now + 11 * DAY, 2 * DAY)
    found = entries(ada, microscope, now)
    assert [each.start_time for each in found] == [now - 30 * DAY]


def test_booking_that_began_last_week_is_seen_once(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now - 6 * DAY, 8 * DAY)
    make_booking(ada, microscope, now + 3 * DAY, 8 * DAY)
    assert len(entries(ada, microscope, now)) == 2


def test_what_is_over_for_good_is_not_shown(ada: User, microscope: Resource, now: datetime) -> None:
    for place, status in enumerate((Status.CANCELLED, Status.REJECTED, Status.NO_SHOW)):
        make_booking(ada, microscope, now + place * HOUR, status=status)
    assert entries(ada, microscope, now) == []


def test_names_and_purposes_are_private(
    ada: User, ben: User, chris: User, eve: User, microscope: Resource, now: datetime
) -> None:
    ben.preferences.show_name = False
    ben.preferences.save()
    make_booking(ben, microscope, now + HOUR, purpose="Secret cells")
    make_booking(eve, microscope, now + 3 * HOUR, purpose="Yeast")
    titles = {
        who.username: [each.title for each in entries(who, microscope, now)]
        for who in (ada, ben, chris)
    }
    assert titles == {
        "ada": ["Booked", "Eve"],
        "ben": ["Ben – Secret cells", "Eve"],
        "chris": ["Ben – Secret cells", "Eve – Yeast"],
    }
    ResponsiblePerson.objects.create(resource=microscope, user=ada)
    assert entries(ada, microscope, now)[0].title == "Ben – Secret cells"


def test_linked_and_held_time_is_shown(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    laser = make_resource("Laser")
    ResourceLink.objects.create(resource=microscope, linked=laser)
    period = Period(now + HOUR, now + 2 * HOUR)
    create_booking(actor=ada, user=ada, resource_ids=[microscope.public_id], period=period, now=now)
    later = Period(now + 3 * HOUR, now + 4 * HOUR)
    hold_time(actor=ben, resource_id=microscope.public_id, period=later, now=now)
    assert [each.kind for each in entries(ada, laser, now)] == ["linked", "hold"]
    assert [each.kind for each in entries(ada, microscope, now)] == ["booking", "hold"]
    after = now + timedelta(minutes=16)
    assert [each.kind for each in entries(ada, microscope, after)] == ["booking"]


def test_who_looks_after_the_linked_resource_does_not_see_the_booking(
    ada: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    ada.preferences.show_name = False
    ada.preferences.save()
    laser = make_resource("Laser")
    ResourceLink.objects.create(resource=microscope, linked=laser)
    make_booking(ada, microscope, now + HOUR, purpose="Secret cells")
    ResponsiblePerson.objects.create(resource=laser, user=ben)
    ResponsiblePerson.objects.create(resource=microscope, user=eve)
    told = [
        (each.title, each.is_visible) for who in (ben, eve) for each in entries(who, laser, now)
    ]
    assert told == [("Booked", False), ("Ada – Secret cells", True)]


def test_open_periods_of_many_take_two_queries(
    microscope: Resource, second_microscope: Resource, now: datetime, weekday_hours: None
) -> None:
    OpeningHours.objects.create(
        resource=second_microscope, weekday=5, opens_at="22:00", closes_at="06:00"
    )
    window = Period(now, now + 7 * DAY)
    with count_queries(2):
        found = open_periods(resources=[microscope, second_microscope], window=window)
    assert len(found[microscope.pk]) == 5
    saturday = datetime(2026, 3, 7, 21, tzinfo=UTC)
    assert found[second_microscope.pk] == [Period(saturday, saturday + 8 * HOUR)]
