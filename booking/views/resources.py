"""Pages of resources: the list, one resource, who is let in, stickers."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.resources import AccessForm, CloseForm, ResourceFilterForm
from booking.models import Resource, ResourceAccess
from booking.permissions import can_add_resources
from booking.queries.calendars import open_periods
from booking.queries.choices import offered_types
from booking.queries.free_slots import next_free
from booking.queries.resources import (
    MINUTE,
    Presence,
    access_list,
    listed_resources,
    offered_pools,
    presences,
)
from booking.services.access import grant_access, revoke_access
from booking.services.resources import close_resource, open_resource, toggle_favourite
from booking.views._managers import managed_resource
from booking.views._pages import page_of, reader, say_error
from booking.views._resource_page import SHORTEST_OFFER, detail_context, known_resource
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period

PAGE_SIZE = 40
# Two columns of eight fill a sheet of A4.
STICKERS = 16


@login_required
@require_safe
def resource_list(request: HttpRequest) -> HttpResponse:
    """What can be booked: favourites on top, with what each is doing and when it is free."""
    now, viewer = clock_now(), reader(request)
    form = ResourceFilterForm(request.GET)
    wanted = listed_resources(viewer=viewer, filters=form.filters, now=now)
    found: Any = wanted
    if form.only_free:
        everything = list(wanted)
        states = _presences(everything)
        found = [each for each in everything if states[each.pk].kind == "free"]
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    shown: list[Resource] = list(page.object_list)
    if not form.only_free:
        states = _presences(shown)
    slots = next_free(
        user=viewer,
        now=now,
        resource_ids=[each.public_id for each in shown],
        minimum=SHORTEST_OFFER,
    )
    context = {
        "page": page,
        "rows": [(each, states[each.pk], slots.get(each.public_id)) for each in shown],
        "now": now,
        "types": offered_types(),
        "pools": offered_pools(),
        "is_filtered": any(request.GET.get(name) for name in ("q", "type", "pool", "free")),
        "can_add": can_add_resources(viewer),
    }
    return render(request, "booking/resources/list.html", context)


def _presences(resources: list[Resource]) -> dict[int, Presence]:
    now = clock_now()
    opened = open_periods(resources=resources, window=Period(now, now + MINUTE))
    return presences(resources=resources, opened=opened, now=now)


@login_required
@require_safe
def resource_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One resource: facts, terms, its week, and what this reader can do."""
    return _detail(request, public_id, CloseForm())


def _detail(
    request: HttpRequest, public_id: UUID, close_form: CloseForm, *, status: int = 200
) -> HttpResponse:
    context = {**detail_context(request, public_id), "close_form": close_form}
    return render(request, "booking/resources/detail.html", context, status=status)


@login_required
@require_POST
def resource_close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close until further notice, with a reason that everybody sees."""
    actor = reader(request)
    managed_resource(request, public_id, "resource.manage")
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _detail(request, public_id, form, status=422)
    try:
        close_resource(
            actor=actor,
            resource_id=public_id,
            reason=form.cleaned_data["reason"],
            now=clock_now(),
        )
    except Resource.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        show_refusals(form, error)
        return _detail(request, public_id, form, status=error.status)
    messages.success(request, _("Closed. Bookings that stand were not cancelled."))
    return redirect("booking:resource_detail", public_id)


@login_required
@require_POST
def resource_open(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Open for booking again."""
    managed_resource(request, public_id, "resource.manage")
    open_resource(actor=reader(request), resource_id=public_id, now=clock_now())
    messages.success(request, _("Open for booking again."))
    return redirect("booking:resource_detail", public_id)


@login_required
@require_POST
def resource_favourite(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Put it on top of one's lists, or take it off; then back to where the star stood."""
    try:
        toggle_favourite(user=reader(request), resource_id=public_id, now=clock_now())
    except Resource.DoesNotExist as error:
        raise Http404 from error
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        # Not `redirect`: a word without a slash would be taken for the name of a view.
        return HttpResponseRedirect(back)
    return redirect("booking:resource_detail", public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def resource_access(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who may book a restricted resource; let in another, or renew."""
    actor = reader(request)
    resource = managed_resource(request, public_id, "resource.grant_access")
    if request.method != "POST":
        initial = {"user": request.GET.get("user", "")[:254]}
        return _access_page(request, resource, AccessForm(initial=initial, resource=resource))
    form = AccessForm(request.POST, resource=resource)
    if not form.is_valid():
        return _access_page(request, resource, form, status=422)
    person = form.cleaned_data["user"]
    try:
        grant_access(
            actor=actor,
            user_id=person.public_id,
            resource_id=public_id,
            expires_at=form.cleaned_data["expires_at"],
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _access_page(request, resource, form, status=error.status)
    messages.success(request, _("%(name)s has access now.") % {"name": person})
    return redirect("booking:resource_access", public_id)


def _access_page(
    request: HttpRequest, resource: Resource, form: AccessForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "resource": resource,
        "form": form,
        "page": page_of(request, access_list(resource), PAGE_SIZE),
        "now": clock_now(),
    }
    return render(request, "booking/resources/access.html", context, status=status)


@login_required
@require_POST
def access_revoke(request: HttpRequest, public_id: UUID, user_id: UUID) -> HttpResponse:
    """Take somebody's access away; their bookings stand."""
    actor = reader(request)
    managed_resource(request, public_id, "resource.grant_access")
    try:
        revoke_access(actor=actor, user_id=user_id, resource_id=public_id, now=clock_now())
    except ResourceAccess.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("The access is taken away. Bookings that stand remain."))
    return redirect("booking:resource_access", public_id)


@login_required
@require_safe
def resource_sticker(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The sticker of one resource, to print."""
    resource = known_resource(public_id)
    context = {"resource": resource, "stickers": [_sticker(resource)]}
    return render(request, "booking/resources/stickers.html", context)


@login_required
@require_safe
def sticker_sheet(request: HttpRequest) -> HttpResponse:
    """Stickers of all resources that the filters leave, by the sheet."""
    form = ResourceFilterForm(request.GET)
    found = listed_resources(viewer=reader(request), filters=form.filters, now=clock_now())
    page = page_of(request, found.order_by("name"), STICKERS)
    context = {"page": page, "stickers": [_sticker(each) for each in page.object_list]}
    return render(request, "booking/resources/stickers.html", context)


def _sticker(resource: Resource) -> tuple[Resource, str]:
    """A resource with the address that its code stands for."""
    path = reverse("booking:instrument", args=[resource.code])
    return resource, f"{settings.SITE_URL.rstrip('/')}{path}"
