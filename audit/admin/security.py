"""Security events and alarms in the admin: rules to set, everything else to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.admin.mixins import AnyModelAdmin, AuditedAdmin
from audit.alarms import ALARMS_BY_CODE
from audit.models import AlertRule, SecurityAlert, SecurityEvent
from audit.queries.logs import EstimatedPaginator
from audit.security_kinds import kind_words


class _OnlyRead(AnyModelAdmin):
    """Services write these rows, and keep who did it."""

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
        """Nobody deletes."""
        return False


@admin.register(SecurityEvent)
class SecurityEventAdmin(_OnlyRead):
    """The stream; the database itself refuses to change it."""

    list_display = ["at", "severity", "words", "user_name", "actor_name", "address"]
    list_display_links = ["words"]
    list_filter = ["severity"]
    search_fields = ["user_name", "actor_name", "=kind", "=request_id"]

    @admin.display(description=_("what happened"))
    def words(self, event: SecurityEvent) -> str:
        """The event in words."""
        return kind_words(event.kind)


@admin.register(SecurityAlert)
class SecurityAlertAdmin(_OnlyRead):
    """The alarms; handled on the page of security, with a note."""

    list_display = ["at", "text", "rule", "handled_at", "handled_by_name", "note"]
    list_display_links = ["text"]
    list_filter = ["rule"]
    list_select_related = ["rule"]


@admin.register(AlertRule)
class AlertRuleAdmin(AuditedAdmin):
    """Numbers and severity of the rules; which there are, the product says."""

    list_display = ["code", "says", "is_on", "threshold", "minutes", "severity"]
    readonly_fields = ["code", "says"]
    fields = ["code", "says", "is_on", "threshold", "minutes", "severity"]

    @admin.display(description=_("says"))
    def says(self, rule: AlertRule) -> str:
        """What the alarm says, with places for the names."""
        return str(ALARMS_BY_CODE[rule.code].words)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rules come with the product."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rule is switched off, not deleted."""
        return False
