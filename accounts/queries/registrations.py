"""Reading who asked for an account, who was invited, and who decides."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.enums import RegistrationStatus, Role, ScopeKind
from accounts.models import Invitation, Registration, User
from accounts.permissions.catalogue import permissions
from accounts.permissions.grants import may
from accounts.queries.groups import leaders_of, led_groups


def registrations_for(viewer: User) -> "QuerySet[Registration]":
    """The registrations that wait for the viewer's decision, the oldest first."""
    waiting = Registration.objects.filter(status=RegistrationStatus.WAITING)
    if not may(viewer, "user.approve"):
        if settings.REGISTRATION_APPROVAL != "group":
            return waiting.none()
        waiting = waiting.filter(group__in=led_groups(viewer))
    return waiting.select_related("group").order_by("asked_at", "pk")


def approvers_of(registration: Registration, *, now: datetime) -> list[User]:
    """Who is told that somebody waits: the group's leaders, or all who decide on registrations."""
    if settings.REGISTRATION_APPROVAL == "group" and registration.group is not None:
        return leaders_of(registration.group)
    least = permissions()["user.approve"].least
    roles = [role for role in Role if least is not None and role.rank >= least.rank]
    lasts = Q(role_grants__expires_at=None) | Q(role_grants__expires_at__gt=now)
    granted = lasts & Q(
        role_grants__role__permissions__contains=["user.approve"],
        role_grants__scope_kind=ScopeKind.EVERYWHERE,
    )
    return list(User.objects.filter(Q(role__in=roles) | granted, is_active=True).distinct())


def find_registration(public_id: UUID) -> Registration | None:
    """A registration, whatever became of it."""
    return Registration.objects.select_related("group").filter(public_id=public_id).first()


def invitations_for(viewer: User) -> "QuerySet[Invitation]":
    """The invitations that the viewer made; who makes accounts sees everybody's."""
    found = Invitation.objects.select_related("group", "invited_by", "accepted_by")
    if not may(viewer, "user.create"):
        found = found.filter(invited_by=viewer)
    return found.order_by("-invited_at", "-pk")


def open_invitation(public_id: UUID, *, now: datetime) -> Invitation | None:
    """An invitation that can still be accepted."""
    return (
        Invitation.objects.select_related("group", "invited_by")
        .filter(public_id=public_id, expires_at__gt=now, withdrawn_at=None, accepted_at=None)
        .first()
    )
