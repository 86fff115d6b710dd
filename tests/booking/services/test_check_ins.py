"""Coming, finishing early, and not coming."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import Status
from booking.errors import ActionRefused, NotAllowed
from booking.models import BookingStatus, Resource, ResourceCalendar
from booking.services.check_ins import check_in, check_out, mark_no_show
from tests.factories.bookings import make_booking

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def test_check_in_and_early_finish_gives_the_tail_back(
    ada: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + HOUR, 2 * HOUR)
    check_in(actor=ada, booking_id=booking.public_id, now=now + 50 * MINUTE)
    done = check_out(actor=ada, booking_id=booking.public_id, now=now + 90 * MINUTE)
    assert done.status == Status.COMPLETED
    assert ResourceCalendar.objects.get().during.upper == now + 91 * MINUTE
    assert [step.to_status for step in BookingStatus.objects.all()] == ["checked_in", "completed"]


@pytest.mark.parametrize("minutes", [-20, 61])
def test_check_in_has_its_time(
    ada: User, microscope: Resource, now: datetime, minutes: int
) -> None:
    booking = make_booking(ada, microscope, now)
    with pytest.raises(ActionRefused):
        check_in(actor=ada, booking_id=booking.public_id, now=now + minutes * MINUTE)


def test_only_its_people_check_in(
    ada: User, eve: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now)
    with pytest.raises(NotAllowed):
        check_in(actor=eve, booking_id=booking.public_id, now=now)
    with pytest.raises(ActionRefused):
        check_out(actor=ada, booking_id=booking.public_id, now=now)


def test_no_show_frees_the_time(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now)
    with pytest.raises(NotAllowed):
        mark_no_show(actor=ada, booking_id=booking.public_id, now=now + HOUR / 2)
    with pytest.raises(ActionRefused):
        mark_no_show(actor=chris, booking_id=booking.public_id, now=now - HOUR)
    missed = mark_no_show(actor=chris, booking_id=booking.public_id, now=now + HOUR / 2)
    assert missed.status == Status.NO_SHOW
    assert not ResourceCalendar.objects.exists()
