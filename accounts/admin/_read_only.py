"""Lists that administrators read and nobody writes by hand."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from accounts.wall import Opening, opened
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


class GuardedAdmin(ReadOnlyAdmin):
    """Tables behind the wall, which is opened for the page; it is written out to its end within."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list."""
        with opened(Opening.ADMINISTRATION):
            return _written(super().changelist_view(request, extra_context))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """One of them."""
        with opened(Opening.ADMINISTRATION):
            return _written(super().changeform_view(request, object_id, form_url, extra_context))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """What became of it."""
        with opened(Opening.ADMINISTRATION):
            return _written(super().history_view(request, object_id, extra_context))


def _written(answer: Any) -> Any:
    return answer.render() if isinstance(answer, TemplateResponse) else answer
