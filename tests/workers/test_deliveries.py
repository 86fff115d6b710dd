"""From a commit through broker and worker to the mail server, with real processes."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage as Mail

import pytest
from django.test import Client
from icalendar import Calendar

from accounts.models import User
from booking.enums import DeliveryStatus
from booking.models import Message, Notification, OutboxEvent, Resource
from booking.services.bookings import cancel_booking, create_booking, reschedule_booking
from booking.tasks.notifications import dispatch_events
from labitory.lib import clock
from labitory.lib.periods import Period
from tests.support.smtp import MailServer, calendar_part, text_part
from tests.support.workers import Process, until
from tests.workers.conftest import Book, let_time_pass

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("workers"),
    pytest.mark.usefixtures("shared_worker"),
]
HOUR = timedelta(hours=1)


def calendar_of(mail: Mail) -> Calendar:
    calendar = Calendar.from_ical(calendar_part(mail).get_content())
    assert isinstance(calendar, Calendar)
    return calendar


def test_create_move_and_cancel_are_told_once_each(
    mails: MailServer,
    book: Book,
    is_quiet: Callable[[], bool],
    ada: User,
    chris: User,
) -> None:
    booking = book(ada, actor=chris)
    until(lambda: len(mails.received) == 2, what="the mails of a booking on behalf")
    moved = Period(booking.start_time + 2 * HOUR, booking.end_time + 3 * HOUR)
    reschedule_booking(actor=chris, booking_id=booking.public_id, period=moved, now=clock.now())
    until(lambda: len(mails.received) == 4, what="the mails of the move")
    cancel_booking(actor=chris, booking_id=booking.public_id, now=clock.now(), reason="Leak")
    until(lambda: len(mails.received) == 6, what="the mails of the cancellation")
    until(is_quiet)

    told = mails.to("ada@example.org")
    assert [str(mail["Subject"]).split(":")[0].strip() for mail in told] == [
        "Booked",
        "Moved",
        "Cancelled",
    ]
    assert len({mail["Message-ID"] for mail in mails.received}) == 6
    calendars = [calendar_of(mail) for mail in told]
    assert [each["METHOD"] for each in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [each.walk("VEVENT")[0] for each in calendars]
    assert {str(each["UID"]) for each in events} == {f"{booking.public_id}@127.0.0.1"}
    assert [each["SEQUENCE"] for each in events] == [0, 1, 2]
    assert [each.decoded("DTSTART") for each in events] == [
        booking.start_time,
        moved.start,
        moved.start,
    ]
    assert [each.decoded("DTEND") for each in events] == [booking.end_time, moved.end, moved.end]
    assert [str(each["STATUS"]) for each in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert "Leak" in text_part(told[2])
    assert Notification.objects.filter(user=ada).count() == 3
    assert not Notification.objects.filter(user=chris).exists()


def test_calendar_file_is_what_mail_programs_act_on(
    mails: MailServer, book: Book, is_quiet: Callable[[], bool], ada: User
) -> None:
    book(ada)
    until(lambda: mails.received)
    until(is_quiet)
    (mail,) = mails.received
    part = calendar_part(mail)
    assert part.get_param("method") == "REQUEST"
    assert part.get_filename() == "booking.ics"
    assert part.get_content_charset() == "utf-8"
    assert "DTSTART:20" in part.get_content()
    assert mail.get_body(("html",)) is not None
    assert mail["Auto-Submitted"] == "auto-generated"


def test_several_resources_booked_at_once_make_one_mail(
    mails: MailServer,
    is_quiet: Callable[[], bool],
    ada: User,
    microscope: Resource,
    second_microscope: Resource,
) -> None:
    start = (clock.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    create_booking(
        actor=ada,
        user=ada,
        resource_ids=[microscope.public_id, second_microscope.public_id],
        period=Period(start, start + HOUR),
        now=clock.now(),
    )
    until(lambda: mails.received)
    until(is_quiet)
    (mail,) = mails.received
    events = calendar_of(mail).walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in events] == ["Confocal 1", "Confocal 2"]
    assert len({str(event["UID"]) for event in events}) == 2
    assert "Confocal 1, Confocal 2" in mail["Subject"]


def test_burst_of_bookings_leaves_nobody_untold(
    mails: MailServer, book: Book, is_quiet: Callable[[], bool], ada: User
) -> None:
    for hours in range(12):
        book(ada, hours)
    # No sweep comes by: what nobody asked for would wait for ever.
    until(is_quiet, what="all mails of the burst")
    assert len({str(mail["Message-ID"]) for mail in mails.received}) == len(mails.received) == 12


def test_reset_link_arrives_and_works_once(mails: MailServer, ada: User) -> None:
    visitor = Client()
    answer = visitor.post("/accounts/password/reset", {"email": "ADA@example.org"})
    assert answer.status_code == 302
    until(lambda: mails.received)
    (mail,) = mails.to("ada@example.org")
    found = re.search(r"http://127\.0\.0\.1:8000(\S+)", text_part(mail))
    assert found
    form = visitor.get(found[1], follow=True)
    words = {"new_password1": "brand-new-battery", "new_password2": "brand-new-battery"}
    assert visitor.post(form.redirect_chain[-1][0], words).status_code == 302
    assert visitor.login(username="ada", password="brand-new-battery")
    assert Client().get(found[1]).context["validlink"] is False
    kept = Message.objects.get(kind="account.password_reset_requested")
    payloads = list(OutboxEvent.objects.values_list("payload", flat=True))
    token = found[1].rstrip("/").rsplit("/", 1)[1]
    assert token not in f"{kept.payload} {kept.last_error} {payloads}"


def test_refusal_is_kept_and_the_mail_comes_later(
    mails: MailServer, book: Book, is_quiet: Callable[[], bool], ada: User
) -> None:
    mails.refusal = "451 4.7.1 Greylisted, try again later"
    book(ada)
    until(lambda: Message.objects.filter(attempts=1).exists(), what="a refused mail")
    (email,) = Message.objects.all()
    assert email.status == DeliveryStatus.PENDING
    assert "Greylisted" in email.last_error
    assert email.next_attempt_at is not None and email.next_attempt_at > clock.now()
    # The sweep comes before its time: nothing happens.
    dispatch_events.delay()
    until(lambda: OutboxEvent.objects.filter(dispatched_at=None).count() == 0)
    mails.refusal = ""
    let_time_pass()
    dispatch_events.delay()
    until(is_quiet, what="the second attempt")
    email.refresh_from_db()
    assert (email.status, email.attempts, email.last_error) == (DeliveryStatus.SENT, 2, "")
    assert len(mails.received) == 1


def test_death_of_one_child_is_made_good_at_once(
    mails: MailServer,
    shared_worker: Process,
    book: Book,
    is_quiet: Callable[[], bool],
    ada: User,
) -> None:
    mails.stalled = True
    book(ada)
    until(lambda: mails.waiting == 1, what="a mail in the middle of sending")
    shared_worker.kill_children()
    until(lambda: mails.waiting == 0, what="the end of the conversation")
    mails.stalled = False
    until(is_quiet)
    assert len(mails.received) == 1
    assert Message.objects.get().attempts == 1
