"""Facts and limits as sentences: one function a noun."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.enums import LIMIT_WORDS, Limit, QuotaHolder
from booking.models import Resource
from booking.queries._open_hours import Hours
from booking.queries.check_ins import USUALLY_EARLY
from booking.queries.series import USUAL_MOST
from booking.rules.prices import PriceFacts
from booking.rules.request import CourseFacts, FaultFacts, QuotaFacts
from booking.rules.shares import say_amount, say_rate
from labitory.lib.formats import say_time, say_wall, with_zone
from labitory.lib.money import say_money
from labitory.lib.text import say_minutes

if TYPE_CHECKING:
    from booking.queries.resources import Leave

_WEEK = 7
_WHOLE_DAY = ((time(0), time(0)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """What is said about one thing: its key, a heading, and sentences."""

    key: str
    title: str
    sentences: tuple[str, ...]


_LENGTHS = (Limit.MIN_LENGTH, Limit.MAX_LENGTH, Limit.LEAD_TIME, Limit.HORIZON)
_AMOUNTS = (
    Limit.MINUTES_PER_DAY,
    Limit.MINUTES_PER_WEEK,
    Limit.ACTIVE_BOOKINGS,
    Limit.FUTURE_MINUTES,
    Limit.GAP,
    Limit.SERIES_LENGTH,
)
_ON_THE_DAY = (
    Limit.CHECK_IN_EARLY,
    Limit.NO_SHOW_GRACE,
    Limit.AUTO_CHECK_OUT,
    Limit.CANCEL_NOTICE,
)
# What holds where no policy says otherwise.
USUAL = {
    Limit.SERIES_LENGTH: USUAL_MOST,
    Limit.CHECK_IN_EARLY: USUALLY_EARLY // timedelta(minutes=1),
}
_SENTENCES: "dict[Limit, str | Promise]" = {
    Limit.MIN_LENGTH: gettext_lazy("A booking lasts at least %(value)s."),
    Limit.MAX_LENGTH: gettext_lazy("A booking lasts at most %(value)s."),
    Limit.LEAD_TIME: gettext_lazy("It is booked at least %(value)s before it starts."),
    Limit.HORIZON: gettext_lazy("It is booked at most %(value)s ahead."),
    Limit.MINUTES_PER_DAY: gettext_lazy("You may book %(value)s a day%(where)s."),
    Limit.MINUTES_PER_WEEK: gettext_lazy("You may book %(value)s a week%(where)s."),
    Limit.ACTIVE_BOOKINGS: gettext_lazy("You may have %(value)s to come%(where)s."),
    Limit.FUTURE_MINUTES: gettext_lazy("You may hold %(value)s in the future%(where)s."),
    Limit.GAP: gettext_lazy("Between two bookings of your own lie at least %(value)s."),
    Limit.SERIES_LENGTH: gettext_lazy("A series has at most %(value)s."),
    Limit.CHECK_IN_EARLY: gettext_lazy("You can check in from %(value)s before the start."),
    Limit.NO_SHOW_GRACE: gettext_lazy(
        "Who has not checked in %(value)s after the start loses the rest, and is marked as missing."
    ),
    Limit.AUTO_CHECK_OUT: gettext_lazy("Who is overdue for %(value)s is checked out."),
    Limit.CANCEL_NOTICE: gettext_lazy(
        "Who cancels later than %(value)s before the start has cancelled late."
    ),
}


def say_limit(limit: Limit, value: int | None) -> str:
    """A limit's value in words: '2 hours', '3 bookings', 'no limit'."""
    if value is None:
        return _("no limit")
    if LIMIT_WORDS[limit] == "minutes":
        return say_minutes(value)
    return ngettext("%(n)d booking", "%(n)d bookings", value) % {"n": value}


def said_limits(limits: Mapping[Limit, int]) -> list[tuple[str, str]]:
    """Each limit with its value in words, in the order in which they are declared."""
    return [(str(each.label), say_limit(each, limits[each])) for each in Limit if each in limits]


def limit_sentences(
    limits: Mapping[Limit, int], which: Iterable[Limit], scopes: Mapping[Limit, str], resource: str
) -> tuple[str, ...]:
    """The limits in force as sentences, each with what it counts."""
    where = {
        "resource": _(" on %(resource)s") % {"resource": resource},
        "type": _(" on instruments of this type"),
    }
    return tuple(
        str(_SENTENCES[each])
        % {
            "value": say_limit(each, limits[each]),
            "where": where.get(scopes.get(each, "all"), _(", all instruments together")),
        }
        for each in which
        if each in limits
    )


def limit_chapters(
    limits: Mapping[Limit, int], scopes: Mapping[Limit, str], resource: str = ""
) -> list[Chapter]:
    """All limits in force, in three chapters, with what holds beside them everywhere."""
    said = {**USUAL, **limits}
    more = {
        "amount": (_("Your bookings of different instruments do not overlap."),),
        "day": (
            *(
                (_("It is marked, and less of it counts as others take the time."),)
                if Limit.CANCEL_NOTICE in said
                else ()
            ),
            _(
                "Time that becomes free is offered to whoever waits for it, one after another: "
                "each has up to %(time)s to accept."
            )
            % {"time": say_minutes(settings.OFFER_MINUTES)},
        ),
    }
    parts = (
        ("length", _("How long, how soon, how far ahead"), _LENGTHS),
        ("amount", _("How much at most"), _AMOUNTS),
        ("day", _("On the day, and when plans change"), _ON_THE_DAY),
    )
    return [
        Chapter(
            key=key,
            title=title,
            sentences=(*limit_sentences(said, which, scopes, resource), *more.get(key, ())),
        )
        for key, title, which in parts
    ]


def said_hours(hours: Sequence[Hours]) -> list[tuple[str, str]]:
    """The weekly hours: days that are alike in a row are said once, closed ones too.

    What is always open has none.
    """
    by_day = [
        tuple((each.opens_at, each.closes_at) for each in hours if each.weekday == day)
        for day in range(_WEEK)
    ]
    if not hours or set(by_day) == {_WHOLE_DAY}:
        return []
    return [
        (_said_days(list(days)), ", ".join(_said_span(*span) for span in spans) or _("closed"))
        for spans, days in groupby(range(_WEEK), key=lambda day: by_day[day])
    ]


def hours_sentences(hours: Sequence[Hours], *, on_holidays: bool) -> tuple[str, ...]:
    """When it is open."""
    said = [f"{days} {times}" for days, times in said_hours(hours)]
    gist = _("Open: %(hours)s.") % {"hours": "; ".join(said)} if said else _("It is always open.")
    feasts = _("Open on public holidays as well.") if on_holidays else ""
    closed = "" if on_holidays else _("Closed on public holidays.")
    return (gist, feasts or closed)


def link_sentences(names: Sequence[str]) -> tuple[str, ...]:
    """What a booking needs besides."""
    if not names:
        return ()
    said = _("A booking takes %(names)s as well, which must be open and free for it.")
    return (said % {"names": ", ".join(names)},)


def fault_sentences(fault: FaultFacts | None, resource: Resource) -> tuple[str, ...]:
    """Whether something is wrong, and until when it is not booked for that."""
    if fault is None:
        return ()
    words = {"title": fault.title, "what": fault.of_linked or resource.name}
    if not fault.blocks:
        return (_("%(what)s has a fault (%(title)s), and can be used.") % words,)
    if fault.back_at is None:
        said = _(
            "%(what)s is out of order (%(title)s): nothing that starts within a day is booked."
        )
        return (said % words,)
    words["date"] = _say_moment(fault.back_at, resource)
    said = _("%(what)s is out of order (%(title)s): nothing that starts before %(date)s is booked.")
    return (said % words,)


def project_sentences() -> tuple[str, ...]:
    """What may be charged."""
    return (
        _(
            "A booking may be charged to a project that you belong to, that is open, and that is "
            "valid on all its days; one that names instruments pays for these alone."
        ),
    )


def access_sentences(resource: Resource, leave: "Leave") -> tuple[str, ...]:
    """Who may book, and whether the reader may."""
    if not resource.is_active:
        said = _("Nobody can book it now: %(reason)s")
        return (said % {"reason": resource.closed_reason},)
    kinds = {
        "open": _("Everybody may book it."),
        "granted": _("Only people with access may book it. You have access."),
        "expired": _("Only people with access may book it. Yours has ended: renew it."),
        "missing": _("Only people with access may book it. You have none yet: ask for it."),
    }
    if leave.kind == "granted" and leave.until is not None:
        until = {"date": _say_moment(leave.until, resource)}
        return (kinds["granted"], _("It ends on %(date)s: a booking ends before that.") % until)
    return (kinds[leave.kind],)


def _say_moment(moment: datetime, resource: Resource) -> str:
    local = moment.astimezone(resource.zone)
    return with_zone(say_wall(local), local)


def course_sentences(courses: Iterable[CourseFacts]) -> tuple[str, ...]:
    """What must have been learnt."""
    said = tuple(
        _("You must have passed the course “%(course)s”.") % {"course": each.title}
        if each.decay_days is None
        else _("You must have passed the course “%(course)s” and used it within %(n)s days.")
        % {"course": each.title, "n": each.decay_days}
        for each in courses
    )
    if not said:
        return ()
    valid = _("A certificate must be valid until the booking is over; who gives a course knows it.")
    return (*said, valid)


def assessment_sentences(resource: Resource) -> tuple[str, ...]:
    """Whether a risk assessment is asked for."""
    if not resource.requires_assessment:
        return ()
    return (
        _(
            "You need a risk assessment of your own, approved and not past its review until the "
            "booking is over."
        ),
    )


def quota_sentences(quotas: Iterable[QuotaFacts]) -> tuple[str, ...]:
    """What quotas give, and to whom."""
    shared = {
        QuotaHolder.GROUP: _("Your research group shares it."),
        QuotaHolder.PROJECT: _("All who charge the same project share it."),
    }
    found = []
    for each in quotas:
        rate = {"quota": each.name, "rate": say_rate(each, each.amount)}
        found.append(_("The quota “%(quota)s” gives %(rate)s.") % rate)
        if each.holder in shared:
            found.append(shared[each.holder])
        if each.carry_percent:
            rest = {"n": each.carry_percent}
            found.append(_("%(n)s percent of what is left goes into the next period.") % rest)
        if each.overdraft:
            more = {"amount": say_amount(each.measure, each.overdraft)}
            found.append(_("%(amount)s more can be had with approval.") % more)
        if each.grab_hours:
            late = {"hours": say_minutes(each.grab_hours * 60)}
            found.append(_("What is still free %(hours)s before it starts does not count.") % late)
        missed = (
            _("Who does not come has used it up.")
            if each.counts_no_shows
            else _("What was missed is given back.")
        )
        found.append(missed)
    return tuple(found)


def price_sentences(price: PriceFacts | None) -> tuple[str, ...]:
    """What it costs the reader."""
    if price is None:
        return ()
    words = {"hour": say_money(price.per_hour), "booking": say_money(price.per_booking)}
    if not price.per_booking:
        said = _("An hour costs %(hour)s.") if price.per_hour else _("It costs nothing.")
        return (said % words,)
    if not price.per_hour:
        return (_("A booking costs %(booking)s, however long it is.") % words,)
    return (_("A booking costs %(booking)s, and %(hour)s each hour.") % words,)


def grid_sentences(resource: Resource) -> tuple[str, ...]:
    """The grid of times, seats and buffers."""
    found = [
        _("Bookings start and end on a grid of %(grid)s.")
        % {"grid": say_minutes(resource.slot_minutes)}
    ]
    if resource.capacity > 1:
        found.append(_("%(n)s people can use it at once.") % {"n": resource.capacity})
    for minutes, words in (
        (resource.setup_minutes, _("Before each booking %(time)s are kept for setting up.")),
        (resource.cleanup_minutes, _("After each booking %(time)s are kept for cleaning up.")),
    ):
        if minutes:
            found.append(words % {"time": say_minutes(minutes)})
    return tuple(found)


def _said_days(days: list[int]) -> str:
    if len(days) == _WEEK:
        return _("Every day")
    first, last = WEEKDAYS_ABBR[days[0]], WEEKDAYS_ABBR[days[-1]]
    return f"{first}–{last}" if len(days) > 1 else str(first)


def _said_span(opens: time, closes: time) -> str:
    if opens == closes:
        return _("all day") if opens == time(0) else _("24 hours from %s") % say_time(opens)
    return f"{say_time(opens)}–{say_time(closes)}"
