"""The path to restricted resources."""

from django.contrib import admin

from audit.admin.mixins import AuditedAdmin
from booking.admin._read_only import ReadOnlyAdmin
from booking.models import AccessRequest, AccessRequirement, AccessStep


@admin.register(AccessRequirement)
class AccessRequirementAdmin(AuditedAdmin):
    """What a resource asks of newcomers."""

    list_display = ("resource", "position", "kind", "course")
    list_filter = ("kind",)
    search_fields = ("resource__name",)
    list_select_related = ("resource", "course")
    autocomplete_fields = ("resource", "course")


@admin.register(AccessRequest)
class AccessRequestAdmin(ReadOnlyAdmin):
    """Who asked for what, and how it was decided."""

    list_display = ("asked_at", "user", "resource", "level", "state", "decided_by")
    list_filter = ("state", "level")
    search_fields = ("user__username", "resource__name")
    list_select_related = ("user", "resource", "decided_by")


@admin.register(AccessStep)
class AccessStepAdmin(ReadOnlyAdmin):
    """Each step, and who confirmed it."""

    list_display = ("request", "position", "kind", "course", "confirmed_at", "confirmed_by")
    list_filter = ("kind",)
    search_fields = ("request__user__username", "request__resource__name")
    list_select_related = ("request__user", "request__resource", "course", "confirmed_by")
