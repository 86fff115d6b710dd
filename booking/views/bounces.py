"""Addresses from which mail came back: one's own, and all for administrators."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import needs
from booking.queries.bounces import bounced_addresses
from booking.services.bounces import MOST_SOFT, SOFT_DAYS, try_address, try_own_address
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 50


@login_required
@require_POST
def own_address_try(request: HttpRequest) -> HttpResponse:
    """Say that one's own address works again."""
    if try_own_address(user=reader(request), now=clock_now()):
        messages.success(
            request, _("Mails are sent to you again, the first of them now: look whether it came.")
        )
    return redirect("booking:notification_preferences")


@needs("message.manage")
@require_safe
def address_list(request: HttpRequest) -> HttpResponse:
    """All addresses from which mail came back."""
    context = {
        "page": page_of(request, bounced_addresses(), PAGE_SIZE),
        "most": MOST_SOFT,
        "days": SOFT_DAYS.days,
    }
    return render(request, "booking/reach/addresses.html", context)


@needs("message.manage")
@require_POST
def address_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Send to an address again."""
    if try_address(actor=reader(request), key=pk, now=clock_now()):
        messages.success(request, _("Mails are sent there again, beginning with one that says so."))
    else:
        messages.info(request, _("Somebody has seen to this address already."))
    return redirect("booking:address_list")
