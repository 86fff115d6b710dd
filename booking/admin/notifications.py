"""What was told to whom."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import (
    Message,
    Notification,
    NotificationPreference,
    NotificationSchedule,
    ResourceWatch,
)


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Notices inside the application."""

    list_display = ("created_at", "user", "title", "read_at")
    search_fields = ("user__username", "title")
    list_select_related = ("user",)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What left the system, by which channel, and how far each came."""

    list_display = ("created_at", "user", "channel", "kind", "status", "attempts", "sent_at")
    list_filter = ("status", "channel", "kind")
    search_fields = ("user__username", "user__email")
    list_select_related = ("user",)


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(ReadOnlyAdmin):
    """Who wants to hear of what, by which channel; without a person, the lab's choice."""

    list_display = ("user", "kind", "channel", "timing")
    list_filter = ("channel", "timing")
    search_fields = ("user__username", "kind")
    list_select_related = ("user",)


@admin.register(NotificationSchedule)
class NotificationScheduleAdmin(ReadOnlyAdmin):
    """Quiet hours, and when digests are written."""

    list_display = (
        "user",
        "quiet_from",
        "quiet_until",
        "digest_at",
        "digest_weekday",
        "remind_minutes",
    )
    search_fields = ("user__username",)
    list_select_related = ("user",)


@admin.register(ResourceWatch)
class ResourceWatchAdmin(ReadOnlyAdmin):
    """Who follows or muted which instrument."""

    list_display = ("user", "resource", "mode", "created_at")
    list_filter = ("mode",)
    search_fields = ("user__username", "resource__name")
    list_select_related = ("user", "resource")
