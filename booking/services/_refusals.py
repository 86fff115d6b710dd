"""After a no: alternatives for the asker, and the record of the decision and of the demand."""

from collections.abc import Sequence

from accounts.models import User
from booking.enums import DemandSource, Outcome
from booking.errors import BookingError, BookingRefused, SlotTaken
from booking.models import Booking, BookingDecision, DemandEntry, Resource
from booking.queries.repairs import Asked, suggest_repairs
from booking.services._booking import Wish, trace_entry
from labitory.lib.db import run_transaction

_LONGEST_MINUTES = 366 * 24 * 60


def explain_refusal(
    wish: Wish, error: BookingError, existing: Booking | None = None
) -> BookingError:
    """The same no with repairs; it is kept as a decision and as unserved demand.

    Runs after the refused transaction has rolled back, so that a refusal leaves nothing else.
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
    if not found.resources:
        return error
    run_transaction(lambda: _keep(wish, error, found.resources, existing))
    return type(error)(error.refusals, found.repairs)


def _keep(
    wish: Wish, error: BookingError, resources: Sequence[Resource], existing: Booking | None
) -> None:
    source = DemandSource.LOST if isinstance(error, SlotTaken) else DemandSource.REFUSED
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
            source=source,
            role=user.role,
            resource=resource,
            resource_type_id=resource.resource_type_id,
            start_time=wish.period.start,
            end_time=wish.period.end,
            minutes=min(max(wish.period.minutes, 0), _LONGEST_MINUTES),
            codes=[refusal.code for refusal in error.refusals],
        )
        for resource in resources
    )
