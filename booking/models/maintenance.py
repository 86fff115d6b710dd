"""Planned work on a resource, once or again and again."""

import uuid

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking.enums import MaintenanceKind
from booking.models.resources import Resource


class MaintenancePlan(models.Model):
    """Work that comes back by a rule after RFC 5545, in the resource's local time."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="maintenance_plans")
    title = models.CharField(_("what is done"), max_length=200)
    kind = models.CharField(
        _("kind"), max_length=12, choices=MaintenanceKind, default=MaintenanceKind.PREVENTIVE
    )
    rule = models.CharField(_("rule"), max_length=300)
    first_start = models.DateTimeField(_("first start"))
    minutes = models.PositiveIntegerField(_("minutes"), validators=[MinValueValidator(1)])
    vendor = models.CharField(_("vendor"), max_length=120, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=10, decimal_places=2, null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    # Windows are planned this far already.
    planned_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("maintenance plan")
        ordering = ["resource", "title"]

    def __str__(self) -> str:
        return f"{self.resource}: {self.title}"


class MaintenanceRecord(models.Model):
    """A window in which the whole resource is out of use."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="maintenance")
    plan = models.ForeignKey(
        MaintenancePlan, models.SET_NULL, null=True, blank=True, related_name="windows"
    )
    kind = models.CharField(
        _("kind"), max_length=12, choices=MaintenanceKind, default=MaintenanceKind.PLANNED
    )
    title = models.CharField(_("what is done"), max_length=200)
    start_time = models.DateTimeField(_("from"))
    end_time = models.DateTimeField(_("until"))
    vendor = models.CharField(_("vendor"), max_length=120, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=10, decimal_places=2, null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # How often what calendars tell of it was changed, and when last; calling it off is one more.
    sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)
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
