"""The audit log in the admin: to read, never to write."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.admin.mixins import AnyModelAdmin
from audit.models import AuditLog
from audit.queries.logs import USUAL_RANGE, EstimatedPaginator
from audit.sentences import tell
from audit.words import kinds
from labitory.lib.clock import now


class PeriodFilter(admin.SimpleListFilter):
    """How far back: never without a bound, so that few partitions are read."""

    title = _("period")
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The periods besides the usual 90 days."""
        return [
            ("1", _("Last day")),
            ("7", _("Last 7 days")),
            ("30", _("Last 30 days")),
            ("365", _("Last year")),
            ("3650", _("Last ten years")),
        ]

    def choices(self, changelist: Any) -> Any:
        """'All' means the usual 90 days."""
        usual, *others = super().choices(changelist)
        yield {**usual, "display": _("Last 90 days")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Keep what is young enough."""
        known = {value for value, _label in self.lookup_choices}
        value = self.value()
        length = timedelta(days=int(value)) if value in known else USUAL_RANGE
        return queryset.filter(at__gte=now() - length)


class TopicFilter(admin.SimpleListFilter):
    """What the action was about: the first word of it."""

    title = _("topic")
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The topics there are."""
        return [
            ("booking", _("Bookings")),
            ("resource", _("Resources")),
            ("policy", _("Policies")),
            ("maintenance", _("Maintenance")),
            ("user", _("People")),
            ("admin", _("Administration")),
        ]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Keep the topic."""
        value = self.value()
        return queryset.filter(action__startswith=f"{value}.") if value else queryset


class KindFilter(admin.SimpleListFilter):
    """The kind of object; named from the models, not by reading the whole log."""

    title = _("kind of object")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every kind."""
        return list(kinds())

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Keep the kind."""
        value = self.value()
        return queryset.filter(object_type=value) if value else queryset


@admin.register(AuditLog)
class AuditLogAdmin(AnyModelAdmin):
    """Reads the log; the database itself refuses to change it."""

    list_display = ["at", "sentence", "reason", "action", "address"]
    list_display_links = ["sentence"]
    list_filter = [PeriodFilter, TopicFilter, KindFilter]
    search_fields = ["actor_name", "object_name", "reason", "=request_id", "=object_id"]
    ordering = ["-at", "-id"]
    list_per_page = 50
    show_full_result_count = False
    paginator = EstimatedPaginator

    @admin.display(description=_("what happened"))
    def sentence(self, log: AuditLog) -> str:
        """The record as a sentence."""
        return tell(log)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Records are written by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes a record."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes a record."""
        return False
