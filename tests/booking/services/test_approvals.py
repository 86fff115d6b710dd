"""Bookings that somebody must agree to."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import Limit, Status
from booking.errors import ActionRefused, BookingRefused, NotAllowed
from booking.models import (
    Booking,
    BookingDecision,
    BookingPolicy,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    ResponsiblePerson,
)
from booking.services.approvals import approve_booking, reject_booking
from booking.services.bookings import create_booking, reschedule_booking
from booking.services.resources import close_resource
from labitory.lib.periods import Period
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def guarded(ben: User) -> Resource:
    resource = make_resource("Electron microscope", requires_approval=True)
    ResponsiblePerson.objects.create(resource=resource, user=ben)
    return resource


@pytest.fixture
def waiting(ada: User, guarded: Resource, now: datetime) -> Booking:
    return create_booking(
        actor=ada,
        user=ada,
        resource_ids=[guarded.public_id],
        period=Period(now + HOUR, now + 2 * HOUR),
        now=now,
    )[0]


def test_it_waits_and_holds_its_time(waiting: Booking) -> None:
    assert waiting.status == Status.PENDING
    assert ResourceCalendar.objects.filter(booking=waiting).exists()
    assert OutboxEvent.objects.get().kind == "booking.requested"


def test_responsible_person_approves(waiting: Booking, ben: User, now: datetime) -> None:
    approved = approve_booking(actor=ben, booking_id=waiting.public_id, now=now)
    assert approved.status == Status.CONFIRMED
    assert BookingDecision.objects.get(action="approve").outcome == "allowed"
    with pytest.raises(ActionRefused):
        approve_booking(actor=ben, booking_id=waiting.public_id, now=now)


def test_nobody_approves_their_own(
    waiting: Booking, ada: User, eve: User, guarded: Resource, now: datetime
) -> None:
    ResponsiblePerson.objects.create(resource=guarded, user=ada)
    for who in (ada, eve):
        with pytest.raises(NotAllowed):
            approve_booking(actor=who, booking_id=waiting.public_id, now=now)


def test_rejection_needs_a_reason_and_frees_the_time(
    waiting: Booking, chris: User, now: datetime
) -> None:
    with pytest.raises(ActionRefused):
        reject_booking(actor=chris, booking_id=waiting.public_id, now=now, reason=" ")
    reject_booking(actor=chris, booking_id=waiting.public_id, now=now, reason="Service day")
    assert not ResourceCalendar.objects.exists()


def test_rules_are_asked_again(
    waiting: Booking, chris: User, guarded: Resource, now: datetime
) -> None:
    close_resource(actor=chris, resource_id=guarded.public_id, reason="Broken pump", now=now)
    with pytest.raises(BookingRefused) as caught:
        approve_booking(actor=chris, booking_id=waiting.public_id, now=now)
    assert [each.code for each in caught.value.refusals] == ["resource.closed"]
    decision = BookingDecision.objects.get(action="approve")
    assert (decision.outcome, decision.actor, decision.booking) == ("refused", chris, waiting)
    assert decision.trace[0]["code"] == "resource.closed"


def test_moved_booking_waits_again(waiting: Booking, ada: User, chris: User, now: datetime) -> None:
    approve_booking(actor=chris, booking_id=waiting.public_id, now=now)
    moved = reschedule_booking(
        actor=ada,
        booking_id=waiting.public_id,
        period=Period(now + 4 * HOUR, now + 5 * HOUR),
        now=now,
    )
    assert moved.status == Status.PENDING


def test_each_of_several_booked_together_is_decided_on(
    ada: User, ben: User, guarded: Resource, microscope: Resource, now: datetime
) -> None:
    both = create_booking(
        actor=ada,
        user=ada,
        resource_ids=[guarded.public_id, microscope.public_id],
        period=Period(now + HOUR, now + 2 * HOUR),
        now=now,
    )
    assert [each.status for each in both] == [Status.PENDING, Status.CONFIRMED]
    approved = approve_booking(actor=ben, booking_id=both[0].public_id, now=now)
    assert approved.status == Status.CONFIRMED


@pytest.fixture
def overridden(waiting: Booking, chris: User, guarded: Resource, now: datetime) -> Booking:
    """Ada's wish, moved by Chris to a time longer than people may book; it still waits."""
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=60)
    return reschedule_booking(
        actor=chris,
        booking_id=waiting.public_id,
        period=Period(now + 5 * HOUR, now + 8 * HOUR),
        override="The run cannot be split",
        now=now,
    )


def test_what_was_lifted_for_it_stays_lifted(
    overridden: Booking, ben: User, guarded: Resource, now: datetime
) -> None:
    assert overridden.status == Status.PENDING
    approved = approve_booking(actor=ben, booking_id=overridden.public_id, now=now)
    assert approved.status == Status.CONFIRMED
    decision = BookingDecision.objects.get(action="approve")
    assert decision.outcome == "overridden"
    assert [(each["code"], each["overridden"]) for each in decision.trace] == [
        ("length.maximum", True)
    ]


def test_only_what_was_lifted_stays_lifted(
    overridden: Booking, ben: User, chris: User, guarded: Resource, now: datetime
) -> None:
    close_resource(actor=chris, resource_id=guarded.public_id, reason="Broken pump", now=now)
    with pytest.raises(BookingRefused) as caught:
        approve_booking(actor=ben, booking_id=overridden.public_id, now=now)
    assert [each.code for each in caught.value.refusals] == ["resource.closed"]
    overridden.refresh_from_db()
    assert overridden.status == Status.PENDING


def test_what_was_lifted_elsewhere_is_not_lifted_here(
    overridden: Booking, ben: User, now: datetime
) -> None:
    # As an import moves it: past every rule, and nobody lifted anything for that time.
    Booking.objects.filter(pk=overridden.pk).update(end_time=overridden.end_time + HOUR)
    with pytest.raises(BookingRefused) as caught:
        approve_booking(actor=ben, booking_id=overridden.public_id, now=now)
    assert [each.code for each in caught.value.refusals] == ["length.maximum"]
