"""Time kept for somebody for some minutes, before they book it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking.models.resources import Resource
from labitory.lib.periods import Period


class Hold(models.Model):
    """A person's hold on a resource's time until it expires or becomes a booking."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="holds")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="holds")
    start_time = models.DateTimeField(_("start"))
    end_time = models.DateTimeField(_("end"))
    expires_at = models.DateTimeField(_("expires"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("hold")
        ordering = ["expires_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_time__gt=models.F("start_time")), name="hold_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.start_time:%Y-%m-%d %H:%M}"

    @property
    def period(self) -> Period:
        """The held time without buffers."""
        return Period(self.start_time, self.end_time)
