"""Planned work."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import MaintenancePlan


@admin.register(MaintenancePlan)
class MaintenancePlanAdmin(ReadOnlyAdmin):
    """Work that comes back."""

    list_display = ("resource", "title", "kind", "rule", "planned_until", "ended_at")
    list_filter = ("kind",)
    search_fields = ("title", "resource__name")
    list_select_related = ("resource",)
