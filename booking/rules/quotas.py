"""How much one person may hold.

A limit counts where it is set: on a resource the bookings of that resource, on a type those of the
type, anywhere else all of them.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from booking.enums import Limit
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest, OwnBooking
from labitory.lib.formats import say_date, say_wall, with_zone
from labitory.lib.periods import Period, local_days, local_weeks
from labitory.lib.text import say_minutes


@rule("quota.hours_per_day", overridable_by=Role.LAB_MANAGER)
def hours_per_day(request: BookingRequest) -> Refusal | None:
    """A person holds at most so much booked time per lab-local day, where the limit is set."""
    days = local_days(request.period, request.resource.zone)
    return _over(request, Limit.MINUTES_PER_DAY, days, "quota.hours_per_day", _("a day"))


@rule("quota.hours_per_week", overridable_by=Role.LAB_MANAGER)
def hours_per_week(request: BookingRequest) -> Refusal | None:
    """A person holds at most so much booked time per lab-local week, where the limit is set."""
    weeks = local_weeks(request.period, request.resource.zone)
    return _over(request, Limit.MINUTES_PER_WEEK, weeks, "quota.hours_per_week", _("a week"))


@rule("quota.active_bookings", overridable_by=Role.LAB_MANAGER)
def active_bookings(request: BookingRequest) -> Refusal | None:
    """A person holds at most so many bookings that are not over yet, where the limit is set."""
    limit = request.limit(Limit.ACTIVE_BOOKINGS)
    held = sum(own.period.end > request.now for own in request.counted(Limit.ACTIVE_BOOKINGS))
    if limit is None or held < limit:
        return None
    return Refusal(
        code="quota.active_bookings",
        text=ngettext(
            "%(user)s already holds %(held)s of %(limit)s upcoming booking%(where)s: cancel one, "
            "or wait until one is over.",
            "%(user)s already holds %(held)s of %(limit)s upcoming bookings%(where)s: cancel one, "
            "or wait until one is over.",
            limit,
        )
        % {
            "user": request.user.name,
            "held": held,
            "limit": limit,
            "where": _where(request, Limit.ACTIVE_BOOKINGS),
        },
        facts={"limit": limit, "held": held},
        field="",
    )


@rule("quota.future_minutes", overridable_by=Role.LAB_MANAGER)
def future_minutes(request: BookingRequest) -> Refusal | None:
    """A person holds at most so much time in the future, where the limit is set."""
    limit = request.limit(Limit.FUTURE_MINUTES)
    if limit is None:
        return None
    counted = request.counted(Limit.FUTURE_MINUTES)
    end = max((own.period.end for own in counted), default=request.period.end)
    future = Period(request.now, max(end, request.period.end, request.now))
    held = _held(counted, future)
    asked = _minutes([request.period], future)
    if held + asked <= limit:
        return None
    return Refusal(
        code="quota.future_minutes",
        text=_(
            "%(user)s may hold %(limit)s in the future%(where)s and has %(left)s left: make it "
            "shorter, or give something back."
        )
        % {
            "user": request.user.name,
            "where": _where(request, Limit.FUTURE_MINUTES),
            "limit": say_minutes(limit),
            "left": say_minutes(max(0, limit - held)),
        },
        facts={"limit_minutes": limit, "held_minutes": held, "asked_minutes": asked},
        field="end_time",
    )


@rule("quota.gap", overridable_by=Role.LAB_MANAGER)
def gap_between_own(request: BookingRequest) -> Refusal | None:
    """Between two own bookings of one resource lies a pause."""
    limit = request.limit(Limit.GAP)
    if not limit:
        return None
    pause = timedelta(minutes=limit)
    around = request.period.widen(pause, pause)
    for own in request.others:
        near = own.resource_id == request.resource.id and own.period.overlaps(around)
        if near and not own.period.overlaps(request.period):
            start = own.period.start.astimezone(request.resource.zone)
            return Refusal(
                code="quota.gap",
                text=_(
                    "Between own bookings of %(resource)s lie at least %(limit)s: move it away "
                    "from the one at %(time)s."
                )
                % {
                    "resource": request.resource.name,
                    "limit": say_minutes(limit),
                    "time": with_zone(say_wall(start), start),
                },
                facts={"limit_minutes": limit},
            )
    return None


def _over(
    request: BookingRequest, which: Limit, spans: Iterable[Period], code: str, unit: str
) -> Refusal | None:
    limit = request.limit(which)
    if limit is None:
        return None
    for span in spans:
        held = _held(request.counted(which), span)
        asked = _minutes([request.period], span)
        if held + asked > limit:
            return Refusal(
                code=code,
                text=_(
                    "%(user)s may book %(limit)s %(unit)s%(where)s and has %(left)s left on "
                    "%(day)s: make it shorter, or choose another day."
                )
                % {
                    "user": request.user.name,
                    "where": _where(request, which),
                    "limit": say_minutes(limit),
                    "unit": unit,
                    "left": say_minutes(max(0, limit - held)),
                    "day": say_date(span.start.astimezone(request.resource.zone).date()),
                },
                facts={"limit_minutes": limit, "held_minutes": held, "asked_minutes": asked},
                field="end_time",
            )
    return None


def _held(counted: Iterable[OwnBooking], span: Period) -> int:
    return _minutes((own.period for own in counted), span)


def _where(request: BookingRequest, which: Limit) -> str:
    """What the limit counts, as the end of a clause."""
    scope = request.resource.scopes.get(which, "all")
    if scope == "resource":
        return _(" on %(resource)s") % {"resource": request.resource.name}
    return _(" on instruments of this type") if scope == "type" else ""


def _minutes(periods: Iterable[Period], span: Period) -> int:
    clipped = (period.clip(span) for period in periods)
    return sum(part.minutes for part in clipped if part is not None)
