"""Choices of the booking app, with the transitions that each status allows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums.telling import ActOutcome as ActOutcome
from booking.enums.telling import DeliveryStatus as DeliveryStatus
from booking.enums.telling import EndpointKind as EndpointKind
from booking.enums.telling import FeedScope as FeedScope
from booking.enums.telling import RemindLead as RemindLead
from booking.enums.telling import RemotePolicy as RemotePolicy
from booking.enums.telling import RemoteState as RemoteState
from booking.enums.telling import Timing as Timing
from booking.enums.telling import WallKind as WallKind
from booking.enums.telling import WatchMode as WatchMode
from booking.enums.training import AssessmentKind as AssessmentKind
from booking.enums.training import AssessmentState as AssessmentState
from booking.enums.training import CourseKind as CourseKind
from booking.enums.training import Delivery as Delivery
from booking.enums.training import RiskLevel as RiskLevel
from booking.enums.training import SeatState as SeatState
from booking.enums.training import TrainingState as TrainingState


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
    **dict.fromkeys((Status.COMPLETED, Status.CANCELLED), frozenset()),
    **dict.fromkeys((Status.REJECTED, Status.NO_SHOW), frozenset()),
}

# Statuses that hold or held time on the calendar.
LIVE = (Status.PENDING, Status.CONFIRMED, Status.CHECKED_IN, Status.COMPLETED)
# All others.
DEAD = (Status.CANCELLED, Status.REJECTED, Status.NO_SHOW)
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
    CHECK_IN_EARLY = "check_in_early", _("Check-in before the start")
    NO_SHOW_GRACE = "no_show_grace", _("Missed when not checked in after")
    AUTO_CHECK_OUT = "auto_check_out", _("Checked out when overdue for")
    SERIES_LENGTH = "series_length", _("Bookings in a series")


_COUNTED = frozenset({Limit.ACTIVE_BOOKINGS, Limit.SERIES_LENGTH})
# The unit of each limit's value: all others are lengths of time.
LIMIT_WORDS = {each: "bookings" if each in _COUNTED else "minutes" for each in Limit}


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


class AccessLevel(models.TextChoices):
    """What a person's access to a resource opens."""

    VIEW = "view", _("See it")
    BOOK = "book", _("Book it")


class RequestState(models.TextChoices):
    """How far something that was asked for has come."""

    WAITING = "waiting", _("Waiting")
    GRANTED = "granted", _("Granted")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class StepKind(models.TextChoices):
    """What may have to be done before somebody gets access."""

    SUPERVISOR = "supervisor", _("Consent of the supervisor")
    INDUCTION = "induction", _("Safety induction")
    TRAINING = "training", _("Training")
    ASSESSMENT = "assessment", _("Risk assessment")
    APPROVAL = "approval", _("Approval")


class QuestionKind(models.TextChoices):
    """How a question at the instrument is answered."""

    CHECKBOX = "checkbox", _("Tick")
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    SELECT = "select", _("Choice")


class Moment(models.TextChoices):
    """When a question is asked."""

    START = "start", _("Before the work")
    END = "end", _("After the work")


class ApprovalMode(models.TextChoices):
    """How the bookings under a policy are approved."""

    NONE = "none", _("Without approval")
    SINGLE = "single", _("By one person")
    TIERED = "tiered", _("In steps")
    WITHIN_QUOTA = "within_quota", _("By one person beyond the quota")
    CONDITIONAL = "conditional", _("By one person when a condition holds")


class ApproverKind(models.TextChoices):
    """Who decides in a step."""

    RESPONSIBLE = "responsible", _("Responsible persons")
    ROLE = "role", _("Everybody of a role")
    LEAD = "lead", _("Principal investigator")
    SUPERVISOR = "supervisor", _("Supervisor")
    PERSON = "person", _("A named person")


class Needed(models.TextChoices):
    """How many of those who are asked have to agree."""

    ANY = "any", _("Any one")
    ALL = "all", _("All")


class VoteState(models.TextChoices):
    """How far one step of an approval has come."""

    LATER = "later", _("Later")
    WAITING = "waiting", _("Waiting")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    CLOSED = "closed", _("No longer asked")


class Measure(models.TextChoices):
    """What a quota counts."""

    MINUTES = "minutes", _("Time")
    COUNT = "count", _("Bookings")
    COST = "cost", _("Cost")


class QuotaPeriod(models.TextChoices):
    """For how long a quota lasts."""

    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    YEAR = "year", _("Year")
    ROLLING = "rolling", _("Rolling days")


class QuotaHolder(models.TextChoices):
    """Who shares a quota."""

    USER = "user", _("Each person")
    GROUP = "group", _("Each research group")
    PROJECT = "project", _("Each project")


class EntryKind(models.TextChoices):
    """What moved on a quota's account."""

    RESERVED = "reserved", _("Reserved")
    RELEASED = "released", _("Released")
    USED = "used", _("Used")
    CARRIED = "carried", _("Carried over")
    ADJUSTED = "adjusted", _("Adjusted")


class WaitingKind(models.TextChoices):
    """What a waiting person wants when time becomes free."""

    HOLD = "hold", _("Hold it for me")
    ALERT = "alert", _("Only tell me")


class WaitingState(models.TextChoices):
    """How far a place on the waiting list has come."""

    WAITING = "waiting", _("Waiting")
    OFFERED = "offered", _("Offered")
    BOOKED = "booked", _("Booked")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    ENDED = "ended", _("Ended")


class OfferKind(models.TextChoices):
    """Why time is offered to somebody."""

    WAITING = "waiting", _("From the waiting list")
    REPLACEMENT = "replacement", _("In place of a booking")


class OfferState(models.TextChoices):
    """What became of an offer."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")


class Handover(models.TextChoices):
    """How the instrument is left."""

    LEAVE_ON = "leave_on", _("Leave it on")
    WARM = "warm", _("Keep it warm")
    SHUT_DOWN = "shut_down", _("Shut it down")


class SessionEnd(models.TextChoices):
    """How a session came to its end."""

    USER = "user", _("Finished")
    AUTOMATIC = "automatic", _("Checked out automatically")


class ProposalKind(models.TextChoices):
    """How bookings change hands."""

    TRANSFER = "transfer", _("Hand over")
    SWAP = "swap", _("Swap")


class ProposalState(models.TextChoices):
    """How far a proposal to another person has come."""

    WAITING = "waiting", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    # One of its bookings became another since, or began.
    VOID = "void", _("Void")


class MaintenanceKind(models.TextChoices):
    """What sort of work is planned."""

    PLANNED = "planned", _("Planned")
    PREVENTIVE = "preventive", _("Preventive")
    REPAIR = "repair", _("Repair")
    CALIBRATION = "calibration", _("Calibration")
    VENDOR = "vendor", _("By the vendor")


class InTheWay(models.TextChoices):
    """What happens to bookings whose time maintenance takes."""

    REFUSE = "refuse", _("Refuse the work")
    CANCEL = "cancel", _("Cancel them with the reason")
    DISPLACE = "displace", _("Offer each another time")


class Severity(models.TextChoices):
    """How bad a fault is; the days to mend it stand in `DAYS_TO_MEND`."""

    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


DAYS_TO_MEND: dict[Severity, int] = dict(zip(Severity, (14, 7, 3, 1), strict=True))


class FaultState(models.TextChoices):
    """The life of a reported fault."""

    OPEN = "open", _("Open")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING = "waiting", _("Waiting for parts")
    RESOLVED = "resolved", _("Resolved")


class TrialState(models.TextChoices):
    """How far a replay of past bookings has come."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
