"""Letting people in to restricted resources."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import AccessLevel
from booking.errors import ActionRefused
from booking.events import post_notice
from booking.models import Resource, ResourceAccess
from booking.permissions import can_grant_access
from booking.services._access import write_access
from booking.services._managers import require_manager
from labitory.lib.db import run_transaction


def grant_access(
    *,
    actor: User,
    user_id: UUID,
    resource_id: UUID,
    expires_at: datetime | None,
    now: datetime,
    level: AccessLevel = AccessLevel.BOOK,
) -> ResourceAccess:
    """Let a person see or book a restricted resource, for ever or until a moment.

    Granting anew renews.

    For those who let people in there. Raises `User.DoesNotExist` and `Resource.DoesNotExist`.
    """
    if expires_at is not None and expires_at <= now:
        raise ActionRefused(
            code="access.past",
            text=_("The expiry has passed: choose a later day, or leave it empty."),
            field="expires_at",
            status=422,
        )

    def work() -> ResourceAccess:
        user = User.objects.get(public_id=user_id, is_active=True)
        resource = Resource.objects.get(public_id=resource_id)
        require_manager(can_grant_access(actor, resource), "resource.grant_access", resource)
        access = write_access(
            actor=actor,
            user=user,
            resource=resource,
            expires_at=expires_at,
            level=level,
            now=now,
        )
        _tell(access, "access.granted", actor, now)
        return access

    return run_transaction(work)


def revoke_access(*, actor: User, user_id: UUID, resource_id: UUID, now: datetime) -> None:
    """Take a person's access away; their bookings stand. Raises `ResourceAccess.DoesNotExist`,
    `Resource.DoesNotExist`.
    """

    def work() -> None:
        resource = Resource.objects.get(public_id=resource_id)
        require_manager(can_grant_access(actor, resource), "resource.grant_access", resource)
        access = ResourceAccess.objects.select_related("user", "resource").get(
            user__public_id=user_id, resource=resource
        )
        record(
            action="resource.access_revoked",
            actor=actor,
            target=access.resource,
            now=now,
            facts={"user": access.user.full_name, "resource": access.resource.name},
        )
        _tell(access, "access.revoked", actor, now)
        access.delete()

    run_transaction(work)


def _tell(access: ResourceAccess, kind: str, actor: User, now: datetime) -> None:
    post_notice(
        kind=kind,
        people=[access.user_id],
        actor=actor,
        now=now,
        path=reverse("booking:resource_detail", args=[access.resource.public_id]),
        facts={"resource": access.resource.name, "user": access.user.full_name, "reason": ""},
    )
