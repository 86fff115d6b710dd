"""Types of resources: the list, adding, renaming."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import needs, require
from accounts.permissions import Where
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.types import TypeForm
from booking.models import ResourceType
from booking.permissions import can_manage_type
from booking.queries.scopes import counted_types, find_type
from booking.services.resources import save_type
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 50


@needs("resource.manage")
@require_safe
def type_list(request: HttpRequest) -> HttpResponse:
    """All types with the number of their instruments."""
    viewer = reader(request)
    context = {
        "page": page_of(request, counted_types(viewer), PAGE_SIZE),
        "can_add": can_manage_type(viewer, None),
    }
    return render(request, "booking/types/list.html", context)


@needs("resource.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def type_new(request: HttpRequest) -> HttpResponse:
    """Add a type."""
    _require_manager(request, None)
    return _edit(request, None)


@needs("resource.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def type_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Rename a type, or say better what is meant by it."""
    kind = find_type(public_id)
    if kind is None:
        raise Http404
    _require_manager(request, kind)
    return _edit(request, kind)


def _require_manager(request: HttpRequest, kind: ResourceType | None) -> None:
    key = kind.pk if kind else None
    require(can_manage_type(reader(request), key), "resource.manage", Where(type_id=key))


def _edit(request: HttpRequest, kind: ResourceType | None) -> HttpResponse:
    if request.method != "POST":
        initial = {"name": kind.name, "description": kind.description} if kind else {}
        return _show(request, kind, TypeForm(initial=initial))
    form = TypeForm(request.POST)
    if not form.is_valid():
        return _show(request, kind, form, status=422)
    try:
        save_type(
            actor=reader(request),
            type_id=kind.public_id if kind else None,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show(request, kind, form, status=error.status)
    messages.success(request, _("The type is saved."))
    return redirect("booking:type_list")


def _show(
    request: HttpRequest, kind: ResourceType | None, form: TypeForm, *, status: int = 200
) -> HttpResponse:
    context = {"type": kind, "form": form}
    return render(request, "booking/types/edit.html", context, status=status)
