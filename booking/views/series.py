"""Pages of series: booking one, its bookings, changing and cancelling the rest."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from audit.queries.logs import history_lines
from booking.errors import BookingError, BookingRefused
from booking.forms.bookings import ReasonForm, show_refusals
from booking.forms.series import SeriesForm, chosen_times
from booking.models import Booking, BookingSeries
from booking.notifications.ics import booking_calendar
from booking.queries.choices import bookable_choices, other_choices
from booking.queries.series import SeriesPreview, SeriesWish, preview_series
from booking.queries.series_pages import (
    bookings_of_series,
    can_change_rest,
    find_series,
    left_out_of,
    rest_of_series,
    visible_series,
)
from booking.services.bookings import BookingDetails
from booking.services.series import SeriesMade, cancel_series, create_series
from booking.views._pages import page_of, reader, say_error
from booking.views._series_edit import ChangePage
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 50
HISTORY_SHOWN = 20


def seen_series(viewer: User, public_id: UUID) -> BookingSeries:
    """A series that the reader may see; another's is as good as none."""
    found = find_series(viewer, public_id)
    if found is None:
        raise Http404
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def series_new(request: HttpRequest) -> HttpResponse:
    """Book times that repeat: the form, every time with what the rules say, then the act."""
    now, actor = clock_now(), reader(request)
    if request.method != "POST" or "repeat" in request.POST:
        given = request.POST if request.method == "POST" else request.GET
        return _show(request, SeriesForm(actor=actor, initial=_initial(given.dict())), now)
    form = SeriesForm(request.POST, actor=actor)
    if not form.is_valid():
        return _show(request, form, now, status=422)
    wish = _wish(form, actor, now)
    if "check" in request.POST:
        return _show(request, form, now, wish=wish)
    try:
        made = _create(form, replace(wish, choices=chosen_times(request.POST)), request.POST)
    except BookingError as error:
        show_refusals(form, error)
        return _show(request, form, now, wish=wish, status=error.status)
    _say_made(request, made)
    return redirect("booking:series_detail", made.series.public_id)


@login_required
@require_POST
def series_preview(request: HttpRequest) -> HttpResponse:
    """Only the list of times with what the rules say to the form as it stands."""
    now, actor = clock_now(), reader(request)
    form = SeriesForm(request.POST, actor=actor)
    wish = _wish(form, actor, now) if form.is_valid() else None
    return render(request, "booking/series/_preview.html", _previewed(form, wish))


@login_required
@require_safe
def series_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A series with all its bookings, and what the reader can do about the rest."""
    viewer, now = reader(request), clock_now()
    series = seen_series(viewer, public_id)
    rest = rest_of_series(series, now=now)
    context = {
        "series": series,
        "page": page_of(request, bookings_of_series(series), PAGE_SIZE),
        "rest": rest,
        "next": min(rest, key=lambda each: each.start_time, default=None),
        "can_change": can_change_rest(viewer, rest),
        "left_out": left_out_of(series),
        "came_from": series.split_from and find_series(viewer, series.split_from.public_id),
        "continued_by": visible_series(viewer).filter(split_from=series),
        "history": history_lines(target=series, limit=HISTORY_SHOWN),
        "now": now,
    }
    return render(request, "booking/series/detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def series_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change what remains: what would be refused is shown before, and asked again."""
    now, actor = clock_now(), reader(request)
    series = seen_series(actor, public_id)
    since = _since(request, series)
    rest = rest_of_series(series, now=now, from_booking=since)
    if not can_change_rest(actor, rest):
        messages.error(request, _("Nothing of this series can be changed by you."))
        return redirect("booking:series_detail", public_id)
    page = ChangePage(request, series, rest, since, now)
    if request.method != "POST" or "check" in request.POST:
        return page.show()
    return page.change()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def series_cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Cancel what remains, or one booking and all that follow."""
    now, actor = clock_now(), reader(request)
    series = seen_series(actor, public_id)
    since = _since(request, series)
    rest = rest_of_series(series, now=now, from_booking=since)
    if not can_change_rest(actor, rest):
        messages.error(request, _("Nothing of this series can be cancelled by you."))
        return redirect("booking:series_detail", public_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            gone = cancel_series(
                actor=actor,
                series_id=public_id,
                from_booking=since,
                now=now,
                reason=form.cleaned_data["reason"],
            )
        except BookingError as error:
            say_error(request, error)
        else:
            messages.success(request, _say_cancelled(len(gone)))
        return redirect("booking:series_detail", public_id)
    context = {"series": series, "rest": rest, "since": since, "form": form}
    status = 422 if form.errors else 200
    return render(request, "booking/series/cancel.html", context, status=status)


@login_required
@require_safe
def series_ics(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All bookings of the series that stand, as one calendar file."""
    series = seen_series(reader(request), public_id)
    return HttpResponse(
        booking_calendar(list(bookings_of_series(series))),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="series.ics"'},
    )


def _since(request: HttpRequest, series: BookingSeries) -> UUID | None:
    """The booking from which on the act counts; None is all that remains."""
    word = request.POST.get("from") or request.GET.get("from")
    if not word:
        return None
    try:
        found = Booking.objects.filter(series=series, public_id=UUID(word)).first()
    except ValueError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return found.public_id


def _initial(given: dict[str, str]) -> dict[str, str]:
    """The fields of the booking form, as links and its button carry them."""
    start, end = given.pop("start", ""), given.pop("end", "")
    return {"start_time": start, "end_time": end, **{k: v for k, v in given.items() if v}}


def _wish(form: SeriesForm, actor: User, now: datetime) -> SeriesWish:
    return SeriesWish(
        actor=actor,
        user=form.holder,
        resource_id=form.resources[0].public_id,
        rule=form.rule,
        first=form.period.start,
        length=form.period.length,
        now=now,
        seats=form.cleaned_data["seats"],
        project_id=form.cleaned_data["project"],
    )


def _create(form: SeriesForm, wish: SeriesWish, posted: QueryDict) -> SeriesMade:
    cleaned = form.cleaned_data
    return create_series(
        wish=wish,
        details=BookingDetails(
            purpose=cleaned["purpose"],
            notes=cleaned["notes"],
            seats=cleaned["seats"],
            attendee_ids=tuple(person.public_id for person in cleaned["attendees"]),
            project_id=cleaned["project"],
        ),
        override=cleaned.get("override", ""),
        skip_refused="possible" in posted,
    )


def _show(
    request: HttpRequest,
    form: SeriesForm,
    now: datetime,
    *,
    wish: SeriesWish | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = reader(request)
    chosen = str(form["resource"].value() or "")
    context = {
        **_previewed(form, wish),
        "choices": bookable_choices(
            viewer=actor, now=now, wanted=[chosen] if chosen else [], with_pools=False
        ),
        "others": other_choices(user=form.holder, at=now),
        "chosen": chosen,
        "most_seats": max((resource.capacity for resource in form.resources), default=1),
    }
    return render(request, "booking/series/new.html", context, status=status)


def _previewed(form: SeriesForm, wish: SeriesWish | None) -> dict[str, Any]:
    """What the list of times shows."""
    preview: SeriesPreview | None = None
    if wish is not None:
        try:
            preview = preview_series(wish)
        except BookingRefused as error:
            if not form.non_field_errors():
                show_refusals(form, error)
    return {"form": form, "preview": preview}


def _say_made(request: HttpRequest, made: SeriesMade) -> None:
    number, left = len(made.bookings), len(made.left_out)
    text = ngettext("Booked: %(n)d time.", "Booked: %(n)d times.", number) % {"n": number}
    if left:
        text += " " + ngettext(
            "%(n)d could not be booked and was left out.",
            "%(n)d could not be booked and were left out.",
            left,
        ) % {"n": left}
    messages.success(request, text)


def _say_cancelled(number: int) -> str:
    return ngettext(
        "Cancelled: %(n)d booking. The time is free again.",
        "Cancelled: %(n)d bookings. The time is free again.",
        number,
    ) % {"n": number}
