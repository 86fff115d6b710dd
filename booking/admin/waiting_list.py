"""Who waits for time."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import Offer, WaitingEntry


@admin.register(WaitingEntry)
class WaitingEntryAdmin(ReadOnlyAdmin):
    """Each wish for time."""

    list_display = (
        "created_at",
        "user",
        "kind",
        "resource",
        "resource_type",
        "pool",
        "minutes",
        "state",
    )
    list_filter = ("state", "kind")
    search_fields = ("user__username", "resource__name")
    list_select_related = ("user", "resource", "resource_type", "pool")


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    """Time that is held for one person."""

    list_display = ("offered_at", "kind", "user", "resource", "start_time", "state", "expires_at")
    list_filter = ("state", "kind")
    search_fields = ("user__username", "resource__name")
    list_select_related = ("user", "resource")
