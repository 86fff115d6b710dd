"""What is broken, since when, and who mends it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums import FaultState, Severity
from booking.models.attachments import Attachment
from booking.models.maintenance import MaintenanceRecord
from booking.models.resources import Resource


class Fault(models.Model):
    """A fault that somebody reported; one that blocks use lets nobody book or start.

    It blocks until `back_at` where that is known, else until it is resolved.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="faults", db_index=False)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reported_faults"
    )
    title = models.CharField(_("what is wrong"), max_length=150)
    description = models.TextField(_("description"), blank=True, max_length=5000)
    severity = models.CharField(
        _("severity"), max_length=8, choices=Severity, default=Severity.MEDIUM
    )
    blocks_use = models.BooleanField(_("cannot be used"), default=False)
    back_at = models.DateTimeField(_("expected back"), null=True, blank=True)
    photo = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="faults"
    )
    state = models.CharField(max_length=12, choices=FaultState, default=FaultState.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_faults",
        verbose_name=_("who mends it"),
    )
    maintenance = models.ForeignKey(
        MaintenanceRecord, models.SET_NULL, null=True, blank=True, related_name="faults"
    )
    reported_at = models.DateTimeField()
    due_at = models.DateTimeField(_("to be mended by"))
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(_("what was done"), max_length=500, blank=True)
    overdue_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("fault")
        ordering = ["-reported_at"]
        constraints = [
            models.CheckConstraint(
                name="fault_resolved",
                condition=models.Q(state=FaultState.RESOLVED, resolved_at__isnull=False)
                | (~models.Q(state=FaultState.RESOLVED) & models.Q(resolved_at__isnull=True)),
            )
        ]
        indexes = [
            # The banner and the rule ask for what is broken now.
            models.Index(
                fields=["resource"],
                name="fault_open",
                condition=~models.Q(state=FaultState.RESOLVED),
            ),
            models.Index(fields=["resource", "-reported_at"], name="fault_resource"),
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.title}"


class FaultNote(models.Model):
    """One line in the history of a fault."""

    fault = models.ForeignKey(Fault, models.CASCADE, related_name="history")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    to_state = models.CharField(max_length=12, choices=FaultState, blank=True)
    text = models.CharField(_("note"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("note on a fault")
        verbose_name_plural = _("notes on faults")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.text or self.get_to_state_display()
