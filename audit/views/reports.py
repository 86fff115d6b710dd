"""The security events of the last days in figures, as the command `security_report` prints them."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.enums import Severity
from audit.permissions import can_view_security
from audit.queries.security import security_report
from audit.security_kinds import kind_words
from labitory.lib.clock import now

_SPANS = (7, 30, 90, 365)


@login_required
@require_safe
def report_page(request: HttpRequest) -> HttpResponse:
    """How often what happened, which accounts and addresses fail most, and how many alarms rang."""
    if not can_view_security(request.user):
        raise PermissionDenied("security.view")
    asked = request.GET.get("days", "")
    days = next((each for each in _SPANS if str(each) == asked), 30)
    report = security_report(now=now(), days=days)
    severities = [(each.label, report.severities[each.name.lower()]) for each in Severity]
    kinds = [(kind_words(kind), n) for kind, n in report.kinds.items()]
    context = {
        "report": report,
        "days": days,
        "spans": _SPANS,
        "tables": [
            ("severity", _("By severity"), severities),
            ("kind", _("By kind"), kinds),
            ("accounts", _("Accounts that logins failed for"), report.failing_accounts),
            ("addresses", _("Addresses that logins failed from"), report.failing_addresses),
        ],
    }
    return render(request, "audit/security/report.html", context)
