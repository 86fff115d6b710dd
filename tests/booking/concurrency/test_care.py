"""Maintenance and faults under rivals: the time is somebody's, whole and once."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from booking.enums import (
    ClaimKind,
    FaultState,
    InTheWay,
    OfferState,
    Severity,
    Status,
)
from booking.errors import BookingError
from booking.models import (
    Booking,
    Fault,
    MaintenanceRecord,
    Offer,
    OutboxEvent,
    Resource,
    ResourceCalendar,
)
from booking.services.bookings import cancel_booking, create_booking
from booking.services.faults import (
    FaultChange,
    FaultReport,
    change_fault,
    report_fault,
    tell_overdue,
)
from booking.services.maintenance import (
    WorkDetails,
    cancel_maintenance,
    schedule_maintenance,
)
from booking.services.maintenance_plans import Rhythm, make_plan, make_windows_ahead
from booking.services.offers import accept_offer, decline_offer
from labitory.lib.periods import Period
from tests.booking.concurrency.test_bookings import assert_no_overlap
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Act = Callable[[], Any]


def won(results: list[Any]) -> int:
    """How many got through; the others were refused in words."""
    found: Counter[bool] = Counter()
    for result in results:
        if isinstance(result, Exception):
            if not isinstance(result, BookingError):
                raise result
            assert result.refusals
        found[not isinstance(result, Exception)] += 1
    return found[True]


def span(now: datetime, first: float, last: float) -> Period:
    return Period(now + DAY + first * HOUR, now + DAY + last * HOUR)


def plan(
    chris: User, resource: Resource, period: Period, now: datetime, way: InTheWay
) -> MaintenanceRecord:
    return schedule_maintenance(
        actor=chris,
        resource_id=resource.public_id,
        period=period,
        title="Lamp",
        way=way,
        now=now,
    )


def book(user: User, resource: Resource, period: Period, now: datetime) -> Act:
    return lambda: create_booking(
        actor=user, user=user, resource_ids=[resource.public_id], period=period, now=now
    )


def assert_sound() -> None:
    """Live bookings have their time, or an open offer of another; and no claim meets another."""
    assert_no_overlap()
    for booking in Booking.objects.filter(status=Status.CONFIRMED):
        offered = Offer.objects.filter(displaced=booking, state=OfferState.OPEN).exists()
        assert booking.claims.exists() != offered
    for work in MaintenanceRecord.objects.filter(cancelled_at=None):
        assert work.claims.count() == 1
    for offer in Offer.objects.filter(state=OfferState.OPEN):
        assert offer.hold is not None
        assert offer.hold.claims.exists()


@pytest.mark.parametrize("way", list(InTheWay))
@pytest.mark.parametrize("round_number", range(3))
def test_work_against_bookings_being_made(
    chris: User, microscope: Resource, now: datetime, way: InTheWay, round_number: int
) -> None:
    people = [make_user(f"r{n}") for n in range(5)]
    results = race(
        [
            lambda: plan(chris, microscope, span(now, 0, 5), now, way),
            *(book(user, microscope, span(now, n, n + 1), now) for n, user in enumerate(people)),
        ]
    )
    won(results)
    assert_sound()
    if way is not InTheWay.REFUSE:
        # Whoever came before gives way, whoever came after is refused.
        assert isinstance(results[0], MaintenanceRecord)
        assert ResourceCalendar.objects.filter(kind=ClaimKind.MAINTENANCE).count() == 1


@pytest.mark.parametrize("round_number", range(3))
def test_two_managers_plan_at_once(
    ada: User, chris: User, dora: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    bookings = [make_booking(ada, microscope, now + DAY + n * HOUR) for n in range(4)]
    results = race(
        [
            lambda actor=actor: plan(  # type: ignore[misc]
                actor, microscope, span(now, 0, 4), now, InTheWay.DISPLACE
            )
            for actor in (chris, dora, chris, dora)
        ]
    )
    assert won(results) == 1
    assert MaintenanceRecord.objects.count() == 1
    assert Offer.objects.count() == len(bookings)
    assert OutboxEvent.objects.filter(kind="offer.replacement").count() == len(bookings)
    assert_sound()


@pytest.mark.parametrize("round_number", range(3))
def test_a_replacement_is_taken_against_somebody_else(
    ada: User, chris: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    booking = make_booking(ada, microscope, now + DAY)
    plan(chris, microscope, span(now, 0, 2), now, InTheWay.DISPLACE)
    offer = Offer.objects.get()
    period = Period(offer.start_time, offer.end_time)
    rivals = [make_user(f"r{n}") for n in range(4)]
    results = race(
        [
            lambda: accept_offer(actor=ada, offer_id=offer.public_id, now=now),
            *(book(user, microscope, period, now) for user in rivals),
        ]
    )
    assert won(results) == 1
    moved = results[0]
    assert isinstance(moved, Booking)
    assert (moved.pk, moved.start_time) == (booking.pk, period.start)
    assert_sound()


@pytest.mark.parametrize("round_number", range(3))
def test_accept_decline_cancel_and_calling_off(
    ada: User, chris: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    booking = make_booking(ada, microscope, now + DAY)
    work = plan(chris, microscope, span(now, 0, 2), now, InTheWay.DISPLACE)
    offer = Offer.objects.get()
    results = race(
        [
            lambda: accept_offer(actor=ada, offer_id=offer.public_id, now=now),
            lambda: decline_offer(actor=ada, offer_id=offer.public_id, now=now),
            lambda: cancel_booking(actor=ada, booking_id=booking.public_id, now=now),
            lambda: cancel_maintenance(actor=chris, maintenance_id=work.public_id, now=now),
        ]
    )
    assert won(results) >= 1
    booking.refresh_from_db()
    assert booking.status in (Status.CONFIRMED, Status.CANCELLED)
    assert booking.claims.exists() == (booking.status == Status.CONFIRMED)
    assert_no_overlap()


def test_windows_are_made_once(chris: User, microscope: Resource, now: datetime) -> None:
    made = make_plan(
        actor=chris,
        resource_id=microscope.public_id,
        rhythm=Rhythm(rule="FREQ=WEEKLY", first_start=now + HOUR, minutes=60),
        details=WorkDetails(title="Weekly"),
        now=now,
    )
    before = made.windows.count()
    results = race([lambda: make_windows_ahead(now=now + 28 * DAY)] * 4)
    assert sorted(results) == [0, 0, 0, 4]
    assert made.windows.count() == before + 4
    assert_no_overlap()


def test_a_fault_is_resolved_and_told_of_once(
    ada: User, chris: User, dora: User, microscope: Resource, now: datetime
) -> None:
    fault = report_fault(
        actor=ada,
        resource_id=microscope.public_id,
        report=FaultReport(title="Dark", severity=Severity.CRITICAL),
        now=now,
    )
    assert sorted(race([lambda: tell_overdue(now=now + 2 * DAY)] * 3))[-1] == 1
    assert OutboxEvent.objects.filter(kind="fault.overdue").count() == 1
    done = FaultChange(
        state=FaultState.RESOLVED, severity=Severity.CRITICAL, blocks_use=False, note="New tube"
    )
    results = race(
        [
            lambda actor=actor: change_fault(  # type: ignore[misc]
                actor=actor, fault_id=fault.public_id, change=done, now=now
            )
            for actor in (chris, dora, chris)
        ]
    )
    assert won(results) == 1
    assert Fault.objects.get().state == FaultState.RESOLVED
    assert OutboxEvent.objects.filter(kind="fault.resolved").count() == 1
