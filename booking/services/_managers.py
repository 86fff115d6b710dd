"""What all services of lab managers ask first."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.permissions import Where
from booking.errors import ActionRefused, NotAllowed
from booking.models import Resource
from booking.permissions import where_of
from labitory.lib.periods import Period


def require_manager(
    allowed: bool,  # noqa: FBT001 - the answer of a `can_` function
    needs: str,
    resource: Resource | None = None,
    *,
    type_id: int | None = None,
) -> None:
    """Refuse who does not look after the place: a resource, a type, or the whole lab."""
    if not allowed:
        raise NotAllowed(
            code="permission.manage",
            text=_("Only lab managers change resources and their hours."),
            needs=needs,
            where=where_of(resource) if resource else Where(type_id=type_id),
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
