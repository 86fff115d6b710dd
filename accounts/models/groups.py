"""Research groups, their people, and those who want to join."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import RequestStatus
from accounts.models.units import PriceClass, Unit


class ResearchGroup(models.Model):
    """A group with its principal investigator."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150, unique=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="groups", verbose_name=_("unit")
    )
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="led_groups",
        verbose_name=_("principal investigator"),
    )
    price_class = models.ForeignKey(
        PriceClass,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="groups",
        verbose_name=_("price class"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("research group")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """A person in a group; a delegated manager acts for the principal investigator."""

    group = models.ForeignKey(ResearchGroup, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="group_memberships"
    )
    is_manager = models.BooleanField(_("manages the group"), default=False)
    joined_at = models.DateTimeField()

    class Meta:
        verbose_name = _("group member")
        ordering = ["group", "user"]
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="groupmember_unique")]

    def __str__(self) -> str:
        return f"{self.user}, {self.group}"


class JoinRequest(models.Model):
    """Somebody asks to join a group."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(ResearchGroup, models.CASCADE, related_name="join_requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="join_requests")
    message = models.CharField(_("message"), max_length=500, blank=True)
    status = models.CharField(max_length=10, choices=RequestStatus, default=RequestStatus.WAITING)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("join request")
        ordering = ["-asked_at"]
        constraints = [
            # One open request: a second click is not a second request.
            models.UniqueConstraint(
                fields=["group", "user"],
                name="joinrequest_one_open",
                condition=models.Q(status=RequestStatus.WAITING),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.group}"
