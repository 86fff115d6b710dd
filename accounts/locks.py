"""The row locks on people."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from social_django.models import UserSocialAuth

from accounts.models import (
    Invitation,
    JoinRequest,
    PrivacyRequest,
    Project,
    Registration,
    ResearchGroup,
    RoleDefinition,
    RoleGrant,
    Unit,
    User,
)


def lock_user(user_id: int) -> User:
    """Hold a person's row, so that two tabs of one person count each other's bookings.

    NO KEY: a plain FOR UPDATE would block every insert that refers to the person.
    """
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def lock_users(user_ids: Iterable[int]) -> list[User]:
    """Hold several people's rows, always in the same order, so that two such acts never meet."""
    found = User.objects.select_for_update(no_key=True).filter(pk__in=set(user_ids))
    return list(found.order_by("pk"))


def lock_group(public_id: UUID) -> ResearchGroup:
    """Hold a group: who joins, leaves or leads it is decided one after another."""
    return (
        ResearchGroup.objects.select_for_update(of=("self",), no_key=True)
        .select_related("unit", "lead", "price_class")
        .get(public_id=public_id)
    )


def lock_project(public_id: UUID) -> Project:
    """Hold a project while it or its people change."""
    return (
        Project.objects.select_for_update(of=("self",), no_key=True)
        .select_related("group__lead", "price_class")
        .get(public_id=public_id)
    )


def lock_join_request(public_id: UUID) -> JoinRequest:
    """Hold a request to join: two who decide at once decide once."""
    return (
        JoinRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("group__lead", "user")
        .get(public_id=public_id)
    )


def lock_units() -> list[Unit]:
    """Hold the whole tree: it is small, and two moves at once could tangle it."""
    return list(Unit.objects.select_for_update(no_key=True).order_by("pk"))


def lock_registration(public_id: UUID) -> Registration:
    """Hold a registration: it is confirmed once and decided once."""
    return (
        Registration.objects.select_for_update(of=("self",), no_key=True)
        .select_related("group__lead")
        .get(public_id=public_id)
    )


def lock_invitation(public_id: UUID) -> Invitation:
    """Hold an invitation: of two tabs that accept it one makes the account."""
    return (
        Invitation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("group", "invited_by")
        .get(public_id=public_id)
    )


def lock_role(public_id: UUID) -> RoleDefinition:
    """Hold a role: what it brings stays the same while it is granted."""
    return RoleDefinition.objects.select_for_update(no_key=True).get(public_id=public_id)


def lock_expired_grants(*, now: datetime) -> list[RoleGrant]:
    """Hold the granted roles that have ended and that nobody else clears away."""
    return list(
        RoleGrant.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(expires_at__lte=now)
        .select_related("role", "user")
        .order_by("user_id", "pk")[:500]
    )


def lock_link(provider: str, uid: str) -> "UserSocialAuth | None":
    """Hold the link of a login elsewhere: two logins at once change roles one after another."""
    return (
        UserSocialAuth.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user")
        .filter(provider=provider, uid=uid)
        .first()
    )


def lock_privacy_request(public_id: UUID) -> PrivacyRequest:
    """Hold a request for one's data: it is answered once."""
    return (
        PrivacyRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user")
        .get(public_id=public_id)
    )
