"""Bookings on somebody's own CalDAV server, a real one: written, followed, and heard of."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import RemotePolicy, RemoteState, Status
from booking.errors import ActionRefused
from booking.models import Booking, OutboxEvent, RemoteCalendar, RemoteEntry, Resource
from booking.notifications.ics import uid_of
from booking.queries.remote_calendars import copied_bookings, remote_calendar_of
from booking.services.bookings import cancel_booking, reschedule_booking
from booking.services.remote_calendars import (
    connect_calendar,
    disconnect_calendar,
    keep_booking,
    lend_calendars,
)
from booking.services.remote_sync import MOST_REFUSALS, hasten_calendars, sync_calendar
from booking.tasks import calendars as tasks
from labitory.lib.caldav import delete_entry
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.support.caldav import NAME, PASSWORD, CalDavServer, caldav_server

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CalDavServer]:
    with caldav_server(tmp_path) as served:
        yield served


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    return make_booking(ada, microscope, now + DAY, purpose="Spindles")


def connect(
    server: CalDavServer,
    user: User,
    now: datetime,
    policy: RemotePolicy = RemotePolicy.ASK,
    *,
    url: str = "",
    password: str = PASSWORD,
) -> RemoteCalendar:
    return connect_calendar(
        user=user,
        url=url or server.url,
        username=NAME,
        password=password,
        policy=policy,
        now=now,
    )


def synced(calendar: RemoteCalendar, now: datetime) -> list[int]:
    return sync_calendar(calendar_id=calendar.pk, now=now)


def period_of(event: Any) -> tuple[datetime, datetime]:
    return event.decoded("dtstart"), event.decoded("dtend")


def told(kind: str) -> int:
    return OutboxEvent.objects.filter(kind=kind).count()


def test_bookings_are_written_and_follow_every_change(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    assert calendar.url == server.calendar
    uid = uid_of(booking.public_id)
    assert synced(calendar, now) == []
    event = server.entries()[uid]
    assert period_of(event) == (booking.start_time, booking.end_time)
    assert str(event["summary"]) == booking.resource.name
    # A server would invite whom it finds.
    assert "attendee" not in event
    assert "organizer" not in event
    etag = RemoteEntry.objects.get().etag
    synced(calendar, now)
    assert RemoteEntry.objects.get().etag == etag

    moved = Period(booking.start_time + HOUR, booking.end_time + HOUR)
    reschedule_booking(actor=ada, booking_id=booking.public_id, period=moved, now=now)
    synced(calendar, now)
    event = server.entries()[uid]
    assert period_of(event) == (moved.start, moved.end)
    assert event["sequence"] == 1

    cancel_booking(actor=ada, booking_id=booking.public_id, now=now)
    synced(calendar, now)
    assert server.entries() == {}
    assert not RemoteEntry.objects.exists()


def test_a_change_there_is_asked_about_and_can_be_taken_over(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    synced(calendar, now)
    start, end = booking.start_time + 2 * HOUR, booking.end_time + 2 * HOUR
    server.change(uid_of(booking.public_id), dtstart=start, dtend=end)
    for _round in range(2):
        assert synced(calendar, now) == []
    entry = RemoteEntry.objects.get()
    assert (entry.state, entry.wanted_start, told("calendar.moved")) == (
        RemoteState.CONFLICT, start, 1
    )  # fmt: skip
    booking.refresh_from_db()
    assert booking.start_time == start - 2 * HOUR

    reschedule_booking(actor=ada, booking_id=booking.public_id, period=Period(start, end), now=now)
    synced(calendar, now)
    assert RemoteEntry.objects.get().state == RemoteState.SYNCED
    assert period_of(server.entries()[uid_of(booking.public_id)]) == (start, end)


def test_the_labs_time_can_be_kept(
    server: CalDavServer, ada: User, ben: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    synced(calendar, now)
    uid = uid_of(booking.public_id)
    server.change(uid, dtstart=booking.start_time + HOUR, dtend=booking.end_time + HOUR)
    synced(calendar, now)
    with pytest.raises(RemoteEntry.DoesNotExist):
        keep_booking(user=ben, booking_id=booking.public_id, now=now)
    keep_booking(user=ada, booking_id=booking.public_id, now=now)
    with pytest.raises(RemoteEntry.DoesNotExist):
        keep_booking(user=ada, booking_id=booking.public_id, now=now)
    synced(calendar, now)
    assert period_of(server.entries()[uid]) == (booking.start_time, booking.end_time)
    assert AuditLog.objects.filter(action="remote_calendar.kept").count() == 1


def test_deleted_there_it_is_put_back(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    synced(calendar, now)
    server.delete(uid_of(booking.public_id))
    synced(calendar, now)
    assert (RemoteEntry.objects.get().wanted_start, told("calendar.deleted")) == (None, 1)
    assert server.entries() == {}
    keep_booking(user=ada, booking_id=booking.public_id, now=now)
    synced(calendar, now)
    assert list(server.entries()) == [uid_of(booking.public_id)]


def test_where_the_labs_entry_stands_it_is_written_over(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now, RemotePolicy.LAB)
    synced(calendar, now)
    uid = uid_of(booking.public_id)
    server.change(uid, dtstart=booking.start_time + HOUR, dtend=booking.end_time + HOUR)
    synced(calendar, now)
    assert period_of(server.entries()[uid]) == (booking.start_time, booking.end_time)
    server.delete(uid)
    synced(calendar, now)
    assert list(server.entries()) == [uid]
    assert not OutboxEvent.objects.filter(kind__startswith="calendar.").exists()


def test_the_booking_follows_where_that_was_chosen(
    server: CalDavServer,
    ada: User,
    booking: Booking,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "now", lambda: now)
    calendar = connect(server, ada, now, RemotePolicy.MINE)
    synced(calendar, now)
    uid = uid_of(booking.public_id)
    start, end = booking.start_time + HOUR, booking.end_time + HOUR
    server.change(uid, dtstart=start, dtend=end)
    [entry_id] = synced(calendar, now)
    assert tasks.follow_calendar(entry_id=entry_id)
    # Asked once more, there is nothing left to follow.
    assert not tasks.follow_calendar(entry_id=entry_id)
    booking.refresh_from_db()
    assert (booking.start_time, booking.end_time) == (start, end)
    synced(calendar, now)
    server.delete(uid)
    [entry_id] = synced(calendar, now)
    assert tasks.follow_calendar(entry_id=entry_id)
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    synced(calendar, now)
    assert not RemoteEntry.objects.exists()


def test_a_rule_that_refuses_is_told_with_its_words(
    server: CalDavServer,
    ada: User,
    ben: User,
    booking: Booking,
    microscope: Resource,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "now", lambda: now)
    other = make_booking(ben, microscope, booking.end_time)
    calendar = connect(server, ada, now, RemotePolicy.MINE)
    synced(calendar, now)
    server.change(uid_of(booking.public_id), dtstart=other.start_time, dtend=other.end_time)
    [entry_id] = synced(calendar, now)
    assert not tasks.follow_calendar(entry_id=entry_id)
    assert RemoteEntry.objects.get().note
    assert told("calendar.refused") == 1
    booking.refresh_from_db()
    assert booking.end_time == other.start_time


def test_notes_and_alarms_there_are_theirs(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    synced(calendar, now)
    server.change(uid_of(booking.public_id), description="Bring the oil")
    synced(calendar, now)
    assert RemoteEntry.objects.get().state == RemoteState.SYNCED
    assert str(server.entries()[uid_of(booking.public_id)]["description"]) == "Bring the oil"


def test_what_is_long_over_lies_as_it_is(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    synced(calendar, now)
    later = booking.end_time + 2 * DAY
    assert list(copied_bookings(calendar, now=booking.end_time)) == [booking]
    # Each round would otherwise write out all that ever was.
    assert list(copied_bookings(calendar, now=later)) == []
    Booking.objects.update(status=Status.CANCELLED)
    assert list(copied_bookings(calendar, now=later)) == [booking]


def test_a_round_that_broke_off_is_made_good(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    synced(calendar, now)
    # What was written there, and not kept here: the worker died between the two.
    RemoteEntry.objects.all().delete()
    synced(calendar, now)
    assert RemoteEntry.objects.get().state == RemoteState.SYNCED
    assert list(server.entries()) == [uid_of(booking.public_id)]


def test_one_round_at_a_time_and_a_change_hastens_the_next(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    assert list(lend_calendars(now=now)) == [calendar.pk]
    assert list(lend_calendars(now=now)) == []
    hasten_calendars(booking_ids=[str(booking.public_id)], now=now)
    synced(calendar, now)
    assert list(lend_calendars(now=now)) == []
    hasten_calendars(booking_ids=[str(booking.public_id)], now=now + HOUR / 60)
    assert list(lend_calendars(now=now + HOUR / 60)) == [calendar.pk]


def test_a_password_that_is_refused_stops_it_and_is_told(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    RemoteCalendar.objects.update(password="wrong and secret")
    for _failure in range(MOST_REFUSALS):
        synced(calendar, now)
    calendar.refresh_from_db()
    assert (calendar.is_active, calendar.failures) == (False, MOST_REFUSALS)
    assert "does not let" in calendar.last_error
    assert told("calendar.stopped") == 1
    assert synced(calendar, now) == []


def test_a_password_that_nobody_can_read_stops_no_other_calendar(
    server: CalDavServer, ada: User, ben: User, booking: Booking, now: datetime, settings: Any
) -> None:
    lost = connect(server, ada, now)
    settings.FIELD_KEYS = {"other": "x" * 50}
    read = connect(server, ben, now)
    assert list(lend_calendars(now=now)) == [lost.pk, read.pk]
    for round_ in range(MOST_REFUSALS):
        assert synced(lost, now + round_ * DAY) == []
    lost.refresh_from_db(fields=["is_active", "failures", "last_error"])
    assert (lost.is_active, lost.failures) == (False, MOST_REFUSALS)
    assert "can no longer be read" in lost.last_error
    assert told("calendar.stopped") == 1
    assert remote_calendar_of(ada) == lost
    disconnect_calendar(user=ada, now=now)
    assert remote_calendar_of(ada) is None


def test_a_server_that_is_away_is_tried_again_more_slowly(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    RemoteCalendar.objects.update(url="http://127.0.0.1:9/ada/lab/")
    waits = []
    for _failure in range(3):
        synced(calendar, now)
        calendar.refresh_from_db()
        assert calendar.next_sync_at is not None
        waits.append(calendar.next_sync_at - now)
    assert waits == [HOUR / 4, HOUR / 2, HOUR]
    assert calendar.is_active


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"password": "wrong"}, "no_entry", "does not let"),
        ({"url": "http://127.0.0.1:9/"}, "no_answer", "no answer"),
        ({"url": "http://10.0.0.1/"}, "address", "private network"),
    ],
)
def test_what_cannot_be_connected_is_said(
    server: CalDavServer, ada: User, now: datetime, given: dict[str, str], code: str, words: str
) -> None:
    with pytest.raises(ActionRefused) as refused:
        password = given.get("password", PASSWORD)
        connect(server, ada, now, url=given.get("url", ""), password=password)
    [said] = refused.value.refusals
    assert said.code == f"remote_calendar.{code}"
    assert words in said.text
    assert not RemoteCalendar.objects.exists()


def test_of_several_calendars_one_is_named(server: CalDavServer, ada: User, now: datetime) -> None:
    server.make_calendar("home")
    with pytest.raises(ActionRefused, match="which") as refused:
        connect(server, ada, now)
    assert server.calendar in refused.value.refusals[0].text
    assert connect(server, ada, now, url=server.calendar).url == server.calendar


def test_disconnecting_forgets_the_password_and_leaves_what_lies_there(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    synced(connect(server, ada, now), now)
    for _again in range(2):
        disconnect_calendar(user=ada, now=now)
    assert not RemoteCalendar.objects.exists()
    assert len(server.entries()) == 1
    actions = AuditLog.objects.filter(action__startswith="remote_calendar").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "remote_calendar.connected",
        "remote_calendar.ended",
    ]


def test_an_entry_deleted_on_both_sides_is_gone(
    server: CalDavServer, ada: User, booking: Booking, now: datetime
) -> None:
    calendar = connect(server, ada, now)
    synced(calendar, now)
    delete_entry(server.owner, RemoteEntry.objects.get().href)
    cancel_booking(actor=ada, booking_id=booking.public_id, now=now)
    synced(calendar, now)
    assert not RemoteEntry.objects.exists()
