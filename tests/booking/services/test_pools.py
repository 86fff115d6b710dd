"""Any of these will do."""

from datetime import datetime, timedelta
from unittest.mock import Mock
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import Outcome
from booking.errors import BookingRefused, SlotTaken
from booking.models import BookingDecision, DemandEntry, ResourcePool
from booking.services.pools import create_pool_booking
from labitory.lib.db import LostRace
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
    assert BookingDecision.objects.get(outcome=Outcome.REFUSED).resource.name == "Cycler 1"
    entry = DemandEntry.objects.get()
    assert (entry.pool, entry.resource, entry.source) == (pool, None, "lost")


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
    assert DemandEntry.objects.get().pool == pool


def test_a_race_lost_on_every_member_names_the_first(
    ada: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = ResourcePool.objects.create(name="Thermocyclers")
    pool.resources.set([make_resource("Cycler 1"), make_resource("Cycler 2")])
    monkeypatch.setattr("booking.services.pools.make_bookings", Mock(side_effect=LostRace))
    with pytest.raises(SlotTaken) as caught:
        create_pool_booking(
            actor=ada,
            user=ada,
            pool_id=pool.public_id,
            period=Period(now + HOUR, now + 2 * HOUR),
            now=now,
        )
    assert "time of Cycler 1:" in caught.value.refusals[0].text


def test_unknown_pool_is_no_demand(ada: User, now: datetime) -> None:
    with pytest.raises(BookingRefused) as caught:
        create_pool_booking(
            actor=ada,
            user=ada,
            pool_id=uuid4(),
            period=Period(now + HOUR, now + 2 * HOUR),
            now=now,
        )
    assert caught.value.refusals[0].code == "pool.unknown"
    assert not DemandEntry.objects.exists()
