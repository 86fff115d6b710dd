"""Wishes by weekday and hour."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import DemandSource, Status
from booking.models import Booking, DemandEntry, Resource
from booking.queries.demand import DemandFilters
from booking.queries.demand_hours import demand_by_hour
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def wish(resource: Resource, start: datetime, minutes: int, code: str = "conflict.taken") -> None:
    DemandEntry.objects.create(
        at=start - HOUR,
        source=DemandSource.REFUSED,
        role="student",
        resource=resource,
        resource_type=resource.resource_type,
        start_time=start,
        end_time=start + timedelta(minutes=minutes),
        minutes=minutes,
        codes=[code],
    )


def test_hours_wanted_refused_and_why(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    # `now` is a Monday, 08:00 in the lab; the week before it is looked at.
    monday = now - timedelta(days=7)
    wish(microscope, monday + timedelta(minutes=30), 90)
    wish(microscope, monday + HOUR, 60, "quota.gap")
    wish(microscope, monday + HOUR, 30, "quota.gap")
    wish(microscope, monday - timedelta(days=6), 60 * 24 * 30)
    Booking.objects.create(
        user=ada,
        created_by=ada,
        resource=microscope,
        start_time=monday + HOUR,
        end_time=monday + 2 * HOUR,
        status=Status.COMPLETED,
    )
    filters = DemandFilters(viewer=chris, since=now - timedelta(days=10))
    with count_queries(2):
        rows = demand_by_hour(filters, now=now)
    assert [row.hour for row in rows] == [8, 9]
    eight, nine = rows
    assert (eight.cells[0].refused, eight.cells[0].wanted, eight.cells[0].sign) == (0.5, 0.5, "◔")
    assert (nine.cells[0].refused, nine.cells[0].wanted, nine.cells[0].sign) == (2.5, 3.5, "●")
    assert nine.cells[1].wanted == 0
    assert (eight.reason, nine.reason) == ("Time is taken", "Too close to own booking")


def test_nothing_refused_is_nothing(chris: User, microscope: Resource, now: datetime) -> None:
    DemandEntry.objects.create(
        at=now - HOUR,
        source=DemandSource.SEARCH,
        role="student",
        start_time=now,
        end_time=now + 9 * HOUR,
        minutes=60,
        codes=["search.nothing_free"],
    )
    filters = DemandFilters(viewer=chris, since=now - timedelta(days=10))
    assert demand_by_hour(filters, now=now) == ()
