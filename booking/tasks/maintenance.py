"""Tidying, on the queue `maintenance`: a missed run changes nothing, the next one catches up."""

from celery import shared_task
from django.conf import settings

from booking.services.calendars import sync_holidays as sync
from booking.services.deadlines import meet_deadlines as meet
from booking.services.offers import expire_offers
from booking.services.tidying import prune_claims as prune
from booking.services.tidying import tidy_bookings as tidy
from booking.services.tidying_sessions import tidy_sessions as tidy_use
from booking.services.undo import forget_acts
from booking.services.waiting_list import end_waiting
from booking.services.watching import forget_results as forget_old_results
from labitory.lib.clock import now


@shared_task
def tidy_bookings() -> int:
    """Complete what is over, refuse what nobody decided in time, drop expired holds."""
    return tidy(now=now())


@shared_task
def tidy_sessions() -> int:
    """Mark who did not come, check out who is long overdue, warn who stays too long."""
    return tidy_use(now=now())


@shared_task
def tidy_waiting() -> int:
    """Give on what nobody took in time, and end what was waited for in vain."""
    return expire_offers(now=now()) + end_waiting(now=now())


@shared_task
def meet_deadlines() -> int:
    """Bring approvals that nobody answered to others, then refuse them."""
    return meet(now=now())


@shared_task
def prune_claims() -> int:
    """Move claims long past out of the way."""
    return prune(now=now())


@shared_task
def sync_holidays() -> int:
    """Know the public holidays of this year and the next two."""
    year = now().year
    return sync(
        country=settings.LAB_COUNTRY,
        subdivision=settings.LAB_SUBDIVISION,
        years=range(year, year + 3),
        now=now(),
    )


@shared_task
def forget_undoable_acts() -> int:
    """Forget what can no longer be taken back."""
    return forget_acts(now=now())


@shared_task
def forget_results() -> int:
    """Forget what became of tasks, and what was wrong, long ago."""
    return forget_old_results(now=now())
