"""Writing down how bookings are approved."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from booking.models import ApprovalPolicy, Resource, ResourceType
from booking.permissions import can_set_limit
from booking.services._approval_writing import (
    PolicyDetails,
    TierDetails,
    drop_policy,
    put_policy,
    require_sense,
)
from booking.services._managers import require_manager
from labitory.lib.db import run_transaction

__all__ = [
    "PolicyDetails",
    "TierDetails",
    "find_managed",
    "remove_approval_policy",
    "save_approval_policy",
]


def save_approval_policy(
    *, actor: User, details: PolicyDetails, now: datetime, policy_id: UUID | None = None
) -> ApprovalPolicy:
    """Write a policy with its steps, or change one; for where the actor sets policies.

    What waits already is decided in the steps in which it was asked. Raises `NotAllowed`,
    `ActionRefused`, `ApprovalPolicy.DoesNotExist`, `Resource.DoesNotExist` and
    `ResourceType.DoesNotExist`.
    """
    require_sense(details)

    def work() -> ApprovalPolicy:
        policy = ApprovalPolicy() if policy_id is None else find_managed(actor, policy_id)
        resource = (
            Resource.objects.get(public_id=details.resource_id) if details.resource_id else None
        )
        kind = ResourceType.objects.get(public_id=details.type_id) if details.type_id else None
        _require_place(actor, resource, kind)
        policy.resource, policy.resource_type = resource, kind
        put_policy(policy=policy, details=details, actor=actor, now=now)
        return policy

    return run_transaction(work)


def remove_approval_policy(*, actor: User, policy_id: UUID, now: datetime) -> None:
    """Remove a policy: the next wider one counts. What waits stays as it was asked."""

    def work() -> None:
        policy = find_managed(actor, policy_id)
        drop_policy(policy=policy, actor=actor, now=now)

    run_transaction(work)


def find_managed(actor: User, policy_id: UUID) -> ApprovalPolicy:
    """A policy that the actor may change; raises `NotAllowed` or `ApprovalPolicy.DoesNotExist`."""
    policy = ApprovalPolicy.objects.select_related("resource", "resource_type").get(
        public_id=policy_id
    )
    _require_place(actor, policy.resource, policy.resource_type)
    return policy


def _require_place(actor: User, resource: Resource | None, kind: ResourceType | None) -> None:
    type_pk = kind.pk if kind else None
    allowed = can_set_limit(actor, resource, type_pk)
    require_manager(allowed, "policy.manage", resource, type_id=type_pk)
