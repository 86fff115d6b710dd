"""Who looked at whose data, in the admin: to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from audit.admin.mixins import AnyModelAdmin
from audit.models import DataAccess
from audit.queries.logs import EstimatedPaginator


@admin.register(DataAccess)
class DataAccessAdmin(AnyModelAdmin):
    """Written when a page or file shows the contact data of others."""

    list_display = ["at", "viewer_name", "what", "subject_name", "address"]
    list_filter = ["what"]
    search_fields = ["viewer_name", "subject_name"]
    date_hierarchy = "at"
    list_per_page = 50
    show_full_result_count = False
    paginator = EstimatedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes; viewing stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the retention deletes."""
        return False
