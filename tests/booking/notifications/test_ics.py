"""Bookings as calendar programs read them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from icalendar import Calendar, Event

from accounts.models import User
from booking.enums import Status
from booking.models import Booking, Resource
from booking.notifications.ics import booking_calendar
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def booking(ada: User, now: datetime) -> Booking:
    """Ada's, with much to say."""
    resource = make_resource("Laser; 2, new\\old", location="Room 1\nBasement")
    return make_booking(ada, resource, now, purpose="Cells, alive; 37 °C", sequence=3)


def read(content: bytes) -> tuple[Calendar, list[Event]]:
    calendar = Calendar.from_ical(content)
    assert isinstance(calendar, Calendar)
    return calendar, [each for each in calendar.walk("VEVENT") if isinstance(each, Event)]


def test_event_says_what_the_booking_says(
    booking: Booking, now: datetime, settings: LazySettings
) -> None:
    settings.SITE_URL, settings.LAB_CONTACT = "https://lab.example.org/", "desk@example.org"
    calendar, (event,) = read(booking_calendar([booking]))
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert event["UID"] == f"{booking.public_id}@lab.example.org"
    assert event["SEQUENCE"] == 3
    assert event["SUMMARY"] == "Laser; 2, new\\old"
    assert event["LOCATION"] == "Room 1\nBasement"
    assert event["DESCRIPTION"] == "Cells, alive; 37 °C"
    assert event["URL"] == f"https://lab.example.org/bookings/{booking.public_id}"
    assert event["ORGANIZER"] == "mailto:desk@example.org"
    assert event["ATTENDEE"] == "mailto:ada@example.org"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_times_are_in_utc_whatever_the_lab_is(booking: Booking) -> None:
    booking.start_time = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    booking.end_time = datetime(2026, 10, 25, 2, 0, tzinfo=UTC)
    lines = booking_calendar([booking]).decode().split("\r\n")
    assert "DTSTART:20261025T003000Z" in lines
    assert "DTEND:20261025T020000Z" in lines
    assert any(line.startswith("DTSTAMP:") and line.endswith("Z") for line in lines)


def test_lines_are_folded_as_the_standard_wants(booking: Booking) -> None:
    booking.purpose = "ä" * 200
    content = booking_calendar([booking])
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert read(content)[1][0]["DESCRIPTION"] == "ä" * 200


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.PENDING, "TENTATIVE"),
        (Status.CONFIRMED, "CONFIRMED"),
        (Status.CHECKED_IN, "CONFIRMED"),
        (Status.COMPLETED, "CONFIRMED"),
        (Status.CANCELLED, "CANCELLED"),
        (Status.REJECTED, "CANCELLED"),
        (Status.NO_SHOW, "CANCELLED"),
    ],
)
def test_status_is_the_bookings_own(booking: Booking, status: Status, said: str) -> None:
    booking.status = status
    assert read(booking_calendar([booking]))[1][0]["STATUS"] == said


def test_reader_is_invited_too(booking: Booking, ben: User, ada: User, chris: User) -> None:
    (event,) = read(booking_calendar([booking], reader=ben))[1]
    assert event["ATTENDEE"] == ["invalid:nomail", "mailto:ben@example.org"]
    (event,) = read(booking_calendar([booking], reader=chris))[1]
    assert event["ATTENDEE"] == ["mailto:ada@example.org", "mailto:chris@example.org"]
    (event,) = read(booking_calendar([booking], reader=ada))[1]
    assert event["ATTENDEE"] == "mailto:ada@example.org"


def test_several_bookings_are_one_file(
    ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    made = [make_booking(ada, each, now) for each in (microscope, second_microscope)]
    with count_queries(0):
        content = booking_calendar(made, method="REQUEST")
    calendar, events = read(content)
    assert calendar["METHOD"] == "REQUEST"
    assert [event["SUMMARY"] for event in events] == ["Confocal 1", "Confocal 2"]
    assert len({event["UID"] for event in events}) == 2
