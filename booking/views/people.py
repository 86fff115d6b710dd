"""People, for those who look after them: the list, one person, leavers and double accounts."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import AccountRefused
from accounts.forms.people import LeaverForm, MergeForm, PeopleForm
from accounts.forms.units import PlaceForm
from accounts.models import User
from accounts.permissions import can_deactivate_user
from accounts.permissions.factors import can_ask_factor_reset
from accounts.permissions.people import can_place_person, can_view_people
from accounts.permissions.roles import can_open_roles
from accounts.permissions.sessions import can_end_sessions
from accounts.queries.people import find_person, meant_person, people
from accounts.services.data_access import note_view
from accounts.services.merging import merge_users
from accounts.services.people import set_unit
from accounts.services.users import reactivate_user
from accounts.views._pages import say_refusal, show_refusal
from accounts.views.step_up import step_up
from booking.errors import BookingError
from booking.forms._shown import shown_ids
from booking.queries.people import person_page
from booking.services.exports import people_csv
from booking.services.leavers import deactivate_leaver
from booking.views._managers import show_block_refusals
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 50


@login_required
@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    """Everybody, by name, role, unit, group, and whether the account is open."""
    _require_viewer(request)
    form = PeopleForm(request.GET)
    context = {
        "form": form,
        "page": page_of(request, people(form.filters), PAGE_SIZE),
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "booking/people/list.html", context)


@login_required
@require_POST
@step_up
def person_export(request: HttpRequest) -> HttpResponseBase:
    """The list as a file, as the filters of its page leave it."""
    _require_viewer(request)
    form = PeopleForm(request.POST)
    content = people_csv(actor=reader(request), filters=form.filters, now=clock_now())
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="people.csv"'},
    )


@login_required
@require_safe
def person_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One person: contact, groups, projects, roles, bookings, and what happened."""
    _require_viewer(request)
    return _page(request, _person(public_id))


@login_required
@require_POST
def person_unit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say where in the organisation a person belongs."""
    _require_viewer(request)
    user = _person(public_id)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return _page(request, user, place_form=form, status=422)
    try:
        unit = form.cleaned_data["unit"]
        set_unit(actor=reader(request), user=user, unit=unit, now=clock_now())
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("Saved."))
    return redirect("booking:person_detail", user.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_leave(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let a person go: first what would become of the bookings, then the act."""
    user, actor, now = _person(public_id), reader(request), clock_now()
    if not can_deactivate_user(actor, user):
        raise PermissionDenied
    if request.method != "POST":
        return _leave(request, user, LeaverForm())
    form = LeaverForm(request.POST)
    if not form.is_valid():
        return _leave(request, user, form, status=422)
    is_trial = "check" in request.POST
    try:
        leaving = deactivate_leaver(
            actor=actor,
            user=user,
            now=now,
            dry_run=is_trial,
            shown=shown_ids(request.POST),
            **form.cleaned_data,
        )
    except BookingError as error:
        blocked = show_block_refusals(form, error)
        trial = None
        if blocked:
            # What it would be by now, to be looked at before it is confirmed.
            trial = deactivate_leaver(
                actor=actor, user=user, now=now, dry_run=True, **form.cleaned_data
            )
        return _leave(request, user, form, leaving=trial, status=error.status)
    if not is_trial:
        messages.success(request, _("The account of %(user)s is closed.") % {"user": user})
    return _leave(request, user, form, leaving=leaving)


@login_required
@require_POST
def person_return(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Open a closed account again."""
    user = _person(public_id)
    if not can_deactivate_user(reader(request), user):
        raise PermissionDenied
    reactivate_user(actor=reader(request), user=user, now=clock_now())
    messages.success(request, _("The account of %(user)s is open again.") % {"user": user})
    return redirect("booking:person_detail", user.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_merge(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Merge another account into this one: first what would move, then the act."""
    keep, actor, now = _person(public_id), reader(request), clock_now()
    if not can_deactivate_user(actor, keep):
        raise PermissionDenied
    if request.method != "POST":
        initial = {"other": request.GET.get("other", "")[:254]}
        return _merge(request, keep, MergeForm(initial=initial))
    form = MergeForm(request.POST)
    lose = meant_person(form.cleaned_data["other"], active=False) if form.is_valid() else None
    if lose is None:
        if not form.errors:
            form.add_error("other", _("Nobody is known by this name or address."))
        return _merge(request, keep, form, status=422)
    return _merge_with(request, keep, lose, form, actor, now)


def _merge_with(
    request: HttpRequest, keep: User, lose: User, form: MergeForm, actor: User, now: datetime
) -> HttpResponse:
    is_trial = "check" in request.POST
    try:
        merge = merge_users(
            actor=actor,
            keep=keep,
            lose=lose,
            now=now,
            reason=form.cleaned_data["reason"],
            dry_run=is_trial,
        )
    except AccountRefused as error:
        show_refusal(form, error)
        return _merge(request, keep, form, status=422)
    if is_trial:
        return _merge(request, keep, form, merge=merge)
    messages.success(
        request, _("Merged: the account %(name)s is closed.") % {"name": lose.username}
    )
    return redirect("booking:person_detail", keep.public_id)


def _require_viewer(request: HttpRequest) -> None:
    if not can_view_people(reader(request)):
        raise PermissionDenied


def _person(public_id: UUID) -> User:
    user = find_person(public_id)
    if user is None:
        raise Http404
    return user


def _page(
    request: HttpRequest, user: User, *, place_form: PlaceForm | None = None, status: int = 200
) -> HttpResponse:
    viewer, now = reader(request), clock_now()
    note_view(viewer=viewer, subject=user, what="person.page", now=now)
    context = {
        "person": user,
        "page": person_page(user, now=now),
        "may_close": can_deactivate_user(viewer, user),
        "may_end_sessions": can_end_sessions(viewer, user),
        "may_grant": user.pk != viewer.pk and can_open_roles(viewer),
        "may_secure": can_ask_factor_reset(viewer, user),
        "place_form": (place_form or PlaceForm.of(user))
        if can_place_person(viewer, user)
        else None,
    }
    return render(request, "booking/people/detail.html", context, status=status)


def _leave(
    request: HttpRequest, user: User, form: LeaverForm, *, leaving: object = None, status: int = 200
) -> HttpResponse:
    context = {"person": user, "form": form, "leaving": leaving}
    return render(request, "booking/people/leave.html", context, status=status)


def _merge(
    request: HttpRequest, user: User, form: MergeForm, *, merge: object = None, status: int = 200
) -> HttpResponse:
    context = {"person": user, "form": form, "merge": merge}
    return render(request, "booking/people/merge.html", context, status=status)
