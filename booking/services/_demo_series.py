"""A series in the demonstration: Ada's weekly hour, under way, one moved and one cancelled."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import User
from audit.services import Entry
from booking.enums import Status
from booking.models import Booking, BookingSeries, BookingStatus, Resource
from booking.queries.series import (
    SeriesWish,
    Weighed,
    find_series_resource,
    load_span,
    occurrences_of,
    weigh_occurrences,
)
from booking.rules import check_booking
from booking.services._changes import Changed, record_bookings
from booking.services._claims import claim_bookings
from booking.services._making import overridden_codes
from booking.services._series import decided_of, write_series_decisions
from labitory.lib.periods import Period, local_day

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_TOOLS = ("Confocal 2", "Confocal 1", "Analyser 1", "Widefield microscope", "Plate reader")
_RULE = "FREQ=WEEKLY;COUNT=5"
_LEAST = 4
_WEEKS_AGO = timedelta(weeks=3)
# What Chris agreed to: a series holds more, and farther ahead, than one books alone.
_LIFTED = frozenset({"quota.active_bookings", "lead.horizon"})
_REASON = "Agreed with the group for the time course"
_MOVED, _CANCELLED = 1, 2


def make_series(*, cast: dict[str, User], now: datetime) -> BookingSeries | None:
    """Three weeks ago Chris booked Ada the first weekly hour that was mostly free.

    What is to come of it is one hour: Ada can still book others.
    """
    ada, zone = cast["ada"], ZoneInfo(settings.LAB_TIME_ZONE)
    then = now - _WEEKS_AGO
    tomorrow = local_day(then, zone).end
    resources = Resource.objects.filter(name__in=_TOOLS).order_by("name")
    for resource, day, hour in product(resources, range(5), (9, 11, 14, 16)):
        first = (tomorrow + day * DAY).astimezone(zone).replace(hour=hour)
        wish = SeriesWish(
            actor=cast["chris"],
            user=ada,
            resource_id=resource.public_id,
            rule=_RULE,
            first=first,
            length=HOUR,
            now=then,
        )
        loaded = find_series_resource(wish)
        wanted = occurrences_of(wish, loaded)
        base = load_span(wish, loaded, [each.period for each in wanted])
        found = weigh_occurrences(base, wanted, actor=wish.actor, resource=loaded, lifts=True)
        if len(allowed := _allowed(found)) >= _LEAST and found[-1] is allowed[-1]:
            return _write(wish, loaded, found, now)
    return None


def _allowed(found: list[Weighed]) -> list[Weighed]:
    return [each for each in found if {no.code for no in each.refusals} <= _LIFTED]


def _write(
    wish: SeriesWish, resource: Resource, found: list[Weighed], now: datetime
) -> BookingSeries:
    at, allowed = wish.now, _allowed(found)
    left_out = {each.occurrence.occurs_at for each in found if each not in allowed}
    series = BookingSeries.objects.create(
        resource=resource,
        user=wish.user,
        created_by=wish.actor,
        rule=wish.rule,
        first_start=wish.first,
        minutes=60,
        excluded=sorted({*left_out, allowed[_CANCELLED].occurrence.occurs_at}),
        created_at=at,
    )
    bookings = [_booking(series, each, n, now) for n, each in enumerate(allowed)]
    Booking.objects.bulk_create(bookings)
    BookingStatus.objects.bulk_create(_steps(bookings, wish.actor, at))
    write_series_decisions(
        wish,
        resource,
        allowed,
        {each.occurs_at: each for each in bookings if each.occurs_at},
        reason=_REASON,
    )
    claim_bookings([each for each in bookings if each.status != Status.CANCELLED])
    user, number = wish.user.full_name, len(bookings)
    facts = {"user": user, "resource": resource.name, "number": number}
    record_bookings(
        [
            Changed(
                booking=booking,
                action="booking.created",
                facts={
                    **overridden_codes(decided_of(resource, [each])),
                    "place": place,
                    "places": number,
                },
            )
            for place, (booking, each) in enumerate(zip(bookings, allowed, strict=True), 1)
        ],
        actor=wish.actor,
        now=at,
        reason=_REASON,
        besides=[Entry(action="series.created", target=series, facts=facts)],
    )
    return series


def _booking(series: BookingSeries, each: Weighed, place: int, now: datetime) -> Booking:
    period = each.occurrence.period
    if place == _MOVED:
        period = _later(each)
    status = Status.COMPLETED if period.end <= now else Status.CONFIRMED
    if place == _CANCELLED:
        status = Status.CANCELLED
    return Booking(
        # The same day gives the same data.
        public_id=uuid5(NAMESPACE_OID, f"{each.occurrence.occurs_at:%Y-%m-%d %H:%M}"),
        resource=series.resource,
        user=series.user,
        created_by=series.created_by,
        start_time=period.start,
        end_time=period.end,
        status=status,
        setup_minutes=series.resource.setup_minutes,
        cleanup_minutes=series.resource.cleanup_minutes,
        purpose="Weekly time course",
        series=series,
        occurs_at=each.occurrence.occurs_at,
        sequence=1 if place in (_MOVED, _CANCELLED) else 0,
        created_at=series.created_at,
        updated_at=series.created_at,
    )


def _later(each: Weighed) -> Period:
    """The same day at another hour, if the rules leave one."""
    period = each.occurrence.period
    for hours in (1, 2, 3, -1, -2, -3):
        moved = Period(period.start + hours * HOUR, period.end + hours * HOUR)
        request = replace(each.request, period=moved)
        if {no.code for no in check_booking(request)} <= _LIFTED:
            return moved
    return period


def _steps(bookings: list[Booking], actor: User, at: datetime) -> list[BookingStatus]:
    steps = [
        BookingStatus(booking=each, to_status=Status.CONFIRMED, actor=actor, at=at)
        for each in bookings
    ]
    steps += [
        BookingStatus(
            booking=each,
            from_status=Status.CONFIRMED,
            to_status=each.status,
            actor=actor if each.status == Status.CANCELLED else None,
            at=at + HOUR if each.status == Status.CANCELLED else each.end_time,
        )
        for each in bookings
        if each.status != Status.CONFIRMED
    ]
    return steps
