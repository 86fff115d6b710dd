"""Limits: all of them, and those in force on one resource."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from accounts.enums import Role
from booking.enums import Limit
from booking.errors import BookingError, NotAllowed
from booking.forms.bookings import show_refusals
from booking.forms.policies import LimitForm, PolicyForm, amount_and_unit
from booking.models import BookingPolicy, Resource, ResourceType
from booking.queries.policies import find_policy, limits_in_force, policy_rows
from booking.services.policies import remove_policy, set_policy
from booking.views._managers import managed_resource
from booking.views._pages import page_of, raise_missing, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25
# Digits that surely fit the keys of the database.
LONGEST_KEY = 18


@needs("policy.manage")
@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """All limits, narrowed by limit, role and the name of an instrument or type."""
    word = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    limit, role = request.GET.get("limit", ""), request.GET.get("role", "")
    context = {
        "page": page_of(
            request,
            policy_rows(viewer=reader(request), limit=limit, role=role, word=word),
            PAGE_SIZE,
        ),
        "limits": Limit.choices,
        "roles": Role.choices,
        "chosen": {"limit": limit, "role": role, "q": word},
        "is_filtered": bool(word or limit or role),
    }
    return render(request, "booking/policies/list.html", context)


@needs("policy.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def policy_new(request: HttpRequest) -> HttpResponse:
    """Set a limit for a role on a resource, a type, or everywhere."""
    if request.method != "POST":
        form = PolicyForm(actor=reader(request), initial=_initial(request))
        return render(request, "booking/policies/new.html", {"form": form})
    form = PolicyForm(request.POST, actor=reader(request))
    if form.is_valid():
        kind: ResourceType | None = form.cleaned_data["resource_type"]
        status = _save(request, form, resource=form.cleaned_data["resource"], kind=kind)
        if status is None:
            return redirect("booking:policy_list")
    else:
        status = 422
    return render(request, "booking/policies/new.html", {"form": form}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def resource_policies(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What limits hold on one resource for each role, and where each comes from."""
    resource = managed_resource(request, public_id, "policy.manage")
    status: int | None = 200
    form = LimitForm()
    if request.method == "POST":
        form = LimitForm(request.POST)
        status = _save(request, form, resource=resource, kind=None) if form.is_valid() else 422
        if status is None:
            return redirect("booking:resource_policies", public_id)
    found = limits_in_force(resource)
    context = {
        "resource": resource,
        "form": form,
        "roles": list(Role),
        "limits": found.in_force,
        "own": found.own,
    }
    return render(request, "booking/policies/resource.html", context, status=status)


@needs("policy.manage")
@require_POST
def policy_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a limit: the next wider one holds; back to the page it was removed from."""
    try:
        remove_policy(actor=reader(request), policy_pk=pk, now=clock_now())
    except BookingPolicy.DoesNotExist as error:
        raise Http404 from error
    except NotAllowed as error:
        raise_missing(error)
    messages.success(request, _("The limit is removed: the next wider one holds."))
    try:
        return redirect("booking:resource_policies", UUID(request.POST.get("resource", "")))
    except ValueError:
        return redirect("booking:policy_list")


def _save(
    request: HttpRequest, form: LimitForm, *, resource: Resource | None, kind: ResourceType | None
) -> int | None:
    """Save a valid form; None when it is done, else the status of the refusal."""
    try:
        set_policy(
            actor=reader(request),
            limit=form.cleaned_data["limit"],
            role=form.cleaned_data["role"],
            resource_id=resource.public_id if resource else None,
            type_id=kind.public_id if kind else None,
            value=form.cleaned_data["value"],
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return error.status
    messages.success(request, _("The limit is set."))
    return None


def _initial(request: HttpRequest) -> dict[str, object]:
    """The row that the address names as a pattern, or what else it says."""
    pattern = request.GET.get("row", "")
    row = find_policy(int(pattern)) if pattern.isdecimal() and len(pattern) <= LONGEST_KEY else None
    if row is None:
        return {"resource": request.GET.get("resource", ""), "limit": request.GET.get("limit", "")}
    return {
        "limit": row.limit,
        "role": row.role,
        "resource": row.resource.code if row.resource else "",
        "resource_type": str(row.resource_type.public_id) if row.resource_type else "",
        **amount_and_unit(row),
    }
