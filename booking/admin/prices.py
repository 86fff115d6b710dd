"""What use costs."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import Price


@admin.register(Price)
class PriceAdmin(ReadOnlyAdmin):
    """Prices: written on their page, where what has begun stays as it is."""

    list_display = (
        "resource",
        "resource_type",
        "price_class",
        "per_hour",
        "per_booking",
        "currency",
        "valid_from",
    )
    list_filter = ("price_class", "resource_type")
    search_fields = ("resource__name", "resource_type__name")
    list_select_related = ("resource", "resource_type", "price_class")
