"""What people did on a device without a network, and what became of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums import ActOutcome
from booking.models.bookings import Booking


class OfflineAct(models.Model):
    """One tap on a device that had no network, told later; told twice, it is one."""

    key = models.UUIDField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="offline_acts")
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="offline_acts")
    # `check_in` or `check_out`.
    act = models.CharField(max_length=10)
    # By the clock of the device, corrected by how wrong it was when it told us.
    done_at = models.DateTimeField(_("done"))
    received_at = models.DateTimeField(_("received"))
    outcome = models.CharField(max_length=8, choices=ActOutcome)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("act without a network")
        verbose_name_plural = _("acts without a network")
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return f"{self.act} {self.done_at:%Y-%m-%d %H:%M}"
