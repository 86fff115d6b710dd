"""Risk assessments."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import RiskAssessment


@admin.register(RiskAssessment)
class RiskAssessmentAdmin(ReadOnlyAdmin):
    """What can happen, and who looked at it."""

    list_display = ("title", "resource", "user", "kind", "level", "state", "review_on")
    list_filter = ("state", "level", "kind")
    search_fields = ("title", "resource__name", "user__username")
    list_select_related = ("resource", "user")
