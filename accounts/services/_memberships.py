"""The shared steps of joining and leaving groups; the caller holds the group's lock."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.enums import RequestStatus
from accounts.errors import AccountRefused
from accounts.models import GroupMember, ProjectMember, ResearchGroup, User
from audit.services import record


def add_to_group(
    *, actor: User | None, group: ResearchGroup, user: User, now: datetime
) -> GroupMember:
    """Make the person a member; who is one already stays as they are."""
    if not group.is_active:
        raise AccountRefused(
            code="group.closed", text=_("%(group)s is closed: nobody joins it.") % {"group": group}
        )
    if not user.is_active:
        raise AccountRefused(
            code="user.closed",
            text=_("The account of %(user)s is closed.") % {"user": user},
            field="user",
        )
    member, is_new = GroupMember.objects.get_or_create(
        group=group, user=user, defaults={"joined_at": now}
    )
    group.join_requests.filter(user=user, status=RequestStatus.WAITING).update(
        status=RequestStatus.ACCEPTED, decided_at=now, decided_by=actor
    )
    if is_new:
        record(
            action="group.member_added",
            actor=actor,
            target=group,
            now=now,
            facts={"user": user.full_name},
        )
    return member


def take_from_group(
    action: str, *, actor: User, group: ResearchGroup, user: User, now: datetime, reason: str = ""
) -> None:
    """End a membership and those in the group's projects."""
    if group.lead_id == user.pk:
        raise AccountRefused(
            code="group.lead_stays",
            text=_("The principal investigator stays: have the group given another one first."),
        )
    gone, _rows = GroupMember.objects.filter(group=group, user=user).delete()
    if not gone:
        raise AccountRefused(
            code="group.no_member", text=_("%(user)s is not in this group.") % {"user": user}
        )
    projects = ProjectMember.objects.filter(project__group=group, user=user)
    names = list(projects.values_list("project__name", flat=True))
    projects.delete()
    record(
        action=action,
        actor=actor,
        target=group,
        now=now,
        facts={"user": user.full_name, "projects": names},
        reason=reason,
    )
