"""Who decides in whose name."""

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from booking.models import ApprovalDelegation
from labitory.lib.periods import Period

# From the stand-in along everybody who stands in for them in that time, back to the person?
CIRCLE = """
WITH RECURSIVE chain AS (
    SELECT %(delegate)s::bigint AS id
    UNION
    SELECT d.delegate_id FROM booking_approvaldelegation d JOIN chain c ON c.id = d.user_id
    WHERE d.starts_at < %(end)s AND d.ends_at > %(start)s
)
SELECT EXISTS (SELECT 1 FROM chain WHERE id = %(user)s)
"""


def closes_circle(*, user: User, delegate: User, period: Period) -> bool:
    """Whether a say handed on would come back to the person in that time."""
    with connection.cursor() as cursor:
        cursor.execute(
            CIRCLE,
            {
                "user": user.pk,
                "delegate": delegate.pk,
                "start": period.start,
                "end": period.end,
            },
        )
        return bool(cursor.fetchone()[0])


def own_delegations(user: User, *, now: datetime) -> "QuerySet[ApprovalDelegation]":
    """Who decides in this person's name, now or later, soonest first."""
    return _with_names().filter(user=user, ends_at__gt=now).order_by("starts_at", "pk")


def received_delegations(user: User, *, now: datetime) -> "QuerySet[ApprovalDelegation]":
    """In whose names this person decides, now or later, soonest first."""
    return _with_names().filter(delegate=user, ends_at__gt=now).order_by("starts_at", "pk")


def find_delegation(user: User, public_id: UUID) -> ApprovalDelegation | None:
    """One that the person gave, or got."""
    found = _with_names().filter(public_id=public_id).first()
    return found if found and user.pk in (found.user_id, found.delegate_id) else None


def _with_names() -> "QuerySet[ApprovalDelegation]":
    return ApprovalDelegation.objects.select_related(
        "user", "delegate", "resource", "resource_type"
    )


def supervisor_of(user: User) -> User | None:
    """Who answers for this person's work, if anybody was named."""
    return User.objects.filter(supervisions__user=user).first()


def find_delegate(public_id: UUID) -> User | None:
    """Somebody with an open account."""
    return User.objects.filter(public_id=public_id, is_active=True).first()
