"""Writing resources: a page of parts, each a form of its own with one act behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import needs, require
from accounts.models import User
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.resources import LinksForm, PeopleForm, PictureForm, ResourceForm
from booking.models import Resource, ResponsiblePerson
from booking.permissions import can_add_resources
from booking.services._uploads import LARGEST_IMAGE
from booking.services.resources import (
    ResourceDetails,
    change_resource,
    create_resource,
    set_image,
    set_links,
    set_responsible,
)
from booking.views._managers import managed_resource
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now

# The fields that form, service and resource call the same.
PLAIN = tuple(name for name in ResourceDetails.__dataclass_fields__ if name != "type_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One form of the page: how it is made, and the act it asks for."""

    make: Callable[[Resource, User, HttpRequest | None], forms.Form]
    write: Callable[[User, Resource, Any, datetime], object]


@needs("resource.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def resource_new(request: HttpRequest) -> HttpResponse:
    """Add a resource; its picture, links and people come after it exists."""
    actor = reader(request)
    require(can_add_resources(actor), "resource.manage")
    if request.method != "POST":
        return _new_page(request, ResourceForm(actor=actor))
    form = ResourceForm(request.POST, actor=actor)
    if not form.is_valid():
        return _new_page(request, form, status=422)
    try:
        resource = create_resource(actor=actor, details=_details(form), now=clock_now())
    except BookingError as error:
        show_refusals(form, error)
        return _new_page(request, form, status=error.status)
    messages.success(request, _("Added. Now its picture, its people and its hours."))
    return redirect("booking:resource_edit", resource.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def resource_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a resource; `part` says which of the page's forms was sent."""
    actor = reader(request)
    resource = managed_resource(request, public_id, "resource.manage")
    if request.method != "POST":
        return _edit_page(request, resource, {})
    name = request.POST.get("part", "details")
    if name not in PARTS:
        raise Http404
    form = PARTS[name].make(resource, actor, request)
    if not form.is_valid():
        return _edit_page(request, resource, {name: form}, status=422)
    try:
        PARTS[name].write(actor, resource, form, clock_now())
    except BookingError as error:
        show_refusals(form, error)
        return _edit_page(request, resource, {name: form}, status=error.status)
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('booking:resource_edit', args=[public_id])}#{name}")


def _new_page(request: HttpRequest, form: ResourceForm, *, status: int = 200) -> HttpResponse:
    return render(request, "booking/resources/new.html", {"form": form}, status=status)


def _edit_page(
    request: HttpRequest, resource: Resource, sent: dict[str, forms.Form], *, status: int = 200
) -> HttpResponse:
    """The page; the form that was sent keeps what was typed."""
    actor = reader(request)
    parts = {
        name: sent.get(name) or part.make(resource, actor, None) for name, part in PARTS.items()
    }
    context = {"resource": resource, "parts": parts}
    return render(request, "booking/resources/edit.html", context, status=status)


def _details(form: ResourceForm) -> ResourceDetails:
    values = {name: form.cleaned_data[name] for name in PLAIN}
    return ResourceDetails(type_id=form.cleaned_data["type"].public_id, **values)


def _details_form(resource: Resource, actor: User, request: HttpRequest | None) -> ResourceForm:
    initial = {name: getattr(resource, name) for name in PLAIN}
    initial["type"] = resource.resource_type.public_id
    data = request.POST if request else None
    return ResourceForm(data, actor=actor, resource=resource, initial=initial)


def _picture_form(_resource: Resource, _actor: User, request: HttpRequest | None) -> PictureForm:
    return PictureForm(request.POST, request.FILES) if request else PictureForm()


def _links_form(resource: Resource, actor: User, request: HttpRequest | None) -> LinksForm:
    linked = list(resource.links.values_list("linked__code", flat=True))
    data = request.POST if request else None
    return LinksForm(data, resource=resource, actor=actor, initial={"linked": linked})


def _people_form(resource: Resource, _actor: User, request: HttpRequest | None) -> PeopleForm:
    if request:
        return PeopleForm(request.POST)
    names: dict[str, list[str]] = {}
    for row in ResponsiblePerson.objects.filter(resource=resource).select_related("user"):
        names.setdefault(row.kind, []).append(row.user.username)
    return PeopleForm(initial={kind: ", ".join(found) for kind, found in names.items()})


def _save_details(actor: User, resource: Resource, form: ResourceForm, now: datetime) -> None:
    change_resource(actor=actor, resource_id=resource.public_id, details=_details(form), now=now)


def _save_picture(actor: User, resource: Resource, form: PictureForm, now: datetime) -> None:
    upload = form.cleaned_data["image"]
    # One byte more than allowed is enough for the service to refuse it.
    content = upload.read(LARGEST_IMAGE + 1) if upload else None
    set_image(actor=actor, resource_id=resource.public_id, content=content, now=now)


def _save_links(actor: User, resource: Resource, form: LinksForm, now: datetime) -> None:
    chosen = [each.public_id for each in form.cleaned_data["linked"]]
    set_links(actor=actor, resource_id=resource.public_id, linked_ids=chosen, now=now)


def _save_people(actor: User, resource: Resource, form: PeopleForm, now: datetime) -> None:
    people = [(person.public_id, kind) for person, kind in form.people]
    set_responsible(actor=actor, resource_id=resource.public_id, people=people, now=now)


PARTS = {
    "details": Part(make=_details_form, write=_save_details),
    "picture": Part(make=_picture_form, write=_save_picture),
    "links": Part(make=_links_form, write=_save_links),
    "people": Part(make=_people_form, write=_save_people),
}
