"""What was told to whom."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums import DeliveryStatus
from booking.models.events import OutboxEvent


class Notification(models.Model):
    """A notice inside the application; one a person and event."""

    event = models.ForeignKey(OutboxEvent, models.CASCADE, related_name="notifications")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="notification_once")]
        indexes = [
            # The unread count in the header of every page.
            models.Index(
                fields=["user"],
                name="notification_unread",
                condition=models.Q(read_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.title


class EmailMessage(models.Model):
    """A mail to one person about one event, and how far it came.

    Somebody without an account, who registers or is invited, is told by `address`.
    """

    event = models.ForeignKey(OutboxEvent, models.CASCADE, related_name="emails")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="emails"
    )
    address = models.EmailField(_("address"), blank=True)
    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user", "address"], name="email_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="email_to_somebody",
                condition=models.Q(user__isnull=False) | ~models.Q(address=""),
            ),
        ]
        indexes = [
            # The sender looks at nothing but what still waits.
            models.Index(
                fields=["id"],
                name="email_pending",
                condition=models.Q(status=DeliveryStatus.PENDING),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_status_display()}"
