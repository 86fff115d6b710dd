"""Booking for others, overriding, deciding and seeing, granted for one resource alone."""

from datetime import datetime, timedelta

import pytest

from accounts.enums import ScopeKind
from accounts.models import User
from booking.enums import Limit, Status
from booking.errors import BookingRefused, NotAllowed
from booking.models import Booking, BookingPolicy, OutboxEvent, Resource, ResourcePool
from booking.queries.approvals import awaiting_decision
from booking.queries.bookings import find_person, visible_bookings
from booking.queries.calendars import calendar_entries
from booking.queries.notifications import deciders_of
from booking.queries.previews import preview_booking
from booking.services.bookings import create_booking, reschedule_booking
from booking.services.pools import create_pool_booking
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.factories.roles import give, make_role

HOUR = timedelta(hours=1)


@pytest.fixture
def period(now: datetime) -> Period:
    return Period(now + 24 * HOUR, now + 26 * HOUR)


def grant(user: User, resource: Resource, *codes: str) -> None:
    role = make_role(f"{user.username}-{len(codes)}-{resource.pk}", *codes)
    give(user, role, ScopeKind.RESOURCE, resource.pk)


def book(
    actor: User, user: User, *resources: Resource, period: Period, now: datetime
) -> list[Booking]:
    ids = [each.public_id for each in resources]
    return create_booking(actor=actor, user=user, resource_ids=ids, period=period, now=now)


def test_one_books_for_others_where_it_was_granted(
    ada: User,
    ben: User,
    microscope: Resource,
    second_microscope: Resource,
    period: Period,
    now: datetime,
) -> None:
    grant(ada, microscope, "booking.book_for_others")
    assert book(ada, ben, microscope, period=period, now=now)[0].user == ben
    for wanted in ([second_microscope], [microscope, second_microscope]):
        with pytest.raises(NotAllowed) as refused:
            book(ada, ben, *wanted, period=period, now=now)
        assert refused.value.needs == "booking.book_for_others"
        assert refused.value.where is not None
        assert refused.value.where.resource_id == second_microscope.pk
    assert Booking.objects.count() == 1
    assert find_person(ada, ben.public_id) == ben


def test_a_pool_gives_a_member_where_it_was_granted(
    ada: User,
    ben: User,
    microscope: Resource,
    second_microscope: Resource,
    period: Period,
    now: datetime,
) -> None:
    pool = ResourcePool.objects.create(name="Any")
    pool.resources.add(microscope, second_microscope)
    pool_id = pool.public_id
    grant(ada, second_microscope, "booking.book_for_others")
    made = create_pool_booking(actor=ada, user=ben, pool_id=pool_id, period=period, now=now)
    assert made.resource == second_microscope
    with pytest.raises(NotAllowed):
        create_pool_booking(actor=ben, user=ada, pool_id=pool_id, period=period, now=now)


def test_rules_are_overridden_where_it_was_granted(
    ada: User, microscope: Resource, second_microscope: Resource, period: Period, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=30)
    grant(ada, microscope, "booking.override")
    found = {
        resource.name: preview_booking(
            actor=ada, user=ada, resource_ids=[resource.public_id], period=period, now=now
        ).overridable
        for resource in (microscope, second_microscope)
    }
    assert found == {"Confocal 1": True, "Confocal 2": False}
    with pytest.raises(BookingRefused):
        book(ada, ada, microscope, period=period, now=now)
    made = create_booking(
        actor=ada,
        user=ada,
        resource_ids=[microscope.public_id],
        period=period,
        now=now,
        override="Urgent",
    )
    assert made[0].status == Status.CONFIRMED
    with pytest.raises(NotAllowed) as refused:
        create_booking(
            actor=ada,
            user=ada,
            resource_ids=[second_microscope.public_id],
            period=period,
            now=now,
            override="Urgent",
        )
    assert refused.value.needs == "booking.override"


def test_own_bookings_need_no_approval_where_one_may_approve(
    ada: User, microscope: Resource, second_microscope: Resource, period: Period, now: datetime
) -> None:
    Resource.objects.update(requires_approval=True)
    grant(ada, microscope, "booking.approve")
    first, second = book(ada, ada, microscope, second_microscope, period=period, now=now)
    assert (first.status, second.status) == (Status.CONFIRMED, Status.PENDING)


def test_who_may_approve_there_is_asked(
    ada: User,
    ben: User,
    chris: User,
    dora: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
) -> None:
    grant(ada, microscope, "booking.approve")
    own = make_booking(ben, microscope, now + 24 * HOUR, status=Status.PENDING)
    other = make_booking(ben, second_microscope, now + 48 * HOUR, status=Status.PENDING)
    assert set(deciders_of([own], now=now)) == {ada, chris}
    assert set(deciders_of([other], now=now)) == {chris}
    assert list(awaiting_decision(ada, now=now)) == [own]
    # Never on what is their own.
    hers = make_booking(ada, microscope, now + 72 * HOUR, status=Status.PENDING)
    assert set(deciders_of([hers], now=now)) == {chris}
    assert list(awaiting_decision(ada, now=now)) == [own]


def test_names_and_bookings_show_where_it_was_granted(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    ben.preferences.show_name = False
    ben.preferences.save()
    grant(ada, microscope, "booking.view_all")
    own = make_booking(ben, microscope, now + HOUR, purpose="Neurons")
    make_booking(ben, second_microscope, now + 3 * HOUR, purpose="Secret")
    entries = calendar_entries(
        viewer=ada,
        resource_ids=[microscope.pk, second_microscope.pk],
        window=Period(now, now + 24 * HOUR),
        now=now,
    )
    assert [(each.title, each.is_visible) for each in entries] == [
        ("Ben – Neurons", True),
        ("Booked", False),
    ]
    assert list(visible_bookings(ada)) == [own]
    taken = {
        resource.name: preview_booking(
            actor=ada,
            user=ada,
            resource_ids=[resource.public_id],
            period=Period(now + HOUR, now + 4 * HOUR),
            now=now,
            with_repairs=False,
        )
        .refusals[0]
        .text
        for resource in (microscope, second_microscope)
    }
    assert "Ben" in taken["Confocal 1"]
    assert "Ben" not in taken["Confocal 2"]


def test_a_booking_moves_only_to_where_one_may_change_it(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    grant(ada, microscope, "booking.change_any", "booking.view_all")
    booking = make_booking(ben, microscope, now + 24 * HOUR)
    later = Period(now + 30 * HOUR, now + 31 * HOUR)
    key = booking.public_id
    assert (
        reschedule_booking(actor=ada, booking_id=key, period=later, now=now).start_time
        == later.start
    )
    with pytest.raises(NotAllowed):
        reschedule_booking(
            actor=ada, booking_id=key, resource_id=second_microscope.public_id, now=now
        )
    booking.refresh_from_db()
    assert booking.resource == microscope
    # Its own person takes it anywhere.
    moved = reschedule_booking(
        actor=ben, booking_id=key, resource_id=second_microscope.public_id, now=now
    )
    assert moved.resource == second_microscope


def test_a_refused_act_tells_nobody(
    ada: User, microscope: Resource, period: Period, now: datetime
) -> None:
    other = make_user("frank")
    with pytest.raises(NotAllowed):
        book(ada, other, microscope, period=period, now=now)
    assert not Booking.objects.exists()
    assert not OutboxEvent.objects.exists()
