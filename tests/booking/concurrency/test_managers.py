"""Lab managers who work at the same time, and what they meet half-way."""

from datetime import datetime, time, timedelta
from functools import partial

import pytest

from accounts.models import User
from booking.enums import Limit, Status
from booking.errors import ActionRefused
from booking.models import Booking, BookingPolicy, Closure, OpeningHours, Resource
from booking.services import _blocks
from booking.services.bookings import RequestKey, create_booking
from booking.services.calendars import Interval, add_closure, set_opening_hours
from booking.services.policies import set_policy
from booking.services.resources import ResourceDetails, change_resource
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("whole_lab", [True, False])
def test_the_hours_of_one_manager_win(
    chris: User, dora: User, microscope: Resource, now: datetime, whole_lab: bool
) -> None:
    resource_id = None if whole_lab else microscope.public_id
    wanted = {closes: [Interval(0, time(8), time(closes))] for closes in range(12, 18)}
    results = race(
        [
            partial(
                set_opening_hours,
                actor=actor,
                resource_id=resource_id,
                intervals=intervals,
                now=now,
            )
            for actor, intervals in zip([chris, dora] * 3, wanted.values(), strict=True)
        ]
    )
    assert results == [None] * 6
    assert OpeningHours.objects.count() == 1


def test_one_limit_is_set_once(chris: User, dora: User, now: datetime) -> None:
    results = race(
        [
            partial(
                set_policy,
                actor=actor,
                limit=Limit.MAX_LENGTH,
                role="",
                resource_id=None,
                type_id=None,
                value=60,
                now=now,
            )
            for actor in (chris, dora, chris, dora)
        ]
    )
    assert all(isinstance(each, BookingPolicy) for each in results), results
    assert BookingPolicy.objects.count() == 1


def test_one_key_serves_one_request_whoever_it_is_for(
    chris: User, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    results = race(
        [
            partial(
                create_booking,
                actor=chris,
                user=user,
                resource_ids=[microscope.public_id],
                period=Period(now + hours * HOUR, now + (hours + 1) * HOUR),
                now=now,
                request_key=RequestKey(key="k1", digest=user.username),
            )
            for user, hours in ((ada, 1), (ben, 3), (chris, 5))
        ]
    )
    refused = [each for each in results if isinstance(each, ActionRefused)]
    assert [each.refusals[0].code for each in refused] == ["idempotency.mismatch"] * 2, results
    assert Booking.objects.count() == 1


def test_what_was_moved_away_meanwhile_is_not_cancelled(
    chris: User, ada: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = make_booking(ada, microscope, now + 9 * HOUR)
    gone = make_booking(ada, microscope, now + HOUR, status=Status.CANCELLED)
    monkeypatch.setattr(_blocks, "in_the_way", lambda *_found: [moved, gone])
    closure = add_closure(
        actor=chris,
        resource_id=microscope.public_id,
        period=Period(now + HOUR, now + 2 * HOUR),
        reason="Laser",
        cancel_bookings=True,
        now=now,
    )
    assert Closure.objects.get() == closure
    moved.refresh_from_db()
    assert moved.status == Status.CONFIRMED


def test_a_change_does_not_open_what_was_closed_meanwhile(
    chris: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    Resource.objects.update(capacity=2)

    def close(*_asked: object, **_more: object) -> None:
        Resource.objects.update(is_active=False, closed_reason="Broken")

    monkeypatch.setattr("booking.services.resources.require_capacity", close)
    details = ResourceDetails(name="Confocal", type_id=microscope.resource_type.public_id)
    change_resource(actor=chris, resource_id=microscope.public_id, details=details, now=now)
    microscope.refresh_from_db()
    assert (microscope.name, microscope.is_active) == ("Confocal", False)
