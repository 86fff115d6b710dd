"""What if: trying other limits on past bookings."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs, require
from accounts.permissions import may
from booking.enums import Limit, TrialState
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.policy_trials import TrialForm
from booking.models import PolicyTrial
from booking.queries.policy_trials import find_trial, outcome_of, policy_trials
from booking.rules.proposals import LimitRow
from booking.services.policy_trials import TrialWish, cancel_trial, start_trial
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now

CODE = "policy.manage"
PAGE_SIZE = 25


@needs(CODE)
@require_safe
def policy_trial_list(request: HttpRequest) -> HttpResponse:
    """All trials, the latest first."""
    _everywhere(request)
    context = {"page": page_of(request, policy_trials(), PAGE_SIZE)}
    return render(request, "booking/policy_trials/list.html", context)


@needs(CODE)
@require_http_methods(["GET", "HEAD", "POST"])
def policy_trial_new(request: HttpRequest) -> HttpResponse:
    """Ask for a trial; a worker begins at once, or within a minute."""
    _everywhere(request)
    if request.method != "POST":
        form = TrialForm(actor=reader(request))
        return render(request, "booking/policy_trials/new.html", {"form": form})
    form = TrialForm(request.POST, actor=reader(request))
    status = 422
    if form.is_valid():
        try:
            trial = start_trial(actor=reader(request), wish=_wish(form), now=clock_now())
        except BookingError as error:
            show_refusals(form, error)
            status = error.status
        else:
            return redirect("booking:policy_trial", trial.public_id)
    return render(request, "booking/policy_trials/new.html", {"form": form}, status=status)


@needs(CODE)
@require_safe
def policy_trial_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How far a trial is, and what it found."""
    _everywhere(request)
    trial = find_trial(public_id)
    if trial is None:
        raise Http404
    context = {
        "trial": trial,
        "is_going": trial.state in (TrialState.WAITING, TrialState.RUNNING),
        "outcome": outcome_of(trial),
    }
    is_part = request.headers.get("HX-Request") == "true"
    name = "_state.html" if is_part else "detail.html"
    return render(request, f"booking/policy_trials/{name}", context)


@needs(CODE)
@require_POST
def policy_trial_stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Stop a trial."""
    _everywhere(request)
    try:
        cancel_trial(actor=reader(request), trial_id=public_id, now=clock_now())
    except PolicyTrial.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        messages.error(request, error.refusals[0].text)
    return redirect("booking:policy_trial", public_id)


def _everywhere(request: HttpRequest) -> None:
    require(may(reader(request), CODE), CODE)


def _wish(form: TrialForm) -> TrialWish:
    asked = form.cleaned_data
    change = None
    if not asked["text"]:
        resource, kind = asked["resource"], asked["resource_type"]
        change = LimitRow(
            limit=Limit(asked["limit"]),
            role=asked["role"],
            resource_id=resource.pk if resource else None,
            type_id=kind.pk if kind else None,
            value=asked["value"],
        )
    return TrialWish(
        title=asked["title"], months=asked["months"], text=asked["text"], change=change
    )
