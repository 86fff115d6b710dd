"""Roles made of permissions, and who holds them where and until when."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import ScopeKind


class RoleDefinition(models.Model):
    """A named set of permissions. Those that come with the product are kept up to date by it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=300, blank=True)
    permissions = ArrayField(
        models.CharField(max_length=60), verbose_name=_("permissions"), default=list
    )
    is_builtin = models.BooleanField(_("comes with the product"), default=False, editable=False)

    class Meta:
        verbose_name = _("role")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role held by a person: everywhere, or in one unit, resource type or resource.

    `scope_id` is the key of that row; types and resources live in an app above this one, so it is
    no foreign key. A grant whose scope is gone gives nothing.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="role_grants")
    role = models.ForeignKey(RoleDefinition, models.CASCADE, related_name="grants")
    scope_kind = models.CharField(
        _("where"), max_length=10, choices=ScopeKind, default=ScopeKind.EVERYWHERE
    )
    scope_id = models.BigIntegerField(null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("granted role")
        ordering = ["user", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "scope_kind", "scope_id"],
                name="rolegrant_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="rolegrant_scope",
                condition=models.Q(scope_kind=ScopeKind.EVERYWHERE, scope_id__isnull=True)
                | (~models.Q(scope_kind=ScopeKind.EVERYWHERE) & models.Q(scope_id__isnull=False)),
            ),
            models.CheckConstraint(
                name="rolegrant_ends_later",
                condition=models.Q(expires_at__isnull=True)
                | models.Q(expires_at__gt=models.F("granted_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"
