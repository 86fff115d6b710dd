"""Research groups: making them, who leads them, who belongs to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import AccountRefused
from accounts.locks import lock_group
from accounts.models import GroupMember, PriceClass, ResearchGroup, Unit, User
from accounts.permissions.groups import (
    can_appoint_manager,
    can_create_group,
    can_manage_group,
    can_run_group,
)
from accounts.services._memberships import add_to_group, take_from_group
from accounts.services._refusals import Known, naming_what_is_taken, require, require_fields
from audit.services import record
from labitory.lib.db import run_transaction

_TAKEN: Known = {
    "accounts_researchgroup_name_key": (
        "group.name_taken",
        gettext_lazy("There is a group of this name already."),
        "name",
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDetails:
    """What is said of a group; `lead` is its principal investigator."""

    name: str
    lead: User
    unit: Unit | None = None
    price_class: PriceClass | None = None


def create_group(*, actor: User, details: GroupDetails, now: datetime) -> ResearchGroup:
    """Make a research group; its principal investigator belongs to it from the start."""
    require(can_create_group(actor, details.unit.pk if details.unit else None), "group")

    def work() -> ResearchGroup:
        group = ResearchGroup(
            name=details.name,
            lead=_leader(details.lead),
            unit=details.unit,
            price_class=details.price_class,
        )
        require_fields(group, exclude=["lead", "unit", "price_class"])
        with naming_what_is_taken(_TAKEN):
            group.save()
        facts = {"user": group.lead.full_name}
        record(action="group.created", actor=actor, target=group, now=now, facts=facts)
        return group

    return run_transaction(work)


def change_group(
    *, actor: User, group_id: UUID, details: GroupDetails, now: datetime
) -> ResearchGroup:
    """Rename a group, give it another leader, unit or price class.

    Who moves it to another unit must be allowed in both. Raises ResearchGroup.DoesNotExist.
    """

    def work() -> ResearchGroup:
        group = lock_group(group_id)
        require(can_manage_group(actor, group), "group")
        require(can_create_group(actor, details.unit.pk if details.unit else None), "group")
        lead = details.lead if details.lead.pk == group.lead_id else _leader(details.lead)
        wanted: dict[str, Any] = {
            "name": details.name,
            "lead": lead,
            "unit": details.unit,
            "price_class": details.price_class,
        }
        changes = {
            name: (getattr(group, name), value)
            for name, value in wanted.items()
            if getattr(group, name) != value
        }
        if not changes:
            return group
        for name, value in wanted.items():
            setattr(group, name, value)
        require_fields(group, exclude=["lead", "unit", "price_class"])
        with naming_what_is_taken(_TAKEN):
            group.save(update_fields=list(wanted))
        record(action="group.changed", actor=actor, target=group, now=now, changes=changes)
        return group

    return run_transaction(work)


def close_group(*, actor: User, group_id: UUID, now: datetime, reason: str = "") -> ResearchGroup:
    """Close a group: nobody joins it any more. Its projects are closed one by one before."""

    def work() -> ResearchGroup:
        group = lock_group(group_id)
        require(can_manage_group(actor, group), "group")
        if group.projects.filter(is_active=True).exists():
            raise AccountRefused(
                code="group.has_projects", text=_("Close the group's projects first.")
            )
        return _set_active(actor, group, now, active=False, reason=reason)

    return run_transaction(work)


def reopen_group(*, actor: User, group_id: UUID, now: datetime) -> ResearchGroup:
    """Open a closed group again."""

    def work() -> ResearchGroup:
        group = lock_group(group_id)
        require(can_manage_group(actor, group), "group")
        return _set_active(actor, group, now, active=True)

    return run_transaction(work)


def add_member(*, actor: User, group_id: UUID, user: User, now: datetime) -> GroupMember:
    """Take a person into the group; a request of theirs that waits is accepted with it."""

    def work() -> GroupMember:
        group = lock_group(group_id)
        require(can_run_group(actor, group), "group")
        return add_to_group(actor=actor, group=group, user=user, now=now)

    return run_transaction(work)


def remove_member(
    *, actor: User, group_id: UUID, user: User, now: datetime, reason: str = ""
) -> None:
    """Take a person out of the group and of its projects. The leader stays until replaced."""

    def work() -> None:
        group = lock_group(group_id)
        require(can_run_group(actor, group), "group")
        take_from_group(
            "group.member_removed", actor=actor, group=group, user=user, now=now, reason=reason
        )

    run_transaction(work)


def leave_group(*, actor: User, group_id: UUID, now: datetime) -> None:
    """Leave a group and its projects. The principal investigator hands over first."""

    def work() -> None:
        group = lock_group(group_id)
        take_from_group("group.left", actor=actor, group=group, user=actor, now=now)

    run_transaction(work)


def set_manager(
    *, actor: User, group_id: UUID, user: User, is_manager: bool, now: datetime
) -> GroupMember:
    """Let a member act for the principal investigator, or no longer."""

    def work() -> GroupMember:
        group = lock_group(group_id)
        require(can_appoint_manager(actor, group), "group")
        member = group.members.filter(user=user).select_related("user").first()
        if member is None:
            raise AccountRefused(
                code="group.no_member",
                text=_("%(user)s is not in this group: add them first.") % {"user": user},
            )
        if member.is_manager == is_manager:
            return member
        member.is_manager = is_manager
        member.save(update_fields=["is_manager"])
        record(
            action="group.manager_appointed" if is_manager else "group.manager_dismissed",
            actor=actor,
            target=group,
            now=now,
            facts={"user": user.full_name},
        )
        return member

    return run_transaction(work)


def _leader(user: User) -> User:
    if not user.is_active:
        raise AccountRefused(
            code="group.lead_closed",
            text=_("The account of %(user)s is closed: choose somebody else.") % {"user": user},
            field="lead",
        )
    return user


def _set_active(
    actor: User, group: ResearchGroup, now: datetime, *, active: bool, reason: str = ""
) -> ResearchGroup:
    if group.is_active == active:
        return group
    group.is_active = active
    group.save(update_fields=["is_active"])
    record(
        action="group.opened" if active else "group.closed",
        actor=actor,
        target=group,
        now=now,
        changes={"is_active": (not active, active)},
        reason=reason,
    )
    return group
