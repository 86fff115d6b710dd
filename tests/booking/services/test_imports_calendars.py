"""Calendar files taken over as bookings and closures: by the rules, once, all or what can be."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Limit, Status
from booking.errors import NotAllowed
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    BookingPolicy,
    Closure,
    ImportedEvent,
    Message,
    OutboxEvent,
    Resource,
)
from booking.notifications.ics import booking_calendar
from booking.services.bookings import cancel_booking
from booking.services.events import dispatch_batch
from booking.services.imports import Report, import_calendar
from tests.factories.bookings import make_booking
from tests.factories.calendars import calendar_file, entry
from tests.factories.resources import make_resource
from tests.factories.roles import give, make_role

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
Take = Callable[..., Report]


@pytest.fixture
def take(chris: User, ada: User, microscope: Resource, now: datetime) -> Take:
    """Chris takes a file over for Ada; `user=None` as closures."""

    def run(*entries: str, **changes: Any) -> Report:
        wish: dict[str, Any] = {
            "actor": chris,
            "resource_id": microscope.public_id,
            "user": ada,
            "content": calendar_file(*entries),
            "source": "lab.ics",
            "now": now,
        }
        return import_calendar(**{**wish, **changes})

    return run


def said(report: Report) -> list[tuple[str, str]]:
    return [(line.kind, line.outcome) for line in report.lines]


def counts() -> tuple[int, ...]:
    models = (Booking, Closure, ImportedEvent, OutboxEvent, AuditLog)
    return tuple(model._default_manager.count() for model in models)


def test_a_dry_run_says_everything_and_writes_nothing(
    take: Take, ben: User, microscope: Resource
) -> None:
    make_booking(ben, microscope, NINE + 24 * HOUR)
    before = counts()
    report = take(
        entry("new"),
        entry("clash", "20260310T090000"),
        entry("past", "20260101T090000"),
        entry("rule", "20260309T120700"),
        entry("flood", "20260309T120000", RRULE="FREQ=SECONDLY"),
        entry("gone", "20260309T150000", STATUS="CANCELLED"),
        dry_run=True,
    )
    assert sorted(said(report)) == [
        ("clash", "bad"),
        ("entry", "new"),
        ("entry", "skipped"),
        ("entry", "skipped"),
        ("rule", "bad"),
        ("unread", "bad"),
    ]
    [clash] = [line for line in report.lines if line.kind == "clash"]
    assert "10 Mar" in clash.name
    assert clash.detail
    assert counts() == before


def test_bookings_are_made_as_others_are_and_told_once(
    take: Take, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    report = take(entry("a"), entry("b", "20260310T090000", DESCRIPTION="Bring\\, ice"))
    assert report.is_written
    first, second = Booking.objects.order_by("start_time")
    assert (first.user, first.created_by, first.start_time) == (ada, chris, NINE)
    assert (first.purpose, second.notes) == ("Cells", "Bring, ice")
    assert first.claims.count() == 1
    [event] = OutboxEvent.objects.filter(kind__startswith="booking.")
    assert (event.kind, len(event.payload["bookings"])) == ("booking.imported", 2)
    dispatch_batch(handlers=HANDLERS, now=now)
    mails = Message.objects.filter(channel="email", user=ada)
    assert mails.count() == 1
    assert AuditLog.objects.filter(action="booking.created", actor_id=chris.pk).count() == 2
    assert AuditLog.objects.filter(action="import.file_imported").count() == 1


def test_the_same_file_again_makes_nothing_new(take: Take) -> None:
    series = entry("series", RRULE="FREQ=WEEKLY;COUNT=3")
    take(series, entry("single", "20260310T090000"))
    before = counts()[:4]
    report = take(series, entry("single", "20260310T090000"))
    assert set(said(report)) == {("entry", "unchanged")}
    assert counts()[:4] == before
    assert ImportedEvent.objects.count() == 4


def test_what_the_file_moved_or_cancelled_follows(
    take: Take, microscope: Resource, now: datetime
) -> None:
    take(entry("a"), entry("b", "20260310T090000"), entry("c", "20260311T090000"))
    a, b, c = Booking.objects.order_by("start_time")
    OutboxEvent.objects.all().delete()
    report = take(
        entry("a", "20260309T100000", SEQUENCE="1"),
        entry("b", "20260310T090000", STATUS="CANCELLED"),
        entry("c", "20260311T090000"),
    )
    assert [line.outcome for line in report.lines] == ["changed", "changed", "unchanged"]
    for booking in (a, b, c):
        booking.refresh_from_db()
    assert (a.start_time, a.sequence) == (NINE + HOUR, 1)
    assert (b.status, c.sequence) == (Status.CANCELLED, 0)
    assert b.claims.count() == 0
    kinds = OutboxEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["booking.imported", "time.freed"]
    assert set(said(take(entry("a", "20260309T100000", SEQUENCE="1")))) == {("entry", "unchanged")}


def test_one_of_a_series_is_known_by_its_own_start(take: Take) -> None:
    series = entry("s", RRULE="FREQ=WEEKLY;COUNT=3")
    take(series)
    zone = ";TZID=Europe/Berlin"
    moved = entry("s", "20260317T110000", **{f"RECURRENCE-ID{zone}": "20260316T090000"})
    report = take(series, moved)
    assert sorted(each.outcome for each in report.lines) == ["changed", "unchanged", "unchanged"]
    starts = Booking.objects.order_by("start_time").values_list("start_time", flat=True)
    assert list(starts) == [NINE, NINE + 194 * HOUR, NINE + 336 * HOUR]


def test_what_happened_here_since_stands(take: Take, chris: User, now: datetime) -> None:
    take(entry("a"))
    cancel_booking(actor=chris, booking_id=Booking.objects.get().public_id, now=now)
    for again in (entry("a"), entry("a", "20260309T130000")):
        assert said(take(again)) == [("entry", "unchanged")]
    assert Booking.objects.get().status == Status.CANCELLED


def test_one_refused_entry_refuses_the_file_unless_a_part_is_wanted(
    take: Take, ben: User, microscope: Resource
) -> None:
    make_booking(ben, microscope, NINE)
    before = counts()
    report = take(entry("a"), entry("b", "20260310T090000"))
    assert not report.is_written
    assert counts() == before
    assert take(entry("a"), entry("b", "20260310T090000"), takes_part=True).is_written
    assert Booking.objects.filter(user__username="ada").count() == 1
    assert ImportedEvent.objects.count() == 1


def test_limits_count_within_the_file_and_managers_lift_them_with_a_reason(
    take: Take, ada: User, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.ACTIVE_BOOKINGS, value=2)
    series = entry("a", RRULE="FREQ=DAILY;COUNT=3")
    assert said(take(series)) == [("entry", "new"), ("entry", "new"), ("rule", "bad")]
    assert not Booking.objects.exists()
    assert take(series, override="Moved from the old calendar").is_written
    assert Booking.objects.count() == 3


def test_a_pending_one_is_asked_for_and_told(take: Take, microscope: Resource) -> None:
    Resource.objects.filter(pk=microscope.pk).update(requires_approval=True)
    eve = User.objects.create_user("trainer", "t@example.org", "x" * 20)
    give(eve, make_role("books", "booking.book_for_others"))
    take(entry("a"), entry("b", "20260310T090000"), actor=eve)
    assert set(Booking.objects.values_list("status", flat=True)) == {Status.PENDING}
    kinds = OutboxEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert [kind for kind in kinds if kind.startswith("booking.")] == [
        "booking.imported",
        "booking.requested",
    ]


def test_closures_are_made_moved_and_known(take: Take, microscope: Resource, ben: User) -> None:
    days = "BEGIN:VEVENT\r\nUID:d\r\nSUMMARY:Move\r\nDTSTART;VALUE=DATE:20260320\r\nEND:VEVENT\r\n"
    assert take(entry("a"), days, user=None).is_written
    assert list(Closure.objects.order_by("start_time").values_list("reason", flat=True)) == [
        "Cells",
        "Move",
    ]
    assert set(said(take(entry("a"), days, user=None))) == {("entry", "unchanged")}
    take(entry("a", "20260309T140000"), days, user=None)
    assert Closure.objects.filter(start_time=NINE + 5 * HOUR).count() == 1
    assert Closure.objects.count() == ImportedEvent.objects.count() == 2
    make_booking(ben, microscope, NINE + 48 * HOUR)
    report = take(entry("x", "20260311T090000"), user=None)
    assert said(report) == [("clash", "bad")]
    assert "Ben" in report.lines[0].detail
    take(entry("a", "20260309T140000", STATUS="CANCELLED"), user=None)
    assert Closure.objects.count() == 1


def test_a_booking_that_went_out_from_here_comes_back_as_itself(
    take: Take, ada: User, microscope: Resource, chris: User, now: datetime
) -> None:
    booking = make_booking(ada, microscope, NINE)
    report = take(content=booking_calendar([booking]))
    assert said(report) == [("entry", "unchanged")]


def test_only_who_may_by_hand_takes_files_over(
    take: Take, cast: dict[str, User], now: datetime
) -> None:
    other = make_resource("Other")
    for name, user in cast.items():
        for becomes in (cast["ada"], None):
            wanted = {"actor": user, "user": becomes, "resource_id": other.public_id}
            if name in {"chris", "dora"}:
                assert take(entry(name), dry_run=True, **wanted).lines
                continue
            with pytest.raises(NotAllowed):
                take(entry(name), **wanted)
    assert not Booking.objects.exists()


def test_what_was_confirmed_is_what_is_done(take: Take, ben: User, microscope: Resource) -> None:
    shown = take(entry("a"), dry_run=True)
    make_booking(ben, microscope, NINE)
    report = take(entry("a"), expected=shown.digest)
    assert not report.is_written
    assert said(report) == [("clash", "bad")]
    part = take(entry("a"), entry("b", "20260310T090000"), expected=shown.digest, takes_part=True)
    assert not part.is_written
    assert not ImportedEvent.objects.exists()
