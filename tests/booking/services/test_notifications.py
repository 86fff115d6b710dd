"""Who is told of what, by notice and by mail; and mails that do not get through."""

import base64
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMessage as Mail

from accounts.models import User
from accounts.services.passwords import request_password_reset
from booking.enums import DeliveryStatus, Status
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    BookingAttendee,
    Message,
    Notification,
    OutboxEvent,
    Resource,
    ResponsiblePerson,
)
from booking.services._undoing import UNDO_TIME
from booking.services.approvals import approve_booking, reject_booking
from booking.services.bookings import (
    BookingDetails,
    cancel_booking,
    create_booking,
    reschedule_booking,
)
from booking.services.check_ins import check_in, check_out, mark_no_show
from booking.services.events import dispatch_batch
from booking.services.messages import LOAN, MOST_ATTEMPTS, lend_messages, send_message
from booking.services.notifications import mark_notices_read
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Told = tuple[str, str]


@pytest.fixture
def guarded(microscope: Resource) -> Resource:
    """The microscope, whose bookings must be approved."""
    Resource.objects.filter(pk=microscope.pk).update(requires_approval=True)
    microscope.refresh_from_db()
    return microscope


def book(
    user: User, *resources: Resource, now: datetime, actor: User | None = None, **extra: Any
) -> list[Booking]:
    return create_booking(
        actor=actor or user,
        user=user,
        resource_ids=[resource.public_id for resource in resources],
        period=Period(now + HOUR, now + 2 * HOUR),
        now=now,
        **extra,
    )


def tell(now: datetime) -> tuple[set[Told], set[Told]]:
    """Dispatch what waits; give who got which notices and which mails, and forget them."""
    dispatch_batch(handlers=HANDLERS, now=now)
    assert not OutboxEvent.objects.filter(dispatched_at=None).exists()
    notices = Notification.objects.values_list("user__username", "event__kind")
    mails = Message.objects.values_list("user__username", "kind")
    told = list(notices), list(mails)
    # Exactly one of each a person and event.
    assert len(told[0]) == len(set(told[0])) and len(told[1]) == len(set(told[1]))
    Notification.objects.all().delete()
    Message.objects.all().delete()
    return set(told[0]), set(told[1])


def test_own_acts_make_a_mail_and_no_notice(ada: User, microscope: Resource, now: datetime) -> None:
    (booking,) = book(ada, microscope, now=now)
    assert tell(now) == (set(), {("ada", "booking.created")})
    later = Period(now + 3 * HOUR, now + 4 * HOUR)
    # Told when it can no longer be undone.
    reschedule_booking(actor=ada, booking_id=booking.public_id, period=later, now=now)
    dispatch_batch(handlers=HANDLERS, now=now)
    assert not Message.objects.exists()
    assert tell(now + UNDO_TIME) == (set(), {("ada", "booking.rescheduled")})
    cancel_booking(actor=ada, booking_id=booking.public_id, now=now + UNDO_TIME)
    assert tell(now + 2 * UNDO_TIME) == (set(), {("ada", "booking.cancelled")})


def test_acts_on_behalf_make_a_notice_and_a_mail(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    (booking,) = book(ada, microscope, now=now, actor=chris)
    expected = {("ada", "booking.created")}
    assert tell(now) == (expected, expected | {("chris", "booking.created")})
    cancel_booking(actor=chris, booking_id=booking.public_id, now=now)
    notices, mails = tell(now)
    assert notices == {("ada", "booking.cancelled")}
    assert mails == {("ada", "booking.cancelled"), ("chris", "booking.cancelled")}


def test_attendees_hear_and_leavers_do_not(
    ada: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    User.objects.filter(pk=eve.pk).update(is_active=False)
    (booking,) = book(
        ada, microscope, now=now, details=BookingDetails(attendee_ids=(ben.public_id,))
    )
    BookingAttendee.objects.create(booking=booking, user=eve)
    notices, mails = tell(now)
    assert notices == {("ben", "booking.created")}
    assert mails == {("ada", "booking.created"), ("ben", "booking.created")}


def test_several_resources_at_once_are_one_message(
    ada: User, chris: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    book(ada, microscope, second_microscope, now=now, actor=chris)
    dispatch_batch(handlers=HANDLERS, now=now)
    notice = Notification.objects.get()
    assert notice.user == ada
    assert "Confocal 1, Confocal 2" in notice.title
    assert Message.objects.count() == 2


def test_request_goes_to_who_decides_and_the_answer_to_who_asked(
    ada: User, chris: User, ben: User, guarded: Resource, now: datetime
) -> None:
    (booking,) = book(ada, guarded, now=now)
    asked = {("chris", "booking.requested")}
    assert tell(now) == (asked, asked)
    approve_booking(actor=chris, booking_id=booking.public_id, now=now)
    answered = {("ada", "booking.approved")}
    assert tell(now) == (answered, answered)


def test_responsible_persons_decide_before_lab_managers(
    ada: User, ben: User, chris: User, guarded: Resource, now: datetime
) -> None:
    ResponsiblePerson.objects.create(resource=guarded, user=ben)
    (booking,) = book(ada, guarded, now=now)
    asked = {("ben", "booking.requested")}
    assert tell(now) == (asked, asked)
    reject_booking(actor=ben, booking_id=booking.public_id, now=now, reason="Laser is off")
    dispatch_batch(handlers=HANDLERS, now=now)
    notice = Notification.objects.get()
    assert (notice.user, notice.event.kind) == (ada, "booking.rejected")
    assert "Laser is off" in notice.body


def test_moved_to_wait_again_is_put_to_who_decides(
    ada: User, chris: User, guarded: Resource, now: datetime
) -> None:
    booking = make_booking(ada, guarded, now + HOUR)
    later = Period(now + 3 * HOUR, now + 4 * HOUR)
    moved = reschedule_booking(actor=ada, booking_id=booking.public_id, period=later, now=now)
    assert moved.status == Status.PENDING
    asked = {("chris", "booking.requested")}
    # Told when it can no longer be undone.
    dispatch_batch(handlers=HANDLERS, now=now)
    assert not Message.objects.exists()
    assert tell(now + UNDO_TIME) == (asked, asked | {("ada", "booking.rescheduled")})


def test_waiting_and_confirmed_bookings_of_one_act_are_told_apart(
    ada: User, chris: User, guarded: Resource, second_microscope: Resource, now: datetime
) -> None:
    waiting, confirmed = book(ada, guarded, second_microscope, now=now)
    dispatch_batch(handlers=HANDLERS, now=now)
    told = {
        str(row.user and row.user.username): row.payload["bookings"]
        for row in Message.objects.all()
    }
    assert told == {"ada": [str(confirmed.public_id)], "chris": [str(waiting.public_id)]}


def test_use_is_noted_and_a_no_show_is_mailed(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    used = make_booking(ada, microscope, now - HOUR / 2)
    check_in(actor=chris, booking_id=used.public_id, now=now)
    assert tell(now) == ({("ada", "booking.checked_in")}, set())
    check_out(actor=chris, booking_id=used.public_id, now=now)
    assert tell(now) == ({("ada", "booking.completed")}, set())
    missed = make_booking(ada, make_resource("NMR"), now - HOUR / 2)
    mark_no_show(actor=chris, booking_id=missed.public_id, now=now)
    expected = {("ada", "booking.no_show")}
    assert tell(now) == (expected, expected)


def test_reset_is_mailed_to_its_owner_alone(ada: User, chris: User, now: datetime) -> None:
    request_password_reset(email="ada@example.org", now=now)
    assert tell(now) == (set(), {("ada", "account.password_reset_requested")})


def test_event_of_what_is_gone_tells_nobody(now: datetime) -> None:
    OutboxEvent.objects.create(
        kind="booking.created",
        payload={"bookings": ["00000000-0000-4000-8000-000000000000"], "actor": None},
        created_at=now,
    )
    assert tell(now) == (set(), set())


@pytest.fixture
def waiting(ada: User, microscope: Resource, now: datetime) -> Message:
    """The mail of Ada's own booking."""
    book(ada, microscope, now=now)
    dispatch_batch(handlers=HANDLERS, now=now)
    return Message.objects.get()


Fail = Callable[[Exception], None]


@pytest.fixture
def fail_with(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Let every mail fail with an error."""

    def prepare(error: Exception) -> None:
        def send(_message: Mail, fail_silently: bool = False) -> int:
            raise error

        monkeypatch.setattr(Mail, "send", send)

    return prepare


def test_mail_is_sent_once_whoever_asks(waiting: Message, now: datetime) -> None:
    # Take, bookings, actor, the lab's words, mark.
    with count_queries(6):
        assert send_message(message_id=waiting.pk, attempt=0, now=now)
    with count_queries(1):
        assert not send_message(message_id=waiting.pk, attempt=0, now=now)
    assert not send_message(message_id=waiting.pk, attempt=1, now=now)
    assert not send_message(message_id=waiting.pk + 1, attempt=0, now=now)
    assert len(mail.outbox) == 1
    waiting.refresh_from_db()
    assert (waiting.status, waiting.sent_at) == (DeliveryStatus.SENT, now)
    assert list(lend_messages(now=now + timedelta(days=1))) == []


def test_mail_is_lent_to_one_worker_at_a_time(waiting: Message, now: datetime) -> None:
    # What waits, whose hours are quiet, and the loan.
    with count_queries(3):
        assert lend_messages(now=now) == [(waiting.pk, 0)]
    assert list(lend_messages(now=now + LOAN / 2)) == []
    assert list(lend_messages(now=now + LOAN)) == [(waiting.pk, 0)]


def test_refused_mail_comes_again_ever_later_and_fails_in_the_end(
    waiting: Message, now: datetime, fail_with: Fail
) -> None:
    fail_with(smtplib.SMTPServerDisconnected("please try later"))
    waits, moment = [], now
    for attempt in range(MOST_ATTEMPTS):
        assert list(lend_messages(now=moment)) == [(waiting.pk, attempt)]
        assert not send_message(message_id=waiting.pk, attempt=attempt, now=moment)
        # The same order once more does not use up another attempt.
        assert not send_message(message_id=waiting.pk, attempt=attempt, now=moment)
        waiting.refresh_from_db()
        assert waiting.attempts == attempt + 1
        assert waiting.last_error == "SMTPServerDisconnected: please try later"
        assert waiting.next_attempt_at is not None
        waits.append((waiting.next_attempt_at - moment).total_seconds())
        moment = waiting.next_attempt_at
    assert all(24 * 2**n <= wait <= 36 * 2**n for n, wait in enumerate(waits[:-1]))
    assert waiting.status == DeliveryStatus.FAILED
    assert list(lend_messages(now=moment + timedelta(days=1))) == []
    assert not send_message(message_id=waiting.pk, attempt=MOST_ATTEMPTS, now=moment)


def test_mail_that_got_through_later_keeps_no_error(
    waiting: Message, now: datetime, monkeypatch: pytest.MonkeyPatch, fail_with: Fail
) -> None:
    fail_with(OSError("away"))
    assert not send_message(message_id=waiting.pk, attempt=0, now=now)
    monkeypatch.undo()
    assert send_message(message_id=waiting.pk, attempt=1, now=now + HOUR)
    waiting.refresh_from_db()
    assert (waiting.attempts, waiting.last_error) == (2, "")


def test_mail_that_cannot_be_written_counts_as_an_attempt(waiting: Message, now: datetime) -> None:
    Message.objects.update(payload={"bookings": ["no uuid"]})
    assert not send_message(message_id=waiting.pk, attempt=0, now=now)
    waiting.refresh_from_db()
    assert waiting.attempts == 1
    assert waiting.last_error.startswith("ValueError: badly formed")


def test_kept_error_holds_no_secret(
    ada: User, now: datetime, fail_with: Fail, settings: LazySettings
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "lab", "pa55 word"
    request_password_reset(email="ada@example.org", now=now)
    dispatch_batch(handlers=HANDLERS, now=now)
    login = base64.b64encode(b"\0lab\0pa55 word").decode()
    alone = base64.b64encode(b"pa55 word").decode()
    link = "http://lab.example.org/accounts/password/reset/MQ/cx1-0123456789abcdef0123456789abcdef/"
    words = f"rejected {link} after AUTH PLAIN {login} or {alone} (pa55 word)"
    fail_with(smtplib.SMTPDataError(554, words.encode()))
    email = Message.objects.get()
    assert not send_message(message_id=email.pk, attempt=0, now=now)
    email.refresh_from_db()
    for secret in (login, alone, "pa55 word", "0123456789abcdef"):
        assert secret not in email.last_error
    assert email.last_error.startswith("SMTPDataError: (554, b'rejected http://lab.example.")


def test_reading_is_ones_own(ada: User, ben: User, now: datetime) -> None:
    event = OutboxEvent.objects.create(kind="booking.created", created_at=now)
    other = OutboxEvent.objects.create(kind="booking.created", created_at=now)
    for user in (ada, ben):
        Notification.objects.create(event=event, user=user, title="a", created_at=now)
    second = Notification.objects.create(event=other, user=ada, title="b", created_at=now)
    foreign = Notification.objects.get(user=ben)
    assert mark_notices_read(user=ada, now=now, notice_id=foreign.pk) == 0
    assert mark_notices_read(user=ada, now=now, notice_id=second.pk) == 1
    assert mark_notices_read(user=ada, now=now) == 1
    assert mark_notices_read(user=ada, now=now) == 0
    foreign.refresh_from_db()
    assert foreign.read_at is None
