"""What happened to one's own account."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.queries.security import own_events, own_line
from audit.forms.logs import place_of

_PAGE = 50


@login_required
@require_safe
def own_security(request: HttpRequest) -> HttpResponse:
    """The events of one's own account, and of no other, newest first."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required
    before = place_of(request.GET.get("before", ""))
    found = list(own_events(user, before=before, limit=_PAGE + 1))
    last = found[_PAGE - 1] if len(found) > _PAGE else None
    context = {
        "lines": [own_line(user, event) for event in found[:_PAGE]],
        "older": f"{last.at.isoformat()}_{last.pk}" if last else "",
        "is_first": before is None,
    }
    return render(request, "accounts/security/list.html", context)
