"""Whether workers live, and what went wrong with them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """When a worker of a queue last did the task that does nothing but say so."""

    queue = models.CharField(_("queue"), max_length=40, unique=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        ordering = ["queue"]

    def __str__(self) -> str:
        return self.queue


class Incident(models.Model):
    """Something wrong with queues, workers or tasks, from when it was seen until it was well."""

    # The event kind that tells of it, and what it is about: a queue, a task.
    kind = models.CharField(max_length=60)
    subject = models.CharField(_("about"), max_length=200, blank=True)
    facts = models.JSONField(default=dict)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("incident")
        ordering = ["-began_at", "-id"]
        constraints = [
            # Told once, however many look at the same time.
            models.UniqueConstraint(
                fields=["kind", "subject"],
                name="incident_open_once",
                condition=models.Q(ended_at__isnull=True),
            )
        ]
        indexes = [models.Index(fields=["-began_at", "-id"], name="incident_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()
