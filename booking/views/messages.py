"""The log of everything sent, for who may look, and what one was sent oneself."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import needs
from accounts.permissions import may
from accounts.views.step_up import step_up
from audit.forms.logs import place_of
from booking.errors import BookingError
from booking.forms.messages import MessageSearchForm
from booking.models import Message, OutboxEvent
from booking.queries.messages import (
    failed_messages,
    find_message,
    message_log,
    stuck_events,
    told_to,
)
from booking.services.message_log import (
    MOST_AT_ONCE,
    messages_csv,
    note_messages_seen,
    resend_failed,
    resend_message,
    retry_event,
)
from booking.views._message_lines import line_of, shown_words
from booking.views._pages import query_with, reader, say_error
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 40


@needs("message.view")
@never_cache
@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """Search what was sent; who looks for one person's messages is kept."""
    viewer, now = reader(request), clock_now()
    form = MessageSearchForm(request.GET, now=now)
    context: dict[str, object] = {"form": form, "may_resend": may(viewer, "message.resend")}
    if not form.is_valid():
        return render(request, "booking/messages/list.html", context, status=422)
    before = place_of(request.GET.get("before", ""))
    filters = form.filters(before)
    found = list(message_log(viewer=viewer, filters=filters)[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    if filters.person:
        people = [each.user for each in shown if each.user is not None]
        note_messages_seen(viewer=viewer, people=people, now=now)
    stuck = list(stuck_events(viewer).values_list("pk", flat=True)[:PAGE_SIZE])
    context |= {
        "lines": [line_of(each) for each in shown],
        "older": _older(request, found),
        "first": query_with(request, before=None) if before else "",
        "stuck": len(stuck),
        "is_cut": len(stuck) == PAGE_SIZE,
    }
    if context["may_resend"]:
        failed = failed_messages(viewer=viewer, filters=form.filters())
        keys = list(failed.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        context |= {"failed": min(len(keys), MOST_AT_ONCE), "more": len(keys) > MOST_AT_ONCE}
    return render(request, "booking/messages/list.html", context)


@needs("message.view")
@require_POST
@step_up
def message_export(request: HttpRequest) -> HttpResponseBase:
    """What fits the search as a file, sent while it is read."""
    now = clock_now()
    form = MessageSearchForm(request.POST, now=now)
    if not form.is_valid():
        return render(request, "booking/messages/list.html", {"form": form}, status=422)
    return StreamingHttpResponse(
        messages_csv(actor=reader(request), filters=form.filters(), now=now),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="messages.csv"'},
    )


@needs("message.view")
@never_cache
@require_safe
def message_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: to whom, by what, how far it came, and what it says."""
    viewer = reader(request)
    message = _message(request, pk)
    if message.user is not None:
        note_messages_seen(viewer=viewer, people=[message.user], now=clock_now())
    context = {
        "line": line_of(message),
        "message": message,
        "words": shown_words(message),
        "may_resend": may(viewer, "message.resend"),
        "gathered": [line_of(each) for each in message.gathered.order_by("pk")[:PAGE_SIZE]],
    }
    return render(request, "booking/messages/detail.html", context)


@needs("message.resend")
@require_POST
def message_resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one message again that failed."""
    _message(request, pk)
    try:
        resend_message(actor=reader(request), message_id=pk, now=clock_now())
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("It is sent again now."))
    return redirect("booking:message_detail", pk)


@needs("message.resend")
@require_POST
def messages_resend(request: HttpRequest) -> HttpResponse:
    """Send again all that failed and fits the search in the address."""
    now = clock_now()
    form = MessageSearchForm(request.GET, now=now)
    address = f"{reverse('booking:message_list')}{query_with(request, before=None)}"
    if not form.is_valid():
        return redirect(address)
    try:
        number = resend_failed(actor=reader(request), filters=form.filters(), now=now)
    except BookingError as error:
        say_error(request, error)
    else:
        text = ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", number)
        messages.success(request, text % {"n": number})
    return redirect(address)


@needs("message.view")
@require_safe
def stuck_list(request: HttpRequest) -> HttpResponse:
    """Events of which nobody could be told so far, with what went wrong."""
    viewer = reader(request)
    context = {
        "events": list(stuck_events(viewer)[:PAGE_SIZE]),
        "may_resend": may(viewer, "message.resend"),
    }
    return render(request, "booking/messages/stuck.html", context)


@needs("message.resend")
@require_POST
def event_retry(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Try at once to tell of an event."""
    try:
        retry_event(actor=reader(request), event_id=public_id, now=clock_now())
    except OutboxEvent.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("It is tried again now."))
    return redirect("booking:stuck_list")


@login_required
@require_safe
def own_messages(request: HttpRequest) -> HttpResponse:
    """What the reader was sent in the last 90 days, by every channel."""
    before = place_of(request.GET.get("before", ""))
    found = list(told_to(user=reader(request), now=clock_now(), before=before)[: PAGE_SIZE + 1])
    context = {
        "lines": [line_of(each) for each in found[:PAGE_SIZE]],
        "older": _older(request, found),
        "first": query_with(request, before=None) if before else "",
    }
    return render(request, "booking/messages/own.html", context)


def _message(request: HttpRequest, pk: int) -> Message:
    found = find_message(viewer=reader(request), pk=pk) if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


def _older(request: HttpRequest, found: list[Message]) -> str:
    """The query string of the page after this one, when there is one."""
    if len(found) <= PAGE_SIZE:
        return ""
    last = found[PAGE_SIZE - 1]
    return query_with(request, before=f"{last.created_at.isoformat()}_{last.pk}")
