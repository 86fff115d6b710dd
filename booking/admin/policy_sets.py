"""Policies as text, and trials of others."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import PolicySet, PolicyTrial


@admin.register(PolicySet)
class PolicySetAdmin(ReadOnlyAdmin):
    """The versions that were applied."""

    list_display = ("version", "title", "applied_by", "applied_at")
    search_fields = ("title",)
    list_select_related = ("applied_by",)


@admin.register(PolicyTrial)
class PolicyTrialAdmin(ReadOnlyAdmin):
    """What would have been."""

    list_display = ("asked_at", "title", "asked_by", "state", "done", "total")
    list_filter = ("state",)
    search_fields = ("title",)
    list_select_related = ("asked_by",)
