"""Policies of approval of every kind, what waits in their steps, and what was answered before."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.enums import Role
from accounts.models import User
from booking.enums import ApprovalMode, ApproverKind, Needed, Status, VoteState
from booking.models import (
    Approval,
    ApprovalDelegation,
    ApprovalPolicy,
    ApprovalTier,
    ApprovalVote,
    Booking,
    BookingStatus,
    Resource,
    ResourceType,
    Supervision,
)
from booking.queries.facts import TimeFacts, build_request, load_resources, sane_window
from booking.rules.approvals import ApprovalPlan, plan_approval
from booking.services._claims import release_claims
from booking.services._steps import ask_others, open_steps

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
# What waits longer would have been brought to others.
_LONGEST_WAIT = 40 * HOUR
_FREE = "TEM 200 kV"
_DEAR: dict[str, Any] = {
    "approver": ApproverKind.ROLE,
    "role": Role.LAB_MANAGER,
    "over_cost": Decimal(100),
}


def make_approvals(*, cast: dict[str, User], now: datetime) -> None:
    """Ada is supervised by Ben; Chris has a stand-in; pending bookings wait in their steps."""
    Supervision.objects.create(user=cast["ada"], supervisor=cast["ben"], since=now - 60 * DAY)
    _make_policies(cast)
    _make_delegations(cast, now)
    _write_history()
    waiting = list(
        Booking.objects.filter(status=Status.PENDING)
        .select_related("resource", "user", "created_by", "project")
        .order_by("pk")
    )
    for booking in waiting:
        open_steps([(booking, _plan(booking, now))], now=_asked_at(booking, now))
        if booking.resource.name == _FREE:
            release_claims(booking)
    _escalate_one(now)


def _make_policies(cast: dict[str, User]) -> None:
    named = {each.name: each for each in Resource.objects.all()}
    in_steps = ApprovalPolicy.objects.create(
        name="Investigator, then the lab",
        resource=named["Super-resolution microscope"],
        mode=ApprovalMode.TIERED,
    )
    both = ApprovalPolicy.objects.create(
        name="Supervisor of students, then all responsible persons",
        resource=named["Cryo-TEM"],
        mode=ApprovalMode.TIERED,
        answer_hours=96,
    )
    loose = ApprovalPolicy.objects.create(
        name="One person, the time stays free",
        resource=named[_FREE],
        mode=ApprovalMode.SINGLE,
        holds_slot=False,
    )
    ApprovalPolicy.objects.create(
        name="Printing overnight",
        resource=named["3D printer 1"],
        mode=ApprovalMode.CONDITIONAL,
        outside_hours=True,
        over_minutes=12 * 60,
        role=Role.STUDENT,
    )
    ApprovalPolicy.objects.create(
        name="Students within their quota",
        resource_type=ResourceType.objects.get(name="Light microscope"),
        mode=ApprovalMode.WITHIN_QUOTA,
        role=Role.STUDENT,
    )
    ApprovalPolicy.objects.create(
        name="Rooms need nobody",
        resource_type=ResourceType.objects.get(name="Room or bench"),
        mode=ApprovalMode.NONE,
    )
    rows = (
        (in_steps, 1, {"approver": ApproverKind.LEAD}),
        (in_steps, 2, {"approver": ApproverKind.RESPONSIBLE, "over_minutes": 120}),
        (in_steps, 3, _DEAR),
        (both, 1, {"approver": ApproverKind.SUPERVISOR, "for_roles": [Role.STUDENT]}),
        (both, 2, {"approver": ApproverKind.RESPONSIBLE, "needed": Needed.ALL}),
        (loose, 1, {"approver": ApproverKind.PERSON, "person": cast["chris"]}),
    )
    ApprovalTier.objects.bulk_create(
        ApprovalTier(policy=policy, position=position, **fields)
        for policy, position, fields in rows
    )


def _make_delegations(cast: dict[str, User], now: datetime) -> None:
    microscopes = ResourceType.objects.get(name="Electron microscope")
    ApprovalDelegation.objects.bulk_create(
        [
            ApprovalDelegation(
                user=cast["chris"],
                delegate=cast["dora"],
                resource_type=microscopes,
                starts_at=now - DAY,
                ends_at=now + 6 * DAY,
                created_at=now - 2 * DAY,
            ),
            ApprovalDelegation(
                user=cast["ben"],
                delegate=cast["chris"],
                starts_at=now + 10 * DAY,
                ends_at=now + 17 * DAY,
                created_at=now - DAY,
            ),
        ]
    )


def _asked_at(booking: Booking, now: datetime) -> datetime:
    """So long ago that nothing has been brought to others: that takes half of the time left."""
    longest = min(_LONGEST_WAIT, booking.start_time - now - HOUR)
    return max(booking.created_at, now - max(longest, timedelta()))


def _plan(booking: Booking, now: datetime) -> ApprovalPlan:
    window = sane_window(booking.period, now)
    [resource] = load_resources(
        user=booking.user,
        window=window,
        now=now,
        public_ids=[booking.resource.public_id],
        project_id=booking.charged_to,
    )
    request = build_request(
        resource=resource,
        time_facts=TimeFacts(window=window, own=(), claims={}),
        actor=booking.user,
        user=booking.user,
        period=booking.period,
        now=now,
        existing=booking,
        project_id=booking.charged_to,
    )
    return plan_approval(request)


def _write_history() -> None:
    """Each answer of the past as the step that it was."""
    answers = list(
        BookingStatus.objects.filter(
            from_status=Status.PENDING, to_status__in=(Status.CONFIRMED, Status.REJECTED)
        ).select_related("booking")
    )
    states = {Status.CONFIRMED: VoteState.APPROVED, Status.REJECTED: VoteState.REJECTED}
    steps = Approval.objects.bulk_create(
        Approval(
            booking=answer.booking,
            position=1,
            approver=ApproverKind.RESPONSIBLE,
            state=states[Status(answer.to_status)],
            asked_at=answer.booking.created_at,
            closed_at=answer.at,
        )
        for answer in answers
    )
    ApprovalVote.objects.bulk_create(
        ApprovalVote(
            approval=step,
            user_id=answer.actor_id,
            state=step.state,
            answered_by_id=answer.actor_id,
            answered_at=answer.at,
            reason=answer.reason,
        )
        for step, answer in zip(steps, answers, strict=True)
        if answer.actor_id is not None
    )


def _escalate_one(now: datetime) -> None:
    """The one that has waited longest was brought to others this morning."""
    step = (
        Approval.objects.filter(state=VoteState.WAITING, booking__start_time__gt=now + DAY)
        .select_related("booking__resource")
        .order_by("asked_at", "pk")
        .first()
    )
    if step is not None:
        step.escalated_at, step.due_at = now - 2 * HOUR, now + 22 * HOUR
        step.save(update_fields=["escalated_at", "due_at"])
        ask_others(step, now=now)
