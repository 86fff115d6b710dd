"""The page of those who look after security: the stream of events, and the alarms."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.enums import Severity
from audit.forms.logs import place_of
from audit.forms.security import AlertNoteForm, EventSearchForm
from audit.models import SecurityAlert, SecurityEvent
from audit.permissions import can_handle_alerts, can_view_security
from audit.queries.security import events, handled_alerts, open_alerts
from audit.security_kinds import kind_words
from audit.services.alerts import AlertGone, handle_alert
from labitory.lib.clock import now

_PAGE = 50
_BADGES = {
    Severity.INFO: "bg-light-subtle text-body border",
    Severity.NOTICE: "bg-secondary-subtle text-secondary-emphasis",
    Severity.WARNING: "bg-warning-subtle text-warning-emphasis",
    Severity.CRITICAL: "bg-danger-subtle text-danger-emphasis",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event as the page shows it."""

    at: datetime
    words: str
    severity: str
    badge: str
    user: str
    actor: str
    address: str
    country: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One alarm as the page shows it."""

    alert: SecurityAlert
    severity: str
    badge: str


@login_required
@require_safe
def security_page(request: HttpRequest) -> HttpResponse:
    """Search the security events and see the alarms."""
    if not can_view_security(request.user):
        raise PermissionDenied("security.view")
    form = EventSearchForm(request.GET, now=now())
    context = {
        "form": form,
        "alerts": [_alert(each) for each in open_alerts(viewer=request.user)],
        "handled": [_alert(each) for each in handled_alerts(viewer=request.user)],
        "may_handle": can_handle_alerts(request.user),
        "note_form": AlertNoteForm(),
    }
    if not form.is_valid():
        return render(request, "audit/security/page.html", context, status=422)
    filters = form.filters(place_of(request.GET.get("before", "")))
    found = list(events(viewer=request.user, filters=filters)[: _PAGE + 1])
    context |= {
        "lines": [_line(event) for event in found[:_PAGE]],
        "first": _address(request, None),
        "older": _address(request, found[_PAGE - 1]) if len(found) > _PAGE else "",
        "is_first": filters.before is None,
    }
    return render(request, "audit/security/page.html", context)


@login_required
@require_POST
def alert_handle(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what somebody found; without a word the alarm stays open."""
    if not can_handle_alerts(request.user):
        raise PermissionDenied("security.manage")
    form = AlertNoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say in a word or two what it was."))
        return redirect("audit:security")
    try:
        note = form.cleaned_data["note"]
        handle_alert(actor=request.user, alert_id=pk, note=note, now=now())
    except AlertGone as error:
        raise Http404 from error
    messages.success(request, _("Handled. The rule rings again when it happens again."))
    return redirect("audit:security")


def _line(event: SecurityEvent) -> EventLine:
    severity = Severity(event.severity)
    detail = {"facts": event.facts, "browser": event.agent, "request": event.request_id}
    return EventLine(
        at=event.at,
        words=kind_words(event.kind),
        severity=str(severity.label),
        badge=_BADGES[severity],
        user=event.user_name,
        actor=event.actor_name if event.actor_id != event.user_id else "",
        address=event.address or "",
        country=event.country,
        kind=event.kind,
        detail=json.dumps(detail, indent=2, ensure_ascii=False),
    )


def _alert(alert: SecurityAlert) -> AlertLine:
    severity = Severity(alert.rule.severity)
    return AlertLine(alert=alert, severity=str(severity.label), badge=_BADGES[severity])


def _address(request: HttpRequest, last: SecurityEvent | None) -> str:
    """The query string of the first page, or of the one after an event."""
    query = request.GET.copy()
    query.pop("before", None)
    if last is not None:
        query["before"] = f"{last.at.isoformat()}_{last.pk}"
    return f"?{query.urlencode()}"
