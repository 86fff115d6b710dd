"""What is broken."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import Fault, FaultNote


@admin.register(Fault)
class FaultAdmin(ReadOnlyAdmin):
    """Faults and who mends them."""

    list_display = (
        "reported_at",
        "resource",
        "title",
        "severity",
        "blocks_use",
        "state",
        "assignee",
        "due_at",
    )
    list_filter = ("state", "severity", "blocks_use")
    search_fields = ("title", "resource__name")
    list_select_related = ("resource", "assignee")


@admin.register(FaultNote)
class FaultNoteAdmin(ReadOnlyAdmin):
    """Their history."""

    list_display = ("at", "fault", "author", "to_state", "text")
    list_filter = ("to_state",)
    search_fields = ("fault__title",)
    list_select_related = ("fault__resource", "author")
