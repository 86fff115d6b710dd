"""The append-only audit log, partitioned by month."""

from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditLog(models.Model):
    """Who did what to which object, when and why.

    The table is partitioned by month of `at`, and a trigger refuses UPDATE and DELETE. Actor and
    object are kept by id and by name, without foreign keys: the record outlives them both.
    `changes` maps each changed field to its value before and after.
    """

    at = models.DateTimeField(_("when"))
    action = models.CharField(_("action"), max_length=60)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(_("who"), max_length=200, blank=True)
    object_type = models.CharField(_("kind of object"), max_length=60)
    object_id = models.CharField(max_length=60)
    object_name = models.CharField(_("object"), max_length=200)
    changes = models.JSONField(_("changes"), default=dict)
    facts = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("audit record")
        ordering = ["-at", "-id"]
        indexes = [
            # The history on each object's page.
            models.Index(fields=["object_type", "object_id", "-at"], name="audit_object"),
            # What one person did lately.
            models.Index(fields=["actor_id", "-at"], name="audit_actor"),
            # Changed fields and values, within a time range.
            GinIndex(fields=["changes"], name="audit_changes", opclasses=["jsonb_path_ops"]),
            # Whole months at a time: tiny.
            BrinIndex(fields=["at"], name="audit_at_brin"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_name}"
