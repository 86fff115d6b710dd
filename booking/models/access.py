"""The path to a resource: what it asks of newcomers, and how far each of them has come."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums import AccessLevel, RequestState, StepKind
from booking.models.attachments import Attachment
from booking.models.resources import Resource
from booking.models.training import Course


class AccessRequirement(models.Model):
    """One step that everybody takes before access to the resource is granted."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="requirements")
    kind = models.CharField(_("step"), max_length=12, choices=StepKind)
    course = models.ForeignKey(
        Course, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("course")
    )
    note = models.CharField(_("what to do"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("step to access")
        verbose_name_plural = _("steps to access")
        ordering = ["resource", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "kind", "course"],
                name="accessrequirement_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="accessrequirement_course",
                condition=models.Q(kind=StepKind.TRAINING, course__isnull=False)
                | (~models.Q(kind=StepKind.TRAINING) & models.Q(course__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.get_kind_display()}"


class AccessRequest(models.Model):
    """Somebody asks to see or to book a resource."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_requests", db_index=False
    )
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="access_requests")
    level = models.CharField(_("for"), max_length=5, choices=AccessLevel, default=AccessLevel.BOOK)
    justification = models.TextField(_("what for"), max_length=2000)
    wanted_until = models.DateField(_("until"), null=True, blank=True)
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="supervised_requests",
        verbose_name=_("supervisor"),
    )
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.WAITING)
    # The request that was rejected and is asked again with this one.
    earlier = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="later"
    )
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    # How often it was brought to others because nobody answered.
    escalated = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("access request")
        ordering = ["-asked_at"]
        constraints = [
            # A second click is not a second request.
            models.UniqueConstraint(
                fields=["user", "resource"],
                name="accessrequest_one_open",
                condition=models.Q(state=RequestState.WAITING),
            )
        ]
        indexes = [
            # The queue of those who let people in, oldest first.
            models.Index(
                fields=["asked_at"],
                name="accessrequest_waiting",
                condition=models.Q(state=RequestState.WAITING),
            ),
            # A person's own requests.
            models.Index(fields=["user", "-asked_at"], name="accessrequest_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.resource}"


class AccessStep(models.Model):
    """One step of a request, and who confirmed it on what evidence."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(AccessRequest, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind)
    course = models.ForeignKey(Course, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmation = models.CharField(_("note"), max_length=500, blank=True)
    evidence = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="access_steps"
    )

    class Meta:
        verbose_name = _("step of a request")
        verbose_name_plural = _("steps of requests")
        ordering = ["request", "position", "id"]

    def __str__(self) -> str:
        return f"{self.request}: {self.get_kind_display()}"
