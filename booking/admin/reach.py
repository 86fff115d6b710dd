"""How people are reached, and what leaves the system for calendars and other servers."""

from django.contrib import admin
from django_celery_results.models import GroupResult, TaskResult

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import (
    BouncedAddress,
    Broadcast,
    BroadcastReceipt,
    CalendarFeed,
    Endpoint,
    Heartbeat,
    ImportedEvent,
    Incident,
    OfflineAct,
    PhoneNumber,
    PushSubscription,
    QuotaWarning,
    ReminderRun,
    RemoteCalendar,
    RemoteEntry,
    WallDisplay,
    Wording,
)


@admin.register(PhoneNumber)
class PhoneNumberAdmin(ReadOnlyAdmin):
    """Who gets text messages; the numbers themselves are theirs."""

    list_display = ("user", "verified_at", "wrong_codes")
    exclude = ("number", "code_hash")
    search_fields = ("user__username",)
    list_select_related = ("user",)


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    """Browsers that show notices."""

    list_display = ("user", "label", "created_at", "last_sent_at")
    exclude = ("endpoint", "endpoint_hash", "p256dh", "auth")
    search_fields = ("user__username", "label")
    list_select_related = ("user",)


@admin.register(BouncedAddress)
class BouncedAddressAdmin(ReadOnlyAdmin):
    """Addresses from which mail came back."""

    list_display = ("address", "bounces", "is_dead", "bounced_at")
    list_filter = ("is_dead",)
    search_fields = ("address",)


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    """Chat rooms and webhooks; their addresses are secrets."""

    list_display = ("name", "kind", "is_active", "is_dry_run", "failures", "stopped_at")
    list_filter = ("kind", "is_active")
    exclude = ("url", "secret", "old_secret")
    search_fields = ("name",)


@admin.register(Wording)
class WordingAdmin(ReadOnlyAdmin):
    """The lab's own words, version by version."""

    list_display = ("kind", "language", "version", "subject", "author", "created_at")
    list_filter = ("language",)
    search_fields = ("kind", "subject")
    list_select_related = ("author",)


@admin.register(Broadcast)
class BroadcastAdmin(ReadOnlyAdmin):
    """What was said to many at once."""

    list_display = ("created_at", "title", "is_emergency", "author", "ended_at")
    list_filter = ("is_emergency",)
    search_fields = ("title",)
    list_select_related = ("author",)


@admin.register(BroadcastReceipt)
class BroadcastReceiptAdmin(ReadOnlyAdmin):
    """Who has read it."""

    list_display = ("broadcast", "user", "acknowledged_at")
    search_fields = ("broadcast__title", "user__username")
    list_select_related = ("broadcast", "user")


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyAdmin):
    """Addresses at which calendar programs read."""

    list_display = ("user", "name", "scope", "created_at", "last_read_at", "revoked_at")
    list_filter = ("scope",)
    exclude = ("token_hash",)
    search_fields = ("user__username", "name")
    list_select_related = ("user",)


@admin.register(WallDisplay)
class WallDisplayAdmin(ReadOnlyAdmin):
    """Screens in corridors."""

    list_display = ("name", "shows", "created_by", "created_at", "last_seen_at", "revoked_at")
    list_filter = ("kind",)
    exclude = ("token_hash",)
    search_fields = ("name", "place")
    list_select_related = ("pool", "resource_type", "unit", "created_by")


@admin.register(ImportedEvent)
class ImportedEventAdmin(ReadOnlyAdmin):
    """What came from calendar files."""

    list_display = ("uid", "occurrence", "resource", "imported_at")
    search_fields = ("uid",)
    list_select_related = ("resource",)


@admin.register(RemoteCalendar)
class RemoteCalendarAdmin(ReadOnlyAdmin):
    """Whose bookings are written to which calendar server."""

    list_display = ("user", "policy", "is_active", "synced_at", "failures", "last_error")
    list_filter = ("is_active", "policy")
    exclude = ("password", "sync_token")
    search_fields = ("user__username",)
    list_select_related = ("user",)


@admin.register(RemoteEntry)
class RemoteEntryAdmin(ReadOnlyAdmin):
    """The copies there, and those that were changed on both sides."""

    list_display = ("calendar", "booking", "state", "note")
    list_filter = ("state",)
    list_select_related = ("calendar__user", "booking__resource")


@admin.register(OfflineAct)
class OfflineActAdmin(ReadOnlyAdmin):
    """Taps on devices that had no network, and what became of them."""

    list_display = ("received_at", "user", "act", "done_at", "outcome", "answer")
    list_filter = ("outcome",)
    search_fields = ("user__username",)
    list_select_related = ("user",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """When a worker of each queue was last heard of."""

    list_display = ("queue", "at")


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """What was wrong with workers and queues, and since when."""

    list_display = ("began_at", "kind", "subject", "ended_at")
    list_filter = ("kind",)


@admin.register(ReminderRun)
class ReminderRunAdmin(ReadOnlyAdmin):
    """Up to when people were reminded."""

    list_display = ("kind", "until")


@admin.register(QuotaWarning)
class QuotaWarningAdmin(ReadOnlyAdmin):
    """Who was told that little is left."""

    list_display = ("quota", "holder_id", "starts_on", "percent", "told_at")
    list_select_related = ("quota",)


# As they come they may be changed by hand; and nothing here makes groups of tasks.
admin.site.unregister((GroupResult, TaskResult))


@admin.register(TaskResult)
class TaskResultAdmin(ReadOnlyAdmin):
    """What became of scheduled tasks, with what went wrong."""

    list_display = ("periodic_task_name", "status", "date_started", "date_done", "worker")
    list_filter = ("status",)
    search_fields = ("periodic_task_name",)
    exclude = ("meta", "task_args", "task_kwargs", "content_type", "content_encoding")
