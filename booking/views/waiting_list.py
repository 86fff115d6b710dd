"""Waiting for time: one's own list, joining, changing, leaving; and who waits for a resource."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from booking.errors import BookingError
from booking.forms.holds import HoldForm
from booking.forms.waiting_list import WaitingForm, initial_of
from booking.models import Resource, WaitingEntry
from booking.permissions import can_view_all_bookings, where_of
from booking.queries.choices import other_choices
from booking.queries.waiting_list import find_entry, own_entries, own_offers, waiting_for
from booking.services.waiting_list import (
    WaitingWish,
    change_waiting,
    join_waiting_list,
    leave_waiting_list,
)
from booking.views._pages import page_of, reader, say_error
from booking.views._resource_page import known_resource
from labitory.lib.clock import now as clock_now
from labitory.lib.formats import say_zone
from labitory.lib.periods import Period

PAGE_SIZE = 40
USUAL_WINDOW = timedelta(days=7)


@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What the reader waits for, with their honest place, and what is offered to them."""
    viewer, now = reader(request), clock_now()
    context = {
        "entries": own_entries(viewer=viewer, now=now),
        "offers": own_offers(viewer=viewer, now=now),
        "now": now,
    }
    return render(request, "booking/waiting_list/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def waiting_new(request: HttpRequest) -> HttpResponse:
    """Join for a slot or as a standing order; a link may fill the form in."""
    viewer, now = reader(request), clock_now()
    if request.method != "POST":
        form = WaitingForm(actor=viewer, now=now, initial=_prefilled(request, now))
        return _show_form(request, form, now)
    form = WaitingForm(request.POST, actor=viewer, now=now)
    if not form.is_valid():
        return _show_form(request, form, now, status=422)
    try:
        join_waiting_list(actor=viewer, wish=WaitingWish(**form.wish), now=now)
    except Resource.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        form.show(error)
        return _show_form(request, form, now, status=error.status)
    messages.success(request, _("You are on the waiting list."))
    return redirect("booking:waiting_list")


@login_required
@require_POST
def waiting_slot(request: HttpRequest) -> HttpResponse:
    """Hold my place for the very time that the booking form shows."""
    viewer, now = reader(request), clock_now()
    form = HoldForm(request.POST)
    if not form.is_valid():
        for texts in form.errors.values():
            for text in texts:
                messages.error(request, str(text))
        return redirect(f"{reverse('booking:booking_new')}")
    project = request.POST.get("project", "")
    wish = WaitingWish(
        resource_id=form.cleaned_data["resource"].public_id,
        window=form.period,
        minutes=form.period.minutes,
        project_id=_uuid(project),
        purpose=request.POST.get("purpose", "").replace("\x00", "")[:200],
    )
    try:
        join_waiting_list(actor=viewer, wish=wish, now=now)
    except Resource.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(
            request, _("You wait for this time. When it is free it is held for you, in turn.")
        )
    return redirect("booking:waiting_list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def waiting_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change what one waits for."""
    viewer, now = reader(request), clock_now()
    own = find_entry(viewer=viewer, public_id=public_id, now=now)
    if own is None:
        raise Http404
    if request.method != "POST":
        form = WaitingForm(actor=viewer, now=now, initial=initial_of(own.entry))
        return _show_form(request, form, now, entry=own.entry)
    form = WaitingForm(request.POST, actor=viewer, now=now)
    if not form.is_valid():
        return _show_form(request, form, now, entry=own.entry, status=422)
    try:
        change_waiting(actor=viewer, entry_id=public_id, wish=WaitingWish(**form.wish), now=now)
    except Resource.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        form.show(error)
        return _show_form(request, form, now, entry=own.entry, status=error.status)
    messages.success(request, _("Saved."))
    return redirect("booking:waiting_list")


@login_required
@require_POST
def waiting_leave(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give up one's place."""
    try:
        leave_waiting_list(actor=reader(request), entry_id=public_id, now=clock_now())
    except WaitingEntry.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("You wait for it no longer."))
    return redirect("booking:waiting_list")


@needs("booking.view_all")
@require_safe
def resource_waiting(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who waits for a resource, in the order in which they are asked."""
    viewer, now = reader(request), clock_now()
    resource = known_resource(public_id)
    if not can_view_all_bookings(viewer, resource):
        raise Http404
    context = {
        "resource": resource,
        "where": where_of(resource),
        "page": page_of(request, waiting_for(resource=resource, now=now), PAGE_SIZE),
    }
    return render(request, "booking/waiting_list/resource.html", context)


def _prefilled(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The form of a link: `what`, and of a search its minutes and window."""
    query = request.GET
    given: dict[str, Any] = {
        "start_time": query.get("start") or now.replace(second=0, microsecond=0),
        "end_time": query.get("end") or (now + USUAL_WINDOW).replace(second=0, microsecond=0),
        "minutes": query.get("minutes") or 60,
        "what": query.get("what", ""),
        "kind": query.get("kind", "hold"),
    }
    for name in ("start_time", "end_time"):
        given[name] = _moment(given[name])
    start, end = given["start_time"], given["end_time"]
    if query.get("start") and query.get("end") and start and end and end > start:
        given["minutes"] = query.get("minutes") or Period(start, end).minutes
    return given


def _moment(value: Any) -> datetime | None:  # noqa: ANN401 - a moment or what was typed
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _uuid(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None


def _show_form(
    request: HttpRequest,
    form: WaitingForm,
    now: datetime,
    *,
    entry: WaitingEntry | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "entry": entry,
        "others": other_choices(user=reader(request), at=now),
        "zone": say_zone(now),
    }
    return render(request, "booking/waiting_list/edit.html", context, status=status)
