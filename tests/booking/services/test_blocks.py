"""What stands in the way is found by the index of claims, whatever the planner knows."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from accounts.models import User
from booking.enums import Status
from booking.models import Resource
from booking.services._blocks import in_the_way
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_only_what_still_claims_the_time_soonest_first(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    late = make_booking(ada, microscope, now + 5 * HOUR)
    soon = make_booking(ben, second_microscope, now + HOUR)
    make_booking(ada, microscope, now + 2 * HOUR, status=Status.CANCELLED)
    make_booking(ada, microscope, now + DAY)
    day = Period(now, now + DAY)
    assert in_the_way([microscope, second_microscope], day) == [soon, late]
    assert in_the_way([microscope], day) == [late]


def test_bookings_are_read_by_their_keys(ada: User, microscope: Resource, now: datetime) -> None:
    make_booking(ada, microscope, now + HOUR)
    with count_queries(2) as counted:
        assert in_the_way([microscope], Period(now, now + DAY))
    claims, bookings = counted.statements
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {claims}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan" in plan
    # By keys alone: which index serves them among a handful of rows is the planner's affair.
    assert '"booking_booking"."id" IN (' in bookings
    assert "resourcecalendar" not in bookings
