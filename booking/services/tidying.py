"""What time alone brings about: jobs write it down, in small batches."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from booking.enums import OfferState, Status
from booking.locks import lock_booking
from booking.models import Booking, Hold, ResourceCalendar
from booking.queries.check_ins import over_bookings
from booking.services._approvals import reject_unanswered
from booking.services._changes import change_status, record_booking
from booking.services._claims import release_holds
from booking.services._freed import post_freed
from labitory.lib.db import run_transaction

logger = structlog.get_logger(__name__)

BATCH = 200
KEPT_CLAIMS = timedelta(days=30)


def tidy_bookings(*, now: datetime) -> int:
    """Complete confirmed bookings that are over, and refuse those that nobody decided in time.

    Expired holds are dropped. Each booking is a transaction of its own; gives how many changed.
    Who did not come, and who is still there, is `tidy_sessions`' to tell.
    """
    changed = _each(over_bookings(now), lambda booking: _complete(booking, now))
    late = Booking.objects.filter(status=Status.PENDING, start_time__lte=now)
    changed += _each(late, lambda booking: _expire(booking, now))
    while run_transaction(lambda: _drop_holds(now)) == BATCH:
        continue
    return changed


def prune_claims(*, now: datetime) -> int:
    """Delete the claims of what ended over 30 days ago: the constraint guards only what can clash.

    Their history is the booking's own. Gives how many were deleted.
    """
    deleted = 0
    while True:
        old = ResourceCalendar.objects.filter(during__endswith__lt=now - KEPT_CLAIMS)
        ids = list(old.order_by("pk").values_list("pk", flat=True)[: BATCH * 10])
        if not ids:
            return deleted
        deleted += run_transaction(
            lambda: ResourceCalendar.objects.filter(pk__in=ids).delete()[0]  # noqa: B023
        )


def _each(bookings: QuerySet[Booking], act: Callable[[Booking], bool]) -> int:
    """One transaction each; what fails is left as it was, for the next run, and stops no other."""
    changed = 0
    for public_id in bookings.order_by("pk").values_list("public_id", flat=True)[: BATCH * 5]:
        try:
            changed += run_transaction(partial(_lock_and, act, public_id))
        except Exception:
            logger.exception("booking.not_tidied", id=str(public_id))
    return changed


def _lock_and(act: Callable[[Booking], bool], public_id: UUID) -> bool:
    return act(lock_booking(public_id))


def _drop_holds(now: datetime) -> int:
    # What was offered to somebody goes with its offer.
    expired = Hold.objects.filter(expires_at__lte=now).exclude(offer__state=OfferState.OPEN)
    holds = list(expired.select_related("resource").order_by("pk")[:BATCH])
    release_holds([hold.pk for hold in holds])
    post_freed([(hold.resource.public_id, hold.period) for hold in holds], now=now)
    return len(holds)


def _complete(booking: Booking, now: datetime) -> bool:
    if booking.status not in (Status.CONFIRMED, Status.CHECKED_IN) or booking.end_time > now:
        return False
    before = booking.status
    change_status(booking, Status.COMPLETED, actor=None, now=now)
    booking.save(update_fields=["status", "sequence", "updated_at"])
    record_booking(
        booking,
        "booking.completed",
        actor=None,
        now=now,
        changes={"status": (before, booking.status)},
    )
    return True


def _expire(booking: Booking, now: datetime) -> bool:
    if booking.status != Status.PENDING or booking.start_time > now:
        return False
    reject_unanswered(booking, _("Nobody decided before its start."), now=now)
    return True
