"""What the bookings keep of people; part of the declarations of personal data."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.holdings import Mentions, declare_holdings, deleted, kept
from accounts.models import User
from booking.enums import OPEN
from booking.models import Booking


def _has_bookings_to_come(user: User, now: datetime) -> str:
    if Booking.objects.filter(user=user, status__in=OPEN, end_time__gt=now).exists():
        return _("Bookings to come have to be cancelled or handed on first.")
    return ""


_USED = gettext_lazy("which instrument was used when, and what it is charged to")
_SAME = "told with the bookings themselves"

declare_holdings(
    kept("booking.booking", "user", _USED, emptied=("purpose", "notes")),
    kept("booking.booking", "created_by", _USED, left_out=_SAME),
    kept("booking.bookingstatus", "actor", _USED, emptied=("reason",)),
    kept("booking.bookingattendee", "user", _USED),
    kept("booking.bookingdecision", "user", _USED, emptied=("reason",)),
    kept("booking.bookingdecision", "actor", _USED, left_out=_SAME, emptied=("reason",)),
    kept("booking.closure", "created_by", gettext_lazy("who closed an instrument")),
    kept("booking.maintenancerecord", "created_by", gettext_lazy("who planned maintenance")),
    kept(
        "booking.resourceaccess",
        "granted_by",
        gettext_lazy("who gave access to others"),
        left_out="what the person decided about others: it is theirs",
    ),
    deleted("booking.resourceaccess"),
    deleted("booking.responsibleperson"),
    deleted("booking.favouriteresource"),
    deleted("booking.hold"),
    deleted("booking.notification"),
    deleted("booking.emailmessage"),
    mentions=(
        Mentions(model="booking.booking", fields=("purpose", "notes")),
        Mentions(model="booking.bookingstatus", fields=("reason",)),
        Mentions(model="booking.bookingdecision", fields=("reason", "trace")),
        Mentions(model="booking.closure", fields=("reason",)),
        Mentions(model="booking.maintenancerecord", fields=("title", "notes")),
        Mentions(model="booking.notification", fields=("title", "body")),
        Mentions(model="booking.outboxevent", fields=("payload", "last_error")),
        Mentions(model="booking.emailmessage", fields=("payload", "last_error")),
    ),
    obstacles=(_has_bookings_to_come,),
)
