"""The outbox."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import OutboxEvent


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    """What happened, and whether it was told."""

    list_display = ("created_at", "kind", "dispatched_at", "attempts", "next_attempt_at")
    list_filter = ("kind", ("dispatched_at", admin.EmptyFieldListFilter))
    search_fields = ("public_id", "kind")
