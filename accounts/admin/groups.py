"""The organisation and the ways to an account in the admin: to look at; services write them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin._read_only import ReadOnlyAdmin
from accounts.models import (
    GroupMember,
    Invitation,
    JoinRequest,
    PriceClass,
    Project,
    ProjectMember,
    Registration,
    ResearchGroup,
    Unit,
    User,
)
from accounts.permissions import may


class OrganisationAdmin(ReadOnlyAdmin):
    """To look at: the pages of the organisation write these, with their rules."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may edit the organisation looks."""
        return isinstance(request.user, User) and may(request.user, "unit.manage")


@admin.register(Unit)
class UnitAdmin(OrganisationAdmin):
    """The organisation."""

    list_display = ("name", "kind", "code", "parent", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "code")
    list_select_related = ("parent",)


@admin.register(PriceClass)
class PriceClassAdmin(OrganisationAdmin):
    """Price classes."""

    list_display = ("name", "code")
    search_fields = ("name", "code")


class MemberInline(admin.TabularInline):  # type: ignore[type-arg]
    """Who is in the group."""

    model = GroupMember
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the names that each row shows."""
        return super().get_queryset(request).select_related("user", "group")


@admin.register(ResearchGroup)
class ResearchGroupAdmin(OrganisationAdmin):
    """Research groups with their members."""

    list_display = ("name", "unit", "lead", "price_class", "is_active")
    list_filter = ("is_active", "price_class")
    search_fields = ("name", "lead__last_name", "lead__username")
    list_select_related = ("unit", "lead", "price_class")
    inlines = (MemberInline,)


class ProjectMemberInline(admin.TabularInline):  # type: ignore[type-arg]
    """Who may charge the project."""

    model = ProjectMember
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the names that each row shows."""
        return super().get_queryset(request).select_related("user", "project")


@admin.register(Project)
class ProjectAdmin(OrganisationAdmin):
    """Projects with those who may charge them."""

    list_display = ("name", "code", "group", "starts_on", "ends_on", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "code", "group__name")
    list_select_related = ("group",)
    inlines = (ProjectMemberInline,)


@admin.register(JoinRequest)
class JoinRequestAdmin(OrganisationAdmin):
    """Who asked to join which group."""

    list_display = ("user", "group", "status", "asked_at", "decided_at", "decided_by")
    list_filter = ("status",)
    search_fields = ("user__username", "group__name")
    list_select_related = ("user", "group", "decided_by")


@admin.register(Registration)
class RegistrationAdmin(OrganisationAdmin):
    """Who asked for an account. The hash of the password is not shown."""

    list_display = ("username", "email", "group", "status", "asked_at", "decided_at")
    list_filter = ("status",)
    search_fields = ("username", "email", "last_name")
    list_select_related = ("group",)
    exclude = ("password",)


@admin.register(Invitation)
class InvitationAdmin(OrganisationAdmin):
    """Who was invited."""

    list_display = ("email", "role", "group", "invited_by", "invited_at", "accepted_at")
    list_filter = ("role",)
    search_fields = ("email",)
    list_select_related = ("group", "invited_by")
