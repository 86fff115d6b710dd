"""Roles in the admin, to read: they are composed and granted on their pages."""

from django.contrib import admin

from accounts.admin._read_only import ReadOnlyAdmin
from accounts.models import RoleDefinition, RoleGrant


@admin.register(RoleDefinition)
class RoleDefinitionAdmin(ReadOnlyAdmin):
    """What each role brings."""

    list_display = ("name", "code", "is_builtin", "description")
    list_filter = ("is_builtin",)
    search_fields = ("name", "code")


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    """Who holds which role, where and until when."""

    list_display = ("user", "role", "scope_kind", "scope_id", "granted_by", "expires_at")
    list_filter = ("role", "scope_kind")
    search_fields = ("user__username", "user__last_name", "role__name")
    list_select_related = ("user", "role", "granted_by")
