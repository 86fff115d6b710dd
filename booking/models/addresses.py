"""Where people are reached beside their mail: telephones and browsers."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from labitory.lib.crypto import EncryptedTextField

E164 = r"^\+[1-9][0-9]{6,14}$"


class PhoneNumber(models.Model):
    """The number to which a person wants text messages; used once its code was typed in."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="phone_number"
    )
    number = EncryptedTextField(
        _("mobile number"),
        max_length=16,
        validators=[RegexValidator(E164, _("Write it with its country: +49 151 23456789."))],
    )
    # Of the code that was sent last, never the code itself.
    code_hash = models.CharField(max_length=128, blank=True, editable=False)
    code_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    wrong_codes = models.PositiveSmallIntegerField(default=0, editable=False)
    verified_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("mobile number")

    def __str__(self) -> str:
        return str(self.user)


class BrowserManager(models.Manager["PushSubscription"]):
    """What sending shows of browsers."""

    def forget(self, keys: Iterable[int]) -> None:
        """Their people took the wish back, or they are no more."""
        self.filter(pk__in=list(keys)).delete()

    def note_told(self, keys: Iterable[int], *, at: datetime) -> None:
        """They were told of something."""
        self.filter(pk__in=list(keys)).update(last_sent_at=at)


class PushSubscription(models.Model):
    """One browser of a person that shows notices though no page is open."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions"
    )
    # Whoever knows the address may send there: it is kept as a secret, and found by its digest.
    endpoint = EncryptedTextField(_("address"), max_length=2000)
    endpoint_hash = models.CharField(max_length=64, unique=True, editable=False)
    # The browser's keys, in base64url: each message is encrypted for it alone.
    p256dh = models.CharField(max_length=100)
    auth = EncryptedTextField(max_length=50)
    label = models.CharField(_("browser"), max_length=100)
    created_at = models.DateTimeField()
    last_sent_at = models.DateTimeField(null=True, blank=True)

    objects = BrowserManager()

    class Meta:
        verbose_name = _("browser with notices")
        verbose_name_plural = _("browsers with notices")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.label

    @property
    def digest(self) -> str:
        """By what a browser recognises itself among others, without their addresses."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()


class BouncedAddress(models.Model):
    """A mail address whose server said that nobody is there; nothing more is sent to it."""

    address = models.EmailField(_("address"), unique=True)
    reason = models.TextField(_("reason"))
    # Temporary refusals count up; a final one stops the address at once.
    bounces = models.PositiveSmallIntegerField(_("times"), default=1)
    is_dead = models.BooleanField(_("nothing is sent there"), default=False)
    bounced_at = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("bounced address")
        verbose_name_plural = _("bounced addresses")
        ordering = ["-bounced_at"]

    def __str__(self) -> str:
        return self.address
