"""Deciding at the same moment as others decide, cancel, move or book: one story comes out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from booking.enums import ApprovalMode, Needed, Status, VoteState
from booking.errors import ActionRefused, BookingError, SlotTaken
from booking.models import (
    Approval,
    ApprovalDelegation,
    ApprovalVote,
    Booking,
    Resource,
    ResourceCalendar,
    ResponsiblePerson,
)
from booking.services.approvals import approve_booking, reject_booking
from booking.services.bookings import cancel_booking, create_booking, reschedule_booking
from booking.services.deadlines import meet_deadlines
from booking.services.delegations import delegate_approvals
from labitory.lib.periods import Period
from tests.factories.approvals import make_approval_policy, tier
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)
ROUNDS = pytest.mark.parametrize("round_number", range(3))


def book(user: User, resource: Resource, now: datetime, hours: float = 24) -> Booking:
    return create_booking(
        actor=user,
        user=user,
        resource_ids=[resource.public_id],
        period=Period(now + hours * HOUR, now + (hours + 1) * HOUR),
        now=now,
    )[0]


@pytest.fixture
def waiting(ada: User, ben: User, eve: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's wish, on which Ben and Eve must both agree."""
    for user in (ben, eve):
        ResponsiblePerson.objects.create(resource=microscope, user=user)
    make_approval_policy(microscope, tier(needed=Needed.ALL), mode=ApprovalMode.TIERED)
    return book(ada, microscope, now)


def settled(results: list[Any]) -> list[bool]:
    """Which calls got their way; anything but a refusal in words is raised."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, BookingError):
            raise result
    return [not isinstance(result, Exception) for result in results]


def approve(user: User, booking: Booking, now: datetime) -> Callable[[], Booking]:
    return partial(approve_booking, actor=user, booking_id=booking.public_id, now=now)


@ROUNDS
def test_both_of_a_step_at_once_confirm_once(
    waiting: Booking, ben: User, eve: User, now: datetime, round_number: int
) -> None:
    results = race([approve(ben, waiting, now), approve(eve, waiting, now)])
    assert settled(results) == [True, True]
    waiting.refresh_from_db()
    assert waiting.status == Status.CONFIRMED
    assert waiting.steps.filter(to_status=Status.CONFIRMED).count() == 1
    assert ApprovalVote.objects.filter(state=VoteState.APPROVED).count() == 2


@ROUNDS
def test_yes_against_no(
    waiting: Booking, ben: User, chris: User, now: datetime, round_number: int
) -> None:
    no = partial(
        reject_booking, actor=ben, booking_id=waiting.public_id, now=now, reason="Out of order"
    )
    assert sum(settled(race([approve(chris, waiting, now), no]))) == 1
    waiting.refresh_from_db()
    held = ResourceCalendar.objects.filter(booking=waiting).count()
    assert (waiting.status, held) in ((Status.CONFIRMED, 1), (Status.REJECTED, 0))


@ROUNDS
def test_approving_against_cancelling(
    waiting: Booking, ada: User, chris: User, now: datetime, round_number: int
) -> None:
    cancel = partial(cancel_booking, actor=ada, booking_id=waiting.public_id, now=now)
    approved, cancelled = settled(race([approve(chris, waiting, now), cancel]))
    assert cancelled
    waiting.refresh_from_db()
    assert waiting.status == Status.CANCELLED
    assert not ResourceCalendar.objects.exists()
    assert waiting.steps.filter(to_status=Status.CONFIRMED).exists() is approved
    open_states = (VoteState.WAITING, VoteState.LATER)
    assert not Approval.objects.filter(state__in=open_states).exists()


@ROUNDS
def test_approving_against_moving(
    waiting: Booking, ada: User, chris: User, now: datetime, round_number: int
) -> None:
    period = Period(now + 30 * HOUR, now + 31 * HOUR)
    move = partial(
        reschedule_booking, actor=ada, booking_id=waiting.public_id, period=period, now=now
    )
    settled(race([approve(chris, waiting, now), move]))
    waiting.refresh_from_db()
    asked = Approval.objects.filter(booking=waiting, state=VoteState.WAITING).count()
    # What was moved after it was approved waits anew; approved after the move, it stands there.
    assert (waiting.status, asked) in ((Status.PENDING, 1), (Status.CONFIRMED, 0))
    assert ResourceCalendar.objects.filter(booking=waiting).count() == 1


@ROUNDS
def test_time_that_was_not_held_goes_to_one(
    ada: User,
    ben: User,
    chris: User,
    dora: User,
    microscope: Resource,
    now: datetime,
    round_number: int,
) -> None:
    make_approval_policy(microscope, mode=ApprovalMode.SINGLE, holds_slot=False)
    wish = book(ada, microscope, now)
    rival = partial(book, dora, microscope, now)
    results = race([approve(chris, wish, now), rival])
    assert sum(settled(results)) == 1
    lost = next(each for each in results if isinstance(each, Exception))
    assert isinstance(lost, SlotTaken)
    assert ResourceCalendar.objects.count() == 1


@ROUNDS
def test_two_wishes_for_one_time_are_not_both_approved(
    ada: User,
    ben: User,
    chris: User,
    dora: User,
    microscope: Resource,
    now: datetime,
    round_number: int,
) -> None:
    make_approval_policy(microscope, mode=ApprovalMode.SINGLE, holds_slot=False)
    first, second = book(ada, microscope, now), book(ben, microscope, now)
    results = race([approve(chris, first, now), approve(dora, second, now)])
    assert sum(settled(results)) == 1
    assert Booking.objects.filter(status=Status.CONFIRMED).count() == 1
    assert ResourceCalendar.objects.count() == 1


def test_deadlines_met_by_two_workers_are_met_once(
    waiting: Booking, chris: User, now: datetime
) -> None:
    late = now + 13 * HOUR
    results = race([partial(meet_deadlines, now=late)] * 2)
    assert sorted(results) == [0, 1]
    assert Approval.objects.get().escalated_at == late
    answer = race([approve(chris, waiting, late), partial(meet_deadlines, now=late)])
    assert not isinstance(answer[0], Exception)


def test_two_stand_ins_make_no_circle(ben: User, eve: User, now: datetime) -> None:
    week = Period(now, now + 7 * 24 * HOUR)
    results = race(
        [
            partial(delegate_approvals, actor=ben, delegate=eve, period=week, now=now),
            partial(delegate_approvals, actor=eve, delegate=ben, period=week, now=now),
        ]
    )
    assert sum(settled(results)) == 1
    assert isinstance(next(each for each in results if isinstance(each, Exception)), ActionRefused)
    assert ApprovalDelegation.objects.count() == 1
