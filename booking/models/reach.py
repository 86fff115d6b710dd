"""How people want to be told: by which channel, when, and of which resources."""

from datetime import time

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums import RemindLead, Timing, WatchMode
from booking.models.resources import Resource


class NotificationPreference(models.Model):
    """When one person hears of one kind of event by one channel; without a person, all others.

    What nobody chose is as the catalogue says.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="notification_preferences",
    )
    kind = models.CharField(_("kind"), max_length=60)
    channel = models.CharField(_("channel"), max_length=20)
    timing = models.CharField(_("when"), max_length=6, choices=Timing)

    class Meta:
        verbose_name = _("notification preference")
        ordering = ["kind", "channel"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "channel"],
                name="notification_preference_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="notification_preference_timing",
                condition=models.Q(timing__in=Timing.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.channel}: {self.get_timing_display()}"


class NotificationSchedule(models.Model):
    """A person's quiet hours and the time of their digest, on the clock of their zone.

    And how long before their bookings they are reminded.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_schedule"
    )
    # Both or neither; from 22:00 to 07:00 is over midnight.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    digest_at = models.TimeField(_("digest at"), default=time(7))
    # Monday is 0.
    digest_weekday = models.PositiveSmallIntegerField(
        _("weekly digest on"), default=0, validators=[MaxValueValidator(6)]
    )

    # None is as the lab has it, which may be several times.
    remind_minutes = models.PositiveSmallIntegerField(
        _("reminded"), choices=RemindLead, null=True, blank=True
    )

    class Meta:
        verbose_name = _("notification schedule")
        constraints = [
            models.CheckConstraint(
                name="notification_schedule_quiet_whole",
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & ~models.Q(quiet_from=models.F("quiet_until")),
            ),
            models.CheckConstraint(
                name="notification_schedule_weekday",
                condition=models.Q(digest_weekday__lte=6),
            ),
            models.CheckConstraint(
                name="notification_schedule_remind",
                condition=models.Q(remind_minutes=None)
                | models.Q(remind_minutes__gte=15, remind_minutes__lte=2880),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class ResourceWatch(models.Model):
    """Somebody who follows a resource, or wants to hear nothing of it but their own bookings."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="resource_watches"
    )
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="watches")
    mode = models.CharField(_("how"), max_length=6, choices=WatchMode)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("watched resource")
        ordering = ["resource__name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "resource"], name="resource_watch_once"),
            models.CheckConstraint(
                name="resource_watch_mode", condition=models.Q(mode__in=WatchMode.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.resource}: {self.get_mode_display()}"
