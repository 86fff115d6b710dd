"""Taking back a cancellation or a move: within ten minutes, once, and nobody hears of it."""

from datetime import datetime, timedelta

import pytest
from django.db.models import QuerySet

from accounts.models import User
from audit.models import AuditLog
from audit.sentences import tell
from booking.enums import ApprovalMode, EntryKind, Status, VoteState
from booking.errors import ActionRefused, BookingRefused, NotAllowed, SlotTaken
from booking.handlers import HANDLERS
from booking.models import (
    Approval,
    ApprovalVote,
    Booking,
    Message,
    Notification,
    OutboxEvent,
    QuotaEntry,
    Resource,
    ResourceCalendar,
    ResponsiblePerson,
    UndoableAct,
)
from booking.services.bookings import (
    BookingDetails,
    cancel_booking,
    create_booking,
    reschedule_booking,
)
from booking.services.events import dispatch_batch
from booking.services.undo import forget_acts, undo_act
from labitory.lib.periods import Period
from tests.factories.approvals import make_approval_policy, tier
from tests.factories.bookings import make_booking
from tests.factories.quotas import make_quota

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def heard() -> "QuerySet[OutboxEvent]":
    """What people hear of: open pages are told at once that something changed."""
    return OutboxEvent.objects.exclude(kind="resource.changed")


def dispatch(now: datetime) -> int:
    """How many events were told to people."""
    waiting = heard().filter(dispatched_at=None)
    before = waiting.count()
    dispatch_batch(handlers=HANDLERS, now=now)
    return before - waiting.count()


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's, tomorrow."""
    return make_booking(ada, microscope, now + 24 * HOUR, purpose="Cells")


def cancel(actor: User, booking: Booking, now: datetime) -> UndoableAct:
    cancel_booking(actor=actor, booking_id=booking.public_id, now=now)
    return UndoableAct.objects.latest("pk")


def undo(act: UndoableAct, now: datetime, actor: User | None = None) -> Booking:
    return undo_act(actor=actor or act.actor, act_id=act.public_id, now=now)


def test_a_cancellation_is_told_after_ten_minutes(
    ada: User, booking: Booking, now: datetime
) -> None:
    cancel(ada, booking, now)
    assert dispatch(now + 9 * MINUTE) == 0
    assert not Message.objects.exists()
    assert dispatch(now + 10 * MINUTE) == 1
    assert Message.objects.get().kind == "booking.cancelled"


def test_undone_it_stands_as_before_and_nobody_hears(
    ada: User, booking: Booking, now: datetime
) -> None:
    act = cancel(ada, booking, now)
    undone = undo(act, now + 5 * MINUTE)
    assert (undone.status, undone.period, undone.is_late_cancellation) == (
        Status.CONFIRMED,
        booking.period,
        False,
    )
    assert undone.sequence == 2
    assert ResourceCalendar.objects.get().booking_id == booking.pk
    assert not heard().exists()
    assert [step.to_status for step in undone.steps.all()] == [Status.CANCELLED, Status.CONFIRMED]
    actions = list(AuditLog.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["booking.cancelled", "booking.undone"]
    assert "took their last change back" in tell(AuditLog.objects.latest("pk"))
    assert dispatch(now + HOUR) == 0
    assert not Notification.objects.exists()


def test_it_is_undone_once_and_not_after_ten_minutes(
    ada: User, booking: Booking, now: datetime
) -> None:
    act = cancel(ada, booking, now)
    with pytest.raises(ActionRefused, match=r"undo\.late"):
        undo(act, now + 10 * MINUTE)
    undo(act, now + MINUTE)
    with pytest.raises(ActionRefused, match=r"undo\.done"):
        undo(act, now + MINUTE)


def test_what_was_told_cannot_be_undone(ada: User, booking: Booking, now: datetime) -> None:
    act = cancel(ada, booking, now)
    OutboxEvent.objects.update(dispatched_at=now)
    with pytest.raises(ActionRefused, match=r"undo\.late"):
        undo(act, now + MINUTE)
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED


def test_somebody_took_the_time(ada: User, ben: User, booking: Booking, now: datetime) -> None:
    act = cancel(ada, booking, now)
    make_booking(ben, booking.resource, booking.start_time)
    with pytest.raises(SlotTaken) as refused:
        undo(act, now + MINUTE)
    assert "taken" in refused.value.refusals[0].text
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    # It is told in its time, as if nobody had tried.
    assert dispatch(now + 10 * MINUTE) == 1


def test_the_persons_own_booking_since_stands_in_the_way(
    ada: User, booking: Booking, second_microscope: Resource, now: datetime
) -> None:
    act = cancel(ada, booking, now)
    make_booking(ada, second_microscope, booking.start_time)
    with pytest.raises(BookingRefused) as refused:
        undo(act, now + MINUTE)
    assert [each.code for each in refused.value.refusals] == ["own.overlap"]


def test_a_quota_is_not_overdrawn_by_undoing(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_quota(amount=60, user=ada)
    first = _book(ada, microscope, now)
    act = cancel(ada, first, now)
    _book(ada, microscope, now + 2 * HOUR)
    with pytest.raises(BookingRefused) as refused:
        undo(act, now + MINUTE)
    assert [each.code for each in refused.value.refusals] == ["quota.allowance"]


def test_undoing_reserves_on_the_quota_again(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_quota(amount=60, user=ada)
    undo(cancel(ada, _book(ada, microscope, now), now), now)
    kinds = list(QuotaEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [EntryKind.RESERVED, EntryKind.RELEASED, EntryKind.RESERVED]


def _book(user: User, resource: Resource, now: datetime) -> Booking:
    return create_booking(
        actor=user,
        user=user,
        resource_ids=[resource.public_id],
        period=Period(now + 24 * HOUR, now + 25 * HOUR),
        now=now,
    )[0]


def test_a_move_is_taken_back_with_what_it_said(
    ada: User, ben: User, booking: Booking, second_microscope: Resource, now: datetime
) -> None:
    booking.attendees.create(user=ben)
    reschedule_booking(
        actor=ada,
        booking_id=booking.public_id,
        resource_id=second_microscope.public_id,
        period=Period(now + 30 * HOUR, now + 32 * HOUR),
        details=BookingDetails(purpose="Other", attendee_ids=()),
        now=now,
    )
    undone = undo(UndoableAct.objects.get(), now + MINUTE)
    assert (undone.resource, undone.period) == (booking.resource, booking.period)
    assert (undone.purpose, undone.status) == ("Cells", Status.CONFIRMED)
    assert [each.user for each in undone.attendees.all()] == [ben]
    claim = ResourceCalendar.objects.get()
    assert (claim.resource, claim.during.lower) == (booking.resource, booking.start_time)
    assert not heard().exists()


def test_a_move_and_a_cancellation_after_it_are_told_together(
    ada: User, booking: Booking, now: datetime
) -> None:
    period = Period(now + 30 * HOUR, now + 31 * HOUR)
    reschedule_booking(actor=ada, booking_id=booking.public_id, period=period, now=now)
    move = UndoableAct.objects.get()
    cancel(ada, booking, now + 5 * MINUTE)
    with pytest.raises(ActionRefused, match=r"undo\.changed"):
        undo(move, now + 6 * MINUTE)
    assert dispatch(now + 12 * MINUTE) == 0
    assert dispatch(now + 15 * MINUTE) == 2


def test_undoing_the_second_act_tells_of_the_first(
    ada: User, booking: Booking, now: datetime
) -> None:
    period = Period(now + 30 * HOUR, now + 31 * HOUR)
    reschedule_booking(actor=ada, booking_id=booking.public_id, period=period, now=now)
    undone = undo(cancel(ada, booking, now + 5 * MINUTE), now + 6 * MINUTE)
    assert undone.period == period
    assert heard().get().kind == "booking.rescheduled"
    assert dispatch(now + 15 * MINUTE) == 1


def test_a_managers_act_is_told_at_once_after_what_was_held(
    ada: User, chris: User, booking: Booking, now: datetime
) -> None:
    period = Period(now + 30 * HOUR, now + 31 * HOUR)
    reschedule_booking(actor=ada, booking_id=booking.public_id, period=period, now=now)
    cancel_booking(actor=chris, booking_id=booking.public_id, now=now + MINUTE, reason="Repair")
    assert dispatch(now + MINUTE) == 2
    kinds = list(Message.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["booking.rescheduled", "booking.cancelled"]
    assert UndoableAct.objects.count() == 1


def test_what_begins_soon_can_be_undone_until_then(
    ada: User, microscope: Resource, now: datetime
) -> None:
    soon = make_booking(ada, microscope, now + 4 * MINUTE)
    assert cancel(ada, soon, now).until == soon.start_time
    running = make_booking(ada, microscope, now - 30 * MINUTE, 20 * MINUTE + HOUR / 3)
    cancel_booking(actor=ada, booking_id=running.public_id, now=now)
    assert not running.undoable_acts.exists()


def test_only_its_maker_undoes_it(ada: User, ben: User, booking: Booking, now: datetime) -> None:
    act = cancel(ada, booking, now)
    with pytest.raises(UndoableAct.DoesNotExist):
        undo(act, now, actor=ben)
    ada.is_active = False
    with pytest.raises(NotAllowed):
        undo(act, now, actor=ada)


def test_who_was_asked_is_asked_again(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    make_approval_policy(microscope, tier(), mode=ApprovalMode.SINGLE)
    waiting = _book(ada, microscope, now)
    undone = undo(cancel(ada, waiting, now), now + MINUTE)
    assert undone.status == Status.PENDING
    assert Approval.objects.get().state == VoteState.WAITING
    assert ApprovalVote.objects.get().state == VoteState.WAITING
    assert ResourceCalendar.objects.filter(booking=waiting).exists()
    # Only that it was asked for is told.
    assert [each.kind for each in heard()] == ["booking.requested"]


def test_time_that_an_approval_leaves_free_is_not_claimed_by_undoing(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    make_approval_policy(microscope, tier(), mode=ApprovalMode.SINGLE, holds_slot=False)
    undo(cancel(ada, _book(ada, microscope, now), now), now + MINUTE)
    assert not ResourceCalendar.objects.exists()


def test_what_can_no_longer_be_undone_is_forgotten(
    ada: User, booking: Booking, now: datetime
) -> None:
    act = cancel(ada, booking, now)
    assert forget_acts(now=act.until - MINUTE) == 0
    assert forget_acts(now=act.until) == 1
    assert not UndoableAct.objects.exists()
    # The message that waited is told all the same.
    assert heard().get().kind == "booking.cancelled"
