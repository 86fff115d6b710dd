"""Telling many at once: written, looked at, sent; who has read it; the all clear."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.broadcasts import BroadcastForm
from booking.models import Broadcast
from booking.notifications.reached import reach_of
from booking.queries.broadcasts import (
    SEND,
    audience,
    find_visible,
    may_send,
    receipts_of,
    scope_of,
    visible_broadcasts,
)
from booking.services.broadcasts import (
    Wanted,
    end_broadcast,
    remind,
    say_scope,
    send_broadcast,
)
from booking.views._pages import page_of, raise_missing, reader, say_error
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25
PEOPLE_SHOWN = 100


@needs(SEND)
@require_safe
def broadcast_list(request: HttpRequest) -> HttpResponse:
    """What was announced, the latest first."""
    page = page_of(request, visible_broadcasts(reader(request)), PAGE_SIZE)
    lines = [(each, say_scope(scope_of(each))) for each in page.object_list]
    context = {"page": page, "lines": lines, "now": clock_now()}
    return render(request, "booking/broadcasts/list.html", context)


@needs(SEND)
@require_http_methods(["GET", "HEAD", "POST"])
def broadcast_new(request: HttpRequest) -> HttpResponse:
    """Write one; look whom it reaches; send it. Nothing is sent before the second look."""
    actor = reader(request)
    if request.method != "POST":
        form = BroadcastForm(actor=actor, initial={"resource": request.GET.get("resource", "")})
        return render(request, "booking/broadcasts/new.html", {"form": form})
    form = BroadcastForm(request.POST, actor=actor)
    if not form.is_valid() or "change" in request.POST:
        status = 422 if form.errors else 200
        return render(request, "booking/broadcasts/new.html", {"form": form}, status=status)
    return _send(request, form) if "send" in request.POST else _look(request, form)


@needs(SEND)
@require_safe
def broadcast_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One with who has acknowledged it and who has not."""
    said = _found(request, public_id)
    is_read = request.GET.get("who") == "read"
    context = {
        "said": said,
        "scope": say_scope(scope_of(said)),
        "is_read": is_read,
        "open": said_open(said),
        "page": page_of(request, receipts_of(said, is_read=is_read), PEOPLE_SHOWN),
        "now": clock_now(),
    }
    return render(request, "booking/broadcasts/detail.html", context)


@needs(SEND)
@require_POST
def broadcast_remind(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask those again who have not acknowledged it."""
    _found(request, public_id)
    try:
        number = remind(actor=reader(request), broadcast_id=public_id, now=clock_now())
    except BookingError as error:
        say_error(request, error)
    else:
        text = ngettext("%(n)s person is reminded.", "%(n)s people are reminded.", number)
        messages.success(request, text % {"n": number})
    return redirect("booking:broadcast_detail", public_id)


@needs(SEND)
@require_POST
def broadcast_end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take it off all pages; after an emergency this is the all clear."""
    _found(request, public_id)
    try:
        ended = end_broadcast(actor=reader(request), broadcast_id=public_id, now=clock_now())
    except BookingError as error:
        say_error(request, error)
    else:
        text = _("All clear: everybody is told that it is over.")
        messages.success(request, text if ended.is_emergency else _("It stands nowhere any more."))
    return redirect("booking:broadcast_detail", public_id)


def said_open(said: Broadcast) -> int:
    """How many have not acknowledged it."""
    people: int = getattr(said, "people", 0)
    read: int = getattr(said, "read", 0)
    return people - read


def _look(request: HttpRequest, form: BroadcastForm) -> HttpResponse:
    scope, now = form.chosen_scope(), clock_now()
    is_emergency = form.cleaned_data["is_emergency"]
    if not may_send(reader(request), scope, is_emergency=is_emergency):
        form.add_error("scope", _("You may speak to those only whose place you look after."))
        return render(request, "booking/broadcasts/new.html", {"form": form}, status=403)
    context = {
        "form": form,
        "wanted": form.cleaned_data,
        "scope": say_scope(scope),
        "reach": reach_of(audience(scope, now=now).select_related("preferences")),
    }
    return render(request, "booking/broadcasts/confirm.html", context)


def _send(request: HttpRequest, form: BroadcastForm) -> HttpResponse:
    found = form.cleaned_data
    wanted = Wanted(
        title=found["title"],
        text=found["text"],
        scope=form.chosen_scope(),
        is_emergency=found["is_emergency"],
        must_acknowledge=found["must_acknowledge"],
        shown_until=found["shown_until"],
    )
    try:
        said = send_broadcast(actor=reader(request), wanted=wanted, now=clock_now())
    except BookingError as error:
        if error.status == 403:  # noqa: PLR2004
            raise_missing(error)  # type: ignore[arg-type]
        show_refusals(form, error)
        return render(request, "booking/broadcasts/new.html", {"form": form}, status=error.status)
    messages.success(request, _("Sent: the messages are on their way."))
    return redirect("booking:broadcast_detail", said.public_id)


def _found(request: HttpRequest, public_id: UUID) -> Broadcast:
    found = find_visible(reader(request), public_id)
    if found is None:
        raise Http404
    return found
