"""Reminders: once, in time, and of nothing that is over or changed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core import mail

from accounts.models import User
from booking.enums import DeliveryStatus, RemindLead, Status, Timing
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    BookingAttendee,
    Message,
    Notification,
    NotificationSchedule,
    OutboxEvent,
    ReminderRun,
    Resource,
)
from booking.services.bookings import cancel_booking
from booking.services.events import dispatch_batch
from booking.services.messages import lend_messages, send_message
from booking.services.reach import choose_timings
from booking.services.reminders import remind_of_ends, remind_of_starts
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
NOTICE, MAIL = ("booking.upcoming", "in_app"), ("booking.upcoming", "email")


@pytest.fixture
def ada_wishes(ada: User, now: datetime) -> User:
    """Ada wants to be reminded, by a notice; the reminders have run before."""
    choices = {NOTICE: Timing.NOW}
    choose_timings(actor=ada, user=ada, choices=choices, now=now)
    begin(now)
    return ada


def remind_before(user: User, lead: RemindLead) -> None:
    NotificationSchedule.objects.create(user=user, remind_minutes=lead)


def begin(now: datetime) -> None:
    assert remind_of_starts(now=now) == remind_of_ends(now=now) == 0


def told(now: datetime) -> list[str]:
    dispatch_batch(handlers=HANDLERS, now=now)
    return list(Notification.objects.order_by("pk").values_list("user__username", flat=True))


def test_who_wishes_is_reminded_once_a_day_before(
    ada_wishes: User, ben: User, microscope: Resource, now: datetime
) -> None:
    start = now + 2 * DAY
    booking = make_booking(ada_wishes, microscope, start)
    make_booking(ben, microscope, start + HOUR)
    for moment, expected in ((start - DAY - MINUTE, 0), (start - DAY, 1), (start - DAY, 0)):
        assert remind_of_starts(now=moment) == expected
    assert remind_of_starts(now=start - HOUR) == 0
    assert told(start - DAY) == ["ada"]
    notice = Notification.objects.get()
    assert notice.title == "Soon: Confocal 1, 4 Mar 2026, 08:00 – 09:00 (CET)"
    assert notice.url == f"/bookings/{booking.public_id}"


def test_a_run_a_day_late_tells_of_what_has_not_begun(
    ada_wishes: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada_wishes, microscope, now + DAY + HOUR)
    make_booking(ada_wishes, microscope, now + 2 * DAY + 4 * HOUR)
    # Two days without workers: the first has begun, the second was due yesterday.
    late = now + 2 * DAY + 2 * HOUR
    assert remind_of_starts(now=late) == 1
    assert told(late) == ["ada"]


def test_what_is_booked_at_short_notice_needs_no_reminder(
    ada_wishes: User, microscope: Resource, now: datetime
) -> None:
    remind_of_starts(now=now + HOUR)
    make_booking(ada_wishes, microscope, now + 3 * HOUR)
    assert remind_of_starts(now=now + 2 * HOUR) == 0


def test_who_moves_is_reminded_of_the_new_time(
    ada_wishes: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada_wishes, microscope, now + DAY + HOUR)
    assert remind_of_starts(now=now + HOUR) == 1
    Booking.objects.update(start_time=now + 3 * DAY, end_time=now + 3 * DAY + HOUR)
    # What was not told yet is not told any more.
    assert told(now + HOUR) == []
    assert remind_of_starts(now=now + 2 * DAY) == 1
    assert told(now + 2 * DAY) == ["ada"]
    assert str(booking.public_id) in Notification.objects.get().url


def test_what_was_cancelled_in_between_is_told_to_nobody(
    ada_wishes: User, microscope: Resource, now: datetime
) -> None:
    choices = {MAIL: Timing.NOW}
    choose_timings(actor=ada_wishes, user=ada_wishes, choices=choices, now=now)
    bookings = [make_booking(ada_wishes, microscope, now + DAY + n * HOUR) for n in (1, 2)]
    assert remind_of_starts(now=now + 2 * HOUR) == 2
    cancel_booking(actor=ada_wishes, booking_id=bookings[0].public_id, now=now + 2 * HOUR)
    assert told(now + 2 * HOUR) == ["ada"]
    # The second was planned to be sent when it went.
    Booking.objects.filter(pk=bookings[1].pk).update(status=Status.CANCELLED)
    [message] = Message.objects.filter(kind="booking.upcoming")
    assert not send_message(message_id=message.pk, attempt=0, now=now + 3 * HOUR)
    message.refresh_from_db()
    assert message.status == DeliveryStatus.VOID
    assert message.pk not in [key for key, _attempt in lend_messages(now=now + DAY)]


def test_a_reminder_that_waited_too_long_is_void(
    ada_wishes: User, microscope: Resource, now: datetime
) -> None:
    choices = {MAIL: Timing.NOW}
    choose_timings(actor=ada_wishes, user=ada_wishes, choices=choices, now=now)
    make_booking(ada_wishes, microscope, now + DAY + HOUR)
    remind_of_starts(now=now + HOUR)
    told(now + HOUR)
    [message] = Message.objects.all()
    assert not send_message(message_id=message.pk, attempt=0, now=now + DAY + HOUR)
    assert Message.objects.get().status == DeliveryStatus.VOID
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("start", "said"),
    [
        # The clocks went forward in the night of the 29th, and went back on the 25th of October.
        (datetime(2026, 3, 29, 10, tzinfo=UTC), "29 Mar 2026, 12:00 – 13:00 (CEST)"),
        (datetime(2026, 10, 25, 10, tzinfo=UTC), "25 Oct 2026, 11:00 – 12:00 (CET)"),
    ],
)
def test_a_day_before_is_a_day_when_clocks_change(
    ada_wishes: User, microscope: Resource, start: datetime, said: str
) -> None:
    make_booking(ada_wishes, microscope, start)
    assert remind_of_starts(now=start - DAY - MINUTE) == 0
    assert remind_of_starts(now=start - DAY) == 1
    told(start - DAY)
    assert Notification.objects.get().title == f"Soon: Confocal 1, {said}"


def test_every_time_of_the_lab_counts_and_a_late_run_tells_once(
    ada_wishes: User, microscope: Resource, settings: LazySettings, now: datetime
) -> None:
    settings.REMIND_BEFORE_MINUTES = [1440, 60]
    for days in (2, 4):
        make_booking(ada_wishes, microscope, now + days * DAY)
    assert remind_of_starts(now=now + DAY) == 1
    assert remind_of_starts(now=now + 2 * DAY - HOUR) == 1
    # Both times of the second have passed.
    assert remind_of_starts(now=now + 4 * DAY - MINUTE) == 1


def test_who_comes_along_and_what_was_booked_together(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    choose_timings(actor=ben, user=ben, choices={NOTICE: Timing.NOW}, now=now)
    begin(now)
    both = [make_booking(ada, each, now + 2 * DAY) for each in (microscope, second_microscope)]
    Booking.objects.update(group_id=both[0].public_id)
    for booking in both:
        BookingAttendee.objects.create(booking=booking, user=ben)
    assert remind_of_starts(now=now + DAY) == 1
    assert told(now + DAY) == ["ben"]
    assert "Confocal 1, Confocal 2" in Notification.objects.get().title


def test_only_what_is_confirmed_and_wished_for(
    ada: User, dora: User, microscope: Resource, now: datetime
) -> None:
    begin(now)
    make_booking(ada, microscope, now + 2 * DAY)
    assert remind_of_starts(now=now + DAY) == 0
    choose_timings(actor=dora, user=None, choices={NOTICE: Timing.NOW}, now=now)
    for status in (Status.PENDING, Status.CANCELLED, Status.NO_SHOW):
        other = make_resource(f"Other {status}")
        make_booking(ada, other, now + 2 * DAY + HOUR, status=status)
    make_booking(ada, microscope, now + 2 * DAY + HOUR)
    assert remind_of_starts(now=now + DAY + HOUR) == 1
    assert OutboxEvent.objects.count() == 1


def test_who_is_checked_in_hears_of_the_end_once(
    ada: User, microscope: Resource, now: datetime
) -> None:
    begin(now)
    booking = make_booking(ada, microscope, now, status=Status.CHECKED_IN)
    make_booking(ada, make_resource("Other"), now)
    assert remind_of_ends(now=now + 49 * MINUTE) == 0
    assert remind_of_ends(now=now + 50 * MINUTE) == 1
    assert remind_of_ends(now=now + 51 * MINUTE) == 0
    assert told(now + 51 * MINUTE) == ["ada"]
    assert "10:00" not in Notification.objects.get().body
    assert "2 Mar 2026, 09:00 (CET)" in Notification.objects.get().body
    # Extended: the new end is told of as well; a late run tells nobody of what is over.
    Booking.objects.filter(pk=booking.pk).update(end_time=now + 2 * HOUR)
    assert remind_of_ends(now=now + 111 * MINUTE) == 1
    assert remind_of_ends(now=now + 5 * HOUR) == 0


def test_who_finishes_or_books_ten_minutes_hears_nothing(
    ada: User, microscope: Resource, now: datetime
) -> None:
    begin(now)
    booking = make_booking(ada, microscope, now, status=Status.CHECKED_IN)
    short = make_booking(ada, make_resource("Short"), now + 30 * MINUTE, status=Status.CHECKED_IN)
    Booking.objects.filter(pk=short.pk).update(end_time=now + 40 * MINUTE)
    assert remind_of_ends(now=now + 35 * MINUTE) == 0
    assert remind_of_ends(now=now + 50 * MINUTE) == 1
    Booking.objects.filter(pk=booking.pk).update(status=Status.COMPLETED)
    assert told(now + 50 * MINUTE) == []


def test_quiet_hours_let_no_old_reminder_out(
    ada_wishes: User, microscope: Resource, now: datetime
) -> None:
    choices = {("session.ending", "email"): Timing.NOW}
    choose_timings(actor=ada_wishes, user=ada_wishes, choices=choices, now=now)
    quiet = {"quiet_from": now.time(), "quiet_until": now.replace(hour=12).time()}
    NotificationSchedule.objects.create(user=ada_wishes, **quiet)
    make_booking(ada_wishes, microscope, now, status=Status.CHECKED_IN)
    remind_of_ends(now=now + 50 * MINUTE)
    told(now + 50 * MINUTE)
    for key, attempt in lend_messages(now=now + 5 * HOUR):
        assert not send_message(message_id=key, attempt=attempt, now=now + 5 * HOUR)
    assert Message.objects.get().status == DeliveryStatus.VOID


@pytest.mark.parametrize("lead", [RemindLead.QUARTER, RemindLead.TWO_DAYS])
def test_who_chose_a_time_is_reminded_then_and_only_then(
    ada_wishes: User, microscope: Resource, now: datetime, lead: RemindLead
) -> None:
    remind_before(ada_wishes, lead)
    start, before = now + 5 * DAY, timedelta(minutes=lead)
    make_booking(ada_wishes, microscope, start)
    assert remind_of_starts(now=start - before - MINUTE) == 0
    assert remind_of_starts(now=start - before) == 1
    assert remind_of_starts(now=start - MINUTE) == 0
    assert told(start - MINUTE) == ["ada"]


def test_each_of_a_booking_is_reminded_at_their_own_time(
    ada_wishes: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    for user in (ben, eve):
        choose_timings(actor=user, user=user, choices={NOTICE: Timing.NOW}, now=now)
    remind_before(ben, RemindLead.HOUR)
    remind_before(eve, RemindLead.TWO_DAYS)
    booking = make_booking(ada_wishes, microscope, now + 4 * DAY)
    for user in (ben, eve):
        BookingAttendee.objects.create(booking=booking, user=user)
    names = []
    for before in (2 * DAY, DAY, HOUR):
        assert remind_of_starts(now=booking.start_time - before) == 1
        names.append(told(booking.start_time - before)[-1])
    assert names == ["eve", "ada", "ben"]
    assert Notification.objects.count() == 3


def test_after_downtime_each_hears_once_of_what_has_not_begun(
    ada_wishes: User, ben: User, microscope: Resource, now: datetime
) -> None:
    choose_timings(actor=ben, user=ben, choices={NOTICE: Timing.NOW}, now=now)
    remind_before(ben, RemindLead.FOUR_HOURS)
    late = now + 4 * DAY
    for start in (late - HOUR, late + HOUR, late + 5 * HOUR):
        booking = make_booking(ada_wishes, microscope, start)
        BookingAttendee.objects.create(booking=booking, user=ben)
    # The first has begun; Ada's day before the third is over, Ben's four hours are not.
    assert remind_of_starts(now=late) == 2
    assert sorted(told(late)) == ["ada", "ada", "ben"]
    assert remind_of_starts(now=late + HOUR) == 1
    assert sorted(told(late + HOUR)) == ["ada", "ada", "ben", "ben"]


@pytest.mark.parametrize(
    "day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)]
)
def test_ones_own_time_is_time_that_passed_when_clocks_change(
    ada_wishes: User, microscope: Resource, day: datetime
) -> None:
    remind_before(ada_wishes, RemindLead.FOUR_HOURS)
    # The clocks change at one o'clock UTC.
    start = day + 3 * HOUR
    make_booking(ada_wishes, microscope, start)
    assert remind_of_starts(now=start - 4 * HOUR - MINUTE) == 0
    assert remind_of_starts(now=start - 4 * HOUR) == 1


def test_candidates_cost_the_same_for_one_and_for_three(
    ada_wishes: User, microscope: Resource, now: datetime
) -> None:
    for number in (1, 3):
        for each in range(number):
            make_booking(ada_wishes, make_resource(f"R{number}{each}"), now + (number + 1) * DAY)
        with count_queries() as counted:
            assert remind_of_starts(now=now + number * DAY) == number
        # Run, lock, bookings, who comes along, their own times, one event each, the mark.
        assert len(counted) == 6 + number
    assert ReminderRun.objects.count() == 2
