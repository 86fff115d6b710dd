"""When plans change."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import BookingTemplate, Proposal, UndoableAct


@admin.register(BookingTemplate)
class BookingTemplateAdmin(ReadOnlyAdmin):
    """Bookings that people make often."""

    list_display = ("name", "user", "minutes")
    search_fields = ("name", "user__username")
    list_select_related = ("user",)


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    """Bookings offered to others."""

    list_display = ("proposed_at", "kind", "booking", "proposed_by", "proposed_to", "state")
    list_filter = ("kind", "state")
    search_fields = ("proposed_by__username", "proposed_to__username")
    list_select_related = ("booking__resource", "proposed_by", "proposed_to")


@admin.register(UndoableAct)
class UndoableActAdmin(ReadOnlyAdmin):
    """What can still be taken back."""

    list_display = ("at", "until", "action", "actor", "booking", "undone_at")
    list_filter = ("action",)
    search_fields = ("actor__username",)
    list_select_related = ("actor", "booking__resource")
