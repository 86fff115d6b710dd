"""Letting others decide for a time, and who supervises whom."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import ApprovalMode, ApproverKind, Status
from booking.errors import ActionRefused, NotAllowed
from booking.models import (
    ApprovalDelegation,
    ApprovalVote,
    Booking,
    OutboxEvent,
    Resource,
    Supervision,
)
from booking.queries.approvals import awaiting_decision, may_decide
from booking.queries.notifications import deciders_of
from booking.services.approvals import approve_booking
from booking.services.bookings import create_booking
from booking.services.delegations import DelegationScope, delegate_approvals, end_delegation
from booking.services.supervision import set_supervisor
from labitory.lib.periods import Period
from tests.factories.approvals import make_approval_policy, tier

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def week(now: datetime) -> Period:
    return Period(now, now + 7 * DAY)


@pytest.fixture
def waiting(ada: User, ben: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's wish, for which Ben is asked."""
    make_approval_policy(
        microscope, tier(ApproverKind.PERSON, person=ben), mode=ApprovalMode.SINGLE
    )
    return create_booking(
        actor=ada,
        user=ada,
        resource_ids=[microscope.public_id],
        period=Period(now + 24 * HOUR, now + 25 * HOUR),
        now=now,
    )[0]


def refusal(caught: pytest.ExceptionInfo[ActionRefused]) -> str:
    return caught.value.refusals[0].code


def test_a_stand_in_answers_in_their_name(
    waiting: Booking, ben: User, eve: User, week: Period, now: datetime
) -> None:
    delegate_approvals(actor=ben, delegate=eve, period=week, now=now)
    assert list(awaiting_decision(eve, now=now)) == [waiting]
    assert set(deciders_of([waiting], now=now)) == {ben, eve}
    approved = approve_booking(actor=eve, booking_id=waiting.public_id, now=now)
    assert approved.status == Status.CONFIRMED
    vote = ApprovalVote.objects.get()
    assert (vote.user, vote.answered_by) == (ben, eve)
    assert AuditLog.objects.filter(action="approval.delegated").count() == 1
    told = OutboxEvent.objects.get(kind="approval.delegated").payload
    assert (told["people"], told["facts"]["scope"]) == ([eve.pk], "everywhere")


def test_only_in_its_time_and_place(
    waiting: Booking,
    ben: User,
    eve: User,
    microscope: Resource,
    second_microscope: Resource,
    week: Period,
    now: datetime,
) -> None:
    later = Period(now + 7 * DAY, now + 8 * DAY)
    delegate_approvals(actor=ben, delegate=eve, period=later, now=now)
    elsewhere = DelegationScope(resource_id=second_microscope.public_id)
    delegate_approvals(actor=ben, delegate=eve, period=week, now=now, scope=elsewhere)
    with pytest.raises(NotAllowed):
        approve_booking(actor=eve, booking_id=waiting.public_id, now=now)
    assert not may_decide(eve, waiting, now=week.end - HOUR)
    assert may_decide(eve, waiting, now=later.start)
    kind = DelegationScope(type_id=microscope.resource_type.public_id)
    delegate_approvals(actor=ben, delegate=eve, period=week, now=now, scope=kind)
    assert may_decide(eve, waiting, now=now)


def test_a_stand_in_never_decides_on_their_own(
    waiting: Booking, ben: User, ada: User, week: Period, now: datetime
) -> None:
    delegate_approvals(actor=ben, delegate=ada, period=week, now=now)
    assert not awaiting_decision(ada, now=now).exists()
    with pytest.raises(NotAllowed):
        approve_booking(actor=ada, booking_id=waiting.public_id, now=now)


def test_it_does_not_go_on_and_never_back(
    waiting: Booking, ben: User, chris: User, eve: User, dora: User, week: Period, now: datetime
) -> None:
    delegate_approvals(actor=ben, delegate=eve, period=week, now=now)
    delegate_approvals(actor=eve, delegate=dora, period=week, now=now)
    assert not awaiting_decision(dora, now=now).exists()
    for actor in (eve, dora):
        with pytest.raises(ActionRefused) as circle:
            delegate_approvals(actor=actor, delegate=ben, period=week, now=now)
        assert refusal(circle) == "delegation.circle"
    # At another time it is no circle.
    later = Period(week.end, week.end + DAY)
    delegate_approvals(actor=dora, delegate=ben, period=later, now=now)
    assert ApprovalDelegation.objects.count() == 3


def test_nonsense_is_refused(
    ben: User, eve: User, microscope: Resource, week: Period, now: datetime
) -> None:
    eve_gone = User.objects.get(pk=eve.pk)
    eve_gone.is_active = False
    both = DelegationScope(
        resource_id=microscope.public_id, type_id=microscope.resource_type.public_id
    )
    for delegate, period, scope, code in (
        (ben, week, None, "delegation.person"),
        (eve_gone, week, None, "delegation.person"),
        (eve, Period(now, now), None, "delegation.period"),
        (eve, Period(now - 2 * DAY, now), None, "delegation.period"),
        (eve, Period(now, now + 400 * DAY), None, "delegation.long"),
        (eve, week, both, "delegation.scope"),
    ):
        with pytest.raises(ActionRefused) as caught:
            delegate_approvals(actor=ben, delegate=delegate, period=period, now=now, scope=scope)
        assert refusal(caught) == code
    assert not ApprovalDelegation.objects.exists()
    assert not OutboxEvent.objects.exists()
    assert not AuditLog.objects.exists()


def test_it_ends_at_once_by_either(
    waiting: Booking, ben: User, eve: User, chris: User, week: Period, now: datetime
) -> None:
    made = delegate_approvals(actor=ben, delegate=eve, period=week, now=now - HOUR)
    with pytest.raises(ApprovalDelegation.DoesNotExist):
        end_delegation(actor=chris, delegation_id=made.public_id, now=now)
    end_delegation(actor=eve, delegation_id=made.public_id, now=now + HOUR)
    assert not may_decide(eve, waiting, now=now + HOUR)
    with pytest.raises(ActionRefused) as caught:
        end_delegation(actor=ben, delegation_id=made.public_id, now=now + HOUR)
    assert refusal(caught) == "delegation.over"
    later = delegate_approvals(
        actor=ben, delegate=eve, period=Period(now + 9 * DAY, now + 10 * DAY), now=now
    )
    end_delegation(actor=ben, delegation_id=later.public_id, now=now)
    assert ApprovalDelegation.objects.get() == made


def test_there_is_an_end_to_how_many(ben: User, eve: User, now: datetime) -> None:
    for days in range(20):
        period = Period(now + days * DAY, now + (days + 1) * DAY)
        delegate_approvals(actor=ben, delegate=eve, period=period, now=now)
    with pytest.raises(ActionRefused) as caught:
        delegate_approvals(actor=ben, delegate=eve, period=Period(now, now + DAY), now=now)
    assert refusal(caught) == "delegation.too_many"


def test_a_supervisor_is_named_once(
    ada: User, ben: User, chris: User, dora: User, now: datetime
) -> None:
    set_supervisor(actor=chris, user=ada, supervisor=ben, now=now)
    set_supervisor(actor=chris, user=ada, supervisor=ben, now=now)
    assert AuditLog.objects.filter(action="user.supervisor_changed").count() == 1
    set_supervisor(actor=chris, user=ada, supervisor=dora, now=now)
    assert Supervision.objects.get().supervisor == dora
    with pytest.raises(ActionRefused):
        set_supervisor(actor=chris, user=ada, supervisor=ada, now=now)
    for actor, user in ((ben, ada), (chris, chris)):
        with pytest.raises(NotAllowed):
            set_supervisor(actor=actor, user=user, supervisor=dora, now=now)
    assert set_supervisor(actor=chris, user=ada, supervisor=None, now=now) is None
    assert not Supervision.objects.exists()
