"""Bookings in the admin: read-only, with actions that call services."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin._read_only import ReadOnlyAdmin
from booking.errors import BookingError
from booking.models import Booking, BookingAttendee, BookingStatus, Hold, ResourceCalendar
from booking.services.approvals import approve_booking, reject_booking
from booking.services.bookings import cancel_booking
from booking.services.check_ins import mark_no_show
from labitory.lib.clock import now


class StepInline(admin.TabularInline):  # type: ignore[type-arg]
    """Each step of a booking's life."""

    model = BookingStatus
    extra = 0
    can_delete = False
    fields = readonly_fields = ("at", "from_status", "to_status", "actor", "reason")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With who took each step."""
        return super().get_queryset(request).select_related("actor")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Steps are written by services."""
        return False


class AttendeeInline(admin.TabularInline):  # type: ignore[type-arg]
    """Who comes along."""

    model = BookingAttendee
    extra = 0
    can_delete = False
    fields = readonly_fields = ("user", "added_at")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With their names."""
        return super().get_queryset(request).select_related("user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Attendees are added on the booking's page."""
        return False


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    """All bookings; the actions ask the same services as the pages."""

    list_display = ("resource", "user", "start_time", "end_time", "status", "created_by")
    list_filter = ("status", "resource__resource_type")
    search_fields = ("resource__name", "user__username", "user__email", "purpose", "public_id")
    date_hierarchy = "start_time"
    list_select_related = ("resource", "user", "created_by")
    inlines = (StepInline, AttendeeInline)
    actions = ("cancel", "approve", "reject", "no_show")

    @admin.action(description=gettext_lazy("Cancel the chosen bookings"))
    def cancel(self, request: HttpRequest, queryset: "QuerySet[Booking]") -> None:
        """Cancel each, as its page would."""
        reason = _("Cancelled by an administrator")
        self._each(request, queryset, lambda **about: cancel_booking(**about, reason=reason))

    @admin.action(description=gettext_lazy("Approve the chosen bookings"))
    def approve(self, request: HttpRequest, queryset: "QuerySet[Booking]") -> None:
        """Approve each; the rules are asked again."""
        self._each(request, queryset, approve_booking)

    @admin.action(description=gettext_lazy("Reject the chosen bookings"))
    def reject(self, request: HttpRequest, queryset: "QuerySet[Booking]") -> None:
        """Reject each."""
        reason = _("Rejected by an administrator")
        self._each(request, queryset, lambda **about: reject_booking(**about, reason=reason))

    @admin.action(description=gettext_lazy("Mark the chosen bookings as no-show"))
    def no_show(self, request: HttpRequest, queryset: "QuerySet[Booking]") -> None:
        """Note that nobody came."""
        self._each(request, queryset, mark_no_show)

    def _each(
        self, request: HttpRequest, queryset: "QuerySet[Booking]", act: Callable[..., Booking]
    ) -> None:
        done = 0
        for public_id in queryset.values_list("public_id", flat=True):
            try:
                act(actor=request.user, booking_id=public_id, now=now())
                done += 1
            except BookingError as error:
                for refusal in error.refusals:
                    self.message_user(request, f"{public_id}: {refusal.text}", messages.ERROR)
        if done:
            self.message_user(request, _("%(n)s bookings changed.") % {"n": done})


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """Time kept for some minutes."""

    list_display = ("resource", "user", "start_time", "end_time", "expires_at")
    search_fields = ("resource__name", "user__username")
    list_select_related = ("resource", "user")


@admin.register(ResourceCalendar)
class ClaimAdmin(ReadOnlyAdmin):
    """Every claim on time, as the constraint sees it."""

    list_display = ("resource", "kind", "units", "during", "hold_expires_at")
    list_filter = ("kind",)
    search_fields = ("resource__name",)
    list_select_related = ("resource",)
