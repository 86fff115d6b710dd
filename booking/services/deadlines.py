"""What happens when nobody answers: others are asked once, then the booking is refused."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.enums import Status, VoteState
from booking.events import post_notice
from booking.locks import lock_booking
from booking.models import Approval, Booking
from booking.queries.approvals import find_step
from booking.services._approvals import reject_unanswered
from booking.services._changes import record_booking
from booking.services._steps import ask_others
from labitory.lib.db import run_transaction

logger = structlog.get_logger(__name__)

BATCH = 1000


def meet_deadlines(*, now: datetime) -> int:
    """Bring to others what was not answered in time, and refuse what they left as well.

    Those who may approve on the resource are asked once, for as long again, but never beyond the
    start. Each booking is a transaction of its own; run twice it changes nothing more. Gives how
    many changed.
    """
    due = Approval.objects.filter(state=VoteState.WAITING, due_at__lte=now)
    changed = 0
    for public_id in due.order_by("due_at").values_list("booking__public_id", flat=True)[:BATCH]:
        try:
            changed += run_transaction(lambda: _meet(public_id, now))  # noqa: B023
        except Exception:
            # What fails is left as it was, for the next run, and stops no other.
            logger.exception("approval.deadline_missed", id=str(public_id))
    return changed


def _meet(public_id: UUID, now: datetime) -> bool:
    booking = lock_booking(public_id)
    step = find_step(booking)
    if booking.status != Status.PENDING or step is None or step.due_at is None:
        return False
    if step.due_at > now:
        return False
    if step.is_over(now) or booking.start_time <= now:
        reject_unanswered(booking, _("Nobody decided in time."), now=now)
    else:
        _escalate(booking, step, now)
    return True


def _escalate(booking: Booking, step: Approval, now: datetime) -> None:
    step.booking = booking
    step.escalated_at = now
    step.due_at = min(now + timedelta(hours=step.answer_hours), booking.start_time)
    step.save(update_fields=["escalated_at", "due_at"])
    people = ask_others(step, now=now)
    record_booking(booking, "booking.escalated", actor=None, now=now)
    post_notice(
        kind="approval.escalated",
        people=people,
        now=now,
        path=reverse("booking:booking_detail", args=[booking.public_id]),
        facts={
            "user": booking.user.full_name,
            "resource": booking.resource.name,
            "when": {
                "start": booking.start_time.isoformat(),
                "end": booking.end_time.isoformat(),
            },
            "until": {"at": step.due_at.isoformat()},
        },
    )
