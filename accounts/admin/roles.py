"""Roles in the admin, to read: they are composed and granted on their pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import RoleDefinition, RoleGrant
from audit.admin.mixins import AnyModelAdmin


class ReadOnly(AnyModelAdmin):
    """No adding, changing or deleting: a service asks who may."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes; viewing stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False


@admin.register(RoleDefinition)
class RoleDefinitionAdmin(ReadOnly):
    """What each role brings."""

    list_display = ("name", "code", "is_builtin", "description")
    list_filter = ("is_builtin",)
    search_fields = ("name", "code")


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnly):
    """Who holds which role, where and until when."""

    list_display = ("user", "role", "scope_kind", "scope_id", "granted_by", "expires_at")
    list_filter = ("role", "scope_kind")
    search_fields = ("user__username", "user__last_name", "role__name")
    list_select_related = ("user", "role", "granted_by")
