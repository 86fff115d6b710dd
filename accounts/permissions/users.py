"""Who may do what with accounts."""

from accounts.enums import Role
from accounts.models import User
from accounts.permissions.grants import may
from accounts.permissions.roles import outranks, reaches


def can_create_user(actor: User, role: Role) -> bool:
    """Who makes accounts makes those below lab managers; who manages accounts all they outrank."""
    if role.rank < Role.LAB_MANAGER.rank:
        return may(actor, "user.create") or may(actor, "user.manage")
    return may(actor, "user.manage") and outranks(actor, role)


def can_set_role(actor: User, user: User, role: Role | None = None) -> bool:
    """Who manages accounts gives the roles whose rights they have; nobody changes their own."""
    return can_deactivate_user(actor, user) and (role is None or outranks(actor, role))


def can_deactivate_user(actor: User, user: User) -> bool:
    """Who manages accounts closes and reopens those who may no more; nobody closes their own."""
    return may(actor, "user.manage") and actor.pk != user.pk and reaches(actor, user)


def can_change_profile(actor: User, user: User) -> bool:
    """People change their own profile; who manages accounts that of who may no more."""
    return actor.is_active and (
        actor.pk == user.pk or (may(actor, "user.manage") and reaches(actor, user))
    )
