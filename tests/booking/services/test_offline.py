"""What was done on a device without a network: done as of then, or refused in words."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.enums import DataKind
from accounts.models import User
from accounts.retention import DEFAULT_DAYS
from accounts.services.retention import apply_retention
from audit.models import AuditLog
from booking.enums import ActOutcome, Limit, Status
from booking.models import (
    Booking,
    BookingPolicy,
    BookingStatus,
    Fault,
    OfflineAct,
    OutboxEvent,
    Question,
    Resource,
    UsageSession,
)
from booking.services._missed import free_missed
from booking.services.check_ins import check_in, check_out
from booking.services.offline import KeptAct, Reconciled, reconcile_acts
from tests.conftest import LAB_ZONE
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _lab_clock() -> Iterator[None]:
    """The reader's zone is the lab's, as in a request of theirs."""
    with timezone.override(LAB_ZONE):
        yield


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    """From eight until ten, made the day before."""
    before = now - 24 * HOUR
    return make_booking(ada, microscope, now, 2 * HOUR, created_at=before, updated_at=before)


def kept(booking: Booking, at: datetime, act: str = "check_in", key: UUID | None = None) -> KeptAct:
    return KeptAct(key=key or uuid4(), booking_id=booking.public_id, act=act, done_at=at)


def tell(user: User, *acts: KeptAct, now: datetime, wrong_by: timedelta = MINUTE * 0) -> Any:
    """A device tells; its clock is `wrong_by` ahead."""
    return reconcile_acts(actor=user, acts=acts, device_now=now + wrong_by, now=now)


def refused(user: User, act: KeptAct, now: datetime) -> str:
    """The words of a refusal that left nothing but its own row."""
    was = Booking.objects.get(public_id=act.booking_id).status
    logged, posted = AuditLog.objects.count(), OutboxEvent.objects.count()
    sessions = UsageSession.objects.count()
    [found] = tell(user, act, now=now)
    assert found.outcome is ActOutcome.REFUSED
    assert Booking.objects.get(public_id=act.booking_id).status == was
    assert (AuditLog.objects.count(), OutboxEvent.objects.count()) == (logged, posted)
    assert UsageSession.objects.count() == sessions
    return str(found.text)


def test_a_check_in_counts_from_when_it_was_done(
    ada: User, booking: Booking, now: datetime
) -> None:
    [found] = tell(ada, kept(booking, now + 5 * MINUTE), now=now + 40 * MINUTE)
    assert found.outcome is ActOutcome.DONE
    assert found.text == "Confocal 1: you checked in at 08:05."
    session = UsageSession.objects.get()
    assert session.started_at == now + 5 * MINUTE
    assert BookingStatus.objects.get(to_status="checked_in").at == now + 5 * MINUTE
    row = OfflineAct.objects.get()
    assert (row.user, row.booking, row.outcome) == (ada, booking, "done")
    assert (row.done_at, row.received_at) == (now + 5 * MINUTE, now + 40 * MINUTE)
    [record] = AuditLog.objects.filter(action="booking.checked_in")
    assert record.at == now + 40 * MINUTE
    assert OutboxEvent.objects.get(kind="booking.checked_in").created_at == now + 40 * MINUTE


@pytest.mark.parametrize("wrong_by", [timedelta(days=400), -90 * MINUTE])
def test_a_clock_that_is_wrong_is_corrected(
    ada: User, booking: Booking, now: datetime, wrong_by: timedelta
) -> None:
    told_at = now + 40 * MINUTE
    act = kept(booking, now + 5 * MINUTE + wrong_by)
    [found] = tell(ada, act, now=told_at, wrong_by=wrong_by)
    assert found.outcome is ActOutcome.DONE
    assert UsageSession.objects.get().started_at == now + 5 * MINUTE


def test_both_ends_of_a_session_are_told_in_any_order(
    ada: User, booking: Booking, now: datetime
) -> None:
    acts = (kept(booking, now + 50 * MINUTE, "check_out"), kept(booking, now + 5 * MINUTE))
    found = tell(ada, *acts, now=now + 80 * MINUTE)
    assert [each.outcome for each in found] == [ActOutcome.DONE, ActOutcome.DONE]
    session = UsageSession.objects.get()
    assert (session.started_at, session.ended_at) == (now + 5 * MINUTE, now + 50 * MINUTE)
    booking.refresh_from_db()
    assert (booking.status, booking.end_time) == (Status.COMPLETED, now + 51 * MINUTE)
    # What is over by now is nobody's to wait for.
    [freed] = OutboxEvent.objects.get(kind="booking.completed").payload["freed"]
    assert freed["start_time"] == (now + 80 * MINUTE).isoformat()


def test_told_twice_is_one(ada: User, booking: Booking, now: datetime) -> None:
    act = kept(booking, now)
    first = tell(ada, act, now=now + MINUTE)[0]
    again: Reconciled = tell(ada, act, now=now + HOUR)[0]
    assert (again.outcome, again.text, again.done_at) == (first.outcome, first.text, now)
    assert (first.is_new, again.is_new) == (True, False)
    assert OfflineAct.objects.count() == UsageSession.objects.count() == 1


@pytest.mark.parametrize("minutes", [-24 * 60 - 1, 1])
def test_what_is_too_old_or_not_yet_is_refused(
    ada: User, booking: Booking, now: datetime, minutes: int
) -> None:
    said = refused(ada, kept(booking, now + minutes * MINUTE), now)
    assert "counts for 24 hours" in said
    assert "core-facility@example.org" in said


def test_the_rules_are_asked_at_that_moment(ada: User, booking: Booking, now: datetime) -> None:
    BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=20)
    told_at = now + 3 * HOUR
    early = refused(ada, kept(booking, now - 16 * MINUTE), told_at)
    assert "Check in from 07:45 until 10:00" in early
    late = refused(ada, kept(booking, now + 21 * MINUTE), told_at)
    assert "Nobody checked in by 08:20" in late
    assert "after" not in refused(ada, kept(booking, now + 2 * HOUR), told_at)
    assert [each.outcome for each in OfflineAct.objects.all()] == ["refused"] * 3
    assert tell(ada, kept(booking, now + 19 * MINUTE), now=told_at)[0].outcome is ActOutcome.DONE


def test_missed_in_between_is_refused_with_the_way_out(
    ada: User, booking: Booking, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=20)
    assert free_missed([booking.pk], now=now + 25 * MINUTE) == 1
    said = refused(ada, kept(booking, now + 5 * MINUTE), now + 30 * MINUTE)
    assert said.startswith("Confocal 1: your check-in of 08:05 could not be taken. ")
    assert "marked as missed" in said
    assert "core-facility@example.org" in said


def test_what_another_device_did_is_said(ada: User, booking: Booking, now: datetime) -> None:
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    assert "in use already" in refused(ada, kept(booking, now + MINUTE), now + 5 * MINUTE)
    check_out(actor=ada, booking_id=booking.public_id, now=now + 10 * MINUTE)
    act = kept(booking, now + 9 * MINUTE, "check_out")
    assert "finished before" in refused(ada, act, now + 20 * MINUTE)


def test_what_is_asked_cannot_be_kept(
    ada: User, booking: Booking, microscope: Resource, now: datetime
) -> None:
    Question.objects.create(resource=microscope, moment="start", kind="text", label="Gas?")
    assert "Something is asked there" in refused(ada, kept(booking, now), now + MINUTE)


def test_an_instrument_out_of_order_is_refused(
    ada: User, booking: Booking, microscope: Resource, now: datetime
) -> None:
    Fault.objects.create(
        resource=microscope, title="Laser", reported_by=ada, reported_at=now, blocks_use=True,
        due_at=now + HOUR,
    )  # fmt: skip
    assert "cannot be used" in refused(ada, kept(booking, now + MINUTE), now + 2 * MINUTE)


def test_only_ones_own_bookings(cast: dict[str, User], booking: Booking, now: datetime) -> None:
    for name in ("ben", "chris", "dora", "eve"):
        for act in (kept(booking, now), KeptAct(
            key=uuid4(), booking_id=uuid4(), act="check_in", done_at=now
        )):  # fmt: skip
            [found] = tell(cast[name], act, now=now + MINUTE)
            assert found.outcome is ActOutcome.REFUSED
            assert "not yours" in found.text
    assert not OfflineAct.objects.exists()
    assert not UsageSession.objects.exists()


def test_a_key_of_somebody_else_tells_nothing(
    ada: User, eve: User, booking: Booking, microscope: Resource, now: datetime
) -> None:
    act = kept(booking, now)
    tell(ada, act, now=now)
    hers = make_booking(eve, microscope, now + 3 * HOUR)
    [found] = tell(eve, kept(hers, now, key=act.key), now=now)
    assert found.outcome is ActOutcome.REFUSED
    assert "Confocal" not in found.text
    assert OfflineAct.objects.get().user == ada


def test_one_that_is_refused_stops_no_other(
    ada: User, booking: Booking, second_microscope: Resource, now: datetime
) -> None:
    other = make_booking(ada, second_microscope, now + 5 * HOUR)
    found = tell(ada, kept(other, now), kept(booking, now + MINUTE), now=now + 2 * MINUTE)
    assert [each.outcome for each in found] == [ActOutcome.REFUSED, ActOutcome.DONE]


@pytest.mark.parametrize("number", [1, 3])
def test_telling_again_costs_little(
    ada: User, booking: Booking, now: datetime, number: int
) -> None:
    acts = [kept(booking, now) for _each in range(number)]
    tell(ada, *acts, now=now)
    with count_queries(2 * number):
        tell(ada, *acts, now=now)


def test_what_devices_told_is_not_kept_for_ever(ada: User, booking: Booking, now: datetime) -> None:
    tell(ada, kept(booking, now), now=now)
    later = now + timedelta(days=DEFAULT_DAYS[DataKind.NOTICES])
    apply_retention(now=later)
    assert OfflineAct.objects.count() == 1
    apply_retention(now=later + MINUTE)
    assert not OfflineAct.objects.exists()
    assert UsageSession.objects.count() == 1
