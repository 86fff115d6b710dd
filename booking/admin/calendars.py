"""Hours, closures, holidays and maintenance."""

from django.contrib import admin

from audit.admin.mixins import AuditedAdmin
from booking.admin._read_only import ReadOnlyAdmin
from booking.models import Closure, Holiday, MaintenanceRecord, OpeningHours


@admin.register(OpeningHours)
class OpeningHoursAdmin(AuditedAdmin):
    """Weekly hours; without a resource they are the lab's."""

    list_display = ("resource", "weekday", "opens_at", "closes_at")
    list_filter = ("weekday",)
    search_fields = ("resource__name",)
    list_select_related = ("resource",)
    autocomplete_fields = ("resource",)


@admin.register(Holiday)
class HolidayAdmin(AuditedAdmin):
    """Public holidays, kept by a task."""

    list_display = ("day", "name", "country")
    list_filter = ("country",)
    search_fields = ("name",)


@admin.register(Closure)
class ClosureAdmin(ReadOnlyAdmin):
    """Closures claim time, so they are made on their page."""

    list_display = ("reason", "resource", "start_time", "end_time", "created_by")
    search_fields = ("reason", "resource__name")
    list_select_related = ("resource", "created_by")


@admin.register(MaintenanceRecord)
class MaintenanceAdmin(ReadOnlyAdmin):
    """Maintenance claims time, so it is planned on its page."""

    list_display = ("title", "resource", "start_time", "end_time", "created_by", "cancelled_at")
    search_fields = ("title", "resource__name")
    list_select_related = ("resource", "created_by")
