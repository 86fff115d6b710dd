"""Risk assessments: of a resource, and of what somebody does there."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums import AssessmentKind, AssessmentState, RiskLevel
from booking.models.attachments import Attachment
from booking.models.resources import Resource


class RiskAssessment(models.Model):
    """What can happen, how it is prevented, and who looked at it.

    Without a user it is the resource's own, for everybody to read; with one it is that person's
    work on the resource.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="assessments")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="assessments",
        db_index=False,
    )
    title = models.CharField(_("title"), max_length=150)
    kind = models.CharField(
        _("kind"), max_length=12, choices=AssessmentKind, default=AssessmentKind.GENERAL
    )
    level = models.CharField(_("level"), max_length=10, choices=RiskLevel, default=RiskLevel.LOW)
    hazards = models.TextField(_("hazards"), max_length=5000)
    controls = models.TextField(_("how they are controlled"), max_length=5000)
    protection = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        verbose_name=_("protective equipment"),
    )
    document = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="assessments"
    )
    state = models.CharField(max_length=10, choices=AssessmentState, default=AssessmentState.DRAFT)
    review_on = models.DateField(_("review by"), null=True, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    review_note = models.CharField(_("note of the review"), max_length=500, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("risk assessment")
        ordering = ["-written_at"]
        indexes = [
            # Every booking asks for its person's approved assessment of the resource.
            models.Index(fields=["user", "resource"], name="assessment_user"),
            # The reviewers' queue.
            models.Index(
                fields=["submitted_at"],
                name="assessment_submitted",
                condition=models.Q(state=AssessmentState.SUBMITTED),
            ),
        ]

    def __str__(self) -> str:
        return self.title
