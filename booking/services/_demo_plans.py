"""Plans that change, in the demonstration: a template, a swap that waits, late cancellations."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import ProposalKind, Status
from booking.errors import BookingError
from booking.models import Booking, BookingTemplate, Proposal
from booking.services._proposing import require_rights, require_to_come

_WITHIN = timedelta(days=14)
_MOST = 8
_LATE = 4
_LATE_SINCE = timedelta(days=28)
# Within what every instrument of the demonstration asks for.
_NOTICE = timedelta(minutes=40)


def make_plans(*, cast: Mapping[str, User], now: datetime) -> None:
    """Ada keeps a booking as a template, and asks Ben to swap the first that both may use."""
    ada, ben = cast["ada"], cast["ben"]
    _cancel_late(now)
    hers, his = _to_come(ada, now), _to_come(ben, now)
    if hers:
        _make_template(hers[0], now)
    pairs = ((mine, theirs) for mine in hers for theirs in his if _can_swap(mine, theirs, now))
    for mine, theirs in pairs:
        Proposal.objects.create(
            kind=ProposalKind.SWAP,
            booking=mine,
            wanted=theirs,
            proposed_by=ada,
            proposed_to=ben,
            message=_("My sample is ready later than I thought."),
            booking_sequence=mine.sequence,
            wanted_sequence=theirs.sequence,
            proposed_at=now - timedelta(hours=2),
        )
        return


def _cancel_late(now: datetime) -> None:
    """A few that were cancelled of late gave their time back within the hour before."""
    gone = Booking.objects.filter(
        status=Status.CANCELLED,
        start_time__range=(now - _LATE_SINCE, now),
        created_at__lt=F("start_time") - _NOTICE,
        series=None,
    )
    for booking in gone.order_by("-start_time", "pk")[:_LATE]:
        at = booking.start_time - _NOTICE
        booking.steps.filter(to_status=Status.CANCELLED).update(at=at)
        booking.is_late_cancellation, booking.updated_at = True, at
        booking.save(update_fields=["is_late_cancellation", "updated_at"])


def _make_template(booking: Booking, now: datetime) -> None:
    template = BookingTemplate.objects.create(
        user=booking.user,
        name=_("My usual time"),
        minutes=booking.period.minutes,
        seats=booking.seats,
        purpose=booking.purpose,
        project=booking.project,
        created_at=now - timedelta(days=20),
    )
    template.resources.set([booking.resource_id])


def _can_swap(mine: Booking, theirs: Booking, now: datetime) -> bool:
    try:
        require_to_come(theirs, now)
        require_rights(mine, theirs, mine.user, theirs.user, now)
    except BookingError:
        return False
    return True


def _to_come(user: User, now: datetime) -> list[Booking]:
    found = Booking.objects.filter(
        user=user, status=Status.CONFIRMED, start_time__gt=now, start_time__lt=now + _WITHIN
    ).select_related("resource", "user", "project")
    return list(found.order_by("start_time", "pk")[:_MOST])
