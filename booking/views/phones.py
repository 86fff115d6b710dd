"""One's own number for text messages, and what the service says of the texts it took."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.phones import CodeForm, PhoneForm
from booking.notifications.channels import SMS
from booking.notifications.channels.sms.twilio import is_signed
from booking.notifications.words import outside
from booking.queries.phones import code_trouble, normal_number, phone_of
from booking.services.deliveries import note_text_lost
from booking.services.phones import give_phone, remove_phone, verify_phone
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now
from labitory.lib.limits import require_rate

# What the service says when a text will not arrive any more.
LOST = ("failed", "undelivered")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """See one's number, or give one: a code is sent there."""
    if request.method != "POST":
        return _page(request, PhoneForm(), CodeForm())
    form, user = PhoneForm(request.POST), reader(request)
    if not form.is_valid():
        return _page(request, form, CodeForm(), status=422)
    number = form.cleaned_data["number"]
    require_rate(
        request,
        group="phone-code",
        keys=[f"account {user.pk}", f"number {normal_number(number)}"],
        rate=settings.RATE_PHONE_CODE,
    )
    try:
        given = give_phone(user=user, number=number, now=clock_now())
    except BookingError as error:
        show_refusals(form, error)
        return _page(request, form, CodeForm(), status=error.status)
    if given.verified_at is None:
        messages.success(request, _("A code is on its way to that number: type it in here."))
    return redirect("booking:phone")


@login_required
@require_POST
def phone_verify(request: HttpRequest) -> HttpResponse:
    """Type in the code."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, PhoneForm(), form, status=422)
    try:
        verify_phone(user=reader(request), code=form.cleaned_data["code"], now=clock_now())
    except BookingError as error:
        show_refusals(form, error)
        return _page(request, PhoneForm(), form, status=error.status)
    messages.success(request, _("Your number is verified: what is urgent comes there at once."))
    return redirect("booking:phone")


@login_required
@require_POST
def phone_remove(request: HttpRequest) -> HttpResponse:
    """Take the number away."""
    remove_phone(user=reader(request), now=clock_now())
    messages.success(request, _("Your number is forgotten."))
    return redirect("booking:phone")


# The service knows no token of ours: its signature stands for it.
@csrf_exempt
@require_POST
def sms_status(request: HttpRequest) -> HttpResponse:
    """Hear from the service what became of a text; whatever it did not sign is refused."""
    if not SMS.is_ready():
        raise Http404
    url = outside(request.get_full_path())
    if not is_signed(url, request.POST.lists(), request.headers.get("X-Twilio-Signature", "")):
        return HttpResponse(status=403)
    event, _dot, person = request.GET.get("message", "").partition(".")
    try:
        event_id, reader_id = UUID(event), UUID(person)
    except ValueError:
        return HttpResponse(status=400)
    state = request.POST.get("MessageStatus", "")
    if state in LOST:
        note_text_lost(
            event_id=event_id,
            reader_id=reader_id,
            receipt=request.POST.get("MessageSid", ""),
            why=f"{state}, {request.POST.get('ErrorCode', '')[:20]}".rstrip(", "),
            now=clock_now(),
        )
    return HttpResponse(status=204)


def _page(
    request: HttpRequest, form: forms.Form, code_form: forms.Form, *, status: int = 200
) -> HttpResponse:
    found = phone_of(reader(request))
    waits = found is not None and found.verified_at is None
    context = {
        "phone": found,
        "form": form,
        "code_form": code_form,
        "trouble": code_trouble(found) if found and waits else "",
        "is_ready": SMS.is_ready(),
        "most_an_hour": SMS.most_an_hour,
    }
    return render(request, "booking/reach/phone.html", context, status=status)
