"""What time alone brings about, as the jobs write it down."""

from datetime import datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, NumericRange

from accounts.models import User
from audit.models import AuditLog
from booking.enums import ClaimKind, Status
from booking.errors import ActionRefused
from booking.models import (
    Booking,
    BookingStatus,
    Closure,
    Hold,
    OutboxEvent,
    Resource,
    ResourceCalendar,
)
from booking.services import tidying
from booking.services._changes import record_booking
from booking.services.check_ins import mark_no_show
from booking.services.holds import hold_time
from booking.services.tidying import prune_claims, tidy_bookings
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def status_of(booking: Booking) -> Status:
    booking.refresh_from_db()
    return Status(booking.status)


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.CHECKED_IN])
def test_what_is_over_is_completed(
    ada: User, microscope: Resource, now: datetime, status: Status
) -> None:
    over = make_booking(ada, microscope, now - 2 * HOUR, status=status)
    ends_now = make_booking(ada, microscope, now - HOUR, status=status)
    running = make_booking(ada, microscope, now, status=status)
    assert tidy_bookings(now=now) == 2
    assert [status_of(each) for each in (over, ends_now, running)] == [
        Status.COMPLETED,
        Status.COMPLETED,
        status,
    ]
    step = BookingStatus.objects.get(booking=over)
    assert (step.from_status, step.to_status, step.actor, step.at) == (
        status,
        Status.COMPLETED,
        None,
        now,
    )
    assert over.sequence == 1
    log = AuditLog.objects.filter(action="booking.completed").order_by("pk")[0]
    assert log.changes["status"] == [status, "completed"]
    # It is no news to anybody, and the claim stays for the calendar's sake.
    assert not OutboxEvent.objects.exists()
    assert ResourceCalendar.objects.filter(booking=over).exists()
    assert tidy_bookings(now=now) == 0


def test_what_nobody_decided_before_its_start_is_rejected(
    ada: User, microscope: Resource, now: datetime
) -> None:
    late = make_booking(ada, microscope, now, status=Status.PENDING)
    early = make_booking(ada, microscope, now + HOUR, status=Status.PENDING)
    assert tidy_bookings(now=now) == 1
    assert (status_of(late), status_of(early)) == (Status.REJECTED, Status.PENDING)
    step = BookingStatus.objects.get(booking=late)
    assert step.reason == "Nobody decided before its start."
    assert not ResourceCalendar.objects.filter(booking=late).exists()
    assert ResourceCalendar.objects.filter(booking=early).exists()
    event = OutboxEvent.objects.get()
    assert event.kind == "booking.rejected"
    assert event.payload == {
        "bookings": [str(late.public_id)],
        "actor": None,
        "reason": "Nobody decided before its start.",
    }
    assert AuditLog.objects.get().action == "booking.rejected"


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.REJECTED, Status.NO_SHOW])
def test_what_is_closed_stays_as_it_is(
    ada: User, microscope: Resource, now: datetime, status: Status
) -> None:
    closed = make_booking(ada, microscope, now - DAY, status=status)
    assert tidy_bookings(now=now) == 0
    assert status_of(closed) == status


def test_no_show_stays_a_no_show_and_a_completed_booking_becomes_none(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    missed = make_booking(ada, microscope, now - 2 * HOUR)
    mark_no_show(actor=chris, booking_id=missed.public_id, now=now - HOUR)
    assert tidy_bookings(now=now) == 0
    assert status_of(missed) == Status.NO_SHOW
    done = make_booking(ada, microscope, now - 2 * HOUR)
    assert tidy_bookings(now=now) == 1
    with pytest.raises(ActionRefused):
        mark_no_show(actor=chris, booking_id=done.public_id, now=now)


def test_expired_holds_give_their_time_back(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    period = Period(now + HOUR, now + 2 * HOUR)
    expired = hold_time(actor=ada, resource_id=microscope.public_id, period=period, now=now)
    later = Period(now + 3 * HOUR, now + 4 * HOUR)
    fresh = hold_time(
        actor=ben,
        resource_id=microscope.public_id,
        period=later,
        now=expired.expires_at - timedelta(seconds=1),
    )
    assert tidy_bookings(now=expired.expires_at - timedelta(seconds=1)) == 0
    assert Hold.objects.count() == 2
    tidy_bookings(now=expired.expires_at)
    assert list(Hold.objects.all()) == [fresh]
    assert [claim.hold_id for claim in ResourceCalendar.objects.all()] == [fresh.pk]


def test_all_expired_holds_go_however_many(
    ada: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "BATCH", 2)
    for _number in range(5):
        Hold.objects.create(
            user=ada,
            resource=microscope,
            start_time=now,
            end_time=now + HOUR,
            expires_at=now - HOUR,
        )
    tidy_bookings(now=now)
    assert not Hold.objects.exists()


def test_one_booking_that_cannot_be_tidied_stops_no_other(
    ada: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = make_booking(ada, microscope, now - 3 * HOUR)
    good = make_booking(ada, microscope, now - 2 * HOUR)

    def fail(booking: Booking, *arguments: object, **facts: object) -> None:
        if booking.pk == bad.pk:
            raise RuntimeError("no luck")
        record_booking(booking, *arguments, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(tidying, "record_booking", fail)
    assert tidy_bookings(now=now) == 1
    assert (status_of(bad), status_of(good)) == (Status.CONFIRMED, Status.COMPLETED)
    assert not BookingStatus.objects.filter(booking=bad).exists()


def test_queries_of_tidying(ada: User, microscope: Resource, now: datetime) -> None:
    # The two kinds of bookings and the holds that time has overtaken.
    with count_queries(3):
        tidy_bookings(now=now)
    make_booking(ada, microscope, now - 2 * HOUR)
    # Its lock, its step, itself, its audit record.
    with count_queries(3 + 4):
        tidy_bookings(now=now)


def test_claims_long_past_are_pruned_and_bookings_stay(
    ada: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "BATCH", 1)
    for days in range(31, 43):
        make_booking(ada, microscope, now - days * DAY)
    young = make_booking(ada, microscope, now - 30 * DAY)
    assert prune_claims(now=now) == 12
    assert ResourceCalendar.objects.get() == young.claims.get()
    assert Booking.objects.count() == 13
    assert prune_claims(now=now) == 0


def test_endless_closure_is_never_pruned(microscope: Resource, now: datetime) -> None:
    closure = Closure.objects.create(
        resource=microscope, start_time=now - 400 * DAY, end_time=now + 400 * DAY, reason="Moving"
    )
    endless = ResourceCalendar.objects.create(
        resource=microscope,
        units=NumericRange(None, None),
        during=DateTimeTZRange(now - 400 * DAY, None),
        kind=ClaimKind.CLOSURE,
        closure=closure,
    )
    assert prune_claims(now=now) == 0
    assert ResourceCalendar.objects.get() == endless
