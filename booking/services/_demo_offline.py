"""What the student of the demonstration did in the cellar, where no network comes."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import ActOutcome, Status
from booking.models import Booking, OfflineAct

_LATER = timedelta(minutes=40)


def make_offline_acts(*, cast: dict[str, User], now: datetime) -> None:
    """One that was taken, and one that came too late."""
    over = Booking.objects.filter(user=cast["ada"], end_time__lt=now).select_related("resource")
    told = (
        (Status.COMPLETED, ActOutcome.DONE, _("%(resource)s: you checked in in time.")),
        (Status.NO_SHOW, ActOutcome.REFUSED, _("%(resource)s: it was marked as missed by then.")),
    )
    rows = [
        OfflineAct(
            key=uuid4(),
            user=booking.user,
            booking=booking,
            act="check_in",
            done_at=booking.start_time,
            received_at=booking.start_time + _LATER,
            outcome=outcome,
            answer=answer % {"resource": booking.resource.name},
        )
        for status, outcome, answer in told
        for booking in over.filter(status=status).order_by("-start_time")[:1]
    ]
    OfflineAct.objects.bulk_create(rows)
