"""Looking at the pages as another person sees them."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import needs
from accounts.errors import AccountRefused
from accounts.forms.roles import ViewAsForm
from accounts.queries.roles import viewed_person
from accounts.services.view_as import end_view_as, start_view_as
from accounts.view_as.state import LASTS, forget_viewing, keep_viewing, kept_viewing
from accounts.views._pages import reader
from accounts.views.step_up import step_up_to_write
from labitory.lib.clock import now as clock_now


@needs("user.view_as")
@step_up_to_write
@require_http_methods(["GET", "HEAD", "POST"])
def view_as_start(request: HttpRequest) -> HttpResponseBase:
    """Name the person and the reason; from the next page on one looks as them."""
    if request.method != "POST":
        return _show(request, ViewAsForm(initial={"user": request.GET.get("user", "")[:254]}))
    form = ViewAsForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    actor, user, now = reader(request), form.cleaned_data["user"], clock_now()
    reason = form.cleaned_data["reason"]
    try:
        until = start_view_as(actor=actor, user=user, reason=reason, now=now)
    except AccountRefused as error:
        form.add_error(error.field if error.field in form.fields else None, error.text)
        return _show(request, form, status=422)
    keep_viewing(request.session, user=user, until=until)
    return redirect(settings.LOGIN_REDIRECT_URL)


@login_required
@require_POST
def view_as_end(request: HttpRequest) -> HttpResponse:
    """Look as oneself again."""
    kept = kept_viewing(request.session)
    user = viewed_person(kept[0]) if kept else None
    forget_viewing(request.session)
    if user is not None:
        end_view_as(actor=reader(request), user=user, now=clock_now())
        messages.success(request, _("You look at the pages as yourself again."))
    return redirect(settings.LOGIN_REDIRECT_URL)


def _show(request: HttpRequest, form: ViewAsForm, *, status: int = 200) -> HttpResponse:
    minutes = int(LASTS.total_seconds() // 60)
    context = {"form": form, "minutes": minutes}
    return render(request, "accounts/view_as/start.html", context, status=status)
