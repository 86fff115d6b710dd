"""After a no: alternatives for the asker, and the record of the decision and of the demand."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from booking.enums import DemandSource, Outcome
from booking.errors import BookingError, BookingRefused, SlotTaken
from booking.models import Booking, BookingDecision, DemandEntry, Resource, ResourcePool
from booking.queries.repairs import Asked, suggest_repairs
from booking.services._booking import Wish, trace_entry
from labitory.lib.db import run_transaction

_LONGEST_MINUTES = 366 * 24 * 60


def explain_refusal(
    wish: Wish,
    error: BookingError,
    existing: Booking | None = None,
    *,
    pool: ResourcePool | None = None,
) -> BookingError:
    """The same no with repairs; it is kept as a decision and as unserved demand.

    Of a pool the demand is the pool's, the decision that of the member that came closest. Runs
    after the refused transaction has rolled back, so that a refusal leaves nothing else.
    """
    if not isinstance(error, BookingRefused):
        return error
    found = suggest_repairs(
        Asked(
            actor=wish.actor,
            user=wish.user,
            resource_ids=wish.resource_ids,
            period=wish.period,
            now=wish.now,
            seats=wish.details.seats,
            existing=existing,
            project_id=wish.details.project_id,
        )
    )
    if not found.resources and pool is None:
        return error
    run_transaction(lambda: _keep(wish, error, found.resources, existing, pool))
    return type(error)(error.refusals, found.repairs)


def _keep(
    wish: Wish,
    error: BookingError,
    resources: Sequence[Resource],
    existing: Booking | None,
    pool: ResourcePool | None,
) -> None:
    user: User = wish.user
    BookingDecision.objects.bulk_create(
        BookingDecision(
            at=wish.now,
            outcome=Outcome.REFUSED,
            action=wish.action,
            actor=wish.actor,
            user=user,
            resource=resource,
            booking=existing,
            start_time=wish.period.start,
            end_time=wish.period.end,
            trace=[trace_entry(refusal, overridden=False) for refusal in error.refusals],
            reason=wish.override[:500],
        )
        for resource in resources
    )
    DemandEntry.objects.bulk_create(
        DemandEntry(
            at=wish.now,
            source=DemandSource.LOST if isinstance(error, SlotTaken) else DemandSource.REFUSED,
            role=user.role,
            start_time=wish.period.start,
            end_time=wish.period.end,
            minutes=min(max(wish.period.minutes, 0), _LONGEST_MINUTES),
            codes=[refusal.code for refusal in error.refusals],
            **wanted,
        )
        for wanted in _wanted(resources, pool)
    )


def _wanted(resources: Sequence[Resource], pool: ResourcePool | None) -> list[dict[str, Any]]:
    """What the entries of the ledger are about."""
    if pool is not None:
        return [{"pool": pool}]
    return [{"resource": each, "resource_type_id": each.resource_type_id} for each in resources]
