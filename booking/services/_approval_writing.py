"""Writing how bookings are approved, inside an open transaction: by hand or from a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from audit.services import record
from booking.enums import ApprovalMode, ApproverKind, Needed
from booking.errors import ActionRefused
from booking.models import ApprovalPolicy, ApprovalTier
from labitory.lib.db import constraint_of

MOST_TIERS = 6
MOST_HOURS = 2160
LONGEST_MINUTES = 525_600


@dataclass(frozen=True, slots=True, kw_only=True)
class TierDetails:
    """One step: who is asked, how many must agree, for which bookings."""

    approver: str
    needed: str = Needed.ANY
    role: str = ""
    person: User | None = None
    over_minutes: int | None = None
    over_cost: Decimal | None = None
    outside_hours: bool = False
    for_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDetails:
    """All that a policy of approval says, its steps in order."""

    name: str
    mode: str
    role: str = ""
    resource_id: UUID | None = None
    type_id: UUID | None = None
    holds_slot: bool = True
    answer_hours: int = 72
    over_minutes: int | None = None
    outside_hours: bool = False
    first_booking: bool = False
    tiers: tuple[TierDetails, ...] = ()


def put_policy(
    *, policy: ApprovalPolicy, details: PolicyDetails, actor: User, now: datetime
) -> None:
    """Write a policy whose place is set, new or there, with its steps and its record.

    What waits already is decided in the steps in which it was asked. Raises `ActionRefused`.
    """
    is_new = policy.pk is None
    before = {} if is_new else said_policy(ApprovalPolicy.objects.get(pk=policy.pk))
    for name in _FIELDS:
        setattr(policy, name, getattr(details, name))
    _save(policy)
    policy.tiers.all().delete()
    ApprovalTier.objects.bulk_create(_tiers(policy, details))
    after = said_policy(policy)
    record(
        action="approval_policy.added" if is_new else "approval_policy.changed",
        actor=actor,
        target=policy,
        now=now,
        changes={name: (before.get(name), value) for name, value in after.items()},
    )


def drop_policy(*, policy: ApprovalPolicy, actor: User, now: datetime) -> None:
    """Remove a policy with its record. What waits stays as it was asked."""
    record(
        action="approval_policy.removed",
        actor=actor,
        target=policy,
        now=now,
        changes={name: (value, None) for name, value in said_policy(policy).items()},
    )
    policy.delete()


def require_sense(details: PolicyDetails) -> None:
    """Refuse what no policy can say; raises `ActionRefused`."""
    for refusal in (*_nonsense(details), *_nonsense_of_tiers(details)):
        raise refusal


_FIELDS = (
    "name",
    "mode",
    "role",
    "holds_slot",
    "answer_hours",
    "over_minutes",
    "outside_hours",
    "first_booking",
)


def _save(policy: ApprovalPolicy) -> None:
    try:
        with transaction.atomic():
            policy.save()
    except IntegrityError as error:
        if constraint_of(error) != "approvalpolicy_unique":
            raise
        raise _refused(
            "policy.exists",
            _("There is a policy for the same people and place already: change that one."),
            field="role",
        ) from error


def _tiers(policy: ApprovalPolicy, details: PolicyDetails) -> Iterator[ApprovalTier]:
    for position, tier in enumerate(details.tiers, 1):
        yield ApprovalTier(
            policy=policy,
            position=position,
            approver=tier.approver,
            needed=tier.needed,
            role=tier.role if tier.approver == ApproverKind.ROLE else "",
            person=tier.person if tier.approver == ApproverKind.PERSON else None,
            over_minutes=tier.over_minutes,
            over_cost=tier.over_cost,
            outside_hours=tier.outside_hours,
            for_roles=list(tier.for_roles),
        )


def said_policy(policy: ApprovalPolicy) -> dict[str, Any]:
    """What a policy says, for the log."""
    return {
        **{name: getattr(policy, name) for name in _FIELDS},
        "resource": policy.resource.name if policy.resource else "",
        "type": policy.resource_type.name if policy.resource_type else "",
        "steps": [str(tier) for tier in policy.tiers.order_by("position")],
    }


def _nonsense(details: PolicyDetails) -> Iterator[ActionRefused]:
    if not details.name.strip():
        yield _refused("policy.name", _("Give the policy a name."), field="name")
    if details.mode not in ApprovalMode.values or details.role not in ("", *Role.values):
        yield _refused("policy.unknown", _("Choose a kind of approval and a role."), field="mode")
    if details.resource_id is not None and details.type_id is not None:
        yield _refused(
            "policy.scope",
            _("A policy holds for one resource or one type, not both."),
            field="resource",
        )
    if not 1 <= details.answer_hours <= MOST_HOURS:
        yield _refused(
            "policy.hours",
            _("The time to answer must lie between 1 and %(most)s hours.") % {"most": MOST_HOURS},
            field="answer_hours",
        )
    any_condition = details.over_minutes or details.outside_hours or details.first_booking
    if details.mode == ApprovalMode.CONDITIONAL and not any_condition:
        yield _refused(
            "policy.condition",
            _("Say under which condition somebody is asked."),
            field="over_minutes",
        )
    if _is_absurd(details.over_minutes):
        yield _absurd_length("over_minutes")


def _nonsense_of_tiers(details: PolicyDetails) -> Iterator[ActionRefused]:
    if details.mode == ApprovalMode.TIERED and not details.tiers:
        yield _refused("policy.steps", _("Say who is asked in the first step."))
    if len(details.tiers) > MOST_TIERS:
        yield _refused(
            "policy.steps", _("A policy has at most %(most)s steps.") % {"most": MOST_TIERS}
        )
    for number, tier in enumerate(details.tiers, 1):
        text = _nonsense_of_tier(tier)
        if text:
            yield _refused("policy.step", _("Step %(n)s: %(text)s") % {"n": number, "text": text})
        if _is_absurd(tier.over_minutes):
            yield _absurd_length("")


def _nonsense_of_tier(tier: TierDetails) -> str:
    """Why a step makes no sense, or empty."""
    known_roles = {"", *Role.values}
    if tier.approver not in ApproverKind.values or tier.needed not in Needed.values:
        return _("choose who is asked, and how many must agree.")
    if tier.role not in known_roles or not known_roles.issuperset(tier.for_roles):
        return _("choose roles from the list.")
    if tier.approver == ApproverKind.ROLE and not tier.role:
        return _("choose the role that is asked.")
    if tier.approver == ApproverKind.PERSON and (tier.person is None or not tier.person.is_active):
        return _("name a person with an open account.")
    if tier.over_cost is not None and not 0 <= tier.over_cost < Decimal(10) ** 8:
        return _("the cost must not be negative, and have eight digits at most.")
    return ""


def _is_absurd(minutes: int | None) -> bool:
    return minutes is not None and not 0 < minutes <= LONGEST_MINUTES


def _absurd_length(field: str) -> ActionRefused:
    return _refused("policy.length", _("A length lies between a minute and a year."), field=field)


def _refused(code: str, text: str, *, field: str = "") -> ActionRefused:
    return ActionRefused(code=code, text=text, field=field, status=422)
