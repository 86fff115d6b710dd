"""What a phone shows that scanned the sticker."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import Limit, Status
from booking.models import BookingPolicy, Resource, ResponsiblePerson
from booking.services.maintenance import schedule_maintenance
from labitory.lib.periods import Period
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")
HOUR = timedelta(hours=1)


def scan(client: Client, resource: Resource) -> str:
    answer = client.get(f"/i/{resource.code}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_visitor_logs_in_and_comes_back(client: Client, microscope: Resource) -> None:
    answer = client.get(f"/i/{microscope.code}")
    assert answer["Location"] == f"/accounts/login?next=/i/{microscope.code}"


def test_everybody_sees_a_free_one_and_can_book_it(
    as_user: LogIn, cast: dict[str, User], microscope: Resource
) -> None:
    for user in cast.values():
        found = scan(as_user(user), microscope)
        assert "instrument-free" in found
        assert "until 20:00" in found
        assert "Book from 08:00" in found
        assert f"/bookings/new?resource={microscope.code}&amp;start=2026-03-02T08%3A00" in found


def test_codes_are_read_in_any_case(as_user: LogIn, ada: User, microscope: Resource) -> None:
    assert as_user(ada).get(f"/i/{microscope.code.upper()}").status_code == 200
    assert as_user(ada).get("/i/nothing").status_code == 404


def test_free_until_the_next_booking(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 3 * HOUR, purpose="Confidential")
    found = scan(as_user(ada), microscope)
    assert "until 11:00" in found
    assert "11:00–12:00 · Ben" in found
    assert "Confidential" not in found


def test_seats_are_counted(as_user: LogIn, ada: User, ben: User, now: datetime) -> None:
    room = make_resource("Cell culture", capacity=3)
    make_booking(ben, room, now)
    assert "2 seats" in scan(as_user(ada), room)


def test_ones_own_booking_can_be_started_and_then_finished(
    as_user: LogIn, ada: User, eve: User, microscope: Resource, now: datetime
) -> None:
    mine = make_booking(ada, microscope, now + timedelta(minutes=10))
    client = as_user(ada)
    found = scan(client, microscope)
    assert f"/bookings/{mine.public_id}/check-in" in found
    client.post(f"/bookings/{mine.public_id}/check-in")
    found = scan(client, microscope)
    assert f"/bookings/{mine.public_id}/check-out" in found
    assert "/check-in" not in found
    assert str(mine.public_id) not in scan(as_user(eve), microscope)


def test_what_is_free_says_why_one_cannot_start(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.MIN_LENGTH, value=30)
    make_booking(ada, second_microscope, now, 2 * HOUR)
    for address in (f"/i/{microscope.code}", f"/i/{microscope.code}/kiosk"):
        found = as_user(ada).get(address).content.decode()
        assert "instrument-free" in found
        assert "You cannot start now" in found
        assert "Ada has booked Confocal 2" in found
        # What only the shortest stay would break is no reason.
        assert "at least 30 minutes" not in found


def test_a_booking_of_the_afternoon_cannot_be_started_yet(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    later = make_booking(ada, microscope, now + 6 * HOUR)
    found = scan(as_user(ada), microscope)
    assert "/check-in" not in found
    assert "Your next booking here" in found
    assert f"/bookings/{later.public_id}" in found


def test_in_use_tells_by_whom_and_what_is_free_next(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now, 2 * HOUR, status=Status.CHECKED_IN, purpose="Confidential")
    found = scan(as_user(ada), microscope)
    assert "instrument-busy" in found
    assert "until 10:00 · Ben" in found
    assert "Book from 10:00" in found
    assert "Confidential" not in found


def test_who_hides_their_name_is_not_named(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    ben.preferences.show_name = False
    ben.preferences.save()
    make_booking(ben, microscope, now, 2 * HOUR)
    assert "until 10:00 · Booked" in scan(as_user(ada), microscope)


def test_the_one_who_uses_it_is_told_so(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now, 2 * HOUR, status=Status.CHECKED_IN)
    assert "You are using it" in scan(as_user(ada), microscope)


def test_what_was_left_running_can_be_finished(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    left = make_booking(ada, microscope, now - 3 * HOUR, status=Status.CHECKED_IN)
    assert f"/bookings/{left.public_id}/check-out" in scan(as_user(ada), microscope)


def test_closed_and_maintenance_tell_why(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    schedule_maintenance(
        actor=chris,
        resource_id=microscope.public_id,
        period=Period(now, now + HOUR),
        title="New laser",
        now=now,
    )
    found = scan(as_user(ada), microscope)
    assert "instrument-closed" in found
    assert "until 09:00 · New laser" in found
    nmr = make_resource("NMR 400", is_active=False, closed_reason="Magnet quenched")
    found = scan(as_user(ada), nmr)
    assert "Magnet quenched" in found
    assert "Book from" not in found


def test_outside_hours_the_next_morning_is_offered(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + 14 * HOUR)
    found = scan(as_user(ada), microscope)
    assert "Outside hours" in found
    assert "Book from Tue 3 Mar 2026, 08:00" in found


def test_who_has_no_access_is_told_whom_to_ask(as_user: LogIn, eve: User, ben: User) -> None:
    stepper = make_resource("Stepper", requires_access=True)
    ResponsiblePerson.objects.create(resource=stepper, user=ben)
    found = scan(as_user(eve), stepper)
    assert "Restricted: only people with access may book." in found
    assert ben.email in found
    assert "Book from" not in found


@pytest.mark.parametrize("number", [1, 3])
def test_a_scan_takes_four_queries(
    as_user: LogIn, ada: User, ben: User, now: datetime, number: int
) -> None:
    evil = "<script>alert(1)</script>"
    resource = make_resource(evil, location=evil)
    for n in range(number):
        make_booking(ben, resource, now + timedelta(hours=2 * n), purpose=evil)
        make_booking(ada, resource, now + timedelta(hours=2 * n + 1), purpose=evil)
    client = as_user(ada)
    client.get("/resources")
    with count_queries(4):
        answer = client.get(f"/i/{resource.code}")
    assert evil not in answer.content.decode()
    assert len(answer.content) < 60_000
