"""How bookings are approved: all policies, and editing one."""

from uuid import UUID

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from booking.errors import BookingError, NotAllowed
from booking.forms.approval_policies import (
    ApprovalPolicyForm,
    TierForm,
    TierForms,
    initial_of,
    initial_tiers,
)
from booking.forms.bookings import show_refusals
from booking.models import ApprovalPolicy
from booking.queries.approval_policies import find_policy, managed_policies, policy_line
from booking.services.approval_policies import (
    PolicyDetails,
    TierDetails,
    remove_approval_policy,
    save_approval_policy,
)
from booking.views._pages import page_of, raise_missing, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25


@needs("policy.manage")
@require_safe
def approval_policy_list(request: HttpRequest) -> HttpResponse:
    """All policies of approval where this reader sets them, in words."""
    word = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    page = page_of(request, managed_policies(reader(request), word=word), PAGE_SIZE)
    context = {"page": page, "lines": [policy_line(each) for each in page.object_list], "q": word}
    return render(request, "booking/approval_policies/list.html", context)


@needs("policy.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def approval_policy_new(request: HttpRequest) -> HttpResponse:
    """Write a policy for everybody or a role, on an instrument, a type, or everywhere."""
    return _edit(request, None)


@needs("policy.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def approval_policy_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a policy and its steps."""
    policy = find_policy(reader(request), public_id)
    if policy is None:
        raise Http404
    return _edit(request, policy)


@needs("policy.manage")
@require_POST
def approval_policy_remove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Remove a policy: the next wider one counts."""
    try:
        remove_approval_policy(actor=reader(request), policy_id=public_id, now=clock_now())
    except ApprovalPolicy.DoesNotExist as error:
        raise Http404 from error
    except NotAllowed as error:
        raise_missing(error)
    messages.success(request, _("The policy is removed: the next wider one counts."))
    return redirect("booking:approval_policy_list")


def _edit(request: HttpRequest, policy: ApprovalPolicy | None) -> HttpResponse:
    actor = reader(request)
    if request.method == "POST":
        form = ApprovalPolicyForm(request.POST, actor=actor)
        tiers = TierForms(request.POST, prefix="tier")
        are_valid = [form.is_valid(), tiers.is_valid()]
        status = _save(request, form, tiers, policy) if all(are_valid) else 422
        if status is None:
            return redirect("booking:approval_policy_list")
    else:
        status = 200
        initial = initial_of(policy) if policy else {"resource": request.GET.get("resource", "")}
        form = ApprovalPolicyForm(actor=actor, initial=initial)
        tiers = TierForms(initial=initial_tiers(policy), prefix="tier")
    context = {"form": form, "tiers": tiers, "policy": policy}
    return render(request, "booking/approval_policies/edit.html", context, status=status)


def _save(
    request: HttpRequest,
    form: ApprovalPolicyForm,
    tiers: "BaseFormSet[TierForm]",
    policy: ApprovalPolicy | None,
) -> int | None:
    """Save valid forms; None when it is done, else the status of the refusal."""
    said = dict(form.cleaned_data)
    resource, kind = said.pop("resource"), said.pop("resource_type")
    try:
        save_approval_policy(
            actor=reader(request),
            policy_id=policy.public_id if policy else None,
            details=PolicyDetails(
                **said,
                resource_id=resource.public_id if resource else None,
                type_id=kind.public_id if kind else None,
                tiers=_tiers(tiers),
            ),
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return error.status
    messages.success(request, _("Saved. What waits already is decided as it was asked."))
    return None


def _tiers(tiers: "BaseFormSet[TierForm]") -> tuple[TierDetails, ...]:
    return tuple(
        TierDetails(
            approver=said["approver"],
            needed=said["needed"],
            role=said["role"],
            person=said["person"],
            over_minutes=said["over_minutes"],
            over_cost=said["over_cost"],
            outside_hours=said["outside_hours"],
            for_roles=tuple(said["for_roles"]),
        )
        for said in (each.cleaned_data for each in tiers)
        if said.get("approver")
    )
