"""Who may do what with accounts."""

from accounts.enums import Role
from accounts.models import User


def can_create_user(actor: User, role: Role) -> bool:
    """Lab managers make accounts below their own role, system administrators of every role."""
    return actor.is_sysadmin or (actor.is_lab_manager and role.rank < Role.LAB_MANAGER.rank)


def can_set_role(actor: User, user: User) -> bool:
    """System administrators give roles; nobody changes their own."""
    return actor.is_sysadmin and actor.pk != user.pk


def can_deactivate_user(actor: User, user: User) -> bool:
    """System administrators close and reopen accounts; nobody closes their own."""
    return actor.is_sysadmin and actor.pk != user.pk


def can_change_profile(actor: User, user: User) -> bool:
    """People change their own profile; system administrators anybody's."""
    return actor.is_active and (actor.pk == user.pk or actor.is_sysadmin)
