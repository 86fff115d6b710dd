"""Asking to join a group, and what becomes of it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.enums import RequestStatus
from accounts.errors import AccountRefused
from accounts.locks import lock_group, lock_join_request
from accounts.models import JoinRequest, ResearchGroup, User
from accounts.permissions.groups import can_decide_join_request, is_in_group
from accounts.queries.groups import leaders_of
from accounts.services._memberships import add_to_group
from accounts.services._refusals import require
from accounts.signals import account_told
from audit.services import record
from labitory.lib.db import run_transaction

_KINDS = {
    RequestStatus.ACCEPTED: "account.join_accepted",
    RequestStatus.DECLINED: "account.join_declined",
}


def ask_to_join(*, actor: User, group_id: UUID, now: datetime, message: str = "") -> JoinRequest:
    """Ask to join a group; its leaders hear of it by mail. A second click is no second request.

    Raises ResearchGroup.DoesNotExist and AccountRefused.
    """
    require(actor.is_active, "group")

    def work() -> JoinRequest:
        group = lock_group(group_id)
        if not group.is_active:
            raise AccountRefused(
                code="group.closed",
                text=_("%(group)s is closed: nobody joins it.") % {"group": group},
            )
        if is_in_group(actor, group):
            raise AccountRefused(
                code="group.member", text=_("You are in %(group)s already.") % {"group": group}
            )
        request, is_new = JoinRequest.objects.get_or_create(
            group=group,
            user=actor,
            status=RequestStatus.WAITING,
            defaults={"message": message.strip(), "asked_at": now},
        )
        if is_new:
            _keep(request, "group.join_requested", actor, now)
            _tell_leaders(request, group, leaders_of(group), now)
        return request

    return run_transaction(work)


def accept_request(*, actor: User, request_id: UUID, now: datetime) -> JoinRequest:
    """Take the person who asked into the group. Raises JoinRequest.DoesNotExist."""
    return _decide(actor, request_id, RequestStatus.ACCEPTED, now, "")


def decline_request(
    *, actor: User, request_id: UUID, now: datetime, reason: str = ""
) -> JoinRequest:
    """Decline a request to join, with a reason that the person is told."""
    return _decide(actor, request_id, RequestStatus.DECLINED, now, reason)


def withdraw_request(*, actor: User, request_id: UUID, now: datetime) -> JoinRequest:
    """Take one's own request back before it is decided."""

    def work() -> JoinRequest:
        request = lock_join_request(request_id)
        require(request.user_id == actor.pk, "join_request")
        _require_waiting(request)
        request.status, request.decided_at = RequestStatus.WITHDRAWN, now
        request.save(update_fields=["status", "decided_at"])
        _keep(request, "group.join_withdrawn", actor, now)
        return request

    return run_transaction(work)


def _decide(
    actor: User, request_id: UUID, status: RequestStatus, now: datetime, reason: str
) -> JoinRequest:
    def work() -> JoinRequest:
        # The group before the request, as everywhere: two who decide wait for one another.
        group = lock_group(_group_of(request_id))
        request = lock_join_request(request_id)
        require(can_decide_join_request(actor, request), "join_request")
        _require_waiting(request)
        request.status, request.decided_by, request.decided_at = status, actor, now
        request.reason = reason.strip()[:500]
        request.save(update_fields=["status", "decided_by", "decided_at", "reason"])
        if status == RequestStatus.ACCEPTED:
            add_to_group(actor=actor, group=group, user=request.user, now=now)
        _keep(request, f"group.join_{status.value}", actor, now, reason=request.reason)
        account_told.send(
            sender=JoinRequest,
            kind=_KINDS[status],
            user_pk=request.user_id,
            now=now,
            facts={"group": group.name, "reason": request.reason or "–"},
        )
        return request

    return run_transaction(work)


def _group_of(request_id: UUID) -> UUID:
    found = JoinRequest.objects.select_related("group").get(public_id=request_id)
    return found.group.public_id


def _require_waiting(request: JoinRequest) -> None:
    if request.status != RequestStatus.WAITING:
        raise AccountRefused(
            code="join_request.decided",
            text=_("This request is %(status)s already.")
            % {"status": request.get_status_display().lower()},
        )


def _tell_leaders(
    request: JoinRequest, group: ResearchGroup, leaders: Iterable[User], now: datetime
) -> None:
    for leader in leaders:
        account_told.send(
            sender=JoinRequest,
            kind="account.join_requested",
            user_pk=leader.pk,
            now=now,
            facts={
                "group": group.name,
                "user": request.user.full_name,
                "reason": request.message or "–",
            },
        )


def _keep(
    request: JoinRequest, action: str, actor: User, now: datetime, *, reason: str = ""
) -> None:
    record(
        action=action,
        actor=actor,
        target=request.group,
        now=now,
        facts={"user": request.user.full_name},
        reason=reason,
    )
