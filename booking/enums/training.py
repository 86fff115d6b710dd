"""Courses, certificates and risk assessments."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CourseKind(models.TextChoices):
    """What a course is about."""

    SAFETY = "safety", _("Safety")
    INSTRUMENT = "instrument", _("Instrument")
    TECHNIQUE = "technique", _("Technique")
    REFRESHER = "refresher", _("Refresher")


class Delivery(models.TextChoices):
    """How a course is given."""

    IN_PERSON = "in_person", _("In person")
    ONLINE = "online", _("Online")
    SELF_STUDY = "self_study", _("Self-study")


class SeatState(models.TextChoices):
    """A person's place in a training session."""

    ENROLLED = "enrolled", _("Signed up")
    WAITING = "waiting", _("On the waiting list")
    CANCELLED = "cancelled", _("Signed off")
    PASSED = "passed", _("Passed")
    FAILED = "failed", _("Not passed")
    ABSENT = "absent", _("Did not come")


class TrainingState(models.TextChoices):
    """What a course that somebody needs has come to."""

    VALID = "valid", _("Valid")
    ENDING = "ending", _("Ends soon")
    EXPIRED = "expired", _("Expired")
    LAPSED = "lapsed", _("Lapsed unused")
    MISSING = "missing", _("Never passed")


class AssessmentKind(models.TextChoices):
    """What a risk assessment is about."""

    GENERAL = "general", _("General")
    CHEMICAL = "chemical", _("Chemical")
    BIOLOGICAL = "biological", _("Biological")
    LASER = "laser", _("Laser")
    RADIATION = "radiation", _("Radiation")
    MECHANICAL = "mechanical", _("Mechanical")
    ELECTRICAL = "electrical", _("Electrical")


class RiskLevel(models.TextChoices):
    """How much can happen."""

    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    VERY_HIGH = "very_high", _("Very high")


class AssessmentState(models.TextChoices):
    """The life of a risk assessment."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Sent back")
