"""The shared steps of making, changing and cancelling series, inside an open transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, F, Func, Value
from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import DemandSource, Outcome
from booking.errors import ActionRefused, BookingRefused, Refusal, SlotTaken
from booking.locks import lock_series, lock_series_bookings
from booking.models import Booking, BookingDecision, BookingSeries, DemandEntry, Resource
from booking.queries.series import SeriesWish, Weighed
from booking.queries.series_changes import SeriesChange
from booking.services._booking import Decided, trace_entry
from booking.services._moving import require_may_change
from labitory.lib.formats import say_moment
from labitory.lib.recurrence import split_rule, wall_period

_NAMED = 3
# Of a rule's occurrences, when it is split: more than any series may have.
MOST_STARTS = 2000


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


def hold_rest(
    actor: User, series: BookingSeries, now: datetime, from_booking: UUID | None
) -> list[Booking]:
    """Hold the bookings of the series that can still be changed, in the order of the rule.

    From one of them on, if it is named. Refuses who may not change all of them, and nothing.
    """
    since = None
    if from_booking is not None:
        since = Booking.objects.get(public_id=from_booking, series=series).occurs_at
    bookings = lock_series_bookings(series.pk, since=since, now=now)
    if not bookings:
        raise ActionRefused(
            code="series.over", text=_("Nothing of this series can be changed any longer.")
        )
    for booking in bookings:
        require_may_change(actor, booking)
    return bookings


def split_series(
    series_id: int,
    resource: Resource,
    bookings: Sequence[Booking],
    change: SeriesChange,
    *,
    now: datetime,
) -> BookingSeries:
    """The series of what is changed, in order: a new one where others came before."""
    series, first = lock_series(series_id), bookings[0]
    since, zone = first.occurs_at or first.start_time, series.resource.zone
    minutes = change.minutes or series.minutes

    def shifted(moment: datetime) -> datetime:
        local = moment.astimezone(zone).replace(tzinfo=None)
        if change.starts is not None:
            local = datetime.combine(local.date(), change.starts)
        return wall_period(local, length=timedelta(minutes=minutes), zone=resource.zone).start

    head, tail = split_rule(
        series.rule, first=series.first_start, at=since, zone=zone, most=MOST_STARTS
    )
    rest = BookingSeries(
        resource=resource,
        user=series.user,
        created_by=series.created_by,
        rule=tail,
        first_start=shifted(since),
        minutes=minutes,
        excluded=[shifted(each) for each in series.excluded if each >= since],
        split_from=series,
        created_at=now,
    )
    others = _others_of(series, bookings)
    if any(each.occurs_at < since for each in others if each.occurs_at):
        rest.save()
        series.rule = head
        series.excluded = [each for each in series.excluded if each < since]
        series.save(update_fields=["rule", "excluded"])
    else:
        for name in ("resource", "rule", "first_start", "minutes", "excluded"):
            setattr(series, name, getattr(rest, name))
        series.save()
        rest = series
    # Cancelled ones go along as what was left out of it: one of them may be taken back.
    for each in others:
        if each.occurs_at and each.occurs_at >= since:
            each.series, each.occurs_at = rest, shifted(each.occurs_at)
    Booking.objects.bulk_update(others, ["series", "occurs_at"])
    return rest


def _others_of(series: BookingSeries, bookings: Sequence[Booking]) -> list[Booking]:
    """Its bookings that are not changed with these: what was, and what was cancelled."""
    changed = [each.pk for each in bookings]
    return list(Booking.objects.filter(series=series).exclude(pk__in=changed))


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
