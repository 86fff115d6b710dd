"""What all services of lab managers ask first."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from booking.errors import ActionRefused, NotAllowed
from booking.permissions import can_manage_resources
from labitory.lib.periods import Period


def require_manager(actor: User) -> None:
    """Refuse who does not manage resources."""
    if not can_manage_resources(actor):
        raise NotAllowed(
            code="permission.manage", text=_("Only lab managers change resources and their hours.")
        )


def require_period(period: Period, now: datetime) -> None:
    """Refuse a period that ends before it starts or has passed."""
    if period.end <= period.start or period.end <= now:
        raise ActionRefused(
            code="period.order",
            text=_("The end must come after the start, and after now."),
            field="end_time",
            status=422,
        )
