"""The organisation: its tree of units, its groups, and price classes."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Missing
from accounts.errors import AccountRefused
from accounts.forms.units import PriceClassForm, UnitForm, unit_values
from accounts.models import PriceClass, Unit
from accounts.permissions.grants import places
from accounts.permissions.people import can_take_in_lists, can_take_lists
from accounts.permissions.units import can_manage_units
from accounts.queries.groups import group_list
from accounts.queries.units import find_unit, organisation, price_classes
from accounts.services.units import (
    UnitDetails,
    change_unit,
    create_unit,
    deactivate_unit,
    reactivate_unit,
    save_price_class,
)
from accounts.views._pages import page_of, reader, say_refusal, show_refusal
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 50
_LISTS = (
    ("units", gettext_lazy("Units")),
    ("people", gettext_lazy("People")),
    ("groups", gettext_lazy("Groups")),
    ("projects", gettext_lazy("Projects")),
)


@login_required
@require_safe
def organisation_page(request: HttpRequest) -> HttpResponse:
    """Units as a tree, the groups that the reader may edit, and price classes."""
    viewer = reader(request)
    if not (can_manage_units(viewer) or places(viewer, "group.manage")):
        raise Missing("unit.manage")
    word, closed = request.GET.get("q", ""), request.GET.get("closed") == "1"
    context = {
        "tree": organisation(),
        "page": page_of(request, group_list(viewer, word=word, closed=closed), PAGE_SIZE),
        "prices": price_classes(),
        "price_form": PriceClassForm(),
        "edits": can_manage_units(viewer),
        "makes_groups": bool(places(viewer, "group.manage")),
        "lists": _LISTS if can_take_lists(viewer) else (),
        "takes_in": can_take_in_lists(viewer),
        "word": word,
        "closed": closed,
    }
    return render(request, "accounts/units/organisation.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unit_new(request: HttpRequest) -> HttpResponse:
    """Add a unit."""
    return _edit(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unit_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Rename a unit, or move it."""
    unit = find_unit(public_id)
    if unit is None:
        raise Http404
    return _edit(request, unit)


@login_required
@require_POST
def unit_close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close a unit, or open it again."""
    unit = find_unit(public_id)
    if unit is None:
        raise Http404
    act = deactivate_unit if unit.is_active else reactivate_unit
    try:
        act(actor=reader(request), unit_id=public_id, now=clock_now())
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("Saved."))
    return redirect("booking:organisation")


@login_required
@require_POST
def price_class_save(request: HttpRequest) -> HttpResponse:
    """Add a price class, or change one."""
    if not can_manage_units(reader(request)):
        raise Missing("unit.manage")
    form = PriceClassForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
        return redirect("booking:organisation")
    try:
        save_price_class(actor=reader(request), now=clock_now(), **form.cleaned_data)
    except PriceClass.DoesNotExist as error:
        raise Http404 from error
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("The price class is saved."))
    return redirect("booking:organisation")


def _edit(request: HttpRequest, unit: Unit | None) -> HttpResponse:
    if not can_manage_units(reader(request)):
        raise Missing("unit.manage")
    if request.method != "POST":
        return _show(request, unit, UnitForm(initial=unit_values(unit) if unit else {}))
    form = UnitForm(request.POST)
    if not form.is_valid():
        return _show(request, unit, form, status=422)
    given = form.cleaned_data
    details = UnitDetails(
        kind=given["kind"],
        name=given["name"],
        code=given["code"],
        parent_id=given["parent"].public_id if given["parent"] else None,
    )
    try:
        if unit is None:
            create_unit(actor=reader(request), details=details, now=clock_now())
        else:
            change_unit(
                actor=reader(request), unit_id=unit.public_id, details=details, now=clock_now()
            )
    except AccountRefused as error:
        show_refusal(form, error)
        return _show(request, unit, form, status=422)
    messages.success(request, _("The unit is saved."))
    return redirect("booking:organisation")


def _show(
    request: HttpRequest, unit: Unit | None, form: UnitForm, *, status: int = 200
) -> HttpResponse:
    return render(request, "accounts/units/edit.html", {"unit": unit, "form": form}, status=status)
