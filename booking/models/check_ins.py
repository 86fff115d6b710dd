"""Use as it was: sessions at the instrument, and what was asked before and after."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums import Handover, Moment, QuestionKind, SessionEnd
from booking.models.bookings import Booking
from booking.models.resources import Resource, ResourceType

QUESTION_PREFIX = "question-"


class UsageSession(models.Model):
    """What really happened on the time of a booking. Who walks up books at that moment."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="sessions")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="sessions", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="usage_sessions", db_index=False
    )
    started_at = models.DateTimeField(_("start"))
    # Up to when it was booked at last: an early finish gives the rest away, and the plan stays.
    planned_end = models.DateTimeField(_("booked until"))
    ended_at = models.DateTimeField(_("end"), null=True, blank=True)
    ended_how = models.CharField(max_length=10, choices=SessionEnd, blank=True)
    handover = models.CharField(_("left"), max_length=10, choices=Handover, blank=True)
    handover_note = models.CharField(_("for the next one"), max_length=300, blank=True)
    # When both sides were told that the time is over and the next one waits.
    warned_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("session")
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(ended_at__gte=models.F("started_at")),
                name="usagesession_period",
            ),
            # Two taps on check-in are one session.
            models.UniqueConstraint(
                fields=["booking"],
                name="usagesession_one_open",
                condition=models.Q(ended_at__isnull=True),
            ),
        ]
        indexes = [
            # Use against plan, and the last handover of a resource.
            models.Index(fields=["resource", "-started_at"], name="usagesession_resource"),
            # Disuse of a qualification, and a person's own history.
            models.Index(fields=["user", "-started_at"], name="usagesession_user"),
            # Everybody's use page by page, the newest first.
            models.Index(fields=["-started_at", "-id"], name="usagesession_started"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.started_at:%Y-%m-%d %H:%M}"


class Question(models.Model):
    """One line of the list that is asked before or after the work."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="questions"
    )
    resource_type = models.ForeignKey(
        ResourceType, models.CASCADE, null=True, blank=True, related_name="questions"
    )
    moment = models.CharField(_("asked"), max_length=5, choices=Moment)
    kind = models.CharField(_("answered by"), max_length=8, choices=QuestionKind)
    label = models.CharField(_("question"), max_length=200)
    help_text = models.CharField(_("help"), max_length=300, blank=True)
    is_required = models.BooleanField(_("must be answered"), default=True)
    minimum = models.DecimalField(
        _("smallest"), max_digits=12, decimal_places=3, null=True, blank=True
    )
    maximum = models.DecimalField(
        _("largest"), max_digits=12, decimal_places=3, null=True, blank=True
    )
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    choices = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, verbose_name=_("choices")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("asked now"), default=True)

    class Meta:
        verbose_name = _("question")
        ordering = ["moment", "position", "id"]
        constraints = [
            models.CheckConstraint(
                name="question_one_scope",
                condition=models.Q(resource__isnull=False, resource_type__isnull=True)
                | models.Q(resource__isnull=True, resource_type__isnull=False),
            ),
            models.CheckConstraint(
                name="question_bounds",
                condition=models.Q(minimum__isnull=True)
                | models.Q(maximum__isnull=True)
                | models.Q(maximum__gte=models.F("minimum")),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def field_name(self) -> str:
        """The name of its field in forms."""
        return f"{QUESTION_PREFIX}{self.public_id}"


class Answer(models.Model):
    """What was answered, with the words of the question as it was asked."""

    session = models.ForeignKey(UsageSession, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    label = models.CharField(max_length=200)
    value = models.CharField(max_length=1000, blank=True)
    number = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    answered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer")
        ordering = ["answered_at", "id"]
        constraints = [models.UniqueConstraint(fields=["session", "question"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"
