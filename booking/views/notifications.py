"""What the reader was told."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from booking.models import Notification
from booking.services.notifications import mark_notices_read
from booking.views._live import render_live
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 30


@login_required
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """All notices, newest first."""
    notices = Notification.objects.filter(user=reader(request))
    context = {"page": page_of(request, notices, PAGE_SIZE)}
    return render_live(
        request, "booking/notifications/list.html", "booking/notifications/_live.html", context
    )


@login_required
@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark one notice or all as read; a pressed notice then leads to what it tells of."""
    word = request.POST.get("notice", "")
    notice_id = int(word) if word.isascii() and word.isdigit() and len(word) <= 18 else None  # noqa: PLR2004
    if word and notice_id is None:
        return redirect("booking:notice_list")
    marked = mark_notices_read(user=reader(request), notice_id=notice_id, now=clock_now())
    if not word:
        text = ngettext("%(n)s notice marked as read.", "%(n)s notices marked as read.", marked)
        messages.success(request, text % {"n": marked})
    return redirect("booking:notice_list")
