"""What people read when a session lasts longer than it was booked, or nobody came."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import Limit
from booking.handlers import HANDLERS
from booking.models import BookingPolicy, Message, Notification, Resource
from booking.services.check_ins import check_in, extend_booking
from booking.services.events import dispatch_batch
from booking.services.tidying_sessions import tidy_sessions
from tests.factories.bookings import make_booking

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def mails_to(user: User) -> list[str]:
    mails = Message.objects.filter(user=user).order_by("pk")
    return list(mails.values_list("kind", flat=True))


def test_an_overrun_is_told_to_both_in_their_words(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    mine = make_booking(ada, microscope, now)
    theirs = make_booking(ben, microscope, now + HOUR)
    check_in(actor=ada, booking_id=mine.public_id, now=now)
    tidy_sessions(now=now + 61 * MINUTE)
    dispatch_batch(handlers=HANDLERS, now=now + 61 * MINUTE)
    (note,) = Notification.objects.filter(user=ada)
    assert note.title == "Your time on Confocal 1 is over"
    assert "which you had until" in note.body
    assert note.url == f"/bookings/{mine.public_id}"
    (note,) = Notification.objects.filter(user=ben)
    assert note.title == "Confocal 1 may not be free yet"
    assert "Ada" not in note.body
    assert note.url == f"/bookings/{theirs.public_id}"
    assert mails_to(ada) == ["session.overrun"]
    assert mails_to(ben) == ["session.delayed"]


def test_who_is_checked_out_reads_until_when_it_counts(
    ada: User, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.AUTO_CHECK_OUT, value=0)
    booking = make_booking(ada, microscope, now)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    tidy_sessions(now=now + 3 * HOUR)
    dispatch_batch(handlers=HANDLERS, now=now + 3 * HOUR)
    (note,) = Notification.objects.filter(user=ada)
    assert note.title == "You were checked out of Confocal 1"
    assert "09:00" in note.body
    assert mails_to(ada) == []


def test_whoever_did_not_come_reads_why(ada: User, microscope: Resource, now: datetime) -> None:
    BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=20)
    before = now - 24 * HOUR
    make_booking(ada, microscope, now, created_at=before, updated_at=before)
    tidy_sessions(now=now + 30 * MINUTE)
    dispatch_batch(handlers=HANDLERS, now=now + 30 * MINUTE)
    (note,) = Notification.objects.filter(user=ada)
    assert "nobody came" in note.body
    assert mails_to(ada) == ["booking.no_show"]


def test_a_longer_stay_is_no_mail(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    extend_booking(actor=chris, booking_id=booking.public_id, until=now + 2 * HOUR, now=now)
    dispatch_batch(handlers=HANDLERS, now=now)
    (note,) = Notification.objects.filter(user=ada)
    assert note.title.startswith("Extended: Confocal 1")
    assert mails_to(ada) == []
