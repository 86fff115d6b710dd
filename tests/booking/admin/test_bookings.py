"""Bookings in the administration: read-only, and actions that ask the services."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Status
from booking.models import Booking, OutboxEvent, Resource, ResourceCalendar
from tests.conftest import LogIn
from tests.factories.bookings import make_booking

pytestmark = pytest.mark.usefixtures("frozen_clock")
LIST = "/admin/booking/booking/"
HOUR = timedelta(hours=1)


def test_a_booking_is_seen_and_not_changed(
    as_user: LogIn, dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + HOUR)
    client = as_user(dora)
    page = f"{LIST}{booking.pk}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"purpose": "mine"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{booking.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Booking.objects.get() == booking


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("cancel", Status.CONFIRMED, Status.CANCELLED),
        ("approve", Status.PENDING, Status.CONFIRMED),
        ("reject", Status.PENDING, Status.REJECTED),
    ],
)
def test_actions_are_the_services(
    as_user: LogIn,
    dora: User,
    ada: User,
    microscope: Resource,
    now: datetime,
    action: str,
    before: Status,
    after: Status,
) -> None:
    booking = make_booking(ada, microscope, now + HOUR, status=before)
    chosen = {"action": action, "_selected_action": [booking.pk]}
    answer = as_user(dora).post(LIST, chosen, follow=True)
    assert "1 bookings changed" in answer.content.decode()
    booking.refresh_from_db()
    assert booking.status == after
    assert OutboxEvent.objects.count() == 1
    assert AuditLog.objects.filter(actor_id=dora.pk, object_type="booking.booking").exists()
    held = ResourceCalendar.objects.filter(booking=booking).exists()
    assert held is (after == Status.CONFIRMED)


def test_a_no_of_the_service_is_shown(
    as_user: LogIn, dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now - 3 * HOUR, status=Status.COMPLETED)
    chosen = {"action": "cancel", "_selected_action": [booking.pk]}
    page = as_user(dora).post(LIST, chosen, follow=True).content.decode()
    assert "can no longer be changed" in page
    booking.refresh_from_db()
    assert booking.status == Status.COMPLETED
