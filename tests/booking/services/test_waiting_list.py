"""Joining, changing and leaving the waiting list, and answering offers, in words."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Limit, OfferState, WaitingKind, WaitingState
from booking.errors import ActionRefused, BookingError, SlotTaken
from booking.models import (
    BookingPolicy,
    MaintenanceRecord,
    Offer,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    ResourceType,
    WaitingEntry,
)
from booking.queries.waiting_list import own_entries, own_offers, waiting_for
from booking.services import offers, waiting_list
from booking.services._offers import give_back, offer_time
from booking.services._waiting import end_entry
from booking.services.bookings import create_booking
from booking.services.freed_time import serve_waiting
from booking.services.maintenance import schedule_maintenance
from booking.services.offers import accept_offer, decline_offer, expire_offers
from booking.services.waiting_list import (
    MOST_ENTRIES,
    WaitingWish,
    change_waiting,
    end_waiting,
    join_waiting_list,
    leave_waiting_list,
)
from labitory.lib.db import run_transaction
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.factories.waiting import hours, make_entry
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def wish(microscope: Resource, now: datetime) -> WaitingWish:
    return WaitingWish(
        resource_id=microscope.public_id, window=hours(now, 4, 8), minutes=60, purpose=" cells "
    )


def codes(error: BookingError) -> list[str]:
    return [refusal.code for refusal in error.refusals]


def offered(user: User, resource: Resource, now: datetime) -> Offer:
    """The user waits, and the fifth hour from now becomes free."""
    make_entry(user, hours(now, 4, 5), at=now, resource=resource, purpose="cells")
    told = {
        "resource": str(resource.public_id),
        "start_time": hours(now, 4, 5).start.isoformat(),
        "end_time": hours(now, 4, 5).end.isoformat(),
    }
    assert serve_waiting(kind="time.freed", payload={"freed": [told]}, now=now) == 1
    return Offer.objects.get(user=user, state=OfferState.OPEN)


def test_joining_keeps_the_wish_and_leaves_a_record(
    ada: User, wish: WaitingWish, microscope: Resource, now: datetime
) -> None:
    entry = join_waiting_list(actor=ada, wish=wish, now=now)
    assert (entry.resource, entry.minutes, entry.purpose) == (microscope, 60, "cells")
    assert AuditLog.objects.get(action="waiting.joined").facts["place"] == microscope.name
    with pytest.raises(ActionRefused) as caught:
        join_waiting_list(actor=ada, wish=wish, now=now)
    assert codes(caught.value) == ["waiting.twice"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"window": (-3, -1)}, "waiting.past"),
        ({"window": (5, 4)}, "waiting.order"),
        ({"window": (0, 24 * 400)}, "waiting.too_far"),
        ({"minutes": 241}, "waiting.too_long"),
        ({"minutes": 0}, "waiting.minutes"),
        ({"window": (-3, 1), "minutes": 61}, "waiting.too_long"),
        ({"day_from": time(9), "day_until": time(9, 30)}, "waiting.hours"),
        ({"weekdays": frozenset({7})}, "waiting.weekdays"),
        ({"resource_id": None}, "waiting.scope"),
        ({"type_id": uuid4()}, "waiting.scope"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    ada: User, wish: WaitingWish, now: datetime, changes: dict[str, Any], code: str
) -> None:
    if "window" in changes:
        changes = {**changes, "window": hours(now, *changes["window"])}
    with pytest.raises(BookingError) as caught:
        join_waiting_list(actor=ada, wish=replace(wish, **changes), now=now)
    assert code in codes(caught.value)
    assert all(refusal.text for refusal in caught.value.refusals)
    assert not WaitingEntry.objects.exists()


def test_hours_may_cross_midnight(ada: User, wish: WaitingWish, now: datetime) -> None:
    night = replace(
        wish, window=hours(now, 0, 48), minutes=240, day_from=time(22), day_until=time(2)
    )
    assert join_waiting_list(actor=ada, wish=night, now=now).day_until == time(2)


def test_what_one_may_not_book_is_refused_unless_only_for_now(
    ada: User, wish: WaitingWish, microscope: Resource, confocals: ResourceType, now: datetime
) -> None:
    closed = make_resource("Closed", resource_type=confocals, is_active=False, closed_reason="x")
    locked = make_resource("Locked", requires_access=True)
    with pytest.raises(BookingError) as caught:
        join_waiting_list(actor=ada, wish=replace(wish, resource_id=locked.public_id), now=now)
    assert codes(caught.value) == ["access.missing"]
    assert join_waiting_list(
        actor=ada, wish=replace(wish, resource_id=closed.public_id), now=now
    ).resource_id == (closed.pk)
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=30, resource=microscope)
    with pytest.raises(BookingError) as caught:
        join_waiting_list(actor=ada, wish=wish, now=now)
    assert codes(caught.value) == ["length.maximum"]
    empty = ResourceType.objects.create(name="Empty")
    with pytest.raises(BookingError) as caught:
        join_waiting_list(
            actor=ada, wish=replace(wish, resource_id=None, type_id=empty.public_id), now=now
        )
    assert codes(caught.value) == ["pool.empty"]
    # Another of the type would do.
    make_resource("Confocal 3", resource_type=confocals)
    of_type = replace(wish, resource_id=None, type_id=confocals.public_id)
    assert join_waiting_list(actor=ada, wish=of_type, now=now).resource_type == confocals


def test_a_hidden_resource_does_not_exist_for_others(
    ada: User, wish: WaitingWish, now: datetime
) -> None:
    hidden = make_resource("Secret", requires_access=True, is_hidden=True)
    with pytest.raises(Resource.DoesNotExist):
        join_waiting_list(actor=ada, wish=replace(wish, resource_id=hidden.public_id), now=now)


def test_nobody_waits_for_everything(ada: User, wish: WaitingWish, now: datetime) -> None:
    for n in range(MOST_ENTRIES):
        join_waiting_list(actor=ada, wish=replace(wish, minutes=n + 1), now=now)
    with pytest.raises(ActionRefused) as caught:
        join_waiting_list(actor=ada, wish=replace(wish, minutes=100), now=now)
    assert codes(caught.value) == ["waiting.too_many"]


def test_asking_for_more_goes_to_the_end(
    ada: User, ben: User, wish: WaitingWish, now: datetime
) -> None:
    entry = join_waiting_list(actor=ada, wish=wish, now=now)
    later = now + timedelta(minutes=1)
    for changed in (replace(wish, minutes=30), replace(wish, purpose="x", minutes=30)):
        entry = change_waiting(actor=ada, entry_id=entry.public_id, wish=changed, now=later)
        assert entry.created_at == now
    entry = change_waiting(actor=ada, entry_id=entry.public_id, wish=wish, now=later)
    assert entry.created_at == later
    with pytest.raises(WaitingEntry.DoesNotExist):
        change_waiting(actor=ben, entry_id=entry.public_id, wish=wish, now=later)


def test_the_place_is_told_honestly(
    cast: dict[str, User], microscope: Resource, confocals: ResourceType, now: datetime
) -> None:
    ada, ben, eve = cast["ada"], cast["ben"], cast["eve"]
    make_entry(ben, hours(now, 4, 8), at=now, resource_type=confocals, missed_offers=1)
    make_entry(eve, hours(now, 6, 8), at=now - HOUR, resource=microscope)
    # Not for the same time, not for the same resource, only to be told: they come before nobody.
    make_entry(eve, hours(now, 1, 2), at=now - HOUR, resource=microscope)
    make_entry(eve, hours(now, 4, 8), at=now - HOUR, resource=make_resource("Other"))
    make_entry(
        cast["dora"], hours(now, 4, 8), at=now - HOUR, resource=microscope, kind=WaitingKind.ALERT
    )
    # 12:00 to 16:00 in the lab: neither on Tuesdays nor in the mornings.
    others: list[dict[str, Any]] = [{"weekdays": [1]}, {"day_from": time(8), "day_until": time(12)}]
    for fields in others:
        make_entry(eve, hours(now, 0, 96), at=now - HOUR, resource=microscope, **fields)
    make_entry(ada, hours(now, 4, 8), at=now, resource=microscope)
    with count_queries(3):
        [own] = own_entries(viewer=ada, now=now)
    assert own.ahead == 1
    [own] = own_entries(viewer=ben, now=now)
    assert own.ahead == 2
    names = [entry.user.username for entry in waiting_for(resource=microscope, now=now)]
    assert names == ["eve", "eve", "dora", "eve", "eve", "ada", "ben"]


def test_leaving_gives_the_offer_back(ada: User, microscope: Resource, now: datetime) -> None:
    offer = offered(ada, microscope, now)
    entry = WaitingEntry.objects.get()
    leave_waiting_list(actor=ada, entry_id=entry.public_id, now=now)
    offer.refresh_from_db()
    entry.refresh_from_db()
    assert (offer.state, entry.state) == (OfferState.DECLINED, WaitingState.WITHDRAWN)
    assert not ResourceCalendar.objects.exists()
    assert OutboxEvent.objects.filter(kind="time.freed").count() == 1
    with pytest.raises(ActionRefused) as caught:
        leave_waiting_list(actor=ada, entry_id=entry.public_id, now=now)
    assert codes(caught.value) == ["waiting.over"]


def test_accepting_makes_the_booking_of_the_entry(
    ada: User, microscope: Resource, now: datetime
) -> None:
    offer = offered(ada, microscope, now)
    assert list(own_offers(viewer=ada, now=now)) == [offer]
    booking = accept_offer(actor=ada, offer_id=offer.public_id, now=now)
    assert (booking.purpose, booking.period) == ("cells", offer.period)
    offer.refresh_from_db()
    assert (offer.state, offer.booking, offer.hold) == (OfferState.ACCEPTED, booking, None)
    with pytest.raises(ActionRefused) as caught:
        accept_offer(actor=ada, offer_id=offer.public_id, now=now)
    assert codes(caught.value) == ["offer.answered"]


def test_an_expired_offer_cannot_be_accepted_though_no_job_has_run(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    offer = offered(ada, microscope, now)
    for answer in (accept_offer, decline_offer):
        with pytest.raises(ActionRefused) as caught:
            answer(actor=ada, offer_id=offer.public_id, now=offer.expires_at)
        assert codes(caught.value) == ["offer.expired"]
        with pytest.raises(Offer.DoesNotExist):
            answer(actor=ben, offer_id=offer.public_id, now=now)
    offer.refresh_from_db()
    assert offer.state == OfferState.OPEN
    # Anybody may have the time from that moment on.
    create_booking(
        actor=ben,
        user=ben,
        resource_ids=[microscope.public_id],
        period=offer.period,
        now=offer.expires_at,
    )
    assert expire_offers(now=offer.expires_at) == 1
    entry = WaitingEntry.objects.get()
    assert (entry.state, entry.missed_offers) == (WaitingState.ENDED, 0)


@override_settings(OFFER_MINUTES=60)
def test_a_hold_that_gave_way_to_the_labs_plans_is_refused_in_words(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    offer = offered(ada, microscope, now)
    assert offer.expires_at == now + HOUR
    schedule_maintenance(
        actor=chris, resource_id=microscope.public_id, period=offer.period, title="Laser", now=now
    )
    with pytest.raises(SlotTaken) as caught:
        accept_offer(actor=ada, offer_id=offer.public_id, now=now)
    assert caught.value.repairs
    offer.refresh_from_db()
    assert offer.state == OfferState.OPEN


def test_who_books_the_offered_time_in_the_usual_way_has_taken_it(
    ada: User, microscope: Resource, now: datetime
) -> None:
    offer = offered(ada, microscope, now)
    [booking] = create_booking(
        actor=ada, user=ada, resource_ids=[microscope.public_id], period=offer.period, now=now
    )
    assert expire_offers(now=offer.expires_at) == 1
    offer.refresh_from_db()
    assert (offer.state, offer.booking) == (OfferState.ACCEPTED, booking)
    assert WaitingEntry.objects.get().state == WaitingState.BOOKED
    assert ResourceCalendar.objects.get().booking == booking


def test_a_replacement_moves_the_booking(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 4 * HOUR, purpose="cells")
    work = MaintenanceRecord.objects.create(
        resource=microscope, title="Laser", start_time=now, end_time=now + HOUR, created_at=now
    )

    def make() -> Offer:
        return offer_time(
            user=ada,
            resource=second_microscope,
            period=hours(now, 4, 5),
            now=now,
            lasts=24 * HOUR,
            displaced=booking,
            maintenance=work,
        )

    offer = run_transaction(make)
    with pytest.raises(SlotTaken):
        create_booking(
            actor=ben,
            user=ben,
            resource_ids=[second_microscope.public_id],
            period=hours(now, 4, 5),
            now=now,
        )
    moved = accept_offer(actor=ada, offer_id=offer.public_id, now=now)
    assert (moved.pk, moved.resource, moved.purpose) == (booking.pk, second_microscope, "cells")
    claim = ResourceCalendar.objects.get()
    assert (claim.resource, claim.booking) == (second_microscope, moved)
    freed = OutboxEvent.objects.get(kind="booking.rescheduled").payload["freed"]
    assert [each["resource"] for each in freed] == [str(microscope.public_id)]


def test_a_replacement_for_what_is_over_is_refused(
    ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 4 * HOUR)
    offer = run_transaction(
        lambda: offer_time(
            user=ada,
            resource=second_microscope,
            period=hours(now, 4, 5),
            now=now,
            lasts=24 * HOUR,
            displaced=booking,
        )
    )
    booking.status = "cancelled"
    booking.save()
    with pytest.raises(BookingError) as caught:
        accept_offer(actor=ada, offer_id=offer.public_id, now=now)
    assert codes(caught.value) == ["booking.over"]
    decline_offer(actor=ada, offer_id=offer.public_id, now=now)
    assert not ResourceCalendar.objects.filter(resource=second_microscope).exists()


def test_one_end_that_fails_stops_no_other(
    ada: User, ben: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    past: dict[str, Any] = {"at": now - 9 * HOUR, "resource": microscope}
    bad = make_entry(ada, hours(now, -3, -2), **past)
    good = make_entry(ben, hours(now, -3, -1), **past)

    def end(entry: WaitingEntry, *, now: datetime) -> bool:
        if entry == bad:
            raise LookupError("a row that nobody foresaw")
        return end_entry(entry, now=now)

    monkeypatch.setattr(waiting_list, "end_entry", end)
    assert end_waiting(now=now) == 1
    good.refresh_from_db()
    assert good.state == WaitingState.ENDED


def test_one_offer_that_fails_stops_no_other(
    ada: User, ben: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = offered(ada, microscope, now)
    other = make_resource("Laser 2")
    entry = make_entry(ben, hours(now, 4, 5), at=now, resource=other)
    good = run_transaction(
        lambda: offer_time(
            user=ben, resource=other, period=hours(now, 4, 5), now=now, lasts=HOUR, entry=entry
        )
    )

    def give(offer: Offer, state: OfferState, *, now: datetime) -> None:
        if offer == bad:
            raise LookupError("a row that nobody foresaw")
        give_back(offer, state, now=now)

    monkeypatch.setattr(offers, "give_back", give)
    assert expire_offers(now=now + 2 * HOUR) == 1
    states = dict(Offer.objects.values_list("pk", "state"))
    assert states == {bad.pk: OfferState.OPEN, good.pk: OfferState.EXPIRED}
