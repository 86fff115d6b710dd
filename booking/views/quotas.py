"""Quotas: one's own with their ledger, and the pages of those who set them."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from accounts.permissions import may
from booking.enums import Measure, QuotaHolder, QuotaPeriod
from booking.errors import BookingError, NotAllowed
from booking.forms.bookings import show_refusals
from booking.forms.quotas import AdjustmentForm, QuotaForm, quota_initial
from booking.models import Quota
from booking.queries.quotas import (
    accounts_of_quota,
    entries_of,
    entries_of_account,
    find_account,
    find_quota,
    holder_names,
    holder_word,
    managed_quotas,
    my_quotas,
    who_took,
)
from booking.rules.shares import say_amount
from booking.services.quotas import (
    QuotaDetails,
    SavedQuota,
    adjust_account,
    save_quota,
    set_quota_active,
)
from booking.views._pages import page_of, raise_missing, reader
from labitory.lib.clock import now as clock_now
from labitory.lib.formats import say_date
from labitory.lib.http import lab_zone

PAGE_SIZE = 25
MOST_SAID = 5


@login_required
@require_safe
def my_quotas_page(request: HttpRequest) -> HttpResponse:
    """What the reader may still take, and the ledger of what they and theirs took."""
    held = my_quotas(viewer=reader(request), now=clock_now())
    context = {"held": held, "page": page_of(request, entries_of(held), PAGE_SIZE)}
    return render(request, "booking/quotas/mine.html", context)


@needs("policy.manage")
@require_safe
def quota_list(request: HttpRequest) -> HttpResponse:
    """All quotas that the reader may set."""
    page = page_of(request, managed_quotas(reader(request)), PAGE_SIZE)
    return render(request, "booking/quotas/list.html", {"page": page})


@needs("policy.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def quota_new(request: HttpRequest) -> HttpResponse:
    """Set a quota."""
    return _edit(request, None)


@needs("policy.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def quota_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a quota."""
    return _edit(request, _managed(request, public_id))


@needs("policy.manage")
@require_safe
def quota_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One quota with its accounts: who took how much, the latest period first."""
    quota = _managed(request, public_id)
    page = page_of(request, accounts_of_quota(quota), PAGE_SIZE)
    names = holder_names(quota, [each.holder_id for each in page.object_list])
    rows = [
        (
            each,
            names.get(each.holder_id, _("nobody any more")),
            quota.amount + each.carried - each.reserved - each.used,
        )
        for each in page.object_list
    ]
    context = {"quota": quota, "page": page, "rows": rows}
    return render(request, "booking/quotas/detail.html", context)


@needs("policy.manage")
@require_safe
def quota_account(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    """One account: who took how much, and every movement."""
    quota = _managed(request, public_id)
    account = find_account(quota, pk)
    if account is None:
        raise Http404
    context = {
        "quota": quota,
        "account": account,
        "name": holder_names(quota, [account.holder_id]).get(account.holder_id, ""),
        "word": holder_word(quota, account.holder_id),
        "left": quota.amount + account.carried - account.reserved - account.used,
        "taken": who_took(account),
        "may_see_all": may(reader(request), "booking.view_all"),
        "page": page_of(request, entries_of_account(account), PAGE_SIZE),
    }
    return render(request, "booking/quotas/account.html", context)


@needs("policy.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def quota_adjust(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Add to somebody's account or take from it, with a reason."""
    quota = _managed(request, public_id)
    if request.method != "POST":
        today = clock_now().astimezone(lab_zone()).date()
        initial = {"who": request.GET.get("who", ""), "day": request.GET.get("day") or today}
        return _show_adjustment(request, quota, AdjustmentForm(quota=quota, initial=initial))
    form = AdjustmentForm(request.POST, quota=quota)
    if not form.is_valid():
        return _show_adjustment(request, quota, form, status=422)
    try:
        adjust_account(
            actor=reader(request),
            quota_id=quota.public_id,
            holder_id=form.cleaned_data["who"],
            day=form.cleaned_data["day"],
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show_adjustment(request, quota, form, status=error.status)
    messages.success(request, _("The account is adjusted, and those who share it are told."))
    return redirect("booking:quota_detail", quota.public_id)


@needs("policy.manage")
@require_POST
def quota_end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Count nothing more; what was counted stays."""
    return _set_active(request, public_id, is_active=False)


@needs("policy.manage")
@require_POST
def quota_resume(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Count again from now on."""
    return _set_active(request, public_id, is_active=True)


def _set_active(request: HttpRequest, public_id: UUID, *, is_active: bool) -> HttpResponse:
    quota = _managed(request, public_id)
    try:
        set_quota_active(
            actor=reader(request), quota_id=quota.public_id, is_active=is_active, now=clock_now()
        )
    except NotAllowed as error:
        raise_missing(error)
    messages.success(
        request,
        _("The quota is in force again.") if is_active else _("The quota counts nothing more."),
    )
    return redirect("booking:quota_detail", public_id)


def _managed(request: HttpRequest, public_id: UUID) -> Quota:
    quota = find_quota(reader(request), public_id)
    if quota is None:
        raise Http404
    return quota


def _edit(request: HttpRequest, quota: Quota | None) -> HttpResponse:
    if request.method != "POST":
        initial = quota_initial(quota) if quota else {}
        return _show(request, quota, QuotaForm(actor=reader(request), initial=initial))
    form = QuotaForm(request.POST, actor=reader(request))
    if not form.is_valid():
        return _show(request, quota, form, status=422)
    try:
        saved = save_quota(
            actor=reader(request),
            quota_id=quota.public_id if quota else None,
            details=_details(form),
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show(request, quota, form, status=error.status)
    messages.success(request, _("The quota is saved."))
    _say_overdrawn(request, saved)
    return redirect("booking:quota_detail", saved.quota.public_id)


def _details(form: QuotaForm) -> QuotaDetails:
    typed = form.cleaned_data
    return QuotaDetails(
        name=typed["name"],
        measure=Measure(typed["measure"]),
        amount=typed["amount"],
        period=QuotaPeriod(typed["period"]),
        rolling_days=typed["rolling_days"],
        resource_id=typed["resource"].public_id if typed["resource"] else None,
        type_id=typed["resource_type"],
        pool_id=typed["pool"],
        holder=QuotaHolder(typed["holder"]),
        role=typed["role"],
        user_id=typed["user"].public_id if typed["user"] else None,
        group_id=typed["group"],
        project_id=typed["project"],
        carry_percent=typed["carry_percent"],
        overdraft=typed["overdraft"],
        grab_hours=typed["grab_hours"],
        counts_no_shows=typed["counts_no_shows"],
    )


def _say_overdrawn(request: HttpRequest, saved: SavedQuota) -> None:
    """Tell who has booked more than there is now."""
    found = saved.overdrawn
    if not found:
        return
    names = holder_names(saved.quota, [each.holder_id for each in found])
    said = "; ".join(
        _("%(name)s, from %(day)s: %(by)s")
        % {
            "name": names.get(each.holder_id, ""),
            "day": say_date(each.starts_on),
            "by": say_amount(Measure(saved.quota.measure), each.by),
        }
        for each in found[:MOST_SAID]
    )
    more = len(found) - MOST_SAID
    text = ngettext(
        "%(n)s account is overdrawn by it: %(said)s",
        "%(n)s accounts are overdrawn by it: %(said)s",
        len(found),
    ) % {"n": len(found), "said": said}
    messages.warning(request, f"{text} …" if more > 0 else text)


def _show(
    request: HttpRequest, quota: Quota | None, form: QuotaForm, *, status: int = 200
) -> HttpResponse:
    context = {"quota": quota, "form": form}
    return render(request, "booking/quotas/edit.html", context, status=status)


def _show_adjustment(
    request: HttpRequest, quota: Quota, form: AdjustmentForm, *, status: int = 200
) -> HttpResponse:
    context = {"quota": quota, "form": form}
    return render(request, "booking/quotas/adjust.html", context, status=status)
