"""Resources, the calendar of claims on their time, and bookings."""

from booking.models.access import AccessRequest, AccessRequirement, AccessStep
from booking.models.addresses import BouncedAddress, PhoneNumber, PushSubscription
from booking.models.approvals import (
    Approval,
    ApprovalDelegation,
    ApprovalPolicy,
    ApprovalTier,
    ApprovalVote,
    Supervision,
)
from booking.models.assessments import RiskAssessment
from booking.models.attachments import Attachment
from booking.models.bookings import Booking, BookingAttendee, BookingStatus
from booking.models.broadcasts import Broadcast, BroadcastReceipt
from booking.models.calendars import Closure, Holiday, OpeningHours, ResourceCalendar
from booking.models.check_ins import Answer, Question, UsageSession
from booking.models.decisions import BookingDecision, DemandEntry
from booking.models.endpoints import Endpoint
from booking.models.events import OutboxEvent
from booking.models.faults import Fault, FaultNote
from booking.models.feeds import CalendarFeed, ImportedEvent, RemoteCalendar, RemoteEntry
from booking.models.holds import Hold
from booking.models.maintenance import MaintenancePlan, MaintenanceRecord
from booking.models.notifications import Message, Notification
from booking.models.offline import OfflineAct
from booking.models.plans import BookingTemplate, Proposal, UndoableAct
from booking.models.policies import BookingPolicy
from booking.models.policy_sets import PolicySet, PolicyTrial
from booking.models.prices import Price
from booking.models.quotas import Quota, QuotaAccount, QuotaEntry
from booking.models.reach import NotificationPreference, NotificationSchedule, ResourceWatch
from booking.models.reminders import QuotaWarning, ReminderRun
from booking.models.resources import (
    FavouriteResource,
    ProjectResource,
    Resource,
    ResourceAccess,
    ResourceLink,
    ResourcePool,
    ResourceType,
    ResponsiblePerson,
)
from booking.models.series import BookingSeries
from booking.models.training import (
    Course,
    Qualification,
    TrainingRequirement,
    TrainingSeat,
    TrainingSession,
)
from booking.models.waiting_list import Offer, WaitingEntry
from booking.models.walls import WallDisplay
from booking.models.watching import Heartbeat, Incident
from booking.models.wordings import Wording

__all__ = [
    "AccessRequest",
    "AccessRequirement",
    "AccessStep",
    "Answer",
    "Approval",
    "ApprovalDelegation",
    "ApprovalPolicy",
    "ApprovalTier",
    "ApprovalVote",
    "Attachment",
    "Booking",
    "BookingAttendee",
    "BookingDecision",
    "BookingPolicy",
    "BookingSeries",
    "BookingStatus",
    "BookingTemplate",
    "BouncedAddress",
    "Broadcast",
    "BroadcastReceipt",
    "CalendarFeed",
    "Closure",
    "Course",
    "DemandEntry",
    "Endpoint",
    "Fault",
    "FaultNote",
    "FavouriteResource",
    "Heartbeat",
    "Hold",
    "Holiday",
    "ImportedEvent",
    "Incident",
    "MaintenancePlan",
    "MaintenanceRecord",
    "Message",
    "Notification",
    "NotificationPreference",
    "NotificationSchedule",
    "Offer",
    "OfflineAct",
    "OpeningHours",
    "OutboxEvent",
    "PhoneNumber",
    "PolicySet",
    "PolicyTrial",
    "Price",
    "ProjectResource",
    "Proposal",
    "PushSubscription",
    "Qualification",
    "Question",
    "Quota",
    "QuotaAccount",
    "QuotaEntry",
    "QuotaWarning",
    "ReminderRun",
    "RemoteCalendar",
    "RemoteEntry",
    "Resource",
    "ResourceAccess",
    "ResourceCalendar",
    "ResourceLink",
    "ResourcePool",
    "ResourceType",
    "ResourceWatch",
    "ResponsiblePerson",
    "RiskAssessment",
    "Supervision",
    "TrainingRequirement",
    "TrainingSeat",
    "TrainingSession",
    "UndoableAct",
    "UsageSession",
    "WaitingEntry",
    "WallDisplay",
    "Wording",
]
