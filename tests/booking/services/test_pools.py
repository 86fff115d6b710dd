"""Any of these will do."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.errors import BookingRefused
from booking.models import ResourcePool
from booking.services.pools import create_pool_booking
from labitory.lib.periods import Period
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_pool_gives_the_next_free_member(ada: User, ben: User, eve: User, now: datetime) -> None:
    pool = ResourcePool.objects.create(name="Thermocyclers")
    pool.resources.set([make_resource("Cycler 1"), make_resource("Cycler 2")])
    period = Period(now + HOUR, now + 2 * HOUR)
    names = [
        create_pool_booking(
            actor=who, user=who, pool_id=pool.public_id, period=period, now=now
        ).resource.name
        for who in (ada, ben)
    ]
    assert names == ["Cycler 1", "Cycler 2"]
    with pytest.raises(BookingRefused) as caught:
        create_pool_booking(actor=eve, user=eve, pool_id=pool.public_id, period=period, now=now)
    assert caught.value.refusals[0].code == "conflict.taken"
    assert {each.kind for each in caught.value.repairs} >= {"later"}


def test_empty_pool_says_so(ada: User, now: datetime) -> None:
    pool = ResourcePool.objects.create(name="Nothing")
    with pytest.raises(BookingRefused) as caught:
        create_pool_booking(
            actor=ada,
            user=ada,
            pool_id=pool.public_id,
            period=Period(now + HOUR, now + 2 * HOUR),
            now=now,
        )
    assert caught.value.refusals[0].code == "pool.empty"
