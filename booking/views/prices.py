"""What use costs: the pages of those who set prices."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.prices import PriceForm, price_initial
from booking.models import Price
from booking.queries.prices import find_price, has_begun, price_rows
from booking.services.exports import prices_csv
from booking.services.prices import PriceDetails, remove_price, save_price
from booking.views._pages import page_of, reader, say_error
from labitory.lib.clock import now as clock_now
from labitory.lib.http import lab_zone

PAGE_SIZE = 50


@needs("price.manage")
@require_safe
def price_list(request: HttpRequest) -> HttpResponse:
    """All prices that the reader may set, narrowed by the name of an instrument, type or class."""
    word = _word(request.GET.get("q", ""))
    rows = price_rows(reader(request), now=clock_now(), word=word)
    context = {"page": page_of(request, rows, PAGE_SIZE), "word": word}
    return render(request, "booking/prices/list.html", context)


@needs("price.manage")
@require_POST
def price_export(request: HttpRequest) -> HttpResponse:
    """The list as a file, as the filter of its page leaves it."""
    word = _word(request.POST.get("q", ""))
    return HttpResponse(
        prices_csv(actor=reader(request), word=word, now=clock_now()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="prices.csv"'},
    )


@needs("price.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def price_new(request: HttpRequest) -> HttpResponse:
    """Set a price; the address may name another that it follows, or an instrument."""
    return _edit(request, None, _initial(request))


@needs("price.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def price_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a price that has not begun."""
    price = _managed(request, public_id)
    return _edit(request, price, price_initial(price))


@needs("price.manage")
@require_POST
def price_remove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Remove a price that has not begun."""
    price = _managed(request, public_id)
    try:
        remove_price(actor=reader(request), price_id=price.public_id, now=clock_now())
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("The price is removed: what counts until then goes on."))
    return redirect("booking:price_list")


def _word(typed: str) -> str:
    return typed.replace("\x00", "").strip()[:100]


def _managed(request: HttpRequest, public_id: UUID) -> Price:
    price = find_price(reader(request), public_id)
    if price is None:
        raise Http404
    return price


def _initial(request: HttpRequest) -> dict[str, object]:
    """What the price that it follows says, from tomorrow on; or the instrument, from today on."""
    today = clock_now().astimezone(lab_zone()).date()
    try:
        followed = find_price(reader(request), UUID(request.GET.get("after", "")))
    except ValueError:
        followed = None
    if followed is None:
        return {"resource": request.GET.get("resource", ""), "valid_from": today}
    return {**price_initial(followed), "valid_from": today + timedelta(days=1)}


def _edit(request: HttpRequest, price: Price | None, initial: dict[str, object]) -> HttpResponse:
    if request.method != "POST":
        return _show(request, price, PriceForm(actor=reader(request), initial=initial))
    form = PriceForm(request.POST, actor=reader(request))
    if not form.is_valid():
        return _show(request, price, form, status=422)
    try:
        save_price(
            actor=reader(request),
            price_id=price.public_id if price else None,
            details=_details(form),
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show(request, price, form, status=error.status)
    messages.success(request, _("The price is saved."))
    return redirect("booking:price_list")


def _details(form: PriceForm) -> PriceDetails:
    typed = form.cleaned_data
    return PriceDetails(
        resource_id=typed["resource"].public_id if typed["resource"] else None,
        type_id=UUID(typed["resource_type"]) if typed["resource_type"] else None,
        price_class=typed["price_class"].code if typed["price_class"] else "",
        per_hour=typed["per_hour"],
        per_booking=typed["per_booking"],
        valid_from=typed["valid_from"],
    )


def _show(
    request: HttpRequest, price: Price | None, form: PriceForm, *, status: int = 200
) -> HttpResponse:
    begun = price is not None and has_begun(price, clock_now())
    context = {
        "price": price,
        "form": form,
        "has_begun": begun,
        "currency": settings.LAB_CURRENCY,
    }
    return render(request, "booking/prices/edit.html", context, status=status)
