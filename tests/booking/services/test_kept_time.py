"""What somebody waits for is held while its owner may still change their mind."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import ClaimKind, OfferState, Status, WaitingKind, WaitingState
from booking.errors import SlotTaken
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    Hold,
    Notification,
    Offer,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    ResourceLink,
    UndoableAct,
    WaitingEntry,
)
from booking.services.bookings import cancel_booking, create_booking, reschedule_booking
from booking.services.events import dispatch_batch
from booking.services.holds import release_hold
from booking.services.maintenance import schedule_maintenance
from booking.services.tidying import tidy_bookings
from booking.services.undo import undo_act
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.factories.waiting import hours, make_entry

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TOLD = 10 * MINUTE


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's, from the fourth hour to the sixth."""
    return make_booking(ada, microscope, now + 4 * HOUR, 2 * HOUR)


@pytest.fixture
def waits(eve: User, microscope: Resource, now: datetime) -> WaitingEntry:
    """Eve waits for an hour of the microscope, today."""
    return make_entry(eve, hours(now, 0, 12), at=now, resource=microscope)


def cancel(booking: Booking, now: datetime) -> UndoableAct:
    cancel_booking(actor=booking.user, booking_id=booking.public_id, now=now)
    return UndoableAct.objects.latest("pk")


def move(booking: Booking, first: float, last: float, now: datetime, base: datetime) -> None:
    period = hours(base, first, last)
    reschedule_booking(actor=booking.user, booking_id=booking.public_id, period=period, now=now)


def book(user: User, resource: Resource, period: Period, now: datetime) -> Booking:
    keys = [resource.public_id]
    return create_booking(actor=user, user=user, resource_ids=keys, period=period, now=now)[0]


def tell(now: datetime) -> None:
    while dispatch_batch(handlers=HANDLERS, now=now):
        continue


def held() -> list[tuple[datetime, datetime]]:
    found = ResourceCalendar.objects.filter(kind=ClaimKind.HOLD).order_by("resource", "during")
    return [(claim.during.lower, claim.during.upper) for claim in found]


def test_nobody_takes_it_before_it_is_offered(
    ben: User, eve: User, microscope: Resource, booking: Booking, waits: WaitingEntry, now: datetime
) -> None:
    cancel(booking, now)
    for moment in (now, now + TOLD - MINUTE, now + TOLD, now + TOLD + MINUTE):
        with pytest.raises(SlotTaken):
            book(ben, microscope, booking.period, moment)
    tell(now + TOLD + MINUTE)
    offer = Offer.objects.get()
    assert (offer.user, offer.start_time, offer.state) == (eve, booking.start_time, "open")
    # What she was not offered is free now.
    rest = Period(offer.end_time, booking.end_time)
    assert book(ben, microscope, rest, now + TOLD + MINUTE).status == Status.CONFIRMED


def test_undo_finds_its_time(
    ada: User, booking: Booking, waits: WaitingEntry, now: datetime
) -> None:
    act = cancel(booking, now)
    assert Hold.objects.count() == 1
    undone = undo_act(actor=ada, act_id=act.public_id, now=now + TOLD - MINUTE)
    assert undone.status == Status.CONFIRMED
    assert not Hold.objects.exists()
    assert ResourceCalendar.objects.get().booking_id == booking.pk
    tell(now + TOLD + MINUTE)
    assert not Offer.objects.exists()


@pytest.mark.parametrize("reason", ["nobody", "only wants to know", "another day", "too long"])
def test_where_nobody_could_use_it_it_is_free_at_once(
    ben: User, eve: User, microscope: Resource, booking: Booking, now: datetime, reason: str
) -> None:
    if reason == "only wants to know":
        window, kind = hours(now, 0, 12), WaitingKind.ALERT
        make_entry(eve, window, at=now, resource=microscope, kind=kind)
    if reason == "another day":
        make_entry(eve, hours(now, 24, 36), at=now, resource=microscope)
    if reason == "too long":
        make_entry(eve, booking.period, at=now, resource=microscope, minutes=180)
    cancel(booking, now)
    assert not Hold.objects.exists()
    assert book(ben, microscope, booking.period, now).status == Status.CONFIRMED


def test_what_others_cancel_is_offered_at_once(
    chris: User, booking: Booking, waits: WaitingEntry, now: datetime
) -> None:
    cancel_booking(actor=chris, booking_id=booking.public_id, now=now)
    assert not Hold.objects.exists()
    tell(now)
    assert Offer.objects.get().state == OfferState.OPEN


def test_of_a_move_only_what_is_left_is_held(
    booking: Booking, waits: WaitingEntry, now: datetime
) -> None:
    move(booking, 4.5, 5.5, now, now)
    first, last = now + 4 * HOUR, now + 6 * HOUR
    assert held() == [(first, first + HOUR / 2), (last - HOUR / 2, last)]
    assert Hold.objects.get().period == Period(first, last)


def test_a_move_and_its_undoing(
    ada: User, ben: User, microscope: Resource, booking: Booking, waits: WaitingEntry, now: datetime
) -> None:
    waits.minutes = 30
    waits.latest = now + 6 * HOUR
    waits.earliest = now + 4 * HOUR
    waits.save()
    move(booking, 5, 7, now, now)
    assert held() == [(now + 4 * HOUR, now + 5 * HOUR)]
    with pytest.raises(SlotTaken):
        book(ben, microscope, hours(now, 4, 5), now)
    act = UndoableAct.objects.get()
    undo_act(actor=ada, act_id=act.public_id, now=now + MINUTE)
    assert held() == []
    claim = ResourceCalendar.objects.get()
    assert (claim.during.lower, claim.during.upper) == (now + 4 * HOUR, now + 6 * HOUR)


def test_what_is_moved_in_no_way_holds_nothing(ada: User, eve: User, now: datetime) -> None:
    bench = make_resource("Bench", capacity=3)
    booking = make_booking(ada, bench, now + 4 * HOUR, 2 * HOUR)
    make_entry(eve, booking.period, at=now, resource=bench)
    move(booking, 4, 6, now, now)
    assert UndoableAct.objects.count() == 1
    assert not Hold.objects.exists()


def test_a_second_move_gives_on_what_the_first_left(
    ada: User, eve: User, booking: Booking, waits: WaitingEntry, now: datetime
) -> None:
    waits.earliest, waits.latest = now + 4 * HOUR, now + 6 * HOUR
    waits.save()
    move(booking, 24, 25, now, now)
    assert held() == [(now + 4 * HOUR, now + 6 * HOUR)]
    move(booking, 26, 27, now + MINUTE, now)
    assert held() == []
    tell(now + MINUTE)
    assert Offer.objects.get().user == eve
    assert OutboxEvent.objects.filter(kind="booking.rescheduled", dispatched_at=None).count() == 2
    tell(now + TOLD + 2 * MINUTE)
    assert Offer.objects.count() == 1
    assert Notification.objects.filter(user=eve).count() == 1


def test_buffers_and_what_is_linked_are_held_too(
    ada: User, ben: User, eve: User, now: datetime
) -> None:
    laser = make_resource("Laser")
    first = make_resource("Confocal 8", setup_minutes=30)
    second = make_resource("Confocal 9")
    for each in (first, second):
        ResourceLink.objects.create(resource=each, linked=laser)
    booking = make_booking(ada, first, now + 4 * HOUR)
    make_entry(eve, hours(now, 3, 6), at=now, resource=first)
    act = cancel(booking, now)
    assert held() == [(booking.start_time - HOUR / 2, booking.end_time)] * 2
    # People read the time without its buffers.
    assert Hold.objects.get().period == booking.period
    with pytest.raises(SlotTaken):
        book(ben, second, booking.period, now)
    undo_act(actor=ada, act_id=act.public_id, now=now)
    assert held() == []
    assert ResourceCalendar.objects.count() == 2


def test_a_worker_that_was_away_changes_nothing_for_good(
    ben: User, eve: User, microscope: Resource, booking: Booking, waits: WaitingEntry, now: datetime
) -> None:
    cancel(booking, now)
    later = now + HOUR
    # By then it is free for anybody; whoever tidies first, those who wait are told once.
    tidy_bookings(now=later)
    tell(later)
    assert Offer.objects.get().user == eve
    assert not Hold.objects.filter(offer=None).exists()
    tell(later)
    assert Offer.objects.count() == 1


def test_its_person_may_give_it_up_or_take_it_back(
    ada: User, eve: User, microscope: Resource, booking: Booking, waits: WaitingEntry, now: datetime
) -> None:
    cancel(booking, now)
    again = book(ada, microscope, booking.period, now + MINUTE)
    assert ResourceCalendar.objects.get().booking_id == again.pk
    cancel(again, now + 2 * MINUTE)
    release_hold(actor=ada, hold_id=Hold.objects.get().public_id, now=now + 3 * MINUTE)
    tell(now + 3 * MINUTE)
    assert Offer.objects.get().user == eve


def test_the_labs_own_plans_come_first(
    chris: User, booking: Booking, waits: WaitingEntry, microscope: Resource, now: datetime
) -> None:
    cancel(booking, now)
    schedule_maintenance(
        actor=chris,
        resource_id=microscope.public_id,
        period=booking.period,
        title="Laser service",
        now=now,
    )
    tell(now + TOLD + MINUTE)
    waits.refresh_from_db()
    assert waits.state == WaitingState.WAITING
    assert not Offer.objects.exists()
