"""The outbox: what happened, written with it, told afterwards."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxEvent(models.Model):
    """Something that happened and that others must hear of, at least once.

    Handlers are idempotent by `public_id`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Not before this moment: another try, or an act that can still be undone.
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("event")
        ordering = ["id"]
        indexes = [
            # The sweep looks at nothing but what is still to be told.
            models.Index(
                fields=["id"], name="outbox_pending", condition=models.Q(dispatched_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
