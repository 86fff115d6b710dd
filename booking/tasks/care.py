"""Instrument care, on the queue `maintenance`; a missed run is made up by the next."""

from celery import shared_task

from booking.services.faults import tell_overdue
from booking.services.maintenance_plans import make_windows_ahead
from labitory.lib.clock import now


@shared_task
def tell_overdue_faults() -> int:
    """Tell once of each fault that should have been mended by now."""
    return tell_overdue(now=now())


@shared_task
def plan_maintenance() -> int:
    """Make the windows of recurring work for the next half year."""
    return make_windows_ahead(now=now())
