"""Roles and grants for tests."""

from datetime import timedelta

from accounts.enums import ScopeKind
from accounts.models import RoleDefinition, RoleGrant, User
from labitory.lib.clock import now


def make_role(code: str, *permissions: str) -> RoleDefinition:
    """A role of one's own that brings these permissions."""
    return RoleDefinition.objects.create(
        code=code, name=code.replace("-", " ").title(), permissions=sorted(permissions)
    )


def give(
    user: User,
    role: RoleDefinition,
    kind: ScopeKind = ScopeKind.EVERYWHERE,
    key: int | None = None,
    *,
    ends_in: timedelta | None = None,
) -> RoleGrant:
    """A role held by somebody, and the person as they are now.

    Ends are by the database's clock, which tests do not freeze.
    """
    real = now()
    grant = RoleGrant.objects.create(
        user=user,
        role=role,
        scope_kind=kind,
        scope_id=key,
        granted_at=real - timedelta(days=1),
        expires_at=None if ends_in is None else real + ends_in,
    )
    user.refresh_from_db()
    return grant
