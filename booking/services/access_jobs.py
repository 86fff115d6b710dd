"""What time brings about on the path to a resource: reminders, and requests that nobody answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from audit.services import record
from booking.enums import RequestState
from booking.events import post_notice
from booking.locks import lock_access_request
from booking.models import AccessRequest, ResourceAccess
from booking.queries.access import deciders_of_access, managers_of_access
from labitory.lib.db import run_each, run_transaction

# After so many days without an answer: those who were asked, all who let people in there, and
# system administrators besides.
ESCALATE_AFTER = (3, 7, 14)
REMIND_BEFORE = timedelta(days=14)
BATCH = 500


def remind_of_ends(*, now: datetime) -> int:
    """Tell people once that their access ends within two weeks; gives how many were told.

    Renewed access is told of anew. Runs that were missed are made up by the next.
    """

    def work() -> int:
        ending = list(
            ResourceAccess.objects.filter(
                expires_at__gt=now,
                expires_at__lte=now + REMIND_BEFORE,
                reminded_at=None,
                user__is_active=True,
            )
            .select_related("resource")
            .order_by("pk")[:BATCH]
        )
        for access in ending:
            post_notice(
                kind="access.ends",
                people=[access.user_id],
                now=now,
                path=reverse("booking:access_ask", args=[access.resource.public_id]),
                facts={
                    "resource": access.resource.name,
                    "ends": {"at": access.expires_at.isoformat() if access.expires_at else ""},
                },
            )
        keys = [access.pk for access in ending]
        ResourceAccess.objects.filter(pk__in=keys).update(reminded_at=now)
        return len(ending)

    told = 0
    while (some := run_transaction(work)) == BATCH:
        told += some
    return told + some


def escalate_requests(*, now: datetime) -> int:
    """Bring requests that nobody answers to others after 3, 7 and 14 days; gives how many.

    Each step is taken once, however often or late this runs.
    """
    oldest = now - timedelta(days=ESCALATE_AFTER[0])
    waiting = AccessRequest.objects.filter(
        state=RequestState.WAITING, asked_at__lte=oldest, escalated__lt=len(ESCALATE_AFTER)
    )
    found = waiting.order_by("pk").values_list("public_id", flat=True)
    return run_each(found, lambda public_id: _escalate(lock_access_request(public_id), now))


def _escalate(request: AccessRequest, now: datetime) -> bool:
    waited = (now - request.asked_at).days
    due = sum(waited >= days for days in ESCALATE_AFTER)
    if request.state != RequestState.WAITING or request.escalated >= due:
        return False
    request.escalated = due
    request.save(update_fields=["escalated"])
    record(
        action="access.escalated",
        actor=None,
        target=request,
        now=now,
        facts={
            "user": request.user.full_name,
            "resource": request.resource.name,
            "step": "",
            "days": waited,
        },
    )
    post_notice(
        kind="access.waits",
        people=[key for key in _people(request, due, now) if key != request.user_id],
        now=now,
        path=reverse("booking:access_request", args=[request.public_id]),
        facts={
            "user": request.user.full_name,
            "resource": request.resource.name,
            "days": waited,
        },
    )
    return True


def _people(request: AccessRequest, due: int, now: datetime) -> Sequence[int]:
    people = {*deciders_of_access(request.resource, now=now)}
    if request.supervisor_id is not None:
        people.add(request.supervisor_id)
    if due > 1:
        people.update(managers_of_access(request.resource, now=now))
    if due > 2:  # noqa: PLR2004 - the last of the three steps
        admins = User.objects.filter(is_active=True, role=Role.SYSADMIN)
        people.update(admins.values_list("pk", flat=True))
    return sorted(people)
