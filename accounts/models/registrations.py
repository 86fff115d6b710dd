"""The ways to an account: registration and invitation."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import RegistrationStatus, Role
from accounts.models.groups import ResearchGroup


class Registration(models.Model):
    """Somebody asks for an account: they get it once the address is theirs and it is approved."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(_("user name"), max_length=150)
    email = models.EmailField(_("e-mail address"))
    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=100)
    password = models.CharField(max_length=128)
    group = models.ForeignKey(
        ResearchGroup,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="registrations",
        verbose_name=_("research group"),
    )
    message = models.CharField(_("message"), max_length=500, blank=True)
    status = models.CharField(
        max_length=12, choices=RegistrationStatus, default=RegistrationStatus.UNVERIFIED
    )
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="registration",
    )

    class Meta:
        verbose_name = _("registration")
        ordering = ["-asked_at"]
        indexes = [
            # The queue of those who decide.
            models.Index(
                fields=["asked_at"],
                name="registration_waiting",
                condition=models.Q(status=RegistrationStatus.WAITING),
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Invitation(models.Model):
    """A link that lets one person make an account with a given role and group."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.STUDENT)
    group = models.ForeignKey(
        ResearchGroup,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("research group"),
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations"
    )
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("valid until"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="accepted_invitation",
    )

    class Meta:
        verbose_name = _("invitation")
        ordering = ["-invited_at"]

    def __str__(self) -> str:
        return self.email
