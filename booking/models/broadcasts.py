"""What is said to many at once, and who has read it."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from booking.models.resources import Resource


class Broadcast(models.Model):
    """An announcement, or in an emergency an alarm, to those whom its scope names.

    Without resource, place, unit and roles it goes to everybody with an account.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("text"), max_length=2000)
    # By every channel at once, whatever people chose.
    is_emergency = models.BooleanField(_("emergency"), default=False)
    must_acknowledge = models.BooleanField(_("must be acknowledged"), default=False)
    resource = models.ForeignKey(
        Resource, models.PROTECT, null=True, blank=True, related_name="broadcasts"
    )
    # As resources name theirs.
    location = models.CharField(_("place"), max_length=120, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="broadcasts")
    roles = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="broadcasts")
    created_at = models.DateTimeField()
    # Until then it stands at the top of the pages of those it is for.
    shown_until = models.DateTimeField(_("shown until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("all clear"), null=True, blank=True)
    # When those who had not acknowledged it were last asked again.
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("broadcast")
        ordering = ["-created_at"]
        indexes = [
            # Which of them every page shows.
            models.Index(
                fields=["created_at"],
                name="broadcast_standing",
                condition=models.Q(ended_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.title


class BroadcastReceipt(models.Model):
    """One person a broadcast is for, fixed when it was sent, and when they acknowledged it."""

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="receipts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="broadcast_receipts"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("receipt")
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "user"], name="broadcast_receipt_once")
        ]

    def __str__(self) -> str:
        return f"{self.broadcast}: {self.user}"
