"""Why a request was allowed or refused, and the wishes that could not be served."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from booking.enums import DemandSource, Outcome
from booking.models.bookings import Booking
from booking.models.resources import Resource, ResourcePool, ResourceType


class BookingDecision(models.Model):
    """One decided request with the trace of its rules."""

    at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    action = models.CharField(max_length=20)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions", db_index=False
    )
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="decisions")
    booking = models.ForeignKey(
        Booking, models.CASCADE, null=True, blank=True, related_name="decisions"
    )
    start_time = models.DateTimeField()
    end_time = models.DateTimeField()
    # One entry a rule that spoke: {"code", "text", "facts", "overridden"}; silent rules passed.
    trace = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("decision")
        ordering = ["-at"]
        indexes = [
            # The explanation page: what was decided for one person lately.
            models.Index(fields=["user", "-at"], name="decision_user_at")
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.at:%Y-%m-%d %H:%M}"


class DemandEntry(models.Model):
    """A wish for time that the lab could not serve; it names no person, only their class."""

    at = models.DateTimeField()
    source = models.CharField(max_length=10, choices=DemandSource)
    role = models.CharField(max_length=20, choices=Role)
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="demand"
    )
    resource_type = models.ForeignKey(
        ResourceType, models.CASCADE, null=True, blank=True, related_name="demand"
    )
    pool = models.ForeignKey(
        ResourcePool, models.CASCADE, null=True, blank=True, related_name="demand"
    )
    start_time = models.DateTimeField()
    end_time = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    codes = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        verbose_name = _("unserved wish")
        verbose_name_plural = _("unserved wishes")
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at"], name="demand_at")]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.at:%Y-%m-%d %H:%M}"
