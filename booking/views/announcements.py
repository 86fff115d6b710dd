"""What was announced to the reader, and saying that one has read it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking.models import BroadcastReceipt
from booking.queries.broadcasts import own_receipt
from booking.services.broadcasts import acknowledge
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now


@login_required
@require_safe
def announcement(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One announcement that is for the reader."""
    receipt = own_receipt(reader(request), public_id)
    if receipt is None:
        raise Http404
    context = {"receipt": receipt, "said": receipt.broadcast}
    return render(request, "booking/broadcasts/announcement.html", context)


@login_required
@require_POST
def announcement_acknowledge(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep that the reader has read it, and go on where they were."""
    try:
        acknowledge(user=reader(request), broadcast_id=public_id, now=clock_now())
    except BroadcastReceipt.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("Thank you: it is kept that you have read it."))
    there = request.POST.get("next", "")
    if there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None):
        return redirect(there)
    return redirect("booking:announcement", public_id)
