"""Lists that administrators read and nobody writes by hand."""

from typing import Any

from django.http import HttpRequest

from audit.admin.mixins import AnyModelAdmin


class ReadOnlyAdmin(AnyModelAdmin):
    """No adding, changing or deleting: services do that, and keep who did it."""

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
