"""The pages of the audit log."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.forms.logs import LogSearchForm, place_of
from audit.models import AuditLog
from audit.permissions import can_view_logs
from audit.queries.logs import estimated_count, search
from audit.sentences import tell
from audit.words import kind_label
from labitory.lib.clock import now

_PAGE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record as the page shows it."""

    at: datetime
    sentence: str
    reason: str
    action: str
    kind: str
    address: str
    detail: str


@login_required
@require_safe
def log_list(request: HttpRequest) -> HttpResponse:
    """Search the audit log; for system administrators."""
    if not can_view_logs(request.user):
        raise PermissionDenied("audit.view")
    form = LogSearchForm(request.GET, now=now())
    if not form.is_valid():
        return render(request, "audit/logs/list.html", {"form": form}, status=422)
    filters = form.filters()
    found = search(viewer=request.user, filters=filters)
    page = search(
        viewer=request.user,
        filters=replace(filters, before=place_of(request.GET.get("before", ""))),
    )
    logs = list(page[: _PAGE + 1])
    context = {
        "form": form,
        "lines": [_line(log) for log in logs[:_PAGE]],
        "about": estimated_count(found),
        "first": _address(request, None),
        "older": _address(request, logs[_PAGE - 1]) if len(logs) > _PAGE else "",
        "is_first": "before" not in request.GET,
    }
    return render(request, "audit/logs/list.html", context)


def _line(log: AuditLog) -> Line:
    detail = {
        "action": log.action,
        "object": f"{log.object_type} {log.object_id}",
        "request": log.request_id,
        "changes": log.changes,
        "facts": log.facts,
    }
    return Line(
        at=log.at,
        sentence=tell(log),
        reason=log.reason,
        action=log.action,
        kind=kind_label(log.object_type),
        address=log.address or "",
        detail=json.dumps(detail, indent=2, ensure_ascii=False),
    )


def _address(request: HttpRequest, last: AuditLog | None) -> str:
    """The query string of the first page, or of the one after a record."""
    query = request.GET.copy()
    query.pop("before", None)
    if last is not None:
        query["before"] = f"{last.at.isoformat()}_{last.pk}"
    return f"?{query.urlencode()}"
