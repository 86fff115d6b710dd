"""Who has not come is told before the booking counts as missed: once, and only while it helps."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import Limit, Status
from booking.handlers import HANDLERS
from booking.models import Booking, BookingPolicy, Message, Notification, Resource
from booking.services.check_ins import check_in
from booking.services.events import dispatch_batch
from booking.services.messages import send_message
from booking.services.reminders import remind_of_check_ins
from booking.services.tidying_sessions import tidy_sessions
from tests.factories.bookings import make_booking

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def planned(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's hour from now on, made long before; the reminders have run before."""
    assert remind_of_check_ins(now=now) == 0
    before = now - 24 * HOUR
    return make_booking(ada, microscope, now, created_at=before, updated_at=before)


def grace(minutes: int) -> None:
    BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=minutes)


def told(now: datetime) -> list[str]:
    dispatch_batch(handlers=HANDLERS, now=now)
    found = Notification.objects.filter(event__kind="session.awaited").order_by("pk")
    return list(found.values_list("user__username", flat=True))


def test_five_minutes_before_it_counts_as_missed(planned: Booking, now: datetime) -> None:
    grace(30)
    for minutes, expected in ((24, 0), (25, 1), (25, 0), (29, 0)):
        assert remind_of_check_ins(now=now + minutes * MINUTE) == expected
    assert told(now + 26 * MINUTE) == ["ada"]
    notice = Notification.objects.get(event__kind="session.awaited")
    assert notice.title == "Nobody has checked in: Confocal 1"
    assert "Check in until 2 Mar 2026, 08:30 (CET)" in notice.body
    assert notice.url == f"/bookings/{planned.public_id}"
    # Late, when it counts as missed already, nobody is told what helps no more.
    assert tidy_sessions(now=now + 31 * MINUTE) == 1
    assert remind_of_check_ins(now=now + 31 * MINUTE) == 0


@pytest.mark.parametrize("minutes", [None, 9])
def test_without_a_grace_or_with_a_short_one_nobody_is_told(
    planned: Booking, now: datetime, minutes: int | None
) -> None:
    if minutes is not None:
        grace(minutes)
    for passed in range(0, 60, 2):
        assert remind_of_check_ins(now=now + passed * MINUTE) == 0


def test_who_was_away_for_the_run_is_told_late_or_not_at_all(
    planned: Booking, now: datetime
) -> None:
    grace(30)
    # No worker for 28 minutes: two are left.
    assert remind_of_check_ins(now=now + 28 * MINUTE) == 1
    Booking.objects.update(status=Status.CANCELLED)
    assert told(now + 28 * MINUTE) == []


def test_who_comes_in_between_hears_no_more(ada: User, planned: Booking, now: datetime) -> None:
    grace(30)
    assert remind_of_check_ins(now=now + 25 * MINUTE) == 1
    assert told(now + 25 * MINUTE) == ["ada"]
    [message] = Message.objects.filter(kind="session.awaited")
    check_in(actor=ada, booking_id=planned.public_id, now=now + 26 * MINUTE)
    assert not send_message(message_id=message.pk, attempt=0, now=now + 26 * MINUTE)
    assert Message.objects.get(pk=message.pk).status == "void"
    assert remind_of_check_ins(now=now + 27 * MINUTE) == 0
