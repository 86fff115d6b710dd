"""Planned work on a resource."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking.models.resources import Resource


class MaintenanceRecord(models.Model):
    """A window in which the whole resource is out of use."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="maintenance")
    title = models.CharField(_("what is done"), max_length=200)
    start_time = models.DateTimeField(_("from"))
    end_time = models.DateTimeField(_("until"))
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("maintenance")
        verbose_name_plural = _("maintenance")
        ordering = ["start_time"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_time__gt=models.F("start_time")), name="maintenance_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.title}"
