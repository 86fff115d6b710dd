"""What calendar programs read in a feed: times of the zone, strange names, blocks, whole labs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings

from accounts.models import User
from booking.enums import FeedScope, Status
from booking.models import BookingAttendee, CalendarFeed, Resource, ResourceLink
from booking.notifications.feeds import feed_calendar
from booking.notifications.ics import booking_calendar
from booking.queries.feeds import feed_content, target_of
from booking.services.bookings import cancel_booking, reschedule_booking
from booking.services.calendars import add_closure, remove_closure
from booking.services.feeds import create_feed
from booking.services.maintenance import (
    WorkDetails,
    cancel_maintenance,
    change_maintenance,
    schedule_maintenance,
)
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.calendars import Read, check_lines, read_feed
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def told(user: User, now: datetime, shows: str = "mine", **fields: object) -> bytes:
    """What a new feed says."""
    made = create_feed(user=user, name="Phone", scope=FeedScope(shows), now=now, **fields)  # type: ignore[arg-type]
    return render(made.feed, now)


def render(feed: CalendarFeed, now: datetime) -> bytes:
    """What a feed says now."""
    target = target_of(
        feed.user, scope=FeedScope(feed.scope), resource=feed.resource, group=feed.group, now=now
    )
    assert target is not None
    content = feed_content(feed, target, known=(), now=now)
    return feed_calendar(feed, content.entries, now=now)


def lab_feed(user: User, now: datetime) -> bytes:
    """What the feed of the whole lab says now."""
    found = CalendarFeed.objects.filter(user=user, scope=FeedScope.LAB).first()
    return render(found, now) if found else told(user, now, "lab")


def only(content: bytes) -> Read:
    """The one entry of a feed."""
    [read] = read_feed(content).values()
    return read


def test_a_feed_and_a_mail_name_a_booking_alike(
    ada: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + DAY, sequence=4)
    mailed, fed = booking_calendar([booking]), told(ada, now)
    assert read_feed(mailed) == read_feed(fed)
    [read] = read_feed(fed).values()
    assert (read.sequence, read.start) == (4, now + DAY)
    said = ("DTSTAMP:", "LAST-MODIFIED:", "URL:", "UID:")
    of_both = [
        [line for line in check_lines(each) if line.startswith(said)] for each in (mailed, fed)
    ]
    assert len(of_both[0]) == len(said)
    assert sorted(of_both[0]) == sorted(of_both[1])


def test_times_stand_in_the_zone_of_the_instrument_with_its_clocks(
    ada: User, now: datetime
) -> None:
    tool = make_resource("Remote", time_zone="America/New_York")
    make_booking(ada, tool, datetime(2026, 7, 1, 13, 0, tzinfo=UTC))
    content = told(ada, now)
    lines = check_lines(content)
    assert "DTSTART;TZID=America/New_York:20260701T090000" in lines
    assert lines.index("TZID:America/New_York") < lines.index("BEGIN:VEVENT")
    assert [each.start for each in read_feed(content).values()] == [
        datetime(2026, 7, 1, 13, 0, tzinfo=UTC)
    ]


@pytest.mark.parametrize(
    ("start", "line"),
    [
        # 01:30 to 03:30 over the missing hour, 02:30 twice, and a night over midnight.
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "DTSTART;TZID=Europe/Berlin:20260329T013000"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "DTSTART:20261025T003000Z"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "DTSTART:20261025T013000Z"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "DTSTART;TZID=Europe/Berlin:20261025T033000"),
        (datetime(2026, 7, 1, 21, 30, tzinfo=UTC), "DTSTART;TZID=Europe/Berlin:20260701T233000"),
    ],
)
def test_nights_in_which_clocks_change_are_told_without_doubt(
    ada: User, microscope: Resource, now: datetime, start: datetime, line: str
) -> None:
    booking = make_booking(ada, microscope, start)
    content = told(ada, now)
    assert line in check_lines(content)
    [read] = read_feed(content).values()
    assert (read.start, read.end) == (booking.start_time, booking.end_time)


def test_hostile_names_stay_text(ada: User, now: datetime) -> None:
    name = 'Laser; 2,\\n new\\old :"quoted" ünïcødé 🔬 ' + "x" * 40
    tool = make_resource(name, location="Room 1\r\nATTENDEE:mailto:evil@example.org")
    make_booking(
        ada, tool, now + DAY, purpose="A\nEND:VEVENT\nBEGIN:VALARM", notes="; , \\ : 細胞" * 20
    )
    content = told(ada, now)
    [read] = read_feed(content).values()
    assert read.summary == name
    lines = check_lines(content)
    assert sum(line.startswith(("ATTENDEE", "BEGIN:VALARM")) for line in lines) == 0


def test_only_what_lies_around_today_is_told(
    ada: User, microscope: Resource, now: datetime
) -> None:
    for days in (-40, -29, 0, 365, 380):
        make_booking(ada, microscope, now + days * DAY)
    assert len(read_feed(told(ada, now))) == 3


def test_own_time_is_busy_and_what_waits_tentative(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + DAY, status=Status.PENDING)
    joined = make_booking(ben, microscope, now + 2 * DAY)
    make_booking(ben, microscope, now + 3 * DAY)
    BookingAttendee.objects.create(booking=joined, user=ada)
    lines = check_lines(told(ada, now))
    assert (lines.count("STATUS:TENTATIVE"), lines.count("STATUS:CONFIRMED")) == (1, 1)
    assert lines.count("TRANSP:OPAQUE") == 2
    lines = check_lines(told(ada, now, "resource", resource_id=microscope.public_id))
    assert (lines.count("TRANSP:OPAQUE"), lines.count("TRANSP:TRANSPARENT")) == (2, 1)


def test_an_instrument_tells_of_closures_maintenance_and_what_occupies_it(
    chris: User, ada: User, microscope: Resource, now: datetime
) -> None:
    laser = make_resource("Laser")
    ResourceLink.objects.create(resource=microscope, linked=laser)
    booking = make_booking(ada, microscope, now + HOUR)
    add_closure(
        actor=chris, resource_id=None, period=Period(now + DAY, now + 2 * DAY), reason="Power",
        now=now,
    )  # fmt: skip
    work = schedule_maintenance(
        actor=chris, resource_id=laser.public_id, title="New lamp", now=now,
        period=Period(now + 3 * DAY, now + 3 * DAY + HOUR),
    )  # fmt: skip
    content = told(ada, now, "resource", resource_id=laser.public_id)
    found = {each.summary: each for each in read_feed(content).values()}
    assert set(found) == {
        "Laser: Ada",
        "Labitory Core Facility closed: Power",
        "Laser, maintenance: New lamp",
    }
    assert found["Laser: Ada"].uid.startswith(str(booking.public_id))
    assert "LOCATION" not in content.decode()
    cancel_maintenance(actor=chris, maintenance_id=work.public_id, now=now)
    after = read_feed(told(ada, now, "resource", resource_id=laser.public_id)).values()
    [gone] = [each for each in after if "lamp" in each.summary]
    assert (gone.status, gone.sequence) == ("CANCELLED", 1)


def test_moved_and_cancelled_bookings_are_told_later_than_before(
    ada: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + DAY, updated_at=now)
    first = only(told(ada, now))
    assert (first.sequence, first.changed) == (0, now)
    moved = Period(now + 2 * DAY, now + 2 * DAY + HOUR)
    reschedule_booking(actor=ada, booking_id=booking.public_id, period=moved, now=now + HOUR)
    second = only(told(ada, now))
    cancel_booking(actor=ada, booking_id=booking.public_id, now=now + 2 * HOUR)
    third = only(told(ada, now))
    assert (second.uid, second.start, second.end) == (first.uid, moved.start, moved.end)
    assert (second.status, second.sequence, second.changed) == ("CONFIRMED", 1, now + HOUR)
    assert (third.uid, third.status, third.start) == (first.uid, "CANCELLED", moved.start)
    assert (third.sequence, third.changed) == (2, now + 2 * HOUR)


def test_moved_and_cancelled_work_is_told_later_than_before(
    chris: User, microscope: Resource, now: datetime
) -> None:
    period = Period(now + DAY, now + DAY + HOUR)
    work = schedule_maintenance(
        actor=chris, resource_id=microscope.public_id, title="Lamp", now=now, period=period
    )

    def changed(hours: int, title: str, days: int, notes: str = "") -> Read:
        start = now + days * DAY
        change_maintenance(
            actor=chris, maintenance_id=work.public_id, period=Period(start, start + HOUR),
            details=WorkDetails(title=title, notes=notes), now=now + hours * HOUR,
        )  # fmt: skip
        return only(lab_feed(chris, now))

    first = only(lab_feed(chris, now))
    assert (first.sequence, first.changed) == (0, now)
    # What no calendar tells is no change there.
    assert changed(1, "Lamp", 1, "Bring a ladder") == first
    second = changed(2, "Lamp", 3)
    assert (second.uid, second.start) == (first.uid, now + 3 * DAY)
    assert (second.sequence, second.changed) == (1, now + 2 * HOUR)
    third = changed(3, "Two lamps", 3)
    assert (third.uid, third.sequence, third.changed) == (first.uid, 2, now + 3 * HOUR)
    cancel_maintenance(actor=chris, maintenance_id=work.public_id, now=now + 4 * HOUR)
    last = only(lab_feed(chris, now))
    assert (last.uid, last.status, last.start) == (first.uid, "CANCELLED", now + 3 * DAY)
    assert (last.sequence, last.changed) == (3, now + 4 * HOUR)


def test_a_closure_that_is_taken_back_is_gone(
    chris: User, microscope: Resource, now: datetime
) -> None:
    period = Period(now + DAY, now + 2 * DAY)
    closure = add_closure(
        actor=chris, resource_id=microscope.public_id, period=period, reason="Paint", now=now
    )
    assert only(lab_feed(chris, now)).summary.endswith("closed: Paint")
    remove_closure(actor=chris, closure_id=closure.public_id, now=now)
    assert read_feed(lab_feed(chris, now)) == {}


def test_a_lab_tells_each_booking_once_in_three_queries(
    chris: User, ada: User, microscope: Resource, now: datetime
) -> None:
    laser = make_resource("Laser")
    ResourceLink.objects.create(resource=microscope, linked=laser)
    for n in range(3):
        make_booking(ada, microscope, now + n * DAY)
    make_booking(ada, laser, now + 4 * DAY)
    made = create_feed(user=chris, name="", scope=FeedScope.LAB, now=now)
    assert made.feed.name == "The whole lab"
    with count_queries(2):  # The feed itself is found with the third.
        content = render(made.feed, now)
    assert len(read_feed(content)) == 4


def test_the_owner_reads_their_own_language(
    ada: User, microscope: Resource, now: datetime, settings: LazySettings
) -> None:
    make_booking(ada, microscope, now + DAY)
    made = create_feed(user=ada, name="Phone", scope=FeedScope.MINE, now=now)
    first = render(made.feed, now)
    assert first == render(made.feed, now)
    settings.LAB_NAME = "Other lab"
    assert b"X-WR-CALNAME:Phone \xc2\xb7 Other lab" in render(made.feed, now)
