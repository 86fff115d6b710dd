"""Who decides for whom: stand-ins for a time, and supervisors."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.queries.people import find_person
from booking.errors import BookingError, NotAllowed
from booking.forms._moments import active_zone
from booking.forms.approvals import DelegationForm, SupervisorForm
from booking.forms.bookings import show_refusals
from booking.models import ApprovalDelegation
from booking.permissions import can_set_supervisor
from booking.queries.approval_answers import may_see_statistics
from booking.queries.delegations import own_delegations, received_delegations, supervisor_of
from booking.services.delegations import DelegationScope, delegate_approvals, end_delegation
from booking.services.supervision import set_supervisor
from booking.views._pages import raise_missing, reader, say_error
from labitory.lib.clock import now as clock_now


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delegation_list(request: HttpRequest) -> HttpResponse:
    """Who decides in this reader's name, in whose names they decide; and adding one."""
    status: int | None = 200
    form = DelegationForm()
    if request.method == "POST":
        form = DelegationForm(request.POST)
        status = _delegate(request, form) if form.is_valid() else 422
        if status is None:
            return redirect("booking:delegation_list")
    user, now = reader(request), clock_now()
    context = {
        "form": form,
        "given": own_delegations(user, now=now),
        "received": received_delegations(user, now=now),
        "supervisor": supervisor_of(user),
        "now": now,
        "sees_all": may_see_statistics(user),
        "zone": active_zone().key,
    }
    return render(request, "booking/approvals/delegations.html", context, status=status)


@login_required
@require_POST
def delegation_end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End one that this reader gave or got."""
    try:
        end_delegation(actor=reader(request), delegation_id=public_id, now=clock_now())
    except ApprovalDelegation.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("Ended. What waits is for the person who was asked."))
    return redirect("booking:delegation_list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_supervisor(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who supervises somebody, for those who make accounts."""
    actor, person = reader(request), find_person(public_id)
    if person is None:
        raise Http404
    if not can_set_supervisor(actor, person):
        raise_missing(NotAllowed(code="permission.supervisor", text="", needs="user.create"))
    present = supervisor_of(person)
    form = SupervisorForm(initial={"supervisor": present.username if present else ""})
    status: int | None = 200
    if request.method == "POST":
        form = SupervisorForm(request.POST)
        status = _supervise(request, form, person) if form.is_valid() else 422
        if status is None:
            return redirect("booking:person_detail", public_id)
    context = {"person": person, "form": form}
    return render(request, "booking/approvals/supervisor.html", context, status=status)


def _delegate(request: HttpRequest, form: DelegationForm) -> int | None:
    """Save a valid form; None when it is done, else the status of the refusal."""
    resource, kind = form.cleaned_data["resource"], form.cleaned_data["resource_type"]
    try:
        delegate_approvals(
            actor=reader(request),
            delegate=form.cleaned_data["delegate"],
            period=form.period,
            scope=DelegationScope(
                resource_id=resource.public_id if resource else None,
                type_id=kind.public_id if kind else None,
            ),
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return error.status
    messages.success(request, _("Done. They have been told."))
    return None


def _supervise(request: HttpRequest, form: SupervisorForm, person: User) -> int | None:
    try:
        set_supervisor(actor=reader(request), user=person, supervisor=form.person, now=clock_now())
    except BookingError as error:
        show_refusals(form, error)
        return error.status
    messages.success(request, _("Saved."))
    return None
