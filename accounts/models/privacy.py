"""Personal data: consent, how long it is kept, copies and erasure."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import DataKind, PrivacyRequestKind


class Consent(models.Model):
    """What a person agreed to, which words, when; and when they took it back."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=40)
    version = models.CharField(_("version of the words"), max_length=20)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        ordering = ["user", "purpose", "-given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"],
                name="consent_one_open",
                condition=models.Q(withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.purpose}"


class RetentionRule(models.Model):
    """How many days data of a kind are kept."""

    kind = models.CharField(_("kind of data"), max_length=30, choices=DataKind, unique=True)
    days = models.PositiveIntegerField(_("days"))

    class Meta:
        verbose_name = _("retention rule")
        ordering = ["kind"]

    def __str__(self) -> str:
        return self.get_kind_display()


class PrivacyRequest(models.Model):
    """Somebody asked for a copy of their data, or for erasure."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # By id: the record of an erasure outlives what it erased.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="privacy_requests"
    )
    kind = models.CharField(max_length=10, choices=PrivacyRequestKind)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    refused_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("privacy request")
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.user}"
