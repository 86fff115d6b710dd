"""Pools: resources of which any one will do."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs, require
from booking.errors import BookingError, NotAllowed
from booking.forms.bookings import show_refusals
from booking.forms.pools import PoolForm
from booking.models import ResourcePool
from booking.permissions import can_manage_pool
from booking.queries.scopes import find_pool, managed_pools
from booking.services.resources import delete_pool, save_pool
from booking.views._pages import page_of, raise_missing, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25


@needs("resource.manage")
@require_safe
def pool_list(request: HttpRequest) -> HttpResponse:
    """All pools with their members."""
    context = {"page": page_of(request, managed_pools(reader(request)), PAGE_SIZE)}
    return render(request, "booking/pools/list.html", context)


@needs("resource.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def pool_new(request: HttpRequest) -> HttpResponse:
    """Add a pool."""
    return _edit(request, None)


@needs("resource.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def pool_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a pool's name, words and members."""
    pool = find_pool(public_id)
    if pool is None:
        raise Http404
    members = list(pool.resources.all())
    require(can_manage_pool(reader(request), members), "resource.manage")
    return _edit(request, pool)


@needs("resource.manage")
@require_POST
def pool_delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Dissolve a pool; its resources stay."""
    try:
        delete_pool(actor=reader(request), pool_id=public_id, now=clock_now())
    except ResourcePool.DoesNotExist as error:
        raise Http404 from error
    except NotAllowed as error:
        raise_missing(error)
    messages.success(request, _("The pool is deleted. Its instruments stay."))
    return redirect("booking:pool_list")


def _edit(request: HttpRequest, pool: ResourcePool | None) -> HttpResponse:
    if request.method != "POST":
        return _show(request, pool, PoolForm(actor=reader(request), initial=_as_it_stands(pool)))
    form = PoolForm(request.POST, actor=reader(request))
    if not form.is_valid():
        return _show(request, pool, form, status=422)
    try:
        save_pool(
            actor=reader(request),
            pool_id=pool.public_id if pool else None,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            resource_ids=[each.public_id for each in form.cleaned_data["resources"]],
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show(request, pool, form, status=error.status)
    messages.success(request, _("The pool is saved."))
    return redirect("booking:pool_list")


def _as_it_stands(pool: ResourcePool | None) -> dict[str, object]:
    if pool is None:
        return {}
    return {
        "name": pool.name,
        "description": pool.description,
        "resources": [each.code for each in pool.resources.all()],
    }


def _show(
    request: HttpRequest, pool: ResourcePool | None, form: PoolForm, *, status: int = 200
) -> HttpResponse:
    context = {"pool": pool, "form": form}
    return render(request, "booking/pools/edit.html", context, status=status)
