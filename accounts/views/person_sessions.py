"""The sessions of somebody else, for those who look after accounts."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import needs
from accounts.errors import AccountRefused
from accounts.forms.person_sessions import EndSessionsForm
from accounts.models import User
from accounts.permissions.sessions import can_end_sessions
from accounts.queries.people import find_person
from accounts.queries.sessions import sessions_of
from accounts.services.data_access import note_view
from accounts.services.person_sessions import end_session_of, end_sessions_of
from accounts.views._pages import reader, show_refusal
from accounts.views.step_up import step_up_to_write
from labitory.lib.clock import now as clock_now


@needs("user.end_sessions")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@step_up_to_write
def person_sessions(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Where a person is logged in; one session can be ended, or all, with a reason."""
    user = find_person(public_id)
    if user is None:
        raise Http404
    if not can_end_sessions(reader(request), user):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, user, EndSessionsForm())
    form = EndSessionsForm(request.POST)
    if not form.is_valid() or not _ended(request, user, form):
        return _page(request, user, form, status=422)
    return redirect("booking:person_sessions", user.public_id)


def _ended(request: HttpRequest, user: User, form: EndSessionsForm) -> bool:
    actor, now = reader(request), clock_now()
    which, reason = form.cleaned_data["session"], form.cleaned_data["reason"]
    try:
        if which is None:
            count = end_sessions_of(actor=actor, user=user, reason=reason, now=now)
        else:
            end_session_of(actor=actor, user=user, public_id=which, reason=reason, now=now)
            count = 1
    except AccountRefused as refusal:
        show_refusal(form, refusal)
        return False
    said = ngettext("%(count)s session is ended.", "%(count)s sessions are ended.", count)
    messages.success(request, said % {"count": count} + " " + _("The person is told by mail."))
    return True


def _page(
    request: HttpRequest, user: User, form: EndSessionsForm, *, status: int = 200
) -> HttpResponse:
    now = clock_now()
    note_view(viewer=reader(request), subject=user, what="person.sessions", now=now)
    found = sessions_of(user, request, now)
    chosen = str(form["session"].value() or "")
    context = {
        "person": user,
        "sessions": found,
        "form": form,
        "chosen": chosen if any(str(each.public_id) == chosen for each in found) else "",
    }
    return render(request, "accounts/sessions/person.html", context, status=status)
