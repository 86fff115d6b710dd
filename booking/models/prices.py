"""What use costs."""

import uuid

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import PriceClass
from booking.models.resources import Resource, ResourceType


class Price(models.Model):
    """So much an hour and a booking, on a resource or a type, from a lab-local day on.

    The most specific counts: the resource's before its type's, that of a price class before the
    one of everybody else; of each the newest that has begun. What has begun is never changed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # On what: exactly one of these.
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="prices"
    )
    resource_type = models.ForeignKey(
        ResourceType, models.CASCADE, null=True, blank=True, related_name="prices"
    )
    # For whom; null is everybody who has no price of their class.
    price_class = models.ForeignKey(
        PriceClass,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="prices",
        verbose_name=_("price class"),
    )
    per_hour = models.DecimalField(
        _("per hour"), max_digits=8, decimal_places=2, validators=[MinValueValidator(0)]
    )
    per_booking = models.DecimalField(
        _("per booking"),
        max_digits=8,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    # The currency of the lab when it was written; in another one it says nothing.
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    valid_from = models.DateField(_("from"))
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("price")
        ordering = ["resource", "resource_type", "price_class", "-valid_from"]
        constraints = [
            # Its index is also how the prices of a resource are found.
            models.UniqueConstraint(
                fields=["resource", "resource_type", "price_class", "valid_from"],
                name="price_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="price_one_subject",
                condition=models.Q(resource__isnull=True, resource_type__isnull=False)
                | models.Q(resource__isnull=False, resource_type__isnull=True),
            ),
            models.CheckConstraint(
                name="price_amounts", condition=models.Q(per_hour__gte=0, per_booking__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource or self.resource_type} {self.valid_from}"
