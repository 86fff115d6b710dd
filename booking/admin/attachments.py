"""Files that people handed in; their content is read on the pages they belong to."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import Attachment


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    """What was handed in, by whom."""

    list_display = ("uploaded_at", "name", "content_type", "size", "uploaded_by")
    list_filter = ("content_type",)
    search_fields = ("name", "uploaded_by__username")
    list_select_related = ("uploaded_by",)
    exclude = ("file",)
