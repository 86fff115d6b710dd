"""Choices of the booking app, with the transitions that each status allows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """The life of a booking."""

    PENDING = "pending", _("Awaiting approval")
    CONFIRMED = "confirmed", _("Confirmed")
    CHECKED_IN = "checked_in", _("In use")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    REJECTED = "rejected", _("Rejected")
    NO_SHOW = "no_show", _("No-show")


# From each status, the statuses a booking may move to. Moving its times keeps the status.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.CONFIRMED, Status.REJECTED, Status.CANCELLED}),
    Status.CONFIRMED: frozenset(
        # Moved to a time that must be approved again, it is pending once more.
        {Status.PENDING, Status.CHECKED_IN, Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW}
    ),
    Status.CHECKED_IN: frozenset({Status.COMPLETED}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.REJECTED: frozenset(),
    Status.NO_SHOW: frozenset(),
}

# Statuses that hold or held time on the calendar.
LIVE = (Status.PENDING, Status.CONFIRMED, Status.CHECKED_IN, Status.COMPLETED)
# Statuses whose booking can still be moved or cancelled, and counts against limits on the future.
OPEN = (Status.PENDING, Status.CONFIRMED)


class ClaimKind(models.IntegerChoices):
    """What claims a resource's time."""

    BOOKING = 1, _("Booking")
    LINKED = 2, _("Booking of a linked resource")
    HOLD = 3, _("Hold")
    MAINTENANCE = 4, _("Maintenance")
    CLOSURE = 5, _("Closure")


class ResponsibleKind(models.TextChoices):
    """How somebody is responsible for a resource."""

    PRIMARY = "primary", _("Primary contact")
    SECONDARY = "secondary", _("Secondary contact")
    TRAINER = "trainer", _("Trainer")
    SAFETY = "safety", _("Safety officer")


class Limit(models.TextChoices):
    """What a policy row limits; the unit stands in `LIMIT_WORDS`."""

    MIN_LENGTH = "min_length", _("Shortest booking")
    MAX_LENGTH = "max_length", _("Longest booking")
    LEAD_TIME = "lead_time", _("Notice before the start")
    HORIZON = "horizon", _("How far ahead")
    MINUTES_PER_DAY = "minutes_per_day", _("Booked time per day")
    MINUTES_PER_WEEK = "minutes_per_week", _("Booked time per week")
    ACTIVE_BOOKINGS = "active_bookings", _("Upcoming bookings")
    FUTURE_MINUTES = "future_minutes", _("Time held in the future")
    GAP = "gap", _("Pause between own bookings")
    CANCEL_NOTICE = "cancel_notice", _("Notice to cancel")


# The unit of each limit's value: all but one are lengths of time.
LIMIT_WORDS: dict[Limit, str] = {
    limit: "bookings" if limit is Limit.ACTIVE_BOOKINGS else "minutes" for limit in Limit
}


class Outcome(models.TextChoices):
    """How a request was decided."""

    ALLOWED = "allowed", _("Allowed")
    REFUSED = "refused", _("Refused")
    OVERRIDDEN = "overridden", _("Allowed by override")


class DemandSource(models.TextChoices):
    """What made a wish that the lab could not serve."""

    REFUSED = "refused", _("Refused booking")
    LOST = "lost", _("Taken by somebody else")
    SEARCH = "search", _("Search without a result")


class DeliveryStatus(models.TextChoices):
    """How far a message to one person has come."""

    PENDING = "pending", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
