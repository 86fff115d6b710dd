"""What was told to whom."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import EmailMessage, Notification


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Notices inside the application."""

    list_display = ("created_at", "user", "title", "read_at")
    search_fields = ("user__username", "title")
    list_select_related = ("user",)


@admin.register(EmailMessage)
class EmailMessageAdmin(ReadOnlyAdmin):
    """Mails, and how far each came."""

    list_display = ("created_at", "user", "kind", "status", "attempts", "sent_at")
    list_filter = ("status", "kind")
    search_fields = ("user__username", "user__email")
    list_select_related = ("user",)
