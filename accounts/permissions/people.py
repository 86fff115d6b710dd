"""Who may see, let in and let go people."""

from django.conf import settings

from accounts.enums import Role
from accounts.models import Registration, ResearchGroup, User
from accounts.permissions.grants import may
from accounts.permissions.groups import can_run_group
from accounts.permissions.users import can_create_user


def can_view_people(user: User) -> bool:
    """Whoever may see the contact data of others sees the list of people."""
    return may(user, "user.view_personal")


def can_take_lists(user: User) -> bool:
    """Whoever looks after people or groups everywhere takes their lists out as files."""
    return can_view_people(user) or may(user, "user.create") or may(user, "group.manage")


def can_take_in_lists(user: User) -> bool:
    """Who makes accounts and sees contact data takes files of people in; each row asks again."""
    return can_view_people(user) and may(user, "user.create")


def can_close_accounts(user: User) -> bool:
    """Whoever may change accounts lets people go, and merges double accounts."""
    return may(user, "user.manage")


def can_decide_registration(user: User, registration: Registration) -> bool:
    """Whoever may decide on registrations; with approval by the group, those who look after it."""
    if may(user, "user.approve"):
        return True
    group = registration.group
    return (
        settings.REGISTRATION_APPROVAL == "group"
        and group is not None
        and can_run_group(user, group)
    )


def can_invite(user: User, role: Role, group: ResearchGroup | None) -> bool:
    """Invite to a role below one's own: who makes accounts anywhere, who runs a group into it.

    A group can only be given by those who look after it.
    """
    if group is not None and not can_run_group(user, group):
        return False
    if can_create_user(user, role):
        return True
    return user.is_active and group is not None and role.rank < Role(user.role).rank


def can_place_person(actor: User, user: User) -> bool:
    """Who makes accounts says where in the organisation a person belongs, never for themselves."""
    return may(actor, "user.create") and actor.pk != user.pk


def works_under_supervision(user: User) -> bool:
    """Students name somebody who answers for their work, and answer for nobody's."""
    return user.role == Role.STUDENT
