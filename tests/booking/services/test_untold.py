"""Acts of others of which somebody must hear: closed instruments, ended waits and delegations."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import WaitingKind, WatchMode
from booking.handlers import HANDLERS
from booking.models import Notification, OutboxEvent, Resource
from booking.services.delegations import delegate_approvals, end_delegation
from booking.services.events import dispatch_batch
from booking.services.reach import watch_resource
from booking.services.resources import close_resource, open_resource
from booking.services.waiting_list import end_waiting
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.waiting import hours, make_entry

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def told(now: datetime) -> set[tuple[str, str]]:
    while dispatch_batch(handlers=HANDLERS, now=now):
        pass
    rows = Notification.objects.values_list("event__kind", "user__username")
    return set(rows)


def test_who_booked_and_who_follows_hears_of_closing_and_opening(
    ada: User, ben: User, chris: User, eve: User, microscope: Resource, now: datetime
) -> None:
    watch_resource(user=ben, resource_id=microscope.public_id, mode=WatchMode.FOLLOW, now=now)
    for start in (2, 4):
        make_booking(ada, microscope, now + start * HOUR)
    make_booking(eve, microscope, now - 3 * HOUR)
    key = microscope.public_id
    for _time in range(2):
        close_resource(actor=chris, resource_id=key, reason="Water in the room", now=now)
    assert told(now) == {("booking.resource_closed", "ada"), ("resource.closed", "ben")}
    notice = Notification.objects.get(user=ada)
    assert "until further notice: Water in the room" in notice.body
    Notification.objects.all().delete()
    open_resource(actor=chris, resource_id=key, now=now)
    assert told(now) == {("booking.resource_opened", "ada"), ("resource.opened", "ben")}
    kinds = OutboxEvent.objects.filter(kind__startswith="booking.resource_")
    assert kinds.count() == 2


def test_a_wait_that_came_to_nothing_is_told(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_entry(ada, hours(now, 1, 3), at=now, resource=microscope)
    make_entry(ben, hours(now, 1, 9), at=now, resource=microscope, kind=WaitingKind.ALERT)
    assert end_waiting(now=now + 4 * HOUR) == 1
    assert end_waiting(now=now + 4 * HOUR) == 0
    assert told(now + 4 * HOUR) == {("waiting.ended", "ada")}
    assert Notification.objects.get().title == "Nothing became free: Confocal 1"


@pytest.mark.parametrize(
    ("ended_by", "expected"),
    [
        ("chris", ("approval.delegation_ended", "ben")),
        ("ben", ("approval.delegation_returned", "chris")),
    ],
)
def test_the_other_one_hears_of_an_ended_delegation(
    ben: User, chris: User, now: datetime, ended_by: str, expected: tuple[str, str]
) -> None:
    made = delegate_approvals(
        actor=chris, delegate=ben, period=Period(now, now + 48 * HOUR), now=now
    )
    told(now)
    Notification.objects.all().delete()
    actor = {"ben": ben, "chris": chris}[ended_by]
    end_delegation(actor=actor, delegation_id=made.public_id, now=now + HOUR)
    assert told(now + HOUR) == {expected}
