"""Writing the numbers behind the rules."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from audit.services import record
from booking.enums import Limit
from booking.errors import ActionRefused
from booking.models import BookingPolicy, Resource, ResourceType
from booking.permissions import can_manage_policy, can_set_limit
from booking.services._managers import require_manager
from labitory.lib.db import run_transaction

LARGEST = 5_256_000


def set_policy(
    *,
    actor: User,
    limit: str,
    role: str,
    resource_id: UUID | None,
    type_id: UUID | None,
    value: int | None,
    now: datetime,
) -> BookingPolicy:
    """Set one limit for a role (or all) on a resource, a type (or all); None lifts it there."""
    if limit not in Limit.values or role not in ("", *Role.values):
        raise ActionRefused(
            code="policy.unknown", text=_("Choose a limit and a role."), field="limit", status=422
        )
    if resource_id is not None and type_id is not None:
        raise ActionRefused(
            code="policy.scope",
            text=_("A limit holds for one resource or one type, not both."),
            field="resource",
            status=422,
        )
    if value is not None and not 0 <= value <= LARGEST:
        raise ActionRefused(
            code="policy.value",
            text=_("The value must lie between 0 and %(most)s.") % {"most": LARGEST},
            field="value",
            status=422,
        )

    def work() -> BookingPolicy:
        resource = Resource.objects.get(public_id=resource_id) if resource_id else None
        kind = ResourceType.objects.get(public_id=type_id) if type_id else None
        type_pk = kind.pk if kind else None
        allowed = can_set_limit(actor, resource, type_pk)
        require_manager(allowed, "policy.manage", resource, type_id=type_pk)
        scope: dict[str, Any] = {
            "limit": limit,
            "role": role,
            "resource": resource,
            "resource_type": kind,
        }
        old = BookingPolicy.objects.filter(**scope).first()
        policy, _made = BookingPolicy.objects.update_or_create(**scope, defaults={"value": value})
        _record(policy, actor, now, old.value if old else None, value)
        return policy

    return run_transaction(work)


def remove_policy(*, actor: User, policy_pk: int, now: datetime) -> None:
    """Remove one limit: the next wider one holds. Raises `BookingPolicy.DoesNotExist`."""

    def work() -> None:
        policy = BookingPolicy.objects.select_related("resource", "resource_type").get(pk=policy_pk)
        allowed = can_manage_policy(actor, policy)
        kind = policy.resource_type_id
        require_manager(allowed, "policy.manage", policy.resource, type_id=kind)
        _record(policy, actor, now, policy.value, None)
        policy.delete()

    run_transaction(work)


def _record(
    policy: BookingPolicy, actor: User, now: datetime, before: int | None, after: int | None
) -> None:
    record(
        action="policy.changed",
        actor=actor,
        target=policy,
        now=now,
        changes={"value": (before, after)},
        facts={
            "limit": str(policy.get_limit_display()),
            "role": policy.role,
            "resource": policy.resource.name if policy.resource else "",
            "type": policy.resource_type.name if policy.resource_type else "",
        },
    )
