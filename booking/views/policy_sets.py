"""Policies as text: out, looked at, in, and what they were."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import needs, require
from accounts.permissions import may
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.policy_sets import PolicyTextForm
from booking.models import PolicySet
from booking.queries.policy_sets import find_set, policy_sets
from booking.services.policy_sets import (
    apply_policies,
    compare_sets,
    export_policies,
    preview_policies,
)
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now

CODE = "policy.manage"
PAGE_SIZE = 25
LONGEST_VERSION = 9


@needs(CODE)
@require_safe
def policy_set_list(request: HttpRequest) -> HttpResponse:
    """All versions, and the form that takes the next."""
    _everywhere(request)
    return _history(request, PolicyTextForm())


@needs(CODE)
@require_safe
def policy_set_export(request: HttpRequest) -> HttpResponse:
    """What is in force as a file."""
    _everywhere(request)
    answer = HttpResponse(
        export_policies(actor=reader(request)), content_type="application/yaml; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="policies.yaml"'
    return answer


@needs(CODE)
@require_POST
def policy_set_preview(request: HttpRequest) -> HttpResponse:
    """What a text would change, with the button that does it; nothing is written."""
    _everywhere(request)
    form = PolicyTextForm(request.POST, request.FILES)
    if not form.is_valid():
        return _history(request, form, 422)
    text = form.cleaned_data["text"]
    try:
        found = preview_policies(actor=reader(request), text=text, now=clock_now())
    except BookingError as error:
        show_refusals(form, error)
        return _history(request, form, error.status)
    confirm = PolicyTextForm(initial={"text": text, "seen": found.seen})
    context = {"found": found, "form": confirm, "text": text}
    return render(
        request, "booking/policy_sets/preview.html", context, status=422 if found.failing else 200
    )


@needs(CODE)
@require_POST
def policy_set_apply(request: HttpRequest) -> HttpResponse:
    """Apply a text that was looked at."""
    _everywhere(request)
    form = PolicyTextForm(request.POST)
    if not form.is_valid():
        return _history(request, form, 422)
    try:
        made = apply_policies(
            actor=reader(request),
            text=form.cleaned_data["text"],
            now=clock_now(),
            seen=form.cleaned_data["seen"],
        )
    except BookingError as error:
        show_refusals(form, error)
        return _history(request, form, error.status)
    if made is None:
        messages.info(request, _("All was so already."))
        return redirect("booking:policy_sets")
    messages.success(request, _("Version %(n)s is in force.") % {"n": made.version})
    return redirect("booking:policy_set", made.version)


@needs(CODE)
@require_safe
def policy_set_detail(request: HttpRequest, version: int) -> HttpResponse:
    """One version: what it changed, its text, and what has changed since or in between."""
    _everywhere(request)
    found = _known(version)
    word = request.GET.get("with", "")
    other = (
        _known(int(word)) if word.isascii() and word.isdecimal() and len(word) < 10 else None  # noqa: PLR2004 - an integer's digits
    )
    error = ""
    differences: tuple[str, ...] = ()
    try:
        differences = compare_sets(actor=reader(request), before=found, after=other)
    except BookingError as refused:
        error = refused.refusals[0].text
    context = {
        "set": found,
        "other": other,
        "differences": differences,
        "error": error,
        "versions": policy_sets().exclude(version=version).values_list("version", flat=True)[:50],
    }
    return render(request, "booking/policy_sets/detail.html", context)


def _everywhere(request: HttpRequest) -> None:
    require(may(reader(request), CODE), CODE)


def _known(version: int) -> PolicySet:
    found = find_set(version) if len(str(version)) <= LONGEST_VERSION else None
    if found is None:
        raise Http404
    return found


def _history(request: HttpRequest, form: PolicyTextForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "page": page_of(request, policy_sets(), PAGE_SIZE)}
    return render(request, "booking/policy_sets/list.html", context, status=status)
