"""Policies as text in versions, and what would have been under others."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums import TrialState


class PolicySet(models.Model):
    """One version of the lab's policies as YAML, as it was applied."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(_("version"), unique=True)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=200_000)
    # What it changed, each line as people read it.
    changes = models.JSONField(default=list)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    applied_at = models.DateTimeField()

    class Meta:
        verbose_name = _("policy set")
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"{self.version}: {self.title}"


class PolicyTrial(models.Model):
    """A replay of past bookings through policies that are not in force."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=120)
    # The limits that are tried, as rows of limit, role, resource, type and value.
    proposed = models.JSONField(default=list)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=TrialState, default=TrialState.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    # A worker that died leaves it running; another takes over after this moment.
    alive_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("policy trial")
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="policytrial_period"
            )
        ]

    def __str__(self) -> str:
        return self.title
