"""Limits."""

from django.contrib import admin

from audit.admin.mixins import AuditedAdmin
from booking.models import BookingPolicy


@admin.register(BookingPolicy)
class BookingPolicyAdmin(AuditedAdmin):
    """The numbers behind the rules."""

    list_display = ("limit", "role", "resource", "resource_type", "value")
    list_filter = ("limit", "role", "resource_type")
    search_fields = ("resource__name", "resource_type__name")
    list_select_related = ("resource", "resource_type")
    autocomplete_fields = ("resource", "resource_type")
