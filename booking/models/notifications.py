"""What was told to whom."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums import DeliveryStatus
from booking.models.endpoints import Endpoint
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


class Message(models.Model):
    """What one person is told of one event by one channel, and how far it came.

    Somebody without an account, who registers or is invited, is told by `address`; a chat room or
    an integrator's server by its `endpoint`.
    """

    event = models.ForeignKey(OutboxEvent, models.CASCADE, related_name="messages")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="messages"
    )
    # A mail address, or the public id of an endpoint, which makes its rows unique as well.
    address = models.CharField(_("address"), max_length=254, blank=True)
    endpoint = models.ForeignKey(
        Endpoint,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
        # A partial index below: hardly any message has one.
        db_index=False,
    )
    # The default of the database serves workers of the release before channels.
    channel = models.CharField(_("channel"), max_length=20, default="email", db_default="email")
    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Not before: another try, the end of the quiet hours, or the digest it goes into.
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    # What whoever took it said: a Message-ID, a number of theirs.
    receipt = models.CharField(max_length=255, blank=True, default="", db_default="")
    digest = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="gathered"
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # The name it had when there were mails only: a rename would stop running workers.
        db_table = "booking_emailmessage"
        verbose_name = _("message")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user", "address", "channel"],
                name="message_once",
                nulls_distinct=False,
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
            ),
            # So does the writer of digests.
            models.Index(
                fields=["next_attempt_at"],
                name="message_held",
                condition=models.Q(status=DeliveryStatus.HELD),
            ),
            # How much somebody was sent within the hour, and the log of one person.
            models.Index(fields=["user", "created_at"], name="message_of_person"),
            # The log of everybody, the newest first, and what never arrived.
            models.Index(fields=["-created_at", "-id"], name="message_newest"),
            models.Index(
                fields=["-created_at"],
                name="message_failed",
                condition=models.Q(status=DeliveryStatus.FAILED),
            ),
            # The log of one endpoint.
            models.Index(
                fields=["endpoint", "-created_at"],
                name="message_of_endpoint",
                condition=models.Q(endpoint__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_status_display()}"
