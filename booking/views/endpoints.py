"""Chat rooms and webhooks: connecting them, their logs, and sending again."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from accounts.views.step_up import step_up, step_up_to_write
from booking.enums import EndpointKind
from booking.errors import BookingError, NotAllowed
from booking.forms.bookings import show_refusals
from booking.forms.endpoints import EndpointForm, as_typed
from booking.models import Endpoint, Message
from booking.notifications.channels import PLACES
from booking.notifications.channels.chat.cards import card_of
from booking.queries.endpoints import (
    all_endpoints,
    count_waiting_again,
    deliveries_of,
    find_delivery,
    find_endpoint,
    host_of,
    is_chat,
)
from booking.services.endpoints import (
    MOST_REPLAYED,
    EndpointDetails,
    change_endpoint,
    create_endpoint,
    delete_endpoint,
    replay_delivery,
    replay_failed,
    rotate_secret,
    switch_endpoint,
    try_endpoint,
)
from booking.views._pages import page_of, raise_missing, reader, say_error
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25
CODE = "endpoint.manage"


@needs(CODE)
@require_safe
def endpoint_list(request: HttpRequest) -> HttpResponse:
    """All chat rooms and webhooks, and how they stand."""
    page = page_of(request, all_endpoints(), PAGE_SIZE)
    rows = [(each, host_of(each)) for each in page.object_list]
    context = {"page": page, "rows": rows, "offered": EndpointKind.choices}
    return render(request, "booking/endpoints/list.html", context)


@needs(CODE)
@step_up_to_write
@require_http_methods(["GET", "HEAD", "POST"])
def endpoint_new(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Connect a chat room or webhook; the secret of a webhook is shown this once."""
    if kind not in EndpointKind.values:
        raise Http404
    return _edit(request, EndpointKind(kind), None)


@needs(CODE)
@step_up_to_write
@require_http_methods(["GET", "HEAD", "POST"])
def endpoint_edit(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Change what it hears of, its name or its address."""
    endpoint = _found(public_id)
    return _edit(request, EndpointKind(endpoint.kind), endpoint)


@needs(CODE)
@require_safe
def endpoint_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How it stands, with the log of what it was told."""
    endpoint = _found(public_id)
    again = count_waiting_again(endpoint)
    context = {
        "endpoint": endpoint,
        "host": host_of(endpoint),
        "is_chat": is_chat(endpoint),
        "is_off": not endpoint.is_active or endpoint.stopped_at is not None,
        "again": again,
        "at_once": min(again, MOST_REPLAYED),
        "page": page_of(request, deliveries_of(endpoint), PAGE_SIZE),
    }
    return render(request, "booking/endpoints/detail.html", context)


@needs(CODE)
@require_safe
def delivery_detail(request: HttpRequest, public_id: UUID, event_id: UUID) -> HttpResponse:
    """One message: what was sent, and what came back."""
    endpoint = _found(public_id)
    message = find_delivery(endpoint, event_id)
    if message is None:
        raise Http404
    context = {
        "endpoint": endpoint,
        "host": host_of(endpoint),
        "delivery": message,
        "card": card_of(message) if is_chat(endpoint) else None,
        "body": PLACES[message.channel].shown(message),
    }
    return render(request, "booking/endpoints/delivery.html", context)


@needs(CODE)
@require_POST
@step_up
def endpoint_rotate(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """A new secret, shown this once."""
    endpoint = _found(public_id)
    try:
        secret = rotate_secret(actor=reader(request), endpoint_id=public_id, now=clock_now())
    except BookingError as error:
        say_error(request, error)
        return redirect("booking:endpoint_detail", public_id)
    return _show_secret(request, endpoint, secret, is_renewed=True)


@needs(CODE)
@require_POST
def endpoint_test(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send a test event."""
    _found(public_id)
    try_endpoint(actor=reader(request), endpoint_id=public_id, now=clock_now())
    messages.success(request, _("A test is on its way: load this page again in a moment."))
    return redirect("booking:endpoint_detail", public_id)


@needs(CODE)
@require_POST
def endpoint_switch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Switch it on or off."""
    _found(public_id)
    is_on = request.POST.get("to") == "on"
    switch_endpoint(actor=reader(request), endpoint_id=public_id, is_on=is_on, now=clock_now())
    said = _("It is on: it hears of what happens from now on.")
    off = _("It is off: it hears of nothing until you switch it on.")
    messages.success(request, said if is_on else off)
    return redirect("booking:endpoint_detail", public_id)


@needs(CODE)
@require_POST
def endpoint_replay(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send again what failed, or was kept while it was off."""
    _found(public_id)
    try:
        n = replay_failed(actor=reader(request), endpoint_id=public_id, now=clock_now())
    except BookingError as error:
        say_error(request, error)
    else:
        text = ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", n)
        messages.success(request, text % {"n": n})
    return redirect("booking:endpoint_detail", public_id)


@needs(CODE)
@require_POST
def delivery_replay(request: HttpRequest, public_id: UUID, event_id: UUID) -> HttpResponse:
    """Send one message again, under the id it had."""
    _found(public_id)
    try:
        replay_delivery(
            actor=reader(request), endpoint_id=public_id, event_id=event_id, now=clock_now()
        )
    except Message.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("It is sent again, under the id it had."))
    return redirect("booking:endpoint_delivery", public_id, event_id)


@needs(CODE)
@require_POST
@step_up
def endpoint_delete(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Disconnect it, with its log."""
    _found(public_id)
    name = delete_endpoint(actor=reader(request), endpoint_id=public_id, now=clock_now())
    messages.success(request, _("%(name)s is disconnected.") % {"name": name})
    return redirect("booking:endpoint_list")


def _found(public_id: UUID) -> Endpoint:
    endpoint = find_endpoint(public_id)
    if endpoint is None:
        raise Http404
    return endpoint


def _edit(request: HttpRequest, kind: EndpointKind, endpoint: Endpoint | None) -> HttpResponse:
    initial = as_typed(endpoint) if endpoint else {}
    form = EndpointForm(request.POST or None, kind=kind, endpoint=endpoint, initial=initial)
    if form.is_valid():
        try:
            return _saved(request, form, kind, endpoint)
        except NotAllowed as error:
            raise_missing(error)
        except BookingError as error:
            show_refusals(form, error)
    context = {"form": form, "kind": kind, "endpoint": endpoint}
    status = 422 if request.method == "POST" else 200
    return render(request, "booking/endpoints/edit.html", context, status=status)


def _saved(
    request: HttpRequest, form: EndpointForm, kind: EndpointKind, endpoint: Endpoint | None
) -> HttpResponse:
    actor, details, now = reader(request), EndpointDetails(**form.details), clock_now()
    if endpoint is not None:
        change_endpoint(actor=actor, endpoint_id=endpoint.public_id, details=details, now=now)
        messages.success(request, _("Changed."))
        return redirect("booking:endpoint_detail", endpoint.public_id)
    made = create_endpoint(actor=actor, kind=kind, details=details, now=now)
    if made.secret:
        return _show_secret(request, made, made.secret)
    messages.success(request, _("It is connected. Send a test to see it there."))
    return redirect("booking:endpoint_detail", made.public_id)


def _show_secret(
    request: HttpRequest, endpoint: Endpoint, secret: str, *, is_renewed: bool = False
) -> HttpResponse:
    context = {"endpoint": endpoint, "secret": secret, "is_renewed": is_renewed}
    response = render(request, "booking/endpoints/secret.html", context)
    add_never_cache_headers(response)
    return response
