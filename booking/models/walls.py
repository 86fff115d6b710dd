"""Displays on walls, each with an address of its own."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.units import Unit
from booking.enums import WallKind
from booking.models.resources import ResourcePool, ResourceType


class WallDisplay(models.Model):
    """A screen in a corridor: whoever has its address may look, until it is revoked.

    It is the lab's, not its maker's: it goes on when they have left.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("shows"), max_length=5, choices=WallKind)
    pool = models.ForeignKey(
        ResourcePool, models.CASCADE, null=True, blank=True, related_name="displays"
    )
    resource_type = models.ForeignKey(
        ResourceType, models.CASCADE, null=True, blank=True, related_name="displays"
    )
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="displays")
    place = models.CharField(_("place"), max_length=120, blank=True)
    # The token itself is shown once and kept nowhere.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    # Kept, so that a screen that still hangs there says why it is empty.
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("display")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="wall_display_shows_one",
                condition=models.Q(
                    kind=WallKind.LAB, pool=None, resource_type=None, unit=None, place=""
                )
                | models.Q(
                    kind=WallKind.POOL, pool__isnull=False, resource_type=None, unit=None, place=""
                )
                | models.Q(
                    kind=WallKind.TYPE, pool=None, resource_type__isnull=False, unit=None, place=""
                )
                | models.Q(
                    kind=WallKind.UNIT, pool=None, resource_type=None, unit__isnull=False, place=""
                )
                | (
                    models.Q(kind=WallKind.PLACE, pool=None, resource_type=None, unit=None)
                    & ~models.Q(place="")
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """The name of what it shows; nothing for the whole lab."""
        return self.place or str(self.pool or self.resource_type or self.unit or "")

    @property
    def shows(self) -> str:
        """What it shows, in words."""
        kind = str(self.get_kind_display())
        return f"{kind}: {self.title}" if self.title else kind
