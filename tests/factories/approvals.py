"""Policies of approval for tests, past every rule."""

from typing import Any

from booking.enums import ApprovalMode, ApproverKind, Needed
from booking.models import ApprovalPolicy, ApprovalTier, Resource


def make_approval_policy(
    resource: Resource | None, *tiers: dict[str, Any], mode: ApprovalMode, **fields: Any
) -> ApprovalPolicy:
    """A policy on a resource (None: everywhere), its steps in order."""
    policy = ApprovalPolicy.objects.create(
        name=fields.pop("name", "Policy"), resource=resource, mode=mode, **fields
    )
    ApprovalTier.objects.bulk_create(
        ApprovalTier(policy=policy, position=position, **tier)
        for position, tier in enumerate(tiers, 1)
    )
    return policy


def tier(
    approver: ApproverKind = ApproverKind.RESPONSIBLE, needed: Needed = Needed.ANY, **fields: Any
) -> dict[str, Any]:
    """One step."""
    return {"approver": approver, "needed": needed, **fields}
