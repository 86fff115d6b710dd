"""Bookings that repeat."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.resources import Resource


class BookingSeries(models.Model):
    """A rule after RFC 5545 in the lab-local time of its resource, and what was left out of it.

    Its bookings carry the start that the rule gave them, wherever they were moved to since.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="series")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="booking_series"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    rule = models.CharField(_("rule"), max_length=300)
    # Local to the resource's zone, so that 9:00 stays 9:00 over the change of clocks.
    first_start = models.DateTimeField(_("first start"))
    minutes = models.PositiveIntegerField(_("minutes"), validators=[MinValueValidator(1)])
    excluded = ArrayField(models.DateTimeField(), default=list, blank=True)
    # The series that this one continues since "this and all that follow" was changed.
    split_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="continued_by"
    )
    created_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(minutes__gte=1), name="series_minutes")
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.rule}"
