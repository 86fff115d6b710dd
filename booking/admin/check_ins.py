"""Use as it was."""

from django.contrib import admin

from audit.admin.mixins import AuditedAdmin
from booking.admin._read_only import ReadOnlyAdmin
from booking.models import Answer, Question, UsageSession


@admin.register(UsageSession)
class UsageSessionAdmin(ReadOnlyAdmin):
    """Sessions at the instrument."""

    list_display = ("started_at", "ended_at", "resource", "user", "ended_how", "handover")
    list_filter = ("ended_how", "handover")
    search_fields = ("resource__name", "user__username")
    list_select_related = ("resource", "user")


@admin.register(Question)
class QuestionAdmin(AuditedAdmin):
    """What is asked before and after the work."""

    list_display = ("label", "moment", "kind", "resource", "resource_type", "position", "is_active")
    list_filter = ("moment", "kind", "is_active")
    search_fields = ("label", "resource__name")
    list_select_related = ("resource", "resource_type")
    autocomplete_fields = ("resource", "resource_type")


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    """What was answered."""

    list_display = ("answered_at", "session", "label", "value", "number")
    search_fields = ("label", "session__resource__name")
    list_select_related = ("session__resource",)
