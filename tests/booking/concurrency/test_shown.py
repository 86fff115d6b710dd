"""Somebody books while "cancel these" is confirmed: only what the page showed is cancelled."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from booking.enums import ClaimKind, InTheWay, Status
from booking.models import Booking, Closure, MaintenanceRecord, Resource, ResourceCalendar
from booking.services.bookings import create_booking
from booking.services.calendars import add_closure
from booking.services.leavers import deactivate_leaver
from booking.services.maintenance import schedule_maintenance
from labitory.lib.periods import Period
from tests.booking.concurrency.test_plans import settled
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROUNDS = 20


@pytest.mark.parametrize("way", ["closure", InTheWay.CANCEL, InTheWay.DISPLACE])
def test_confirming_against_a_new_booking(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime, way: str
) -> None:
    for number in range(ROUNDS):
        day = Period(now + (number + 1) * DAY, now + (number + 1) * DAY + 6 * HOUR)
        seen = make_booking(ada, microscope, day.start + HOUR)
        asked: dict[str, Any] = {
            "actor": chris,
            "resource_id": microscope.public_id,
            "period": day,
            "now": now,
            "shown": [seen.public_id],
        }
        confirm = (
            partial(add_closure, **asked, reason="Laser", cancel_bookings=True)
            if way == "closure"
            else partial(schedule_maintenance, **asked, title="Laser", way=InTheWay(way))
        )
        book = partial(
            create_booking,
            actor=ben,
            user=ben,
            resource_ids=[microscope.public_id],
            period=Period(day.start + 3 * HOUR, day.start + 4 * HOUR),
            now=now,
        )
        done, booked = settled(race([confirm, book]))
        assert done is not booked
        seen.refresh_from_db()
        claims = ResourceCalendar.objects.filter(booking=seen, resource=microscope)
        assert claims.exists() is booked
        theirs = Booking.objects.filter(user=ben)
        assert not theirs.exclude(status=Status.CONFIRMED).exists()
        assert theirs.filter(start_time__gte=day.start, end_time__lte=day.end).exists() is booked
        kinds = (ClaimKind.CLOSURE, ClaimKind.MAINTENANCE)
        whole = ResourceCalendar.objects.filter(kind__in=kinds, during__startswith=day.start)
        assert whole.exists() is done
    assert Closure.objects.count() + MaintenanceRecord.objects.count() + theirs.count() == ROUNDS


def test_letting_go_against_their_new_booking(
    dora: User, microscope: Resource, now: datetime
) -> None:
    for number in range(ROUNDS):
        user = make_user(f"leaver{number}")
        start = now + (number + 1) * DAY
        seen = make_booking(user, microscope, start)
        leave = partial(
            deactivate_leaver,
            actor=dora,
            user=user,
            receiver=None,
            cancel_rest=True,
            shown=[seen.public_id],
            now=now,
        )
        book = partial(
            create_booking,
            actor=user,
            user=user,
            resource_ids=[microscope.public_id],
            period=Period(start + 2 * HOUR, start + 3 * HOUR),
            now=now,
        )
        settled(race([leave, book]))
        seen.refresh_from_db()
        user.refresh_from_db()
        assert (seen.status == Status.CANCELLED) is not user.is_active
        made = Booking.objects.filter(user=user).exclude(pk=seen.pk)
        assert not made.filter(status=Status.CANCELLED).exists()
