"""Who may do what with research groups and their projects."""

from accounts.models import JoinRequest, Project, ResearchGroup, User
from accounts.permissions.grants import Where, may


def can_manage_group(user: User, group: ResearchGroup) -> bool:
    """Whoever may edit groups in the group's unit: name, unit, principal investigator, prices."""
    return may(user, "group.manage", Where(unit_id=group.unit_id))


def can_create_group(user: User, unit_id: int | None) -> bool:
    """Whoever may edit groups in that unit makes new ones there."""
    return may(user, "group.manage", Where(unit_id=unit_id))


def is_in_group(user: User, group: ResearchGroup) -> bool:
    """Whether the person leads the group or is a member of it."""
    return group.lead_id == user.pk or any(
        member.user_id == user.pk for member in group.members.all()
    )


def can_run_group(user: User, group: ResearchGroup) -> bool:
    """The principal investigator, delegated managers and those who may edit the group.

    They add and remove members, decide on requests to join and look after the projects' people.
    """
    if not user.is_active:
        return False
    if group.lead_id == user.pk or can_manage_group(user, group):
        return True
    return any(member.user_id == user.pk and member.is_manager for member in group.members.all())


def can_appoint_manager(user: User, group: ResearchGroup) -> bool:
    """The principal investigator delegates, and whoever may edit the group."""
    return user.is_active and (group.lead_id == user.pk or can_manage_group(user, group))


def can_view_group_members(user: User, group: ResearchGroup) -> bool:
    """People of the group see one another; those who may edit it see them too."""
    return user.is_active and (is_in_group(user, group) or can_manage_group(user, group))


def can_decide_join_request(user: User, request: JoinRequest) -> bool:
    """Those who look after the group decide, never on their own request."""
    return request.user_id != user.pk and can_run_group(user, request.group)


def can_change_project(user: User, project: Project) -> bool:
    """Account code, validity and prices are for those who may edit the group."""
    return can_manage_group(user, project.group)


def can_run_project(user: User, project: Project) -> bool:
    """Those who look after the group choose the people and the instruments of its projects."""
    return can_run_group(user, project.group)


def can_view_project(user: User, project: Project) -> bool:
    """People of the project and of its group see it, and those who may edit the group."""
    return user.is_active and (
        any(member.user_id == user.pk for member in project.members.all())
        or can_view_group_members(user, project.group)
    )
