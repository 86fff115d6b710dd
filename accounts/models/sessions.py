"""Sessions that know whose they are, and what guards the login."""

import uuid

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class Session(AbstractBaseSession):
    """A browser's session. Redis is asked first; this is its fallback and the list of sessions."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sessions",
        db_index=False,
    )
    address = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(_("browser"), max_length=200, blank=True)
    began_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta(AbstractBaseSession.Meta):
        indexes = [
            # The list of a person's sessions, and ending them.
            models.Index(fields=["user", "-seen_at"], name="session_user")
        ]

    def __str__(self) -> str:
        return self.agent


class LoginGuard(models.Model):
    """How many logins failed in a row for one account or address, and until when it must wait."""

    key = models.CharField(max_length=100, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("login guard")
        ordering = ["-failed_at"]

    def __str__(self) -> str:
        return self.key


class PasswordRecord(models.Model):
    """A password that was in use, hashed: the last ones are not taken again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="password_records"
    )
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("earlier password")
        ordering = ["user", "-set_at"]

    def __str__(self) -> str:
        return f"{self.user}"
