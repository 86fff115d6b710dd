"""Why requests were allowed or refused."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import BookingDecision, DemandEntry


@admin.register(BookingDecision)
class BookingDecisionAdmin(ReadOnlyAdmin):
    """Each decided request with its trace."""

    list_display = ("at", "outcome", "action", "user", "resource", "start_time", "end_time")
    list_filter = ("outcome", "action")
    search_fields = ("user__username", "resource__name")
    list_select_related = ("user", "resource")


@admin.register(DemandEntry)
class DemandEntryAdmin(ReadOnlyAdmin):
    """Wishes that the lab could not serve."""

    list_display = ("at", "source", "role", "resource", "resource_type", "pool", "minutes")
    list_filter = ("source", "role")
    search_fields = ("resource__name",)
    list_select_related = ("resource", "resource_type", "pool")
