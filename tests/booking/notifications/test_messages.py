"""An event in the words of its reader."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage as Mime
from email.policy import default as policy
from typing import Any

import pytest
from django.conf import LazySettings
from icalendar import Calendar

from accounts.models import User
from booking.enums import Status
from booking.models import Booking, Message, OutboxEvent, Resource
from booking.notifications.bookings import words_for
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.channels.email import build_mail
from tests.factories.bookings import make_booking
from tests.support.smtp import calendar_part, text_part

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MAILED = sorted(
    name
    for name, kind in CATALOGUE.items()
    if kind.mail and name.startswith("booking.") and kind.audience is not Audience.NAMED
)


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's, tomorrow morning."""
    return make_booking(ada, microscope, now + timedelta(days=1))


def mail_of(kind: str, reader: User, bookings: list[Booking], actor: User | None = None) -> Mime:
    """The mail as it leaves."""
    payload: dict[str, Any] = {
        "reason": "The <laser> leaks.",
        "bookings": [str(each.public_id) for each in bookings],
        "actor": actor.pk if actor else None,
    }
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    event = OutboxEvent.objects.create(kind=kind, payload=payload, created_at=moment)
    row = Message(event=event, user=reader, kind=kind, payload=payload, created_at=moment)
    raw = build_mail(row).message().as_bytes()
    mime = message_from_bytes(raw, policy=policy)
    assert isinstance(mime, Mime)
    return mime


def say(kind: str, reader: User, booking: Booking, actor: User | None = None) -> str:
    return words_for(kind=kind, bookings=[booking], actor=actor, reader=reader, reason="").text


def test_words_name_who_did_what_for_whom_and_when(
    ada: User, ben: User, chris: User, booking: Booking
) -> None:
    words = words_for(
        kind="booking.cancelled", bookings=[booking], actor=chris, reader=ben, reason="It leaks."
    )
    assert words.subject == "Cancelled: Confocal 1, 3 Mar 2026, 08:00 – 09:00 (CET)"
    assert words.text == (
        "Chris cancelled the booking of Confocal 1 for Ada: "
        "3 Mar 2026, 08:00 – 09:00 (CET). It leaks."
    )
    assert words.path == f"/bookings/{booking.public_id}"


def test_what_people_do_with_their_own_names_them_once(
    ada: User, ben: User, booking: Booking
) -> None:
    when = "3 Mar 2026, 08:00 – 09:00 (CET)"
    assert say("booking.created", ben, booking, ada) == f"Ada booked Confocal 1: {when}."
    assert say("booking.created", ada, booking, ben) == f"Ben booked Confocal 1 for Ada: {when}."
    cancelled = say("booking.cancelled", ben, booking, ada)
    assert cancelled == f"Ada cancelled the booking of Confocal 1: {when}."


@pytest.mark.parametrize(
    ("kind", "button"),
    [
        ("booking.created", "See it, move it or cancel it"),
        ("booking.requested", "See it, and approve or reject it"),
        ("booking.no_show", "See the booking"),
    ],
)
def test_the_link_says_what_can_be_done(
    ada: User, ben: User, booking: Booking, kind: str, button: str
) -> None:
    words = words_for(kind=kind, bookings=[booking], actor=ada, reader=ben, reason="")
    assert words.button == button


def test_machine_acts_in_the_name_of_the_system(ada: User, booking: Booking) -> None:
    assert say("booking.rejected", ada, booking).startswith("Labitory did not approve")


def test_times_are_the_readers(ada: User, booking: Booking) -> None:
    ada.preferences.time_zone = "America/New_York"
    ada.preferences.time_format = "g:i A"
    assert "3 Mar 2026, 2:00 AM – 3:00 AM (EST)" in say("booking.created", ada, booking)


def test_booking_over_midnight_names_both_days(ada: User, booking: Booking) -> None:
    booking.start_time = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    booking.end_time = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    # The night in which the clocks go forward.
    assert "28 Mar 2026, 23:30 – 29 Mar 2026, 03:30 (CET/CEST)" in say(
        "booking.created", ada, booking
    )


@pytest.mark.parametrize("kind", MAILED)
def test_every_kind_makes_a_whole_mail(
    ada: User, chris: User, booking: Booking, kind: str, settings: LazySettings
) -> None:
    settings.SITE_URL = "https://lab.example.org/"
    calendar = CATALOGUE[kind].calendar
    if calendar == "CANCEL":
        Booking.objects.update(status=Status.CANCELLED)
    mail = mail_of(kind, ada, [booking], chris)
    assert "Confocal 1" in mail["Subject"] and "%(" not in mail["Subject"]
    assert mail["To"] == "Ada <ada@example.org>"
    # Whoever gave it away may see it no longer.
    shown = "" if kind == "booking.given" else f"/{booking.public_id}"
    link = f"https://lab.example.org/bookings{shown}"
    page = mail.get_body(("html",))
    assert page is not None
    for body in (text_part(mail), page.get_content()):
        assert link in body and "Hello Ada" in body and "%(" not in body
    if "%(reason)s" in str(CATALOGUE[kind].text):
        assert "The <laser> leaks." in text_part(mail)
        assert "The &lt;laser&gt; leaks." in page.get_content()
    attached = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in attached] == ([calendar] if calendar else [])


def test_message_id_is_of_event_and_reader(ada: User, ben: User, booking: Booking) -> None:
    first, second = (
        mail_of("booking.created", each, [booking])["Message-ID"] for each in (ada, ben)
    )
    assert str(first).endswith(f".{ada.public_id}@127.0.0.1>")
    assert first != second


def test_late_mail_does_not_bring_back_what_was_cancelled(ada: User, booking: Booking) -> None:
    Booking.objects.update(status=Status.CANCELLED, sequence=1)
    part = calendar_part(mail_of("booking.created", ada, [booking]))
    calendar = Calendar.from_ical(part.get_content())
    assert (part.get_param("method"), calendar["METHOD"]) == ("CANCEL", "CANCEL")
    assert calendar.walk("VEVENT")[0]["STATUS"] == "CANCELLED"


def test_late_mail_of_several_shows_those_that_stand(
    ada: User, booking: Booking, second_microscope: Resource
) -> None:
    gone = make_booking(ada, second_microscope, booking.start_time, status=Status.CANCELLED)
    part = calendar_part(mail_of("booking.created", ada, [booking, gone]))
    events = Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert part.get_param("method") == "REQUEST"
    assert [str(event["SUMMARY"]) for event in events] == ["Confocal 1"]


def test_late_mail_does_not_bring_back_what_was_given_away(
    ada: User, ben: User, eve: User, booking: Booking
) -> None:
    booking.user = booking.created_by = ben
    booking.sequence, booking.purpose = 1, "Ben's samples"
    booking.save()
    part = calendar_part(mail_of("booking.created", ada, [booking]))
    [event] = Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert part.get_param("method") == "CANCEL"
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    # Nothing of what is another's now.
    assert event["ATTENDEE"] == "mailto:ada@example.org"
    assert "samples" not in part.get_content()
    booking.attendees.create(user=eve)
    part = calendar_part(mail_of("booking.created", eve, [booking]))
    assert part.get_param("method") == "REQUEST"


def test_names_with_line_breaks_make_no_headers(ada: User, booking: Booking) -> None:
    Resource.objects.update(name="Confocal\r\nBcc: everybody@example.org")
    ada.first_name = "Ada\nBcc: x@example.org,"
    mail = mail_of("booking.created", ada, [booking])
    assert mail["Bcc"] is None
    assert "Confocal Bcc: everybody@example.org" in mail["Subject"]
    assert [address.addr_spec for address in mail["To"].addresses] == ["ada@example.org"]


def test_long_subject_fits_the_notice(ada: User, booking: Booking) -> None:
    booking.resource.name = "x" * 300
    words = words_for(kind="booking.created", bookings=[booking], actor=ada, reader=ada, reason="")
    assert len(words.subject) == 200


def test_reset_mail_has_a_link_and_no_calendar(ada: User) -> None:
    mail = mail_of("account.password_reset_requested", ada, [])
    assert mail["Subject"] == "Choose a new password"
    assert "http://127.0.0.1:8000/accounts/password/reset/" in text_part(mail)
    assert "60 minutes" in text_part(mail)
    assert not [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
