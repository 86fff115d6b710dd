"""Letting somebody else decide for a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.errors import ActionRefused, NotAllowed
from booking.events import post_notice
from booking.locks import lock_delegations
from booking.models import ApprovalDelegation, Resource, ResourceType
from booking.queries.delegations import closes_circle
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period

LONGEST = timedelta(days=366)
MOST = 20
_ENDED, _RETURNED = "approval.delegation_ended", "approval.delegation_returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationScope:
    """Where somebody decides instead: on a resource, a type, or (with neither) everywhere."""

    resource_id: UUID | None = None
    type_id: UUID | None = None


def delegate_approvals(
    *,
    actor: User,
    delegate: User,
    period: Period,
    now: datetime,
    scope: DelegationScope | None = None,
) -> ApprovalDelegation:
    """Let somebody answer in one's own name for a time, everywhere or on one resource or type.

    What is one's own to decide stays so besides. It does not go on from there: a stand-in hands
    on only what they are asked themselves, and never back. Raises `ActionRefused`,
    `Resource.DoesNotExist` and `ResourceType.DoesNotExist`.
    """
    where = scope or DelegationScope()
    _require_sound(actor, delegate, period, where, now)

    def work() -> ApprovalDelegation:
        lock_delegations()
        if ApprovalDelegation.objects.filter(user=actor, ends_at__gt=now).count() >= MOST:
            raise _refused(
                "delegation.too_many",
                _("You have %(most)s of them already: end one first.") % {"most": MOST},
            )
        if closes_circle(user=actor, delegate=delegate, period=period):
            raise _refused(
                "delegation.circle",
                _("%(name)s hands decisions on to you in that time: choose somebody else.")
                % {"name": delegate.full_name},
                field="delegate",
            )
        made = ApprovalDelegation.objects.create(
            user=actor,
            delegate=delegate,
            resource=_resource(where),
            resource_type=_type(where),
            starts_at=period.start,
            ends_at=period.end,
            created_at=now,
        )
        _tell(made, actor, now)
        return made

    return run_transaction(work)


def end_delegation(*, actor: User, delegation_id: UUID, now: datetime) -> ApprovalDelegation:
    """End it at once: who gave it and who got it may. One that has not begun goes altogether.

    Raises `ApprovalDelegation.DoesNotExist`, also for everybody else's, and `ActionRefused` when
    it has ended.
    """

    def work() -> ApprovalDelegation:
        lock_delegations()
        found = ApprovalDelegation.objects.select_related(
            "user", "delegate", "resource", "resource_type"
        ).get(public_id=delegation_id)
        if actor.pk not in (found.user_id, found.delegate_id):
            raise ApprovalDelegation.DoesNotExist
        if found.ends_at <= now:
            raise _refused("delegation.over", _("It has ended already."), status=409)
        before = found.ends_at
        record(
            action="approval.delegation_ended",
            actor=actor,
            target=found,
            now=now,
            changes={"ends_at": (before, now)},
            facts={"user": found.delegate.full_name},
        )
        if found.starts_at >= now:
            found.delete()
        else:
            found.ends_at = now
            found.save(update_fields=["ends_at"])
        _tell_ended(found, actor, now)
        return found

    return run_transaction(work)


def _require_sound(
    actor: User, delegate: User, period: Period, scope: DelegationScope, now: datetime
) -> None:
    if not actor.is_active:
        raise NotAllowed(code="permission.delegate", text=_("This account is closed."))
    if delegate.pk == actor.pk or not delegate.is_active:
        raise _refused(
            "delegation.person",
            _("Choose somebody else with an open account."),
            field="delegate",
        )
    if period.end <= period.start or period.end <= now:
        raise _refused(
            "delegation.period",
            _("The end must come after the start, and after now."),
            field="end_time",
        )
    if period.length > LONGEST:
        raise _refused("delegation.long", _("A year is the longest."), field="end_time")
    if scope.resource_id is not None and scope.type_id is not None:
        raise _refused(
            "delegation.scope", _("Choose one instrument or one type, not both."), field="resource"
        )


def _resource(scope: DelegationScope) -> Resource | None:
    if scope.resource_id is None:
        return None
    return Resource.objects.get(public_id=scope.resource_id)


def _type(scope: DelegationScope) -> ResourceType | None:
    if scope.type_id is None:
        return None
    return ResourceType.objects.get(public_id=scope.type_id)


def _tell(made: ApprovalDelegation, actor: User, now: datetime) -> None:
    place = made.resource or made.resource_type
    record(
        action="approval.delegated",
        actor=actor,
        target=made,
        now=now,
        facts={
            "user": made.delegate.full_name,
            "resource": str(place) if place else "",
            "start_time": made.starts_at,
            "end_time": made.ends_at,
        },
    )
    post_notice(
        kind="approval.delegated",
        people=[made.delegate_id],
        actor=actor,
        now=now,
        path=reverse("booking:approval_list"),
        facts={
            "scope": str(place) if place else _("everywhere"),
            "when": {"start": made.starts_at.isoformat(), "end": made.ends_at.isoformat()},
        },
    )


def _tell_ended(ended: ApprovalDelegation, actor: User, now: datetime) -> None:
    """Tell the other one of the two."""
    place = ended.resource or ended.resource_type
    is_returned = actor.pk == ended.delegate_id
    post_notice(
        kind=_RETURNED if is_returned else _ENDED,
        people=[ended.user_id if is_returned else ended.delegate_id],
        actor=actor,
        now=now,
        path=reverse("booking:approval_list"),
        facts={
            "user": ended.user.full_name,
            "scope": str(place) if place else _("everywhere"),
        },
    )


def _refused(code: str, text: str, *, field: str = "", status: int = 422) -> ActionRefused:
    return ActionRefused(code=code, text=text, field=field, status=status)
