"""Freed time goes to those who wait, one piece each, in the fair order."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from accounts.models import User
from booking.enums import Limit, OfferState, WaitingKind, WaitingState
from booking.handlers import HANDLERS
from booking.models import (
    BookingPolicy,
    DemandEntry,
    Hold,
    Offer,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    ResourcePool,
    ResourceType,
    WaitingEntry,
)
from booking.queries.waiting_list import Freed, fitting_entries
from booking.services.bookings import cancel_booking, create_booking, reschedule_booking
from booking.services.calendars import add_closure, remove_closure
from booking.services.events import dispatch_batch
from booking.services.freed_time import serve_waiting
from booking.services.holds import hold_time, release_hold
from booking.services.maintenance import cancel_maintenance, schedule_maintenance
from booking.services.offers import accept_offer, decline_offer, expire_offers
from booking.services.tidying import tidy_bookings
from booking.services.waiting_list import end_waiting
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.factories.resources import make_resource
from tests.factories.waiting import hours, make_entry
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def dispatch(now: datetime) -> None:
    """Tell everything that waits to be told."""
    while dispatch_batch(handlers=HANDLERS, now=now):
        continue


def free(resource: Resource, period: Period, now: datetime) -> int:
    """Say that the time became free."""
    told = {
        "resource": str(resource.public_id),
        "start_time": period.start.isoformat(),
        "end_time": period.end.isoformat(),
    }
    return serve_waiting(kind="time.freed", payload={"freed": [told]}, now=now)


def test_a_cancelled_booking_reaches_the_first_who_waits(
    ada: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(eve, microscope, now + 4 * HOUR)
    first = make_entry(ben, hours(now, 0, 24), at=now - 2 * HOUR, resource=microscope)
    second = make_entry(ada, hours(now, 4, 5), at=now - HOUR, resource=microscope)
    make_booking(ada, microscope, now + 5 * HOUR, 24 * HOUR)
    make_booking(eve, microscope, now - HOUR, 5 * HOUR)
    # Nobody hears of it while it can be undone: for ten minutes.
    cancel_booking(actor=eve, booking_id=booking.public_id, now=now - 10 * MINUTE)
    dispatch(now - MINUTE)
    assert not Offer.objects.exists()
    dispatch(now)
    offer = Offer.objects.get()
    assert (offer.user, offer.entry, offer.period) == (ben, first, hours(now, 4, 5))
    assert offer.expires_at == now + 30 * MINUTE
    assert ResourceCalendar.objects.filter(hold=offer.hold).count() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (WaitingState.OFFERED, WaitingState.WAITING)
    [told] = OutboxEvent.objects.filter(kind="offer.made")
    assert told.payload["people"] == [ben.pk]
    # Telling of the same time again changes nothing.
    assert free(microscope, offer.period, now) == 0
    decline_offer(actor=ben, offer_id=offer.public_id, now=now + MINUTE)
    dispatch(now + MINUTE)
    offer = Offer.objects.get(state=OfferState.OPEN)
    assert (offer.user, offer.entry) == (ada, second)
    made = accept_offer(actor=ada, offer_id=offer.public_id, now=now + 2 * MINUTE)
    assert (made.user, made.period) == (ada, hours(now, 4, 5))
    second.refresh_from_db()
    assert second.state == WaitingState.BOOKED
    assert not Hold.objects.exists()


def test_what_ran_out_goes_on_and_moves_back_in_the_order(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    first = make_entry(ben, hours(now, 1, 72), at=now - 2 * HOUR, resource=microscope)
    make_entry(ada, hours(now, 1, 72), at=now - HOUR, resource=microscope)
    make_booking(make_user("other"), microscope, now + 6 * HOUR, 66 * HOUR)
    assert free(microscope, hours(now, 4, 5.5), now) == 2
    offers = {offer.user: offer for offer in Offer.objects.all()}
    # The first piece of the freed time, and one that reaches out of it.
    assert offers[ben].period == hours(now, 4, 5)
    assert offers[ada].period == hours(now, 5, 6)
    later = now + 31 * MINUTE
    assert expire_offers(now=later) == 2
    assert expire_offers(now=later) == 0
    first.refresh_from_db()
    assert (first.state, first.missed_offers) == (WaitingState.WAITING, 1)
    assert OutboxEvent.objects.filter(kind="offer.expired").count() == 2
    dispatch(later)
    # Nobody is offered the same time twice: what the other let go suits now.
    again = {offer.user: offer for offer in Offer.objects.filter(state=OfferState.OPEN)}
    assert again[ben].period == hours(now, 5, 6)
    assert again[ada].period == hours(now, 4, 5)


def test_who_may_not_book_is_passed_over(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.ACTIVE_BOOKINGS, value=1)
    make_booking(ben, make_resource("Other"), now + 30 * HOUR)
    make_entry(ben, hours(now, 4, 5), at=now - 2 * HOUR, resource=microscope)
    make_entry(ada, hours(now, 4, 5), at=now - HOUR, resource=microscope)
    assert free(microscope, hours(now, 4, 5), now) == 1
    assert Offer.objects.get().user == ada


def test_only_what_fits_is_found(
    cast: dict[str, User],
    microscope: Resource,
    second_microscope: Resource,
    confocals: ResourceType,
    now: datetime,
) -> None:
    """Monday 08:00 in the lab: 12:00 to 14:00 became free, around it all is taken."""
    make_booking(cast["dora"], microscope, now - HOUR, 5 * HOUR)
    make_booking(cast["dora"], microscope, now + 6 * HOUR, 48 * HOUR)
    pool = ResourcePool.objects.create(name="Any")
    pool.resources.add(microscope)
    window, at = hours(now, 0, 48), now - HOUR
    wanted = {
        "type": make_entry(cast["ada"], window, at=at, resource_type=confocals),
        "pool": make_entry(cast["ben"], window, at=at + MINUTE, pool=pool, minutes=120),
        "hours": make_entry(
            cast["eve"],
            window,
            at=at + 2 * MINUTE,
            resource=microscope,
            weekdays=[0],
            day_from=time(13),
            day_until=time(14),
        ),
    }
    refused: list[dict[str, Any]] = [
        {"minutes": 121},
        {"weekdays": [1, 2]},
        {"day_from": time(9), "day_until": time(12, 30)},
        {"resource": second_microscope},
        {"kind": WaitingKind.ALERT},
        {"state": WaitingState.WITHDRAWN},
        {"user": make_user("gone", is_active=False)},
    ]
    for fields in refused:
        given = {"resource": microscope, "user": cast["chris"], **fields}
        make_entry(given.pop("user"), window, at=at, **given)
    make_entry(cast["chris"], hours(now, 5.5, 30), at=at, resource=microscope)
    # Their own booking is in the way.
    make_booking(cast["dora"], second_microscope, now + 4 * HOUR, 2 * HOUR)
    make_entry(cast["dora"], window, at=at, resource=microscope)
    with count_queries(1):
        freed = Freed(resource_id=microscope.public_id, period=hours(now, 4, 6))
        fits = fitting_entries(freed=[freed], kinds=[WaitingKind.HOLD], now=now)
    assert [fit.entry_id for fit in fits] == [each.pk for each in wanted.values()]
    assert [fit.period for fit in fits] == [hours(now, *each) for each in ((4, 5), (4, 6), (5, 6))]


def test_opening_hours_grid_and_shortest_booking_shape_the_piece(
    ada: User, weekday_hours: None, now: datetime
) -> None:
    resource = make_resource("Sorter", slot_minutes=30, cleanup_minutes=15)
    BookingPolicy.objects.create(limit=Limit.MIN_LENGTH, value=45)
    make_entry(ada, Period(now, now + 48 * HOUR), at=now, resource=resource, minutes=20)
    evening = datetime(2026, 3, 2, 18, 20, tzinfo=UTC)  # 19:20 in the lab, open until 20:00
    assert free(resource, Period(evening, evening + 5 * HOUR), now) == 1
    offer = Offer.objects.get()
    assert offer.period == Period(evening - 20 * MINUTE, evening + 40 * MINUTE)


def test_near_its_start_it_is_held_for_half_of_what_is_left(
    ada: User, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.LEAD_TIME, value=60)
    make_entry(ada, hours(now, 1.25, 2.25), at=now, resource=microscope)
    assert free(microscope, hours(now, 1.25, 2.25), now) == 1
    offer = Offer.objects.get()
    assert offer.expires_at == now + timedelta(minutes=7, seconds=30)
    booking = accept_offer(
        actor=ada, offer_id=offer.public_id, now=offer.expires_at - timedelta(seconds=1)
    )
    assert booking.start_time == offer.start_time


def test_who_only_wants_to_know_is_told_once_of_what_is_plainly_free(
    ada: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    alert: dict[str, Any] = {"kind": WaitingKind.ALERT, "resource": microscope}
    make_entry(ada, hours(now, 4, 5), at=now, **alert)
    make_entry(eve, hours(now, 4, 6), at=now, **alert)
    make_entry(eve, hours(now, 3, 6), at=now, minutes=30, **alert)
    make_entry(ben, hours(now, 4, 5), at=now, resource=microscope)
    assert free(microscope, hours(now, 4, 5), now) == 1
    told = OutboxEvent.objects.filter(kind="waiting.freed")
    # The hour is held for Ben: nothing is plainly free.
    assert not told.exists()
    decline_offer(actor=ben, offer_id=Offer.objects.get().public_id, now=now)
    dispatch(now)
    people = [key for event in told.all() for key in event.payload["people"]]
    assert sorted(people) == sorted([ada.pk, eve.pk])
    assert not Hold.objects.exists()
    [ended] = WaitingEntry.objects.filter(user=ben)
    assert ended.state == WaitingState.WITHDRAWN


def test_linked_and_several_seats(ada: User, ben: User, now: datetime) -> None:
    laser, seats = make_resource("Laser"), make_resource("Bench", capacity=2)
    wide = make_resource("Wide")
    wide.links.create(linked=laser)
    booking = make_booking(ben, wide, now + 4 * HOUR)
    make_entry(ada, hours(now, 4, 5), at=now, resource=laser)
    # Told when it can no longer be undone.
    cancel_booking(actor=ben, booking_id=booking.public_id, now=now - 10 * MINUTE)
    dispatch(now)
    assert Offer.objects.get().resource == laser
    for n in range(3):
        person = make_user(f"person{n}")
        make_entry(person, hours(now, 4, 5), at=now + n * MINUTE, resource=seats)
    assert free(seats, hours(now, 4, 5), now) == 2


def test_everything_that_frees_time_is_followed(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    period = hours(now, 4, 5)

    def offered() -> bool:
        dispatch(now)
        found = Offer.objects.filter(state=OfferState.OPEN).first()
        if found is None:
            return False
        assert found.period == period
        found.hold.delete()  # type: ignore[union-attr]
        WaitingEntry.objects.all().delete()
        return True

    def wait() -> None:
        make_entry(ada, period, at=now, resource=microscope)

    wait()
    work = schedule_maintenance(
        actor=chris, resource_id=microscope.public_id, period=period, title="x", now=now
    )
    cancel_maintenance(actor=chris, maintenance_id=work.public_id, now=now)
    assert offered()
    wait()
    closed = add_closure(actor=chris, resource_id=None, period=period, reason="x", now=now)
    remove_closure(actor=chris, closure_id=closed.public_id, now=now)
    assert offered()
    wait()
    hold = hold_time(actor=chris, resource_id=microscope.public_id, period=period, now=now)
    release_hold(actor=chris, hold_id=hold.public_id, now=now)
    assert offered()
    wait()
    hold = hold_time(
        actor=chris, resource_id=microscope.public_id, period=period, now=now - 20 * MINUTE
    )
    tidy_bookings(now=now)
    assert offered()
    wait()
    [booking] = create_booking(
        actor=chris, user=chris, resource_ids=[microscope.public_id], period=period, now=now
    )
    # Told when it can no longer be undone.
    reschedule_booking(
        actor=chris,
        booking_id=booking.public_id,
        period=hours(now, 8, 9),
        now=now - 10 * MINUTE,
    )
    assert offered()


def test_five_hundred_who_wait_take_few_queries(microscope: Resource, now: datetime) -> None:
    people = [make_user(f"w{n}") for n in range(500)]
    for n, person in enumerate(people):
        make_entry(person, hours(now, 4, 5), at=now - n * MINUTE, resource=microscope)
    freed = Freed(resource_id=microscope.public_id, period=hours(now, 4, 5))
    with count_queries(1):
        fits = fitting_entries(freed=[freed], kinds=list(WaitingKind), now=now)
    assert len(fits) == 500
    with count_queries() as counted:
        assert free(microscope, freed.period, now) == 1
    matching = [sql for sql in counted.statements if "booking_waitingentry w" in sql]
    # Whether anybody fits, in which order, whether anybody is left, and who is only told.
    assert len(matching) == 4
    assert Offer.objects.get().user == people[-1]


def test_what_ended_unserved_is_demand_once(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_entry(ada, hours(now, -2, -1), at=now - 5 * HOUR, resource=microscope)
    make_entry(ben, hours(now, -2, -1), at=now - 5 * HOUR, resource=microscope)
    make_booking(ben, microscope, now - 2 * HOUR, created_at=now - 3 * HOUR)
    assert end_waiting(now=now) == 2
    assert end_waiting(now=now) == 0
    entry = DemandEntry.objects.get()
    assert (entry.role, entry.resource, entry.minutes) == (ada.role, microscope, 60)
    assert entry.codes == ["waiting.unserved"]
