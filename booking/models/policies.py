"""The numbers behind the rules."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from booking.enums import Limit
from booking.models.resources import Resource, ResourceType


class BookingPolicy(models.Model):
    """One limit for a role (or all) on a resource, a type (or all).

    The most specific row wins: resource before type before all; within these a role's own row
    before the one for everybody. An empty value lifts the limit.
    """

    limit = models.CharField(_("limit"), max_length=20, choices=Limit)
    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True)
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="policies"
    )
    resource_type = models.ForeignKey(
        ResourceType, models.CASCADE, null=True, blank=True, related_name="policies"
    )
    value = models.PositiveIntegerField(
        _("value"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(5_256_000)],
        help_text=_("Minutes, or a number of bookings. Empty: no limit."),
    )

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["limit", "resource", "resource_type", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["limit", "role", "resource", "resource_type"],
                name="bookingpolicy_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(resource__isnull=True) | models.Q(resource_type__isnull=True),
                name="bookingpolicy_one_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_limit_display()}: {self.value}"
