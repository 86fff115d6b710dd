"""Who changes a booking by the interface overwrites nothing that they did not see."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.api.v1 import bookings as endpoints
from booking.models import Booking, OutboxEvent, Resource
from booking.services.bookings import edit_booking, reschedule_booking
from labitory.lib.periods import Period
from tests.booking.api.conftest import Program
from tests.factories.bookings import make_booking

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]
HOUR = timedelta(hours=1)


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's, at noon."""
    return make_booking(ada, microscope, now + 4 * HOUR, purpose="old")


def address(booking: Booking) -> str:
    return f"/bookings/{booking.public_id}"


def test_each_change_has_another_version(
    as_program: AsProgram, ada: User, booking: Booking, now: datetime
) -> None:
    program = as_program(ada)
    first = program.get(address(booking))["ETag"]
    assert program.get(address(booking))["ETag"] == first
    changed = program.patch(address(booking), {"purpose": "new"}, If_Match=first)
    assert changed.status_code == 200
    assert changed["ETag"] == program.get(address(booking))["ETag"] != first


@pytest.mark.parametrize("change", [{"purpose": "mine"}, {"seats": 1}, {"notes": "mine"}])
@pytest.mark.parametrize("given", ['"0-20260302T065959.000000"', "nonsense", '""'])
def test_an_older_version_changes_nothing(
    as_program: AsProgram,
    ada: User,
    booking: Booking,
    now: datetime,
    change: dict[str, Any],
    given: str,
) -> None:
    edit_booking(actor=ada, booking_id=booking.public_id, purpose="hers", now=now)
    audited = AuditLog.objects.count()
    answer = as_program(ada).patch(address(booking), change, If_Match=given)
    assert answer.status_code == 412
    [problem] = answer.json()["errors"]
    assert problem["code"] == "booking.changed"
    assert "read it again" in problem["detail"]
    booking.refresh_from_db()
    assert (booking.purpose, booking.notes, booking.sequence) == ("hers", "", 0)
    assert AuditLog.objects.count() == audited
    assert not OutboxEvent.objects.exists()


def test_any_version_will_do_with_a_star_or_among_several(
    as_program: AsProgram, ada: User, booking: Booking
) -> None:
    program = as_program(ada)
    assert program.patch(address(booking), {"notes": "a"}, If_Match="*").status_code == 200
    current = program.get(address(booking))["ETag"]
    several = f'"other", {current}'
    assert program.patch(address(booking), {"notes": "b"}, If_Match=several).status_code == 200


def meanwhile(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], Any]) -> None:
    """Let something happen between what the endpoint reads and what it asks of the service."""
    service = getattr(endpoints, name)

    def run(**asked: Any) -> Any:
        act()
        return service(**asked)

    monkeypatch.setattr(endpoints, name, run)


def test_a_move_does_not_undo_another_that_came_in_between(
    as_program: AsProgram,
    ada: User,
    booking: Booking,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    earlier = Period(booking.start_time - HOUR, booking.end_time)
    move = partial(
        reschedule_booking, actor=ada, booking_id=booking.public_id, period=earlier, now=now
    )
    meanwhile(monkeypatch, "reschedule_booking", move)
    later = (booking.end_time + HOUR).isoformat()
    answer = as_program(ada).patch(address(booking), {"end_time": later})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "booking.changed"
    booking.refresh_from_db()
    assert (booking.start_time, booking.end_time) == (earlier.start, earlier.end)


def test_an_edit_of_something_else_in_between_is_kept(
    as_program: AsProgram,
    ada: User,
    booking: Booking,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    act = partial(edit_booking, actor=ada, booking_id=booking.public_id, purpose="hers", now=now)
    meanwhile(monkeypatch, "edit_booking", act)
    assert as_program(ada).patch(address(booking), {"notes": "mine"}).status_code == 200
    booking.refresh_from_db()
    assert (booking.purpose, booking.notes) == ("hers", "mine")


def test_the_version_counts_until_the_booking_is_held(
    as_program: AsProgram,
    ada: User,
    booking: Booking,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = as_program(ada)
    version = program.get(address(booking))["ETag"]
    act = partial(edit_booking, actor=ada, booking_id=booking.public_id, purpose="hers", now=now)
    meanwhile(monkeypatch, "edit_booking", act)
    answer = program.patch(address(booking), {"purpose": "mine"}, If_Match=version)
    assert answer.status_code == 409
    booking.refresh_from_db()
    assert booking.purpose == "hers"
