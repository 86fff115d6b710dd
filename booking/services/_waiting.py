"""The ends of entries of the waiting list, inside an open transaction."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from audit.services import record
from booking.enums import LIVE, DemandSource, WaitingState
from booking.events import post_notice
from booking.models import Booking, DemandEntry, WaitingEntry
from labitory.lib.periods import Period


def is_spent(entry: WaitingEntry, refused: Period) -> bool:
    """Whether nothing is left of a wish for one resource once this time is refused."""
    least = timedelta(minutes=entry.minutes)
    return (
        entry.resource_id is not None
        and refused.start - entry.earliest < least
        and entry.latest - refused.end < least
    )


def end_entry(entry: WaitingEntry, *, now: datetime) -> bool:
    """End a wait that came to nothing; as unserved demand it is noted once.

    Who booked something of the kind in the usual way was served. False when it had ended before.
    """
    waiting = WaitingEntry.objects.filter(pk=entry.pk, state=WaitingState.WAITING)
    if not waiting.update(state=WaitingState.ENDED):
        return False
    entry.state = WaitingState.ENDED
    record_entry("waiting.ended", entry, actor=None, now=now)
    if not _was_served(entry):
        DemandEntry.objects.create(
            at=now,
            source=DemandSource.LOST,
            role=entry.user.role,
            resource=entry.resource,
            resource_type=entry.resource.resource_type if entry.resource else entry.resource_type,
            pool=entry.pool,
            start_time=entry.earliest,
            end_time=entry.latest,
            minutes=entry.minutes,
            codes=["waiting.unserved"],
        )
        _tell_ended(entry, now)
    return True


def _tell_ended(entry: WaitingEntry, now: datetime) -> None:
    wanted = entry.resource or entry.resource_type or entry.pool
    start, end = entry.earliest.isoformat(), entry.latest.isoformat()
    post_notice(
        kind="waiting.ended",
        people=[entry.user_id],
        now=now,
        path=reverse("booking:waiting_list"),
        facts={"resource": str(wanted), "when": {"start": start, "end": end}},
    )


def record_entry(
    action: str,
    entry: WaitingEntry,
    *,
    actor: User | None,
    now: datetime,
    changes: dict[str, tuple[object, object]] | None = None,
) -> None:
    """Write the audit record of a place on the waiting list."""
    record(
        action=action,
        actor=actor,
        target=entry,
        now=now,
        changes=changes,
        facts={
            "user": entry.user.full_name,
            "place": str(entry.resource or entry.resource_type or entry.pool),
            "start_time": entry.earliest,
            "end_time": entry.latest,
        },
    )


def _was_served(entry: WaitingEntry) -> bool:
    """Whether the person booked something of what they waited for, in its window."""
    if entry.resource_id is not None:
        scope = Q(resource=entry.resource_id)
    elif entry.pool_id is not None:
        scope = Q(resource__pools=entry.pool_id)
    else:
        scope = Q(resource__resource_type=entry.resource_type_id)
    return Booking.objects.filter(
        scope,
        user=entry.user_id,
        status__in=LIVE,
        created_at__gte=entry.created_at,
        start_time__lt=entry.latest,
        end_time__gt=entry.earliest,
    ).exists()
