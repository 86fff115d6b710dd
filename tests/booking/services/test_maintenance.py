"""Planned work: three ways over bookings, and what becomes of those it displaces."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import ClaimKind, InTheWay, Limit, MaintenanceKind, OfferState, Severity, Status
from booking.errors import ActionRefused, BookingError, BookingRefused, NotAllowed
from booking.models import (
    Booking,
    BookingPolicy,
    Fault,
    MaintenanceRecord,
    Offer,
    OutboxEvent,
    Resource,
    ResourceCalendar,
)
from booking.queries.check_ins import missed_bookings, over_bookings
from booking.services.bookings import cancel_booking, create_booking, reschedule_booking
from booking.services.check_ins import check_in
from booking.services.faults import FaultReport, report_fault
from booking.services.maintenance import (
    WorkDetails,
    cancel_maintenance,
    change_maintenance,
    schedule_maintenance,
)
from booking.services.offers import accept_offer, decline_offer, expire_offers
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def tomorrow(now: datetime) -> datetime:
    return now + DAY


def hours(start: datetime, first: float, last: float) -> Period:
    return Period(start + first * HOUR, start + last * HOUR)


def plan(
    actor: User, resource: Resource, period: Period, now: datetime, **said: Any
) -> MaintenanceRecord:
    plain: dict[str, Any] = {"title": "Change the lamp", "way": InTheWay.DISPLACE}
    return schedule_maintenance(
        actor=actor, resource_id=resource.public_id, period=period, now=now, **{**plain, **said}
    )


def told(kind: str) -> list[list[int]]:
    return [each.payload["people"] for each in OutboxEvent.objects.filter(kind=kind).order_by("id")]


def test_six_bookings_are_displaced_and_all_re_planned(
    cast: dict[str, User], microscope: Resource, tomorrow: datetime, now: datetime
) -> None:
    people = [cast[name] for name in ("ada", "ada", "ben", "ben", "eve", "eve")]
    bookings = [
        make_booking(user, microscope, tomorrow + n * HOUR, purpose=f"cells {n}")
        for n, user in enumerate(people)
    ]
    work = plan(cast["chris"], microscope, hours(tomorrow, 0, 6), now)
    offers = list(Offer.objects.filter(maintenance=work).order_by("pk"))
    assert [offer.displaced for offer in offers] == bookings
    assert all(offer.resource == microscope for offer in offers)
    # Nobody's time meets another's, and the work has all of its own.
    spans = sorted((offer.start_time, offer.end_time) for offer in offers)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert not any(work.start_time < end and start < work.end_time for start, end in spans)
    assert sorted(ResourceCalendar.objects.values_list("kind", flat=True)) == [
        *[ClaimKind.HOLD] * 6,
        ClaimKind.MAINTENANCE,
    ]
    assert told("offer.replacement") == [[user.pk] for user in people]
    assert AuditLog.objects.filter(action="booking.displaced").count() == 6
    for offer in offers:
        accept_offer(actor=offer.user, offer_id=offer.public_id, now=now + HOUR)
    for booking, offer in zip(bookings, offers, strict=True):
        booking.refresh_from_db()
        assert booking.status == Status.CONFIRMED
        assert (booking.start_time, booking.end_time) == (offer.start_time, offer.end_time)
        assert booking.claims.count() == 1
    assert not Offer.objects.filter(state=OfferState.OPEN).exists()


def test_another_of_the_type_serves_where_nothing_else_is_free(
    ada: User,
    chris: User,
    microscope: Resource,
    second_microscope: Resource,
    tomorrow: datetime,
    now: datetime,
) -> None:
    booking = make_booking(ada, microscope, tomorrow)
    plan(chris, microscope, hours(now, 1, 24 * 40), now)
    offer = Offer.objects.get()
    assert (offer.displaced, offer.resource) == (booking, second_microscope)
    assert (offer.start_time, offer.end_time) == (booking.start_time, booking.end_time)


def test_what_finds_no_other_time_is_cancelled_with_the_reason(
    ada: User, chris: User, microscope: Resource, tomorrow: datetime, now: datetime
) -> None:
    booking = make_booking(ada, microscope, tomorrow)
    plan(chris, microscope, hours(now, 1, 24 * 40), now)
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    assert not Offer.objects.exists()
    event = OutboxEvent.objects.get(kind="booking.cancelled")
    assert event.payload["reason"] == "Change the lamp"


@pytest.mark.parametrize("how", ["declined", "expired"])
def test_a_replacement_that_is_not_taken_ends_the_booking(
    ada: User, chris: User, microscope: Resource, tomorrow: datetime, now: datetime, how: str
) -> None:
    booking = make_booking(ada, microscope, tomorrow)
    plan(chris, microscope, hours(tomorrow, 0, 2), now)
    offer = Offer.objects.get()
    assert offer.expires_at == booking.start_time
    if how == "declined":
        decline_offer(actor=ada, offer_id=offer.public_id, now=now)
    else:
        assert expire_offers(now=offer.expires_at - HOUR) == 0
        assert expire_offers(now=offer.expires_at) == 1
    booking.refresh_from_db()
    offer.refresh_from_db()
    assert (booking.status, offer.state) == (Status.CANCELLED, how)
    assert booking.steps.latest("pk").reason == "Change the lamp"
    assert list(ResourceCalendar.objects.values_list("kind", flat=True)) == [ClaimKind.MAINTENANCE]
    assert told("offer.expired") == []


def test_until_it_is_answered_the_booking_stands_without_time(
    ada: User, ben: User, chris: User, microscope: Resource, tomorrow: datetime, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=5)
    booking = make_booking(ada, microscope, now + HOUR, 4 * HOUR)
    plan(chris, microscope, hours(now, 2, 6), now)
    booking.refresh_from_db()
    assert (booking.status, booking.claims.exists()) == (Status.CONFIRMED, False)
    with pytest.raises(ActionRefused, match=r"check_in\.displaced"):
        check_in(actor=ada, booking_id=booking.public_id, now=now + 1.05 * HOUR)
    assert not missed_bookings(now + 2 * HOUR).exists()
    assert not over_bookings(now + DAY).exists()
    # What is left of its old time is anybody's.
    create_booking(
        actor=ben, user=ben, resource_ids=[microscope.public_id], period=hours(now, 1, 2), now=now
    )


def test_whoever_finds_another_way_needs_no_offer(
    ada: User, chris: User, microscope: Resource, tomorrow: datetime, now: datetime
) -> None:
    moved = make_booking(ada, microscope, tomorrow)
    gone = make_booking(ada, microscope, tomorrow + HOUR)
    plan(chris, microscope, hours(tomorrow, 0, 2), now)
    reschedule_booking(
        actor=ada, booking_id=moved.public_id, period=hours(tomorrow, 50, 51), now=now
    )
    cancel_booking(actor=ada, booking_id=gone.public_id, now=now)
    assert expire_offers(now=now) == 2
    moved.refresh_from_db()
    assert moved.status == Status.CONFIRMED
    assert not ResourceCalendar.objects.filter(kind=ClaimKind.HOLD).exists()


def test_called_off_it_gives_the_time_back(
    ada: User, ben: User, chris: User, microscope: Resource, tomorrow: datetime, now: datetime
) -> None:
    make_booking(chris, microscope, now, DAY)
    first = make_booking(ada, microscope, tomorrow)
    stays = make_booking(ada, microscope, tomorrow + HOUR)
    lost = make_booking(ben, microscope, tomorrow + 3 * HOUR, 2 * HOUR)
    work = plan(chris, microscope, hours(tomorrow, 0, 4), now)
    # The first moves into what the work left of the last.
    taken = Offer.objects.get(displaced=first)
    assert taken.start_time == tomorrow + 4 * HOUR
    accept_offer(actor=ada, offer_id=taken.public_id, now=now)
    cancel_maintenance(actor=chris, maintenance_id=work.public_id, now=now)
    assert stays.claims.get().during.lower == stays.start_time
    assert not lost.claims.exists()
    assert [offer.displaced for offer in Offer.objects.filter(state=OfferState.OPEN)] == [lost]
    assert told("maintenance.called_off") == [[ada.pk]]


def test_the_other_ways_stay(
    ada: User, chris: User, microscope: Resource, tomorrow: datetime, now: datetime
) -> None:
    booking = make_booking(ada, microscope, tomorrow)
    with pytest.raises(BookingRefused, match=r"block\.bookings"):
        plan(chris, microscope, hours(tomorrow, 0, 2), now, way=InTheWay.REFUSE)
    plan(chris, microscope, hours(tomorrow, 0, 2), now, way=InTheWay.CANCEL)
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    assert not Offer.objects.exists()


@pytest.mark.parametrize("way", list(InTheWay))
def test_nothing_is_half_done(
    ada: User,
    ben: User,
    chris: User,
    microscope: Resource,
    tomorrow: datetime,
    now: datetime,
    way: InTheWay,
) -> None:
    booking = make_booking(ada, microscope, tomorrow)
    plan(chris, microscope, hours(tomorrow, 2, 3), now)
    events = OutboxEvent.objects.count()
    refused: list[tuple[User, Period, dict[str, Any], str]] = [
        (chris, hours(tomorrow, 0, 3), {}, "block."),
        (chris, hours(now, -3, -1), {}, "period.order"),
        (chris, hours(tomorrow, 1, 0), {}, "period.order"),
        (chris, hours(tomorrow, 0, 1), {"title": " "}, "maintenance.title"),
        (
            chris,
            hours(tomorrow, 0, 1),
            {"details": WorkDetails(title="x", cost=Decimal(-1))},
            "maintenance.cost",
        ),
        (ben, hours(tomorrow, 0, 1), {}, "permission.manage"),
    ]
    for actor, period, said, code in refused:
        with pytest.raises(BookingError) as caught:
            plan(actor, microscope, period, now, way=way, **said)
        assert caught.value.refusals[0].code.startswith(code)
    in_use = make_booking(ben, microscope, now - HOUR, 2 * HOUR, status=Status.CHECKED_IN)
    with pytest.raises(BookingError, match=r"block\."):
        plan(chris, microscope, hours(now, 0, 1), now, way=way)
    booking.refresh_from_db()
    assert booking.claims.count() == in_use.claims.count() == 1
    assert MaintenanceRecord.objects.count() == 1
    assert OutboxEvent.objects.count() == events


def test_work_is_changed_and_moved(
    ada: User, chris: User, microscope: Resource, tomorrow: datetime, now: datetime
) -> None:
    work = plan(chris, microscope, hours(tomorrow, 0, 2), now)
    booking = make_booking(ada, microscope, tomorrow + 3 * HOUR)
    said = WorkDetails(
        title="New lamp",
        kind=MaintenanceKind.VENDOR,
        vendor="Lamps Ltd",
        cost=Decimal("120.50"),
        notes="Key at the desk",
    )

    def change(period: Period, way: InTheWay, at: datetime = now) -> MaintenanceRecord:
        return change_maintenance(
            actor=chris,
            maintenance_id=work.public_id,
            period=period,
            details=said,
            way=way,
            now=at,
        )

    with pytest.raises(BookingRefused, match=r"block\.bookings"):
        change(hours(tomorrow, 1, 4), InTheWay.REFUSE)
    assert work.claims.get().during.lower == tomorrow
    changed = change(hours(tomorrow, 1, 4), InTheWay.DISPLACE)
    assert (changed.vendor, changed.cost) == ("Lamps Ltd", Decimal("120.50"))
    assert work.claims.get().during.lower == tomorrow + HOUR
    assert Offer.objects.get().displaced == booking
    with pytest.raises(ActionRefused, match=r"maintenance\.over|period\.order"):
        change(hours(tomorrow, 1, 90), InTheWay.REFUSE, tomorrow + 5 * HOUR)
    with pytest.raises(NotAllowed):
        cancel_maintenance(actor=ada, maintenance_id=work.public_id, now=now)
    cancel_maintenance(actor=chris, maintenance_id=work.public_id, now=now)
    with pytest.raises(MaintenanceRecord.DoesNotExist):
        change(hours(tomorrow, 1, 4), InTheWay.REFUSE)


def test_it_mends_a_fault(
    ada: User, chris: User, microscope: Resource, tomorrow: datetime, now: datetime
) -> None:
    def report(resource: Resource) -> Fault:
        return report_fault(
            actor=ada,
            resource_id=resource.public_id,
            report=FaultReport(title="Dark", severity=Severity.HIGH),
            now=now,
        )

    fault, other = report(microscope), report(make_resource("NMR"))
    with pytest.raises(ActionRefused, match=r"maintenance\.fault"):
        plan(chris, microscope, hours(tomorrow, 0, 1), now, fault_id=other.public_id)
    assert not MaintenanceRecord.objects.exists()
    work = plan(chris, microscope, hours(tomorrow, 0, 1), now, fault_id=fault.public_id)
    fault.refresh_from_db()
    assert fault.maintenance == work
    assert fault.history.latest("pk").text == "Work is planned: Change the lamp."


def test_linked_resources_let_go_too(
    ada: User, chris: User, microscope: Resource, tomorrow: datetime, now: datetime
) -> None:
    laser = make_resource("Laser")
    microscope.links.create(linked=laser)
    booking = make_booking(ada, microscope, tomorrow)
    plan(chris, laser, hours(tomorrow, 0, 1), now)
    offer = Offer.objects.get()
    assert offer.displaced == booking
    accept_offer(actor=ada, offer_id=offer.public_id, now=now)
    booking = Booking.objects.get()
    assert {claim.resource for claim in booking.claims.all()} == {microscope, laser}
