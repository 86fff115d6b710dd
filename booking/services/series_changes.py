"""Changing the rest of a series: times, length, resource, purpose, project."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Project, User
from audit.services import Entry
from booking.enums import Status
from booking.errors import ActionRefused
from booking.models import Booking, BookingSeries, BookingStatus, Resource
from booking.permissions import can_move_booking
from booking.queries.series import SeriesWish, Weighed, find_series_resource
from booking.queries.series_changes import SeriesChange, weigh_change, wish_of_change
from booking.services._booking import (
    BookingDetails,
    Decided,
    Wish,
    claimed_wishes,
    clear_holds,
    first_status,
    taken,
)
from booking.services._changes import Changed, post_booking_event, record_bookings
from booking.services._claims import claim_each, release_all_claims
from booking.services._freed import told_freed
from booking.services._making import overridden_codes, project_of, require_may_override
from booking.services._moving import refuse_stranger
from booking.services._quotas import hold_people
from booking.services._series import (
    decided_of,
    hold_rest,
    refusal_of,
    split_series,
    write_series_decisions,
)
from booking.services._steps import close_all_steps, open_steps
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.periods import Period

_FIELDS = ("resource", "start_time", "end_time", "purpose", "project", "status")
_WRITTEN = [
    *_FIELDS,
    "series",
    "occurs_at",
    "setup_minutes",
    "cleanup_minutes",
    "cost",
    "sequence",
    "updated_at",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChanged:
    """The series that the changed bookings belong to now; `kept` stay as they were, and why."""

    series: BookingSeries
    bookings: tuple[Booking, ...]
    kept: tuple[Weighed, ...] = ()


def change_series(
    *,
    actor: User,
    series_id: UUID,
    change: SeriesChange,
    now: datetime,
    from_booking: UUID | None = None,
    override: str = "",
    skip_refused: bool = False,
) -> SeriesChanged:
    """Change all that remains of a series, or one of its bookings and all that follow.

    What came before stays a series of its own when time, length or resource change. What was moved
    by hand keeps its time. All of them change or none, or with `skip_refused` all that can: if it
    fails every booking stands as before. Raises what `reschedule_booking` raises, and
    `BookingSeries.DoesNotExist`.
    """
    changing = _Changing(
        actor=actor, change=change, now=now, override=override.strip(), skips=skip_refused
    )
    try:
        return run_transaction(lambda: changing.run(series_id, from_booking))
    except LostRace as error:
        raise taken([changing.resource] if changing.resource else []) from error


class _Changing:
    """One act of changing the rest of a series."""

    def __init__(
        self, *, actor: User, change: SeriesChange, now: datetime, override: str, skips: bool
    ) -> None:
        self.actor, self.change, self.now = actor, change, now
        self.override, self.skips = override, skips
        self.resource: Resource | None = None

    def run(self, series_id: UUID, from_booking: UUID | None) -> SeriesChanged:
        """Hold, ask, claim, write and tell."""
        series = BookingSeries.objects.select_related("resource", "user").get(public_id=series_id)
        peek = Booking.objects.filter(series=series).select_related("project").first()
        if peek is None:
            raise ActionRefused(code="series.over", text=_("This series has no bookings."))
        first = wish_of_change(self.actor, series, [peek], self.change, self.now)
        resource = self.resource = find_series_resource(first)
        hold_people({series.user.pk}, [resource])
        bookings = hold_rest(self.actor, series, self.now, from_booking)
        if not self.change.asks_rules:
            return self._edit(series, bookings)
        for booking in bookings:
            if not can_move_booking(self.actor, booking, resource):
                raise refuse_stranger(resource)
        wish = wish_of_change(self.actor, series, bookings, self.change, self.now)
        if wish.project_id != first.project_id:
            resource = self.resource = find_series_resource(wish)
        require_may_override(self._plain(wish), [resource])
        found = weigh_change(
            wish, series, bookings, self.change, resource=resource, lifts=bool(self.override)
        )
        if found.refused and not (self.skips and found.allowed):
            raise refusal_of(found.refused)
        return self._move(wish, series, bookings, found.allowed, found.refused)

    def _plain(self, wish: SeriesWish) -> Wish:
        return Wish(
            actor=wish.actor,
            user=wish.user,
            resource_ids=(wish.resource_id,),
            period=Period(wish.first, wish.first + wish.length),
            now=wish.now,
            details=BookingDetails(),
            override=self.override,
        )

    def _edit(self, series: BookingSeries, bookings: Sequence[Booking]) -> SeriesChanged:
        """Only what they say changes: nobody need be asked or told."""
        before = [each.purpose for each in bookings]
        for booking in bookings:
            if self.change.purpose is not None:
                booking.purpose = self.change.purpose
            booking.updated_at = self.now
        Booking.objects.bulk_update(bookings, ["purpose", "updated_at"])
        changes = [
            {"purpose": (was, booking.purpose)}
            for was, booking in zip(before, bookings, strict=True)
        ]
        self._record(series, bookings, "booking.edited", changes, [None] * len(bookings))
        return SeriesChanged(series=series, bookings=tuple(bookings))

    def _move(
        self,
        wish: SeriesWish,
        series: BookingSeries,
        bookings: Sequence[Booking],
        allowed: Sequence[Weighed],
        refused: Sequence[Weighed],
    ) -> SeriesChanged:
        moved = [each.occurrence.existing for each in allowed if each.occurrence.existing]
        decided = decided_of(self._loaded(), allowed)
        release_all_claims(moved)
        clear_holds(decided)
        claimed = claim_each(
            booking_ids=[each.pk for each in moved], wishes=claimed_wishes(decided)
        )
        if claimed.lost:
            # Asked once more, the rules see who was faster.
            raise LostRace
        target = series
        if self.change.moves:
            target = split_series(series.pk, self._loaded(), bookings, self.change, now=self.now)
        freed = [told_freed(each.resource.public_id, each.period) for each in moved]
        before = [{name: getattr(each, name) for name in _FIELDS} for each in moved]
        close_all_steps([each for each in moved if each.status == Status.PENDING], now=self.now)
        for each, said in zip(allowed, decided, strict=True):
            self._write(each, said)
        self._keep_place([*allowed, *refused], target)
        Booking.objects.bulk_update(bookings, _WRITTEN)
        self._write_steps(moved, before, decided)
        write_series_decisions(
            wish,
            self._loaded(),
            [*allowed, *refused],
            {each.occurs_at: each for each in bookings if each.occurs_at},
            action="reschedule",
            reason=self.override,
        )
        self._tell(target, moved, before, allowed, freed)
        return SeriesChanged(series=target, bookings=tuple(moved), kept=tuple(refused))

    def _loaded(self) -> Resource:
        if self.resource is None:
            raise AssertionError("unreachable: it is loaded first")
        return self.resource

    def _write(self, each: Weighed, said: Decided) -> None:
        booking = each.occurrence.existing
        if booking is None:
            raise AssertionError("unreachable: what is changed stands already")
        booking.resource = said.resource
        booking.start_time = each.occurrence.period.start
        booking.end_time = each.occurrence.period.end
        booking.setup_minutes = said.resource.setup_minutes
        booking.cleanup_minutes = said.resource.cleanup_minutes
        if self.change.purpose is not None:
            booking.purpose = self.change.purpose
        if self.change.project is not None:
            booking.project = project_of(said)
        booking.cost = said.request.cost
        booking.status = first_status(said)
        booking.sequence += 1
        booking.updated_at = self.now

    def _keep_place(self, weighed: Sequence[Weighed], target: BookingSeries) -> None:
        for each in weighed:
            if each.occurrence.existing is not None:
                each.occurrence.existing.series = target
                each.occurrence.existing.occurs_at = each.occurrence.occurs_at

    def _write_steps(
        self,
        moved: Sequence[Booking],
        before: Sequence[dict[str, Any]],
        decided: Sequence[Decided],
    ) -> None:
        BookingStatus.objects.bulk_create(
            BookingStatus(
                booking=booking,
                from_status=was["status"],
                to_status=booking.status,
                actor=self.actor,
                reason=_("Moved: approve it again.") if booking.status == Status.PENDING else "",
                at=self.now,
            )
            for booking, was in zip(moved, before, strict=True)
            if booking.status != was["status"]
        )
        open_steps(
            [(booking, said.approval) for booking, said in zip(moved, decided, strict=True)],
            now=self.now,
        )

    def _record(
        self,
        series: BookingSeries,
        bookings: Sequence[Booking],
        action: str,
        changes: Sequence[dict[str, tuple[Any, Any]]],
        quotas: Sequence[Any],
        facts: Sequence[dict[str, object]] = (),
    ) -> None:
        number = len(bookings)
        told = {
            "user": series.user.full_name,
            "resource": series.resource.name,
            "number": number,
        }
        record_bookings(
            [
                Changed(
                    booking=booking,
                    action=action,
                    changes=changes[n],
                    facts={**(facts[n] if facts else {}), "place": n + 1, "places": number},
                    quotas=quotas[n],
                )
                for n, booking in enumerate(bookings)
            ],
            actor=self.actor,
            now=self.now,
            reason=self.override,
            besides=[Entry(action="series.changed", target=series, facts=told)],
        )

    def _tell(
        self,
        series: BookingSeries,
        moved: Sequence[Booking],
        before: Sequence[dict[str, Any]],
        allowed: Sequence[Weighed],
        freed: list[dict[str, str]],
    ) -> None:
        """Each history, and one event for all."""
        changes = [
            {name: (_said(was[name]), _said(getattr(booking, name))) for name in _FIELDS}
            for was, booking in zip(before, moved, strict=True)
        ]
        quotas = [each.request.resource.quotas for each in allowed]
        facts = [overridden_codes(decided_of(self._loaded(), [each])) for each in allowed]
        self._record(series, moved, "booking.rescheduled", changes, quotas, facts)
        post_booking_event(
            "booking.rescheduled", moved, actor=self.actor, now=self.now, freed=freed
        )
        if waiting := [each for each in moved if each.status == Status.PENDING]:
            post_booking_event("booking.requested", waiting, actor=self.actor, now=self.now)


def _said(value: object) -> object:
    """A value of a booking as the audit keeps it."""
    if isinstance(value, Resource | Project):
        return value.name if isinstance(value, Resource) else str(value)
    return value
