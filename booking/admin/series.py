"""Bookings that repeat."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import BookingSeries


@admin.register(BookingSeries)
class BookingSeriesAdmin(ReadOnlyAdmin):
    """The rule of each series."""

    list_display = ("resource", "user", "rule", "first_start", "minutes", "ended_at")
    search_fields = ("resource__name", "user__username")
    list_select_related = ("resource", "user")
