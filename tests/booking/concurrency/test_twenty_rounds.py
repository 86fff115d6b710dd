"""The pairs that meet in every lab, twenty times each: whoever is first, one story comes out."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from booking.enums import ClaimKind, OfferState, ProposalState, Status
from booking.errors import BookingError
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    Hold,
    Offer,
    Proposal,
    Resource,
    ResourceCalendar,
    UndoableAct,
)
from booking.services.approvals import approve_booking
from booking.services.bookings import (
    BookingDetails,
    cancel_booking,
    create_booking,
    reschedule_booking,
)
from booking.services.check_ins import check_in, check_out, extend_booking
from booking.services.events import dispatch_batch
from booking.services.offers import accept_offer
from booking.services.proposals import Offered, accept_proposal, propose
from booking.services.series import create_series
from booking.services.undo import undo_act
from labitory.lib.periods import Period
from tests.booking.concurrency.test_bookings import assert_no_overlap
from tests.booking.services.test_series import wish
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.factories.waiting import make_entry
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
ROUNDS = 20
Act = Callable[[], Any]


def settled(results: list[Any]) -> list[bool]:
    """Which calls got their way; anything but a refusal in words is raised."""
    for result in results:
        if isinstance(result, Exception):
            if not isinstance(result, BookingError):
                raise result
            assert all(each.text for each in result.refusals)
    return [not isinstance(result, Exception) for result in results]


def days(now: datetime) -> Iterator[datetime]:
    """Another day for each round, so that no round stands in the next one's way."""
    return (now + number * DAY for number in range(1, ROUNDS + 1))


def book(user: User, resource: Resource, period: Period, now: datetime) -> Act:
    keys = [resource.public_id]
    return partial(create_booking, actor=user, user=user, resource_ids=keys, period=period, now=now)


def cancel(booking: Booking, now: datetime) -> Act:
    return partial(cancel_booking, actor=booking.user, booking_id=booking.public_id, now=now)


def tell(now: datetime) -> int:
    return dispatch_batch(handlers=HANDLERS, now=now)


def claims_of(booking: Booking) -> int:
    return ResourceCalendar.objects.filter(booking=booking).count()


def test_approve_against_cancel(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    Resource.objects.update(requires_approval=True)
    for start in days(now):
        [waiting] = book(ada, microscope, Period(start, start + HOUR), now)()
        assert waiting.status == Status.PENDING
        approve = partial(approve_booking, actor=chris, booking_id=waiting.public_id, now=now)
        approved, cancelled = settled(race([approve, cancel(waiting, now)]))
        assert cancelled
        waiting.refresh_from_db()
        assert (waiting.status, claims_of(waiting)) == (Status.CANCELLED, 0)
        assert waiting.steps.filter(to_status=Status.CONFIRMED).exists() is approved


def test_two_accepts_of_one_hold(ada: User, eve: User, microscope: Resource, now: datetime) -> None:
    for number, start in enumerate(days(now), 1):
        gone = make_booking(ada, microscope, start)
        make_entry(eve, Period(start, start + HOUR), at=now, resource=microscope)
        cancel(gone, now)()
        told = UndoableAct.objects.latest("pk").until
        tell(told)
        offer = Offer.objects.get(state=OfferState.OPEN)
        take = partial(accept_offer, actor=eve, offer_id=offer.public_id, now=told)
        assert sum(settled(race([take] * 3))) == 1
        assert Booking.objects.filter(user=eve).count() == number
        assert not Hold.objects.exists()
        assert_no_overlap()


def test_swap_against_cancel(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    for start in days(now):
        mine = make_booking(ada, microscope, start)
        theirs = make_booking(ben, second_microscope, start + 2 * HOUR)
        offered = Offered(wanted_id=theirs.public_id)
        proposal = propose(actor=ada, booking_id=mine.public_id, offered=offered, now=now)
        accept = partial(accept_proposal, actor=ben, proposal_id=proposal.public_id, now=now)
        swapped, cancelled = settled(race([accept, cancel(mine, now)]))
        # Ada may come too late to cancel what is no longer hers.
        assert swapped is not cancelled
        mine.refresh_from_db()
        theirs.refresh_from_db()
        owners = (ben, ada) if swapped else (ada, ben)
        assert (mine.user, theirs.user) == owners
        assert (mine.status == Status.CANCELLED) is cancelled
        assert (claims_of(mine), claims_of(theirs)) == (0 if cancelled else 1, 1)
    accepted = Proposal.objects.filter(state=ProposalState.ACCEPTED).count()
    assert accepted + UndoableAct.objects.count() == ROUNDS


def test_series_against_single(ada: User, microscope: Resource, now: datetime) -> None:
    for number in range(ROUNDS):
        week = now + number * timedelta(weeks=1)
        asked = wish(ada, microscope, now, "FREQ=DAILY;COUNT=5", first=week + DAY)
        series = partial(
            create_series, wish=asked, details=BookingDetails(), skip_refused=bool(number % 2)
        )
        third = Period(week + 3 * DAY, week + 3 * DAY + HOUR)
        rival = make_user(f"rival{number}")
        results = race([series, book(rival, microscope, third, now)])
        made, single = settled(results)
        assert made or single
        # All or nothing leaves no half; else the series does without that one day.
        whole = 5 if not single else 4
        if made:
            assert len(results[0].bookings) == whole
        assert made is (not single or bool(number % 2))
        assert_no_overlap()


def test_check_out_against_extend(ada: User, microscope: Resource, now: datetime) -> None:
    for start in days(now):
        before = start - DAY
        booking = make_booking(ada, microscope, start, created_at=before, updated_at=before)
        check_in(actor=ada, booking_id=booking.public_id, now=start)
        at = start + 30 * MINUTE
        leave = partial(check_out, actor=ada, booking_id=booking.public_id, now=at)
        stay = partial(
            extend_booking, actor=ada, booking_id=booking.public_id, until=start + 2 * HOUR, now=at
        )
        left, _stayed = settled(race([leave, stay]))
        assert left
        booking.refresh_from_db()
        claim = ResourceCalendar.objects.get(booking=booking, kind=ClaimKind.BOOKING)
        assert booking.status == Status.COMPLETED
        assert claim.during.upper == booking.end_time == at + MINUTE


def test_cancel_against_a_strangers_booking_while_somebody_waits(
    ada: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    for number, start in enumerate(days(now), 1):
        mine = make_booking(ada, microscope, start)
        make_entry(eve, Period(start, start + HOUR), at=now, resource=microscope)
        stranger = book(ben, microscope, mine.period, now)
        cancelled, *booked = settled(race([cancel(mine, now), stranger, stranger]))
        assert cancelled
        assert booked == [False, False]
        until = UndoableAct.objects.latest("pk").until
        # Nor in the moment in which it is given on.
        late = book(ben, microscope, mine.period, until)
        _told, *booked = settled(race([partial(tell, until), late, late]))
        assert booked == [False, False]
        assert Offer.objects.filter(user=eve, start_time=start).count() == 1
        assert Offer.objects.count() == number
    assert_no_overlap()


def test_undo_against_the_offer_and_its_acceptance(
    ada: User, eve: User, microscope: Resource, now: datetime
) -> None:
    for start in days(now):
        mine = make_booking(ada, microscope, start)
        entry = make_entry(eve, Period(start, start + HOUR), at=now, resource=microscope)
        cancel(mine, now)()
        act = UndoableAct.objects.latest("pk")
        undo = partial(undo_act, actor=ada, act_id=act.public_id, now=act.until - MINUTE)

        def give_on_and_take(until: datetime = act.until, key: int = entry.pk) -> Any:
            tell(until)
            offer = Offer.objects.filter(entry=key).first()
            return offer and accept_offer(actor=eve, offer_id=offer.public_id, now=until)

        [undone, _asked] = settled(race([undo, give_on_and_take]))
        theirs = Booking.objects.filter(user=eve, start_time=start)
        assert theirs.exists() is not undone
        mine.refresh_from_db()
        assert mine.status == (Status.CONFIRMED if undone else Status.CANCELLED)
        assert ResourceCalendar.objects.filter(during__startswith=start).count() == 1
    assert_no_overlap()


def test_two_moves_against_a_stranger_while_somebody_waits(
    ada: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    for start in days(now):
        mine = make_booking(ada, microscope, start)
        make_entry(eve, Period(start, start + HOUR), at=now, resource=microscope)
        there = Period(start + 4 * HOUR, start + 5 * HOUR)
        move = partial(
            reschedule_booking, actor=ada, booking_id=mine.public_id, period=there, now=now
        )
        moved, booked = settled(race([move, book(ben, microscope, mine.period, now)]))
        assert (moved, booked) == (True, False)
        act = UndoableAct.objects.latest("pk")
        settled([undo_act(actor=ada, act_id=act.public_id, now=now + MINUTE)])
        mine.refresh_from_db()
        assert mine.start_time == start
    assert not Hold.objects.exists()
    assert_no_overlap()
