"""The organisation: faculties, their colleges, their departments."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import UnitKind


class Unit(models.Model):
    """A part of the organisation; a faculty has colleges, a college departments."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=UnitKind)
    name = models.CharField(_("name"), max_length=150)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("within"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("organisation unit")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"], name="unit_name_unique", nulls_distinct=False
            ),
            # With each kind one step below its parent's, which the service checks, no circle can
            # be made: a faculty lies in nothing.
            models.CheckConstraint(
                name="unit_top_is_faculty",
                condition=models.Q(kind=UnitKind.FACULTY, parent__isnull=True)
                | (~models.Q(kind=UnitKind.FACULTY) & models.Q(parent__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PriceClass(models.Model):
    """Which price list a group pays by: internal, academic partner, industry."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("price class")
        verbose_name_plural = _("price classes")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
