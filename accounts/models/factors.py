"""What a person shows besides the password."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin

from accounts.enums import Role
from labitory.lib.crypto import EncryptedTextField

# Waits double from one second; this many failures make them 68 minutes, and no longer.
MOST_FAILURES = 13


class Authenticator(ThrottlingMixin, Device):
    """An app that shows six digits (TOTP, RFC 6238). Its key is encrypted."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="authenticators"
    )
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = EncryptedTextField()
    # The last step a code was taken from: no code works twice.
    last_step = models.BigIntegerField(default=-1)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta(Device.Meta):
        abstract = False
        verbose_name = _("authenticator app")
        ordering = ["user", "name"]

    def get_throttle_factor(self) -> int:
        """The first wait after a wrong code, in seconds; each further failure doubles it."""
        return 1

    def throttle_increment(self, commit: bool = True) -> None:  # noqa: FBT001, FBT002 - its own
        """Count a wrong code; the wait stops growing, so that nobody is shut out for good."""
        self.throttling_failure_count = min(self.throttling_failure_count, MOST_FAILURES - 1)
        super().throttle_increment(commit=commit)  # type: ignore[no-untyped-call]


class Passkey(Device):
    """A WebAuthn credential: a key kept by a phone, a computer or a stick."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    transports = ArrayField(models.CharField(max_length=20), default=list)
    is_backed_up = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta(Device.Meta):
        abstract = False
        verbose_name = _("passkey")
        ordering = ["user", "name"]


class BackupCode(models.Model):
    """One of the codes for the day the phone is lost; it works once, and is kept hashed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="backup_codes")
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("backup code")
        ordering = ["user", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "code_hash"], name="backupcode_unique")
        ]

    def __str__(self) -> str:
        return str(self.user)


class TrustedDevice(models.Model):
    """A browser that is not asked for the second factor until a day, or until it is revoked.

    Any browser somebody once logged in with is known too (`asks_factor`): the lock of an account
    under attack does not shut it out.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="trusted_devices"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("device"), max_length=120)
    asks_factor = models.BooleanField(default=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("known device")
        ordering = ["user", "-used_at"]

    def __str__(self) -> str:
        return self.name


class FactorRule(models.Model):
    """People of a role need a second factor from a day on, after some days of grace."""

    role = models.CharField(_("role"), max_length=20, choices=Role, unique=True)
    required_since = models.DateTimeField(_("required since"))
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=14)

    class Meta:
        verbose_name = _("second factor rule")
        ordering = ["role"]

    def __str__(self) -> str:
        return self.get_role_display()


class FactorReset(models.Model):
    """All second factors of somebody are to be taken away: one asks, another agrees."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="factor_resets")
    reason = models.CharField(_("reason"), max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reset of second factors")
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                name="factorreset_two_people",
                condition=models.Q(agreed_by__isnull=True)
                | (
                    ~models.Q(agreed_by=models.F("asked_by"))
                    & ~models.Q(agreed_by=models.F("user"))
                ),
            )
        ]

    def __str__(self) -> str:
        return str(self.user)
