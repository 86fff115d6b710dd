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
_ANSWERED = gettext_lazy("who decided on the request of another person")
_OF_OTHERS = "what the person decided about others: it is theirs"

_ACCESS = (
    deleted("booking.accessrequest"),
    kept("booking.accessrequest", "supervisor", _ANSWERED, left_out=_OF_OTHERS),
    kept("booking.accessrequest", "decided_by", _ANSWERED, left_out=_OF_OTHERS),
    kept("booking.accessstep", "confirmed_by", _ANSWERED, left_out=_OF_OTHERS),
    kept("booking.attachment", "uploaded_by", gettext_lazy("who handed in a file")),
    deleted("booking.course_instructors", left_out="shown with the courses"),
    deleted("booking.trainingseat"),
    kept("booking.trainingsession", "instructor", gettext_lazy("who gave a course, and when")),
    deleted("booking.qualification"),
    kept("booking.qualification", "given_by", _ANSWERED, left_out=_OF_OTHERS),
    deleted("booking.riskassessment"),
    kept("booking.riskassessment", "written_by", gettext_lazy("who wrote a risk assessment")),
    kept("booking.riskassessment", "reviewed_by", _ANSWERED, left_out=_OF_OTHERS),
)
_APPROVALS = (
    deleted("booking.approvaltier", "person", left_out="a setting of the lab"),
    kept("booking.approvalvote", "user", _ANSWERED, left_out=_OF_OTHERS),
    kept("booking.approvalvote", "answered_by", _ANSWERED, left_out=_OF_OTHERS),
    deleted("booking.approvaldelegation"),
    deleted("booking.approvaldelegation", "delegate", left_out="told to who delegated"),
    deleted("booking.supervision"),
    deleted("booking.supervision", "supervisor", left_out="told to the person supervised"),
    deleted("booking.quota", left_out="a setting of the lab"),
    kept("booking.bookingseries", "user", _USED),
    kept("booking.bookingseries", "created_by", _USED, left_out=_SAME),
    deleted("booking.waitingentry"),
    deleted("booking.offer"),
    deleted("booking.bookingtemplate"),
    deleted("booking.proposal", "proposed_by"),
    deleted("booking.proposal", "proposed_to"),
    deleted("booking.undoableact", "actor", left_out="lasts some minutes"),
)
_CARE = (
    kept("booking.usagesession", "user", _USED, emptied=("handover_note",)),
    kept("booking.maintenanceplan", "created_by", gettext_lazy("who planned maintenance")),
    kept("booking.fault", "reported_by", gettext_lazy("who reported a fault")),
    kept("booking.fault", "assignee", gettext_lazy("who mended a fault")),
    kept("booking.faultnote", "author", gettext_lazy("who wrote about a fault")),
    kept("booking.policyset", "applied_by", gettext_lazy("who changed the lab's policies")),
    kept("booking.policytrial", "asked_by", gettext_lazy("who tried other policies")),
)
_REACHED = (
    deleted("booking.message"),
    deleted("booking.notification"),
    deleted("booking.notificationpreference"),
    deleted("booking.notificationschedule"),
    deleted("booking.resourcewatch"),
    deleted("booking.phonenumber"),
    deleted("booking.pushsubscription"),
    deleted("booking.broadcastreceipt"),
    deleted("booking.calendarfeed"),
    deleted("booking.remotecalendar"),
    deleted("booking.offlineact"),
    kept("booking.broadcast", "author", gettext_lazy("who made an announcement")),
    kept("booking.walldisplay", "created_by", gettext_lazy("who hung up a display")),
    kept("booking.endpoint", "created_by", gettext_lazy("who connected another system")),
    kept("booking.wording", "author", gettext_lazy("who worded the lab's messages")),
)

_TEXTS = (
    ("accessrequest", ("justification", "reason")),
    ("accessstep", ("note", "confirmation")),
    ("trainingseat", ("note",)),
    ("qualification", ("note", "revoked_reason")),
    ("riskassessment", ("title", "hazards", "controls", "review_note")),
    ("approvalvote", ("reason",)),
    ("usagesession", ("handover_note",)),
    ("answer", ("value",)),
    ("waitingentry", ("purpose",)),
    ("bookingtemplate", ("name", "purpose", "notes")),
    ("proposal", ("message", "answer")),
    ("maintenanceplan", ("title", "notes")),
    ("fault", ("title", "description", "resolution")),
    ("faultnote", ("text",)),
    ("broadcast", ("title", "text")),
)

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
    *_ACCESS,
    *_APPROVALS,
    *_CARE,
    *_REACHED,
    mentions=(
        Mentions(model="booking.booking", fields=("purpose", "notes")),
        Mentions(model="booking.bookingstatus", fields=("reason",)),
        Mentions(model="booking.bookingdecision", fields=("reason", "trace")),
        Mentions(model="booking.closure", fields=("reason",)),
        Mentions(model="booking.maintenancerecord", fields=("title", "notes")),
        *(Mentions(model=f"booking.{model}", fields=fields) for model, fields in _TEXTS),
        Mentions(model="booking.notification", fields=("title", "body")),
        Mentions(model="booking.outboxevent", fields=("payload", "last_error")),
        Mentions(model="booking.message", fields=("payload", "last_error")),
    ),
    obstacles=(_has_bookings_to_come,),
)
