"""Marks of what people were reminded of."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.quotas import Quota


class ReminderRun(models.Model):
    """Up to which moment people were reminded of one kind; the next run goes on from there.

    What was missed while no worker ran is made up, and nothing is told twice.
    """

    kind = models.CharField(_("kind"), max_length=60, unique=True)
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("reminder run")
        ordering = ["kind"]

    def __str__(self) -> str:
        return f"{self.kind} {self.until:%Y-%m-%d %H:%M}"


class QuotaWarning(models.Model):
    """Who was told that so many percent of a quota are gone; once a period and step."""

    quota = models.ForeignKey(Quota, models.CASCADE, related_name="warnings", db_index=False)
    # The key of the person, group or project that shares it, as on its accounts.
    holder_id = models.PositiveBigIntegerField()
    # The period's first day; of a rolling quota the day of the warning.
    starts_on = models.DateField()
    percent = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        verbose_name = _("quota warning")
        ordering = ["-told_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["quota", "holder_id", "starts_on", "percent"], name="quotawarning_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quota} {self.starts_on}: {self.percent} %"
