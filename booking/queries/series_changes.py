"""What changing the rest of a series would do to each of its bookings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.errors import Refusal
from booking.models import Booking, BookingSeries, Resource
from booking.queries.series import (
    Occurrence,
    SeriesWish,
    Weighed,
    find_series_resource,
    load_span,
    weigh_occurrences,
)
from labitory.lib.periods import Period
from labitory.lib.recurrence import wall_period

# Who stays where they are may stand in others' way, who then stay too; seldom more than once.
_MOST_ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChange:
    """What shall be different from now on; None stays as it is.

    `starts` is the time of day by the clock of the lab.
    """

    starts: time | None = None
    minutes: int | None = None
    resource_id: UUID | None = None
    purpose: str | None = None
    # A project's id, or an empty text for none.
    project: UUID | str | None = None

    @property
    def asks_rules(self) -> bool:
        """Whether anything changes that rules look at."""
        given = (self.starts, self.minutes, self.resource_id, self.project)
        return any(each is not None for each in given)

    @property
    def moves(self) -> bool:
        """Whether it changes what the series itself says: time, length or resource."""
        given = (self.starts, self.minutes, self.resource_id)
        return any(each is not None for each in given)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedChange:
    """Every booking of the rest with what the rules say about it where it would be."""

    resource: Resource
    weighed: tuple[Weighed, ...]

    @property
    def allowed(self) -> tuple[Weighed, ...]:
        """Those that can be changed."""
        return tuple(each for each in self.weighed if each.is_allowed)

    @property
    def refused(self) -> tuple[Weighed, ...]:
        """Those that would stay as they are."""
        return tuple(each for each in self.weighed if not each.is_allowed)


def preview_change(
    *,
    actor: User,
    series: BookingSeries,
    bookings: Sequence[Booking],
    change: SeriesChange,
    now: datetime,
) -> WeighedChange:
    """Ask the rules about the rest of a series as it would be, without changing it.

    Bookings that move do not stand in each other's way; what was moved by hand keeps its time.
    """
    wish = wish_of_change(actor, series, bookings, change, now)
    return weigh_change(wish, series, bookings, change, resource=find_series_resource(wish))


def wish_of_change(
    actor: User,
    series: BookingSeries,
    bookings: Sequence[Booking],
    change: SeriesChange,
    now: datetime,
) -> SeriesWish:
    """The rest of the series as a wish."""
    project_id = bookings[0].charged_to
    if change.project is not None:
        project_id = change.project if isinstance(change.project, UUID) else None
    return SeriesWish(
        actor=actor,
        user=series.user,
        resource_id=change.resource_id or series.resource.public_id,
        rule=series.rule,
        first=bookings[0].start_time,
        length=timedelta(minutes=change.minutes or series.minutes),
        now=now,
        project_id=project_id,
    )


def weigh_change(
    wish: SeriesWish,
    series: BookingSeries,
    bookings: Sequence[Booking],
    change: SeriesChange,
    *,
    resource: Resource,
    lifts: bool = False,
) -> WeighedChange:
    """The same for who holds the bookings already; with `lifts` exceptions are made.

    Where some are refused and stay, the others are asked again beside them.
    """
    wanted = [_changed(series, each, change, resource) for each in bookings]
    refused: dict[int, Weighed] = {}
    for _round in range(_MOST_ROUNDS):
        moving = [each for each in wanted if _key(each) not in refused]
        if not moving:
            break
        base = load_span(
            wish,
            resource,
            [each.period for each in wanted],
            moved=[_key(each) for each in moving],
        )
        found = weigh_occurrences(base, moving, actor=wish.actor, resource=resource, lifts=lifts)
        fresh = {_key(each.occurrence): each for each in found if not each.is_allowed}
        if not fresh:
            return WeighedChange(resource=resource, weighed=_ordered([*found, *refused.values()]))
        refused |= fresh
    else:
        # A chain: each that stays stands in the way of the one before it. All of it stays.
        refused |= {_key(each.occurrence): _kept(each) for each in found if each.is_allowed}
    return WeighedChange(resource=resource, weighed=_ordered(list(refused.values())))


def _kept(weighed: Weighed) -> Weighed:
    """The same when it stays because so many of the others do."""
    no = Refusal(
        code="conflict.series",
        text=_("The bookings around it stay where they are, and so does this one."),
    )
    return replace(weighed, refusals=(no,), standing=(no,))


def _ordered(weighed: Sequence[Weighed]) -> tuple[Weighed, ...]:
    return tuple(sorted(weighed, key=lambda each: each.occurrence.occurs_at))


def _key(occurrence: Occurrence) -> int:
    if occurrence.existing is None:
        raise AssertionError("unreachable: what is changed stands already")
    return occurrence.existing.pk


def _changed(
    series: BookingSeries, booking: Booking, change: SeriesChange, resource: Resource
) -> Occurrence:
    zone = series.resource.zone
    occurs_at = booking.occurs_at or booking.start_time
    local = occurs_at.astimezone(zone).replace(tzinfo=None)
    was = wall_period(local, length=timedelta(minutes=series.minutes), zone=zone)
    starts = local.time() if change.starts is None else change.starts
    length = timedelta(minutes=change.minutes or series.minutes)
    then = wall_period(datetime.combine(local.date(), starts), length=length, zone=resource.zone)
    plain = Occurrence(occurs_at=then.start, period=then, existing=booking)
    if booking.period == was:
        return plain
    # Moved by hand: it stays an exception.
    return replace(plain, period=Period(booking.start_time, booking.end_time), is_chosen=True)
