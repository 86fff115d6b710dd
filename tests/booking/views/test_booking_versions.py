"""Two who have one booking open: the second reads that it was changed, and overwrites nothing."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from booking.models import Booking, Resource
from booking.services.bookings import edit_booking, reschedule_booking
from labitory.lib.periods import Period
from tests.conftest import LogIn
from tests.factories.bookings import make_booking

pytestmark = pytest.mark.usefixtures("frozen_clock")
HOUR = timedelta(hours=1)
WORDS = "This booking was changed since you looked at it"


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's, at noon in the lab."""
    return make_booking(ada, microscope, now + 4 * HOUR, purpose="old")


def path(booking: Booking) -> str:
    return f"/bookings/{booking.public_id}/edit"


def opened(client: Client, booking: Booking) -> str:
    """The version that the page carries in both of its forms."""
    page = client.get(path(booking)).content.decode()
    assert page.count(f'name="version" value="{booking.version}"') == 2
    return booking.version


def moved_to(booking: Booking, hour: int, version: str) -> dict[str, str]:
    return {
        "resource": booking.resource.code,
        "start_time": f"2026-03-02T{hour}:00",
        "end_time": f"2026-03-02T{hour + 1}:00",
        "version": version,
        "move": "1",
    }


def test_a_move_after_anothers_move_is_refused(
    as_user: LogIn, ada: User, chris: User, booking: Booking, now: datetime
) -> None:
    client = as_user(ada)
    version = opened(client, booking)
    there = Period(now + 6 * HOUR, now + 7 * HOUR)
    reschedule_booking(actor=chris, booking_id=booking.public_id, period=there, now=now)
    audited = AuditLog.objects.count()
    answer = client.post(path(booking), moved_to(booking, 17, version))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert WORDS in page
    booking.refresh_from_db()
    assert booking.period == there
    assert AuditLog.objects.count() == audited
    # Having looked again, it moves.
    assert f'value="{booking.version}"' in page
    answer = client.post(path(booking), moved_to(booking, 17, booking.version))
    assert answer.status_code == 302
    booking.refresh_from_db()
    assert booking.start_time == now + 9 * HOUR


def test_words_after_anothers_words_are_kept_on_the_page(
    as_user: LogIn, ada: User, chris: User, booking: Booking, now: datetime
) -> None:
    client = as_user(ada)
    version = opened(client, booking)
    edit_booking(actor=chris, booking_id=booking.public_id, purpose="Chris was here", now=now)
    form = {"purpose": "Mine", "notes": "", "attendees": "", "version": version, "texts": "1"}
    answer = client.post(path(booking), form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert WORDS in page
    assert 'value="Mine"' in page
    booking.refresh_from_db()
    assert booking.purpose == "Chris was here"
    assert client.post(path(booking), {**form, "version": booking.version}).status_code == 302
    booking.refresh_from_db()
    assert booking.purpose == "Mine"
