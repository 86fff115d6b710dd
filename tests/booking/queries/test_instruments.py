"""What a scan reads at once is what the calendar and the search for time say."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import Severity, Status
from booking.models import BookingPolicy, Fault, Resource, ResourceLink
from booking.queries.calendars import calendar_entries
from booking.queries.faults import outage_facts
from booking.queries.free_slots import next_free
from booking.queries.instruments import instrument_now, rest_and_next
from booking.queries.resources import MINUTE, presences
from booking.services.resources import close_resource
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def rest(now: datetime) -> Period:
    """The rest of the day."""
    return Period(now, now + 16 * HOUR)


@pytest.mark.usefixtures("weekday_hours")
@pytest.mark.parametrize("is_shown", [True, False])
def test_the_rest_of_the_day_and_the_next_time_are_the_same_in_one_query(
    ada: User, ben: User, microscope: Resource, rest: Period, now: datetime, is_shown: bool
) -> None:
    ben.preferences.show_name = is_shown
    ben.preferences.save()
    make_booking(ben, microscope, now - HOUR, 3 * HOUR, purpose='{"a": "%s"}')
    make_booking(ada, microscope, now + 3 * HOUR)
    make_booking(ben, microscope, now + 5 * HOUR, status=Status.PENDING)
    entries, starts = rest_and_next(
        viewer=ada, resource=microscope, rest=rest, minimum=30 * MINUTE, now=now
    )
    assert entries == calendar_entries(
        viewer=ada, resource_ids=[microscope.pk], window=rest, now=now
    )
    assert len(entries) == 3
    slot = next_free(user=ada, now=now, resource_ids=[microscope.public_id], minimum=30 * MINUTE)[
        microscope.public_id
    ]
    assert (starts, starts and starts.utcoffset()) == (
        slot.start_time,
        slot.start_time.utcoffset(),
    )


def test_nothing_is_free_and_nothing_happens(ada: User, rest: Period, now: datetime) -> None:
    locked = make_resource("Stepper", requires_access=True)
    found = rest_and_next(viewer=ada, resource=locked, rest=rest, minimum=30 * MINUTE, now=now)
    assert found == ([], None)


@pytest.mark.parametrize("state", ["free", "seats", "taken", "closed", "missed"])
def test_what_it_is_doing_is_what_lists_say(
    ada: User, ben: User, chris: User, rest: Period, now: datetime, state: str
) -> None:
    tool = make_resource("Bench", capacity=2)
    if state in {"seats", "taken"}:
        make_booking(ben, tool, now)
    if state == "taken":
        make_booking(chris, tool, now)
    if state == "closed":
        close_resource(actor=chris, resource_id=tool.public_id, reason="Flooded", now=now)
    if state == "missed":
        BookingPolicy.objects.create(limit="no_show_grace", value=15)
        make_booking(ben, tool, now - HOUR, 2 * HOUR)
    tool.refresh_from_db()
    found = instrument_now(viewer=ada, code=tool.code, rest=rest, now=now)
    assert found is not None
    opened = {tool.pk: [rest]}
    assert found.presence == presences(resources=[tool], opened=opened, now=now)[tool.pk]
    assert found.presence.kind == {"taken": "busy", "closed": "closed"}.get(state, "free")


def test_a_fault_is_the_worst_of_it(
    ada: User, microscope: Resource, rest: Period, now: datetime
) -> None:
    laser = make_resource("Laser")
    ResourceLink.objects.create(resource=microscope, linked=laser)

    def fault(where: Resource, title: str, **fields: object) -> None:
        Fault.objects.create(
            resource=where,
            reported_by=ada,
            title=title,
            severity=Severity.HIGH,
            reported_at=now,
            due_at=now + 24 * HOUR,
            **fields,
        )

    fault(laser, "Noisy", blocks_use=False)
    found = instrument_now(viewer=ada, code=microscope.code, rest=rest, now=now)
    assert found is not None
    assert found.fault is None
    fault(microscope, "Dusty", blocks_use=False)
    fault(laser, "Dead", blocks_use=True, back_at=now + HOUR)
    found = instrument_now(viewer=ada, code=microscope.code, rest=rest, now=now)
    assert found is not None
    assert found.fault == outage_facts(microscope, now=now)
    assert found.presence.kind == "fault"
    later = now + 2 * HOUR
    found = instrument_now(viewer=ada, code=microscope.code, rest=rest, now=later)
    assert found is not None
    assert found.presence.kind == "free"
