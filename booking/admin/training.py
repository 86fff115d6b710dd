"""Courses, sessions and qualifications."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit.admin.mixins import AuditedAdmin
from booking.admin._read_only import ReadOnlyAdmin
from booking.models import Course, Qualification, TrainingRequirement, TrainingSeat, TrainingSession
from booking.queries.courses import circle_through


class CourseAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    """A course in which nothing comes before itself."""

    def clean_prerequisites(self) -> Any:
        """Refuse a circle: nobody could ever begin."""
        before = self.cleaned_data["prerequisites"]
        keys = [each.pk for each in before]
        if self.instance.pk and circle_through(course_id=self.instance.pk, before=keys):
            raise forms.ValidationError(_("These lead back to the course itself."))
        return before


@admin.register(Course)
class CourseAdmin(AuditedAdmin):
    """What can be learnt."""

    form = CourseAdminForm
    list_display = ("title", "kind", "delivery", "valid_days", "seats", "is_active")
    list_filter = ("kind", "delivery", "is_active")
    search_fields = ("title",)
    autocomplete_fields = ("prerequisites", "instructors")

    def has_delete_permission(self, request: HttpRequest, obj: Course | None = None) -> bool:
        """Sessions and certificates keep it: a course is no longer offered instead."""
        return False


@admin.register(TrainingRequirement)
class TrainingRequirementAdmin(AuditedAdmin):
    """What nobody books without."""

    list_display = ("course", "resource", "resource_type")
    search_fields = ("course__title", "resource__name")
    list_select_related = ("course", "resource", "resource_type")
    autocomplete_fields = ("course", "resource", "resource_type")


@admin.register(TrainingSession)
class TrainingSessionAdmin(ReadOnlyAdmin):
    """When courses are given."""

    list_display = ("start_time", "course", "instructor", "seats", "cancelled_at")
    list_filter = ("course",)
    search_fields = ("course__title", "instructor__username")
    list_select_related = ("course", "instructor")


@admin.register(TrainingSeat)
class TrainingSeatAdmin(ReadOnlyAdmin):
    """Who has a place in a session."""

    list_display = ("session", "user", "state", "score")
    list_filter = ("state",)
    search_fields = ("user__username",)
    list_select_related = ("session__course", "user")


@admin.register(Qualification)
class QualificationAdmin(ReadOnlyAdmin):
    """Who has passed what."""

    list_display = ("certificate", "user", "course", "passed_on", "expires_on", "revoked_at")
    list_filter = ("course",)
    search_fields = ("certificate", "user__username", "course__title")
    list_select_related = ("user", "course")
