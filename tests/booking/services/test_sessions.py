"""Use beside the plan: walking up and staying longer."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditLog
from booking.enums import (
    Handover,
    Limit,
    SessionEnd,
    Severity,
    Status,
)
from booking.errors import ActionRefused, BookingError, BookingRefused, NotAllowed, SlotTaken
from booking.models import (
    Booking,
    BookingPolicy,
    BookingStatus,
    Fault,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    UsageSession,
)
from booking.queries.check_ins import (
    last_use,
)
from booking.services.check_ins import (
    Leaving,
    check_in,
    check_out,
    extend_booking,
    start_now,
)
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def limit(which: Limit, value: int | None, **place: Any) -> None:
    BookingPolicy.objects.create(limit=which, value=value, **place)


def planned(user: User, resource: Resource, start: datetime, *length: timedelta) -> Booking:
    """A booking made well before, so that its grace counts from its start."""
    before = start - 24 * HOUR
    return make_booking(user, resource, start, *length, created_at=before, updated_at=before)


def told(kind: str) -> list[dict[str, Any]]:
    return [event.payload for event in OutboxEvent.objects.filter(kind=kind).order_by("pk")]


def code_of(error: pytest.ExceptionInfo[BookingError]) -> str:
    return error.value.refusals[0].code


def test_a_session_is_kept_beside_the_plan(ada: User, microscope: Resource, now: datetime) -> None:
    booking = planned(ada, microscope, now, 2 * HOUR)
    check_in(actor=ada, booking_id=booking.public_id, now=now - 5 * MINUTE)
    said = Leaving(handover=Handover.WARM, note=" Laser is on. ")
    check_out(actor=ada, booking_id=booking.public_id, now=now + 40 * MINUTE, leaving=said)
    session = UsageSession.objects.get()
    assert (session.started_at, session.ended_at) == (now - 5 * MINUTE, now + 40 * MINUTE)
    assert (session.planned_end, session.ended_how) == (now + 2 * HOUR, SessionEnd.USER)
    assert (session.handover, session.handover_note) == (Handover.WARM, "Laser is on.")
    freed = told("booking.completed")[0]["freed"][0]
    assert freed["start_time"] == (now + 41 * MINUTE).isoformat()
    assert freed["end_time"] == (now + 2 * HOUR).isoformat()
    left = last_use(resource=microscope, now=now + HOUR).left
    assert left == session


def test_how_early_is_a_policy(ada: User, microscope: Resource, now: datetime) -> None:
    limit(Limit.CHECK_IN_EARLY, 60)
    limit(Limit.CHECK_IN_EARLY, 5, role=Role.STUDENT, resource=microscope)
    booking = planned(ada, microscope, now + HOUR)
    with pytest.raises(ActionRefused) as caught:
        check_in(actor=ada, booking_id=booking.public_id, now=now + 50 * MINUTE)
    assert code_of(caught) == "check_in.time"
    assert "from 08:55" in caught.value.refusals[0].text
    check_in(actor=ada, booking_id=booking.public_id, now=now + 55 * MINUTE)


def test_nobody_checks_in_where_somebody_is_within_their_time(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    first = planned(ben, microscope, now)
    second = planned(ada, microscope, now + HOUR)
    check_in(actor=ben, booking_id=first.public_id, now=now)
    with pytest.raises(ActionRefused) as caught:
        check_in(actor=ada, booking_id=second.public_id, now=now + 50 * MINUTE)
    assert code_of(caught) == "check_in.in_use"
    # Past the end of the first its session makes way, and its person hears of it.
    check_in(actor=ada, booking_id=second.public_id, now=now + 65 * MINUTE)
    ended = UsageSession.objects.get(booking=first)
    assert (ended.ended_at, ended.ended_how) == (now + 65 * MINUTE, SessionEnd.AUTOMATIC)
    assert told("session.ended")[0]["people"] == [ben.pk]
    assert Booking.objects.get(pk=first.pk).status == Status.COMPLETED


def test_what_is_broken_or_closed_is_not_begun(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    booking = planned(ada, microscope, now)
    fault = Fault.objects.create(
        resource=microscope,
        reported_by=ben,
        title="No laser",
        severity=Severity.HIGH,
        blocks_use=True,
        reported_at=now,
        due_at=now,
    )
    with pytest.raises(ActionRefused) as caught:
        check_in(actor=ada, booking_id=booking.public_id, now=now)
    assert code_of(caught) == "check_in.fault"
    fault.delete()
    Resource.objects.update(is_active=False, closed_reason="Moving")
    with pytest.raises(ActionRefused) as caught:
        check_in(actor=ada, booking_id=booking.public_id, now=now)
    assert code_of(caught) == "check_in.closed"
    assert not UsageSession.objects.exists()


def test_walking_up_books_from_this_minute_and_checks_in(
    ada: User, microscope: Resource, now: datetime
) -> None:
    at = now + 7 * MINUTE + timedelta(seconds=20)
    booking = start_now(actor=ada, resource_id=microscope.public_id, until=now + HOUR, now=at)
    assert (booking.start_time, booking.end_time) == (now + 7 * MINUTE, now + HOUR)
    assert booking.status == Status.CHECKED_IN
    session = UsageSession.objects.get()
    assert (session.booking, session.started_at, session.ended_at) == (booking, at, None)
    steps = BookingStatus.objects.order_by("pk").values_list("to_status", flat=True)
    assert list(steps) == [Status.CONFIRMED, Status.CHECKED_IN]
    kinds = OutboxEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["booking.created", "booking.checked_in"]


def test_walking_up_asks_every_rule_and_writes_nothing_when_refused(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    planned(ben, microscope, now + HOUR)
    restricted = make_resource("Stepper", requires_access=True)
    approved = make_resource("Cryo", requires_approval=True)
    long = now + 2 * HOUR
    for resource, until, code in (
        (microscope, long, "conflict.taken"),
        (microscope, now + 50 * MINUTE, "period.grid"),
        (microscope, now, "period.order"),
        (restricted, now + HOUR, "access.missing"),
        (approved, now + HOUR, "start_now.approval"),
    ):
        with pytest.raises(BookingError) as caught:
            start_now(actor=ada, resource_id=resource.public_id, until=until, now=now)
        assert code in [each.code for each in caught.value.refusals]
    assert Booking.objects.filter(user=ada).count() == 0
    assert not UsageSession.objects.exists()
    assert ResourceCalendar.objects.count() == 1
    assert not OutboxEvent.objects.exists()


def test_staying_longer_grows_the_claim(ada: User, now: datetime) -> None:
    resource = make_resource("Sorter", setup_minutes=15, cleanup_minutes=15)
    booking = planned(ada, resource, now)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    longer = extend_booking(
        actor=ada, booking_id=booking.public_id, until=now + 2 * HOUR, now=now + 50 * MINUTE
    )
    assert longer.end_time == now + 2 * HOUR
    claim = ResourceCalendar.objects.get()
    assert (claim.during.lower, claim.during.upper) == (
        now - 15 * MINUTE,
        now + 2 * HOUR + 15 * MINUTE,
    )
    assert UsageSession.objects.get().planned_end == now + 2 * HOUR
    log = AuditLog.objects.get(action="booking.extended")
    assert list(log.changes) == ["end_time"]


def test_staying_longer_is_refused_with_how_long_is_free(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    booking = planned(ada, microscope, now)
    planned(ben, microscope, now + 90 * MINUTE)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    with pytest.raises(SlotTaken) as caught:
        extend_booking(
            actor=ada, booking_id=booking.public_id, until=now + 2 * HOUR, now=now + 50 * MINUTE
        )
    assert code_of(caught) == "extend.taken"
    assert "free until 09:30" in caught.value.refusals[0].text
    booking.refresh_from_db()
    assert booking.end_time == now + HOUR
    assert ResourceCalendar.objects.get(booking=booking).during.upper == now + HOUR
    extend_booking(
        actor=ada, booking_id=booking.public_id, until=now + 90 * MINUTE, now=now + 50 * MINUTE
    )
    with pytest.raises(SlotTaken) as caught:
        extend_booking(
            actor=ada, booking_id=booking.public_id, until=now + 2 * HOUR, now=now + 50 * MINUTE
        )
    assert "taken from 09:30" in caught.value.refusals[0].text


def test_staying_longer_asks_the_rules_and_only_of_what_runs(
    ada: User, eve: User, microscope: Resource, now: datetime
) -> None:
    limit(Limit.MAX_LENGTH, 90)
    limit(Limit.LEAD_TIME, 600)
    booking = planned(ada, microscope, now)
    arguments: dict[str, Any] = {"booking_id": booking.public_id, "now": now + 50 * MINUTE}
    with pytest.raises(ActionRefused) as refused:
        extend_booking(actor=ada, until=now + 75 * MINUTE, **arguments)
    assert code_of(refused) == "extend.state"
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    with pytest.raises(NotAllowed):
        extend_booking(actor=eve, until=now + 75 * MINUTE, **arguments)
    for until, code in (
        (now + 105 * MINUTE, "length.maximum"),
        (now + 65 * MINUTE, "period.grid"),
    ):
        with pytest.raises(BookingRefused) as caught:
            extend_booking(actor=ada, until=until, **arguments)
        assert code_of(caught) == code
    with pytest.raises(ActionRefused) as refused:
        extend_booking(actor=ada, until=now + HOUR, **arguments)
    assert code_of(refused) == "extend.shorter"
    extend_booking(actor=ada, until=now + 90 * MINUTE, **arguments)
