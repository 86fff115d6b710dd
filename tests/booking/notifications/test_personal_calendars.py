"""What a calendar program shows that follows the mails of one person, through all changes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from icalendar import Calendar, Component

from accounts.models import User
from booking.handlers import HANDLERS
from booking.models import Booking, Resource
from booking.queries.series_changes import SeriesChange
from booking.services.bookings import (
    BookingDetails,
    cancel_booking,
    create_booking,
    reschedule_booking,
)
from booking.services.events import dispatch_batch
from booking.services.messages import lend_messages, send_message
from booking.services.proposals import Offered, accept_proposal, propose
from booking.services.series import cancel_series, create_series
from booking.services.series_changes import change_series
from labitory.lib.periods import Period
from tests.booking.services.test_series import wish

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# By then nothing can be undone, and everybody was told.
LATER = timedelta(minutes=11)


@dataclass
class Diary:
    """The calendar of one person, as RFC 5546 has programs follow their mails."""

    address: str
    shown: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    seen: list[tuple[str, str, int]] = field(default_factory=list)

    def read(self, message: EmailMultiAlternatives) -> None:
        """Take in the calendar file of a mail: what is older than what is known is passed over."""
        for part in message.message().walk():
            if part.get_content_type() != "text/calendar":
                continue
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            calendar = Calendar.from_ical(content)
            assert part.get_param("method") == calendar["METHOD"]
            for event in calendar.walk("VEVENT"):
                invited = event["ATTENDEE"]
                people = invited if isinstance(invited, list) else [invited]
                assert f"mailto:{self.address}" in people
                self._follow(str(calendar["METHOD"]), event)

    def _follow(self, method: str, event: Component) -> None:
        key, sequence = str(event["UID"]), int(str(event["SEQUENCE"]))
        self.seen.append((method, key, sequence))
        assert (event["STATUS"] == "CANCELLED") is (method == "CANCEL")
        if key in self.shown and sequence < self.shown[key][0]:
            return
        if method == "CANCEL":
            self.shown.pop(key, None)
        else:
            self.shown[key] = (sequence, event.decoded("DTSTART"))

    @property
    def starts(self) -> list[datetime]:
        """What it shows, in order."""
        return sorted(start for _sequence, start in self.shown.values())


def deliver(now: datetime, *diaries: Diary) -> None:
    """Let everybody read their mails until then."""
    while dispatch_batch(handlers=HANDLERS, now=now):
        continue
    for key, attempt in lend_messages(now=now):
        assert send_message(message_id=key, attempt=attempt, now=now)
    for message in mail.outbox:
        assert isinstance(message, EmailMultiAlternatives)
        for diary in diaries:
            if diary.address in message.to[0]:
                diary.read(message)
    mail.outbox.clear()


def book(user: User, resource: Resource, start: datetime, now: datetime) -> Booking:
    period = Period(start, start + HOUR)
    keys = [resource.public_id]
    return create_booking(actor=user, user=user, resource_ids=keys, period=period, now=now)[0]


def uid(booking: Booking) -> str:
    return f"{booking.public_id}@127.0.0.1"


@pytest.fixture
def hers(ada: User) -> Diary:
    """Ada's calendar."""
    return Diary(ada.email)


@pytest.fixture
def his(ben: User) -> Diary:
    """Ben's calendar."""
    return Diary(ben.email)


def test_a_booking_is_moved_and_removed_under_one_name(
    ada: User, microscope: Resource, now: datetime, hers: Diary
) -> None:
    booking = book(ada, microscope, now + DAY, now)
    deliver(now, hers)
    moved = Period(now + 2 * DAY, now + 2 * DAY + HOUR)
    reschedule_booking(actor=ada, booking_id=booking.public_id, period=moved, now=now)
    deliver(now + LATER, hers)
    assert hers.starts == [moved.start]
    cancel_booking(actor=ada, booking_id=booking.public_id, now=now + LATER)
    deliver(now + 2 * LATER, hers)
    assert hers.starts == []
    key = uid(booking)
    assert hers.seen == [("REQUEST", key, 0), ("REQUEST", key, 1), ("CANCEL", key, 2)]


def test_what_is_given_away_leaves_the_givers_calendar(
    ada: User, ben: User, microscope: Resource, now: datetime, hers: Diary, his: Diary
) -> None:
    booking = book(ada, microscope, now + DAY, now)
    deliver(now, hers, his)
    offered = Offered(to=ben)
    proposal = propose(actor=ada, booking_id=booking.public_id, offered=offered, now=now)
    accept_proposal(actor=ben, proposal_id=proposal.public_id, now=now)
    deliver(now, hers, his)
    assert (hers.starts, his.starts) == ([], [booking.start_time])
    assert hers.seen[-1] == ("CANCEL", uid(booking), 1)
    assert his.seen == [("REQUEST", uid(booking), 1)]


def test_a_swap_swaps_the_calendars_too(
    ada: User,
    ben: User,
    eve: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
    hers: Diary,
    his: Diary,
) -> None:
    mine = book(ada, microscope, now + DAY, now)
    theirs = book(ben, second_microscope, now + 2 * DAY, now)
    mine.attendees.create(user=eve)
    guest = Diary(eve.email)
    deliver(now, hers, his, guest)
    assert guest.starts == [mine.start_time]
    offered = Offered(wanted_id=theirs.public_id)
    proposal = propose(actor=ada, booking_id=mine.public_id, offered=offered, now=now)
    accept_proposal(actor=ben, proposal_id=proposal.public_id, now=now)
    deliver(now, hers, his, guest)
    assert (hers.starts, his.starts) == ([theirs.start_time], [mine.start_time])
    # Who comes along comes along with the person.
    assert guest.starts == [theirs.start_time]
    assert ("CANCEL", uid(mine), 1) in hers.seen
    assert ("CANCEL", uid(theirs), 1) in his.seen
    # And back again: a calendar that dropped an event takes it up anew.
    offered = Offered(wanted_id=mine.public_id)
    proposal = propose(actor=ada, booking_id=theirs.public_id, offered=offered, now=now)
    accept_proposal(actor=ben, proposal_id=proposal.public_id, now=now)
    deliver(now, hers, his, guest)
    assert (hers.starts, his.starts) == ([mine.start_time], [theirs.start_time])
    assert guest.starts == [mine.start_time]


def test_mails_that_come_late_leave_the_same_calendar(
    ada: User, ben: User, microscope: Resource, now: datetime, hers: Diary, his: Diary
) -> None:
    booking = book(ada, microscope, now + DAY, now)
    proposal = propose(actor=ada, booking_id=booking.public_id, offered=Offered(to=ben), now=now)
    accept_proposal(actor=ben, proposal_id=proposal.public_id, now=now)
    cancel_booking(actor=ben, booking_id=booking.public_id, now=now)
    # The worker was away all the time.
    deliver(now + LATER, hers, his)
    assert (hers.starts, his.starts) == ([], [])
    assert {method for method, _key, _sequence in hers.seen + his.seen} == {"CANCEL"}


def test_a_series_follows_its_changes(
    ada: User, microscope: Resource, now: datetime, hers: Diary
) -> None:
    asked = wish(ada, microscope, now, "FREQ=DAILY;COUNT=3")
    made = create_series(wish=asked, details=BookingDetails(), skip_refused=False)
    deliver(now, hers)
    starts = [each.start_time for each in made.bookings]
    keys = {uid(each) for each in made.bookings}
    assert hers.starts == starts
    second = made.bookings[1]
    alone = Period(second.start_time + 3 * HOUR, second.end_time + 3 * HOUR)
    reschedule_booking(actor=ada, booking_id=second.public_id, period=alone, now=now)
    deliver(now + LATER, hers)
    assert hers.starts == [starts[0], alone.start, starts[2]]
    change = SeriesChange(starts=(starts[2] + HOUR).astimezone(microscope.zone).time())
    split = change_series(
        actor=ada,
        series_id=made.series.public_id,
        from_booking=made.bookings[2].public_id,
        change=change,
        now=now + LATER,
    )
    deliver(now + 2 * LATER, hers)
    assert hers.starts == [starts[0], alone.start, starts[2] + HOUR]
    for part in (made.series, split.series):
        cancel_series(actor=ada, series_id=part.public_id, now=now + 2 * LATER)
    deliver(now + 3 * LATER, hers)
    assert hers.starts == []
    assert {key for _method, key, _sequence in hers.seen} == keys
