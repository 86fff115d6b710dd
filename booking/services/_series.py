"""The shared steps of making, changing and cancelling series, inside an open transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, F, Func, Value
from django.utils.translation import gettext as _

from booking.enums import DemandSource, Outcome
from booking.errors import BookingRefused, Refusal, SlotTaken
from booking.models import Booking, BookingDecision, BookingSeries, DemandEntry, Resource
from booking.queries.series import SeriesWish, Weighed
from booking.services._booking import Decided, trace_entry
from labitory.lib.formats import say_moment

_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An occurrence that was not booked, and why."""

    occurs_at: datetime
    refusals: tuple[Refusal, ...]


def decided_of(resource: Resource, weighed: Sequence[Weighed]) -> list[Decided]:
    """What the rules said, as the shared steps of making bookings take it."""
    return [
        Decided(
            resource=resource,
            request=each.request,
            refusals=each.standing,
            overridden=each.lifted,
            approval=each.approval,
        )
        for each in weighed
    ]


def write_series_decisions(
    wish: SeriesWish,
    resource: Resource,
    weighed: Sequence[Weighed],
    bookings: Mapping[datetime, Booking],
    *,
    action: str = "create",
    reason: str = "",
) -> None:
    """Keep how each occurrence was decided, booked or not, in one statement."""
    BookingDecision.objects.bulk_create(
        BookingDecision(
            at=wish.now,
            outcome=_outcome(each),
            action=action,
            actor=wish.actor,
            user=wish.user,
            resource=resource,
            booking=bookings.get(each.occurrence.occurs_at),
            start_time=each.occurrence.period.start,
            end_time=each.occurrence.period.end,
            trace=[
                *(trace_entry(no, overridden=True) for no in each.lifted),
                *(trace_entry(no, overridden=False) for no in each.standing),
            ],
            reason=reason[:500],
        )
        for each in weighed
    )


def _outcome(each: Weighed) -> Outcome:
    if each.standing:
        return Outcome.REFUSED
    return Outcome.OVERRIDDEN if each.lifted else Outcome.ALLOWED


def write_demand_of(wish: SeriesWish, resource: Resource, refused: Sequence[Weighed]) -> None:
    """Note what could not be served, in one statement."""
    DemandEntry.objects.bulk_create(
        DemandEntry(
            at=wish.now,
            source=_source(each),
            role=wish.user.role,
            resource=resource,
            resource_type_id=resource.resource_type_id,
            start_time=each.occurrence.period.start,
            end_time=each.occurrence.period.end,
            minutes=each.occurrence.period.minutes,
            codes=[no.code for no in each.standing],
        )
        for each in refused
    )


def _source(each: Weighed) -> DemandSource:
    taken = any(no.code.startswith("conflict.") for no in each.standing)
    return DemandSource.LOST if taken else DemandSource.REFUSED


def refusal_of(refused: Sequence[Weighed]) -> BookingRefused:
    """The no to a whole series: every reason once, with the times that it is about."""
    starts: dict[tuple[str, str], list[datetime]] = {}
    first: dict[tuple[str, str], Refusal] = {}
    for each in refused:
        for no in each.standing:
            starts.setdefault((no.code, no.text), []).append(each.occurrence.period.start)
            first.setdefault((no.code, no.text), no)
    refusals = [
        replace(
            no,
            text=f"{say_starts(starts[key])}: {no.text}",
            facts={**no.facts, "occurrences": [start.isoformat() for start in starts[key]]},
            field="rule",
        )
        for key, no in first.items()
    ]
    is_taken = any(no.code.startswith("conflict.") for no in refusals)
    return SlotTaken(refusals) if is_taken else BookingRefused(refusals)


def say_starts(starts: Sequence[datetime]) -> str:
    """Some moments in words, the first of them by name."""
    names = ", ".join(say_moment(start) for start in starts[:_NAMED])
    rest = len(starts) - _NAMED
    return _("%(names)s and %(n)d more") % {"names": names, "n": rest} if rest > 0 else names


def lost(weighed: Weighed) -> Weighed:
    """The same occurrence when somebody else was faster than the claim."""
    no = Refusal(
        code="conflict.lost_race",
        text=_("Somebody else has just taken that time of %(resources)s: choose another.")
        % {"resources": weighed.request.resource.name},
    )
    return replace(weighed, refusals=(no,), standing=(no,))


def exclude_occurrence(booking: Booking) -> None:
    """Note in its series, if it has one, that this occurrence is cancelled."""
    if booking.series_id is not None and booking.occurs_at is not None:
        exclude_all(booking.series_id, [booking.occurs_at])


def exclude_all(series_id: int, starts: Sequence[datetime], **fields: Any) -> None:
    """Note that these occurrences are cancelled; with whatever else changes of the series."""
    moments: ArrayField[Any, Any] = ArrayField(DateTimeField())
    BookingSeries.objects.filter(pk=series_id).update(
        excluded=Func(
            F("excluded"), Value(list(starts), output_field=moments), function="array_cat"
        ),
        **fields,
    )


def include_occurrence(booking: Booking) -> None:
    """A cancelled occurrence is back."""
    if booking.series_id is not None and booking.occurs_at is not None:
        BookingSeries.objects.filter(pk=booking.series_id).update(
            excluded=Func(
                F("excluded"),
                Value(booking.occurs_at, output_field=DateTimeField()),
                function="array_remove",
            ),
            ended_at=None,
        )
