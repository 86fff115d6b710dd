"""What a file may do for the person who takes it in: no more than they may by hand.

A command acts for nobody and may all.
"""

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import ResearchGroup, User
from accounts.permissions import can_deactivate_user
from accounts.permissions.groups import can_create_group, can_manage_group
from accounts.permissions.people import can_place_person
from accounts.permissions.units import can_manage_units
from accounts.permissions.users import can_change_profile, can_create_user, can_set_role
from booking.services.imports.plan import BadRow


def require_units(actor: User | None) -> None:
    """Units and price classes are for those who may edit the organisation."""
    _require(actor is None or can_manage_units(actor), _("You may not edit the organisation."))


def require_person(actor: User | None, before: User | None, after: User, *, moved: bool) -> None:
    """A new account below one's own role; what changed in one only as far as by hand.

    `before` is the account as it stood; `moved` says whether its unit changed.
    """
    if actor is None:
        return
    if before is None:
        may_make = can_create_user(actor, Role(after.role))
        _require(may_make, _("You may not make accounts of this role."))
        return
    if before.role != after.role:
        may_give = can_set_role(actor, before, Role(after.role))
        _require(may_give, _("You may not change the role of this person."))
    if before.is_active != after.is_active:
        may_close = can_deactivate_user(actor, before)
        _require(may_close, _("You may not close or open this account."))
    if moved:
        _require(can_place_person(actor, before), _("You may not change where they belong."))


def require_profile(actor: User | None, user: User) -> None:
    """Names, address and affiliation of those who may no more than oneself."""
    _require(
        actor is None or can_change_profile(actor, user), _("You may not change this account.")
    )


def require_group(actor: User | None, group: ResearchGroup, *before: int | None) -> None:
    """Groups and their projects where one may edit groups; `before` are the units they leave."""
    if actor is None:
        return
    may_edit = can_manage_group(actor, group) and all(can_create_group(actor, pk) for pk in before)
    _require(may_edit, _("You may not edit this group."))


def _require(allowed: bool, text: str) -> None:  # noqa: FBT001 - an answer
    if not allowed:
        raise BadRow(text)
