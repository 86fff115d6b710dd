"""What hears of events outside: servers of integrators and chat rooms."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.enums import EndpointKind
from booking.models.resources import Resource
from labitory.lib.crypto import EncryptedTextField


class Endpoint(models.Model):
    """One address that is told of the kinds it names, of the resources it names or of all."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("what it is"), max_length=10, choices=EndpointKind)
    name = models.CharField(_("name"), max_length=100, unique=True)
    # The address of a chat room is its password.
    url = EncryptedTextField(_("address"), max_length=1000)
    # What a webhook's messages are signed with; the one before it serves until both sides know.
    secret = EncryptedTextField(blank=True, max_length=100, editable=False)
    old_secret = EncryptedTextField(blank=True, max_length=100, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Kinds of the catalogue; a noun with a dot (`booking.`) stands for all of its kinds.
    kinds = ArrayField(models.CharField(max_length=60), verbose_name=_("kinds of events"))
    resources = models.ManyToManyField(
        Resource, blank=True, related_name="endpoints", verbose_name=_("instruments")
    )
    is_active = models.BooleanField(_("active"), default=True)
    # Messages are written and shown, never sent.
    is_dry_run = models.BooleanField(_("try only"), default=False)
    # Failures in a row, and why it was switched off by them.
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    stopped_reason = models.CharField(max_length=300, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("endpoint")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="endpoint_kind", condition=models.Q(kind__in=EndpointKind.values)
            ),
            models.CheckConstraint(
                name="endpoint_hears_something", condition=models.Q(kinds__len__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name
