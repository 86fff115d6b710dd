"""A leaver's bookings: handed on, left or cancelled, in one step with closing the account."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Status
from booking.errors import BookingError
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    BookingAttendee,
    Message,
    OutboxEvent,
    Resource,
    ResourceAccess,
    ResourceCalendar,
    UsageSession,
)
from booking.services.check_ins import check_in
from booking.services.events import dispatch_batch
from booking.services.leavers import deactivate_leaver
from tests.factories.bookings import make_booking
from tests.factories.groups import make_group, make_project
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def locked(db: None) -> Resource:
    """An instrument that Ada alone may book."""
    return make_resource("NMR", requires_access=True)


@pytest.fixture
def bookings(ada: User, microscope: Resource, locked: Resource, now: datetime) -> list[Booking]:
    """Ada's: one over, one running, one to come, one on what Ben may not use."""
    ResourceAccess.objects.create(user=ada, resource=locked)
    return [
        make_booking(ada, microscope, now - 5 * HOUR, status=Status.COMPLETED),
        make_booking(ada, microscope, now - HOUR / 2),
        make_booking(ada, microscope, now + 5 * HOUR),
        make_booking(ada, locked, now + 8 * HOUR),
    ]


def test_what_may_be_moved_is_and_the_rest_stays(
    ada: User, ben: User, dora: User, bookings: list[Booking], now: datetime
) -> None:
    BookingAttendee.objects.create(booking=bookings[2], user=ben)
    done = deactivate_leaver(actor=dora, user=ada, receiver=ben, now=now, reason="Left")
    assert [each.booking.pk for each in done.moved] == [bookings[2].pk]
    assert [(each.booking.pk, each.refusals[0].code) for each in done.left] == [
        (bookings[3].pk, "access.missing")
    ]
    owners = list(Booking.objects.order_by("start_time").values_list("user", flat=True))
    assert owners == [ada.pk, ada.pk, ben.pk, ada.pk]
    assert not BookingAttendee.objects.exists()
    assert ResourceCalendar.objects.filter(booking=bookings[2]).exists()
    ada.refresh_from_db()
    assert not ada.is_active
    assert list(AuditLog.objects.order_by("pk").values_list("action", flat=True)) == [
        "booking.transferred",
        "user.deactivated",
    ]
    dispatch_batch(handlers=HANDLERS, now=now)
    assert [mail.user for mail in Message.objects.all()] == [ben]


def test_the_rest_is_cancelled_by_choice(
    ada: User, ben: User, dora: User, bookings: list[Booking], now: datetime
) -> None:
    done = deactivate_leaver(
        actor=dora, user=ada, receiver=ben, cancel_rest=True, reason="Left", now=now
    )
    assert done.is_cancelled
    bookings[3].refresh_from_db()
    assert bookings[3].status == Status.CANCELLED
    assert not ResourceCalendar.objects.filter(booking=bookings[3]).exists()
    bookings[1].refresh_from_db()
    assert bookings[1].status == Status.CONFIRMED


def test_without_a_receiver_all_stays_or_is_cancelled(
    ada: User, dora: User, bookings: list[Booking], now: datetime
) -> None:
    done = deactivate_leaver(actor=dora, user=ada, receiver=None, cancel_rest=True, now=now)
    assert not done.moved
    assert Booking.objects.filter(status=Status.CANCELLED).count() == 2


def test_the_receivers_own_time_and_limits_count(
    ada: User, ben: User, dora: User, microscope: Resource, now: datetime
) -> None:
    other = make_resource("TEM")
    make_booking(ada, microscope, now + 5 * HOUR)
    make_booking(ada, other, now + 5 * HOUR)
    make_booking(ben, make_resource("SEM"), now + 5 * HOUR)
    done = deactivate_leaver(actor=dora, user=ada, receiver=ben, now=now)
    assert [each.refusals[0].code for each in done.left] == ["own.overlap"] * 2


def test_each_one_counts_for_the_next(
    ada: User, ben: User, dora: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + 5 * HOUR)
    make_booking(ada, make_resource("TEM"), now + 5 * HOUR)
    done = deactivate_leaver(actor=dora, user=ada, receiver=ben, now=now)
    assert (len(done.moved), len(done.left)) == (1, 1)


def test_a_project_goes_along_only_to_its_people(
    ada: User, ben: User, dora: User, eve: User, microscope: Resource, now: datetime
) -> None:
    light = make_project("Light", make_group("Optics", ben), ada)
    booking = make_booking(ada, microscope, now + 5 * HOUR, project=light)
    done = deactivate_leaver(actor=dora, user=ada, receiver=eve, now=now, dry_run=True)
    assert [each.refusals[0].code for each in done.left] == ["project.member"]
    done = deactivate_leaver(actor=dora, user=ada, receiver=ben, now=now)
    booking.refresh_from_db()
    assert (booking.user, booking.project) == (ben, light)


def test_a_dry_run_changes_nothing(
    ada: User, ben: User, dora: User, bookings: list[Booking], now: datetime
) -> None:
    done = deactivate_leaver(
        actor=dora, user=ada, receiver=ben, cancel_rest=True, now=now, dry_run=True
    )
    assert (len(done.moved), len(done.left), done.is_written) == (1, 1, False)
    assert set(Booking.objects.values_list("user", flat=True)) == {ada.pk}
    assert not Booking.objects.filter(status=Status.CANCELLED).exists()
    assert not AuditLog.objects.exists()
    assert not OutboxEvent.objects.exists()
    ada.refresh_from_db()
    assert ada.is_active


def test_who_may_let_whom_go(cast: dict[str, User], now: datetime) -> None:
    for name, actor in cast.items():
        if name == "dora":
            continue
        with pytest.raises(BookingError) as raised:
            deactivate_leaver(actor=actor, user=cast["eve"], receiver=None, now=now)
        assert raised.value.refusals[0].code == "permission.leaver"
    dora = cast["dora"]
    for receiver in (cast["eve"], User(pk=0, is_active=False)):
        with pytest.raises(BookingError) as raised:
            deactivate_leaver(actor=dora, user=cast["eve"], receiver=receiver, now=now)
        assert raised.value.refusals[0].code == "leaver.receiver"
    with pytest.raises(BookingError):
        deactivate_leaver(actor=dora, user=dora, receiver=None, now=now)
    assert not User.objects.filter(is_active=False).exists()


def test_what_is_in_use_is_finished(
    ada: User, dora: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now, 2 * HOUR)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    tried = deactivate_leaver(actor=dora, user=ada, receiver=None, now=now + HOUR, dry_run=True)
    assert [each.booking.pk for each in tried.finished] == [booking.pk]
    assert UsageSession.objects.get().ended_at is None
    done = deactivate_leaver(actor=dora, user=ada, receiver=None, now=now + HOUR)
    assert [each.booking.pk for each in done.finished] == [booking.pk]
    assert done.left == ()
    assert UsageSession.objects.get().ended_at == now + HOUR
    claim = ResourceCalendar.objects.get()
    assert claim.during.upper == now + HOUR + timedelta(minutes=1)
