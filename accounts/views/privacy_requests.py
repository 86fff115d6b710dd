"""The requests for erasure that wait for an answer, and how long data are kept."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Missing
from accounts.errors import AccountRefused
from accounts.forms.privacy import RefusalForm, RetentionForm
from accounts.models import PrivacyRequest, User
from accounts.permissions.privacy import can_manage_privacy
from accounts.queries.privacy import erasures_to_answer, kept_after_erasure
from accounts.retention import days_kept
from accounts.services.erasure import erase_person
from accounts.services.privacy import refuse_erasure
from accounts.services.retention import set_retention
from accounts.views._pages import reader, say_refusal
from accounts.views.step_up import step_up, step_up_to_write
from labitory.lib.clock import now as clock_now


@login_required
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """What waits, the one due first on top, and what stands against it."""
    _manager(request)
    return _page(request)


@login_required
@require_POST
@step_up
def erase(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Carry out an erasure; asked who it is first."""
    actor = _manager(request)
    try:
        erase_person(actor=actor, public_id=public_id, now=clock_now())
    except PrivacyRequest.DoesNotExist as error:
        raise Http404 from error
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("The personal data are erased."))
    return redirect("accounts:privacy_requests")


@login_required
@require_POST
def refuse(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Refuse, with the reason that the person reads."""
    actor = _manager(request)
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return _page(request, refused=public_id, form=form, status=422)
    try:
        refuse_erasure(
            actor=actor, public_id=public_id, reason=form.cleaned_data["reason"], now=clock_now()
        )
    except PrivacyRequest.DoesNotExist as error:
        raise Http404 from error
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("Refused; the person is told."))
    return redirect("accounts:privacy_requests")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@step_up_to_write
def retention(request: HttpRequest) -> HttpResponseBase:
    """See and set how long each kind of data is kept; asked who it is before it is set."""
    actor = _manager(request)
    if request.method != "POST":
        initial = {kind.value: days for kind, days in days_kept().items()}
        return _retention_page(request, RetentionForm(initial=initial))
    form = RetentionForm(request.POST)
    if not form.is_valid():
        return _retention_page(request, form, status=422)
    set_retention(actor=actor, days=form.days, now=clock_now())
    messages.success(request, _("Saved; it is applied every night."))
    return redirect("accounts:retention")


def _retention_page(
    request: HttpRequest, form: RetentionForm, *, status: int = 200
) -> HttpResponse:
    return render(request, "accounts/privacy/retention.html", {"form": form}, status=status)


def _manager(request: HttpRequest) -> User:
    actor = reader(request)
    if not can_manage_privacy(actor):
        raise Missing("privacy.manage")
    return actor


def _page(
    request: HttpRequest,
    *,
    refused: UUID | None = None,
    form: RefusalForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = []
    for each in erasures_to_answer(clock_now()):
        own = form if each.request.public_id == refused else None
        # Ids of their own, as there are many such forms on the page.
        rows.append((each, own or RefusalForm(auto_id=f"id_{each.request.public_id}_%s")))
    context = {"rows": rows, "kept": kept_after_erasure()}
    return render(request, "accounts/privacy/requests.html", context, status=status)
