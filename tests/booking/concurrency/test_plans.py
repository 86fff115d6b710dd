"""Swapping, handing over and undoing at the same moment as others act: one story comes out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from booking.enums import ProposalState, Status
from booking.errors import BookingError
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    Message,
    OutboxEvent,
    Proposal,
    Resource,
    ResourceCalendar,
    UndoableAct,
)
from booking.services.bookings import cancel_booking, create_booking
from booking.services.events import dispatch_batch
from booking.services.proposals import Offered, accept_proposal, propose, withdraw_proposal
from booking.services.undo import undo_act
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ROUNDS = pytest.mark.parametrize("round_number", range(3))


def settled(results: list[Any]) -> list[bool]:
    """Which calls got their way; anything but a refusal in words is raised."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, BookingError):
            raise result
    return [not isinstance(result, Exception) for result in results]


@pytest.fixture
def mine(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's, tomorrow."""
    return make_booking(ada, microscope, now + 24 * HOUR)


@pytest.fixture
def theirs(ben: User, second_microscope: Resource, now: datetime) -> Booking:
    """Ben's, the day after."""
    return make_booking(ben, second_microscope, now + 48 * HOUR)


def ask(booking: Booking, wanted: Booking, now: datetime) -> Proposal:
    offered = Offered(wanted_id=wanted.public_id)
    return propose(actor=booking.user, booking_id=booking.public_id, offered=offered, now=now)


def accept(proposal: Proposal, now: datetime) -> Callable[[], Proposal]:
    user = proposal.proposed_to
    return partial(accept_proposal, actor=user, proposal_id=proposal.public_id, now=now)


def cancel(booking: Booking, now: datetime) -> Callable[[], Booking]:
    return partial(cancel_booking, actor=booking.user, booking_id=booking.public_id, now=now)


@ROUNDS
def test_swap_against_cancel(
    mine: Booking, theirs: Booking, now: datetime, round_number: int
) -> None:
    proposal = ask(mine, theirs, now)
    given, first, second = mine.user, mine, theirs
    assert sum(settled(race([accept(proposal, now), cancel(mine, now)]))) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    swapped = first.user != given
    assert (second.user == given) is swapped
    assert first.status == (Status.CONFIRMED if swapped else Status.CANCELLED)
    assert ResourceCalendar.objects.count() == (2 if swapped else 1)


@ROUNDS
def test_accepted_twice_at_once(
    mine: Booking, theirs: Booking, now: datetime, round_number: int
) -> None:
    proposal = ask(mine, theirs, now)
    assert sum(settled(race([accept(proposal, now)] * 2))) == 1
    mine.refresh_from_db()
    assert (mine.user, mine.sequence) == (theirs.user, 1)


@ROUNDS
def test_two_proposals_for_one_booking(
    eve: User, mine: Booking, theirs: Booking, now: datetime, round_number: int
) -> None:
    # Crosswise: Ada asks Ben, Ben asks Ada, and Eve asks Ben; he takes all at once.
    third = make_booking(eve, mine.resource, now + 72 * HOUR)
    calls = [
        accept(ask(mine, theirs, now), now),
        accept(ask(third, theirs, now), now),
        accept(ask(theirs, mine, now), now),
    ]
    assert sum(settled(race(calls))) == 1
    owners = set(Booking.objects.values_list("user", flat=True))
    assert len(owners) == 3
    assert Proposal.objects.filter(state=ProposalState.ACCEPTED).count() == 1


@ROUNDS
def test_accept_against_withdraw(
    ada: User, mine: Booking, theirs: Booking, now: datetime, round_number: int
) -> None:
    proposal = ask(mine, theirs, now)
    withdraw = partial(withdraw_proposal, actor=ada, proposal_id=proposal.public_id, now=now)
    assert sum(settled(race([accept(proposal, now), withdraw]))) == 1
    mine.refresh_from_db()
    proposal.refresh_from_db()
    assert (mine.user == ada) is (proposal.state == ProposalState.WITHDRAWN)


@ROUNDS
def test_offered_twice_at_once(
    ada: User, ben: User, eve: User, mine: Booking, now: datetime, round_number: int
) -> None:
    calls = [
        partial(propose, actor=ada, booking_id=mine.public_id, offered=Offered(to=user), now=now)
        for user in (ben, eve)
    ]
    assert sum(settled(race(calls))) == 1
    assert Proposal.objects.count() == 1


@ROUNDS
def test_undo_against_somebodys_booking(
    ada: User, ben: User, mine: Booking, now: datetime, round_number: int
) -> None:
    cancel(mine, now)()
    act = UndoableAct.objects.get()
    undo = partial(undo_act, actor=ada, act_id=act.public_id, now=now + MINUTE)
    book = partial(
        create_booking,
        actor=ben,
        user=ben,
        resource_ids=[mine.resource.public_id],
        period=Period(mine.start_time, mine.end_time),
        now=now + MINUTE,
    )
    undone, booked = settled(race([undo, book]))
    assert undone is not booked
    mine.refresh_from_db()
    assert mine.status == (Status.CONFIRMED if undone else Status.CANCELLED)
    assert ResourceCalendar.objects.count() == 1


@ROUNDS
def test_undone_twice_at_once(ada: User, mine: Booking, now: datetime, round_number: int) -> None:
    cancel(mine, now)()
    act = UndoableAct.objects.get()
    undo = partial(undo_act, actor=ada, act_id=act.public_id, now=now + MINUTE)
    assert sum(settled(race([undo, undo]))) == 1
    assert ResourceCalendar.objects.count() == 1


@ROUNDS
def test_undo_against_the_dispatcher(
    ada: User, mine: Booking, now: datetime, round_number: int
) -> None:
    cancel(mine, now)()
    act = UndoableAct.objects.get()
    undo = partial(undo_act, actor=ada, act_id=act.public_id, now=act.until - MINUTE)
    # A worker whose clock is ahead.
    tell = partial(dispatch_batch, handlers=HANDLERS, now=act.until)
    [undone, _told] = settled(race([undo, tell]))
    mine.refresh_from_db()
    assert (mine.status == Status.CONFIRMED) is undone
    assert Message.objects.exists() is not undone
    assert OutboxEvent.objects.exists() is not undone
