"""Who may answer privacy requests, and who sees the contact data of others."""

from accounts.models import User
from accounts.permissions.grants import may
from accounts.permissions.roles import reaches


def can_manage_privacy(actor: User) -> bool:
    """Whoever answers privacy requests and sets how long data are kept."""
    return may(actor, "privacy.manage")


def can_erase_person(actor: User, user: User) -> bool:
    """Privacy requests are answered by others, and by nobody for those who may more."""
    return can_manage_privacy(actor) and actor.pk != user.pk and reaches(actor, user)


def can_view_contact(viewer: User, subject: User) -> bool:
    """People see their own contact data; those of others who may see contact data."""
    return viewer.pk == subject.pk or may(viewer, "user.view_personal")
