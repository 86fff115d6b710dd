"""Who has to agree before a booking stands: decided here, for bookings, previews and pages alike.

The most specific policy counts. Where none is written, a resource that requires approval asks one
of its responsible persons.
"""

from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal
from zoneinfo import ZoneInfo

from booking.enums import ApprovalMode, ApproverKind, Needed
from booking.rules.request import ApprovalFacts, BookingRequest, TierFacts
from labitory.lib.periods import Period

# What counts as outside the working day, in the lab's zone.
DAY_BEGINS, DAY_ENDS = time(8), time(18)
_SATURDAY = 5
USUAL_ANSWER_HOURS = 72
_USUAL_TIER = TierFacts(approver=ApproverKind.RESPONSIBLE, needed=Needed.ANY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStep:
    """One step: who is asked, and how many of them must agree."""

    position: int
    approver: ApproverKind
    needed: Needed = Needed.ANY
    role: str = ""
    person_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPlan:
    """The steps in order, none when nobody is asked; and how the booking waits for them."""

    steps: tuple[ApprovalStep, ...] = ()
    holds_slot: bool = True
    answer_hours: int = USUAL_ANSWER_HOURS

    @property
    def is_needed(self) -> bool:
        """Whether anybody is asked."""
        return bool(self.steps)


def plan_approval(request: BookingRequest) -> ApprovalPlan:
    """Who would be asked for this booking, in which order, and whether it holds its time so long.

    Whoever may approve on the resource need not ask; that is for permissions to say.
    """
    policy = request.resource.approval
    if policy is None:
        is_asked = request.resource.requires_approval or request.over_quota
        return ApprovalPlan(steps=_numbered((_USUAL_TIER,) if is_asked else ()))
    asked = _asked(policy, request)
    if request.over_quota and not asked:
        # A quota is overdrawn by nobody alone, whatever else would let the booking stand.
        asked = _one(policy.tiers or (_USUAL_TIER,))
    return ApprovalPlan(
        steps=_numbered(asked),
        holds_slot=policy.holds_slot,
        answer_hours=policy.answer_hours,
    )


def is_outside_hours(period: Period, zone: ZoneInfo) -> bool:
    """Whether any of it lies between 18:00 and 8:00 or at a weekend, by the lab's clock."""
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    return (
        start.date() != end.date()
        or start.weekday() >= _SATURDAY
        or start.time() < DAY_BEGINS
        or end.time() > DAY_ENDS
    )


def _asked(policy: ApprovalFacts, request: BookingRequest) -> tuple[TierFacts, ...]:
    tiers = policy.tiers or (_USUAL_TIER,)
    match policy.mode:
        case ApprovalMode.NONE:
            return ()
        case ApprovalMode.TIERED:
            return tuple(tier for tier in tiers if _counts(tier, request))
        case ApprovalMode.WITHIN_QUOTA:
            return _one(tiers) if request.over_quota else ()
        case ApprovalMode.CONDITIONAL:
            return _one(tiers) if _condition_holds(policy, request) else ()
        case ApprovalMode.SINGLE:
            return _one(tiers)


def _one(tiers: tuple[TierFacts, ...]) -> tuple[TierFacts, ...]:
    """One person of the first step."""
    return (replace(tiers[0], needed=Needed.ANY),)


def _counts(tier: TierFacts, request: BookingRequest) -> bool:
    """Whether all conditions of a step hold: longer than, dearer than, at what hour, for whom."""
    return (
        (tier.over_minutes is None or request.period.minutes > tier.over_minutes)
        and (tier.over_cost is None or _is_dearer(request, tier.over_cost))
        and (not tier.outside_hours or is_outside_hours(request.period, request.resource.zone))
        and (not tier.for_roles or request.user.role in tier.for_roles)
    )


def _is_dearer(request: BookingRequest, than: Decimal) -> bool:
    """What has no price is never too dear."""
    cost = request.cost
    return cost is not None and cost > than


def _condition_holds(policy: ApprovalFacts, request: BookingRequest) -> bool:
    """Whether any condition of a policy holds."""
    moved = None if request.existing is None else request.existing.id
    is_first = all(each == moved for each in policy.earlier_ids)
    return (
        (policy.over_minutes is not None and request.period.minutes > policy.over_minutes)
        or (policy.outside_hours and is_outside_hours(request.period, request.resource.zone))
        or (policy.first_booking and is_first)
    )


def _numbered(tiers: tuple[TierFacts, ...]) -> tuple[ApprovalStep, ...]:
    return tuple(
        ApprovalStep(
            position=position,
            approver=tier.approver,
            needed=tier.needed,
            role=tier.role,
            person_id=tier.person_id,
        )
        for position, tier in enumerate(tiers, 1)
    )
