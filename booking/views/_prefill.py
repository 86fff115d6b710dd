"""What a link puts into a booking form: a template, or a booking that is to be made again."""

from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, QueryDict

from accounts.models import User
from booking.forms.bookings import attendee_words
from booking.models import Booking, BookingTemplate
from booking.queries.bookings import find_booking
from booking.queries.templates import find_template
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period

_WEEK = timedelta(days=7)


def prefilled(request: HttpRequest, actor: User) -> QueryDict:
    """The address's query, or what the template or booking that it names says.

    A booking is copied to the same time next week; one from a template begins at the next full
    hour. A start in the address comes before both. Raises 404 for what is not one's own.
    """
    if word := request.GET.get("template"):
        template = find_template(actor, _as_uuid(word))
        if template is None:
            raise Http404
        return _from_template(template, request, clock_now())
    if word := request.GET.get("copy"):
        booking = find_booking(actor, _as_uuid(word))
        if booking is None:
            raise Http404
        return _from_booking(booking, request, clock_now())
    return request.GET


def next_week(booking: Booking, now: datetime) -> Period:
    """The same time on the wall of the first week that is still to come."""
    zone = booking.resource.zone
    start = booking.start_time.astimezone(zone) + _WEEK
    end = booking.end_time.astimezone(zone) + _WEEK
    while start <= now:
        start, end = start + _WEEK, end + _WEEK
    return Period(start, end)


def _from_template(template: BookingTemplate, request: HttpRequest, now: datetime) -> QueryDict:
    start = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    codes = [each.code for each in template.resources.all()]
    data = _filled(codes, Period(start, start + timedelta(minutes=template.minutes)), request)
    data["seats"] = str(template.seats)
    data["purpose"], data["notes"] = template.purpose, template.notes
    data["project"] = str(template.project.public_id) if template.project else ""
    return data


def _from_booking(booking: Booking, request: HttpRequest, now: datetime) -> QueryDict:
    codes = [booking.resource.code]
    data = _filled(codes, next_week(booking, now), request)
    data["seats"] = str(booking.seats)
    data["purpose"], data["notes"] = booking.purpose, booking.notes
    data["project"] = str(booking.charged_to or "")
    data["attendees"] = attendee_words(each.user for each in booking.attendees.all())
    return data


def _filled(codes: list[str], period: Period, request: HttpRequest) -> QueryDict:
    data = QueryDict(mutable=True)
    data["resource"] = codes[0] if codes else ""
    data.setlist("also", codes[1:])
    data["start"] = request.GET.get("start", period.start.isoformat())
    data["end"] = request.GET.get("end", period.end.isoformat())
    return data


def _as_uuid(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError as error:
        raise Http404 from error
