"""Booking series of times, and ending them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Entry
from booking.enums import Status
from booking.errors import ActionRefused, BookingRefused
from booking.models import Booking, BookingSeries, BookingStatus, Resource
from booking.queries.facts import limits_of, load_resources
from booking.queries.series import (
    SeriesWish,
    Weighed,
    find_series_resource,
    is_left_out,
    length_of,
    load_span,
    occurrences_of,
    weigh_occurrences,
)
from booking.rules.cancellation import is_late_cancellation
from booking.services._booking import (
    BookingDetails,
    Decided,
    Wish,
    claimed_wishes,
    clear_holds,
    first_status,
    taken,
)
from booking.services._changes import (
    Changed,
    post_booking_event,
    record_bookings,
    require_transition,
)
from booking.services._claims import claim_each, release_all_claims
from booking.services._making import (
    add_attendees,
    draft_news,
    overridden_codes,
    project_of,
    require_may_book,
)
from booking.services._quotas import hold_people
from booking.services._series import (
    decided_of,
    exclude_all,
    hold_rest,
    lost,
    refusal_of,
    write_demand_of,
    write_series_decisions,
)
from booking.services._steps import close_all_steps, open_steps
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.inserts import insert_together
from labitory.lib.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesMade:
    """A new series with its bookings in order, and what was left out of it."""

    series: BookingSeries
    bookings: tuple[Booking, ...]
    left_out: tuple[Weighed, ...]


def create_series(
    *,
    wish: SeriesWish,
    details: BookingDetails,
    override: str = "",
    skip_refused: bool = False,
) -> SeriesMade:
    """Book every occurrence of a rule: all of them, or with `skip_refused` all that can be.

    One transaction, one claim for all of them, one message. What was left out, by choice, by a
    rule or because somebody was faster, comes back with the reasons. `wish.choices` gives single
    occurrences another time. Raises `NotAllowed` (403), `BookingRefused` (422) and `SlotTaken`
    (409) with every reason and the times that it is about; then nothing is booked.
    """
    wish = replace(wish, seats=details.seats, project_id=details.project_id)
    making = _Making(wish=wish, details=details, override=override.strip(), skips=skip_refused)
    try:
        return run_transaction(making.run)
    except LostRace as error:
        raise taken([find_series_resource(wish)]) from error
    except BookingRefused:
        run_transaction(making.keep_refusals)
        raise


class _Making:
    """One attempt after another to book a series; what the last one was refused is kept."""

    def __init__(
        self, *, wish: SeriesWish, details: BookingDetails, override: str, skips: bool
    ) -> None:
        self.wish, self.details, self.override, self.skips = wish, details, override, skips
        self.refused: list[Weighed] = []
        self.resource: Resource | None = None

    def run(self) -> SeriesMade:
        """Ask, claim, write and tell."""
        self.refused = []
        resource = self.resource = find_series_resource(self.wish)
        plain = self._plain_wish()
        require_may_book(plain, [resource])
        hold_people({self.wish.user.pk}, [resource])
        weighed = self._weigh(resource)
        decided = decided_of(resource, weighed)
        clear_holds(decided)
        claimed = claim_each(booking_ids=[None] * len(decided), wishes=claimed_wishes(decided))
        self.refused += [lost(weighed[place - 1]) for place in sorted(claimed.lost)]
        places = [n for n in range(len(weighed)) if n + 1 not in claimed.lost]
        self._require_enough(len(places))
        kept = [weighed[n] for n in places]
        series = self._write_series(resource)
        bookings = self._write_bookings(
            series, kept, [decided[n] for n in places], [claimed.keys[n] for n in places]
        )
        self._write_traces(series, resource, kept, bookings)
        insert_together(draft_news(plain, bookings))
        return SeriesMade(
            series=series,
            bookings=tuple(bookings),
            left_out=tuple(sorted(self.refused, key=lambda each: each.occurrence.occurs_at)),
        )

    def keep_refusals(self) -> None:
        """After a no: keep the decisions, and the demand that was not served."""
        if self.resource is not None and self.refused:
            write_series_decisions(self.wish, self.resource, self.refused, {}, reason=self.override)
            write_demand_of(self.wish, self.resource, self.refused)

    def _plain_wish(self) -> Wish:
        wish = self.wish
        return Wish(
            actor=wish.actor,
            user=wish.user,
            resource_ids=(wish.resource_id,),
            period=Period(wish.first, wish.first + wish.length),
            now=wish.now,
            details=self.details,
            override=self.override,
        )

    def _weigh(self, resource: Resource) -> list[Weighed]:
        """What of it can be booked; raises when that is not enough."""
        found = occurrences_of(self.wish, resource)
        wanted = [each for each in found if not is_left_out(self.wish, each)]
        if not wanted:
            raise ActionRefused(
                code="series.nothing",
                text=_("Choose at least one of the times."),
                field="rule",
                status=422,
            )
        self.excluded = [each.occurs_at for each in found if each not in wanted]
        base = load_span(self.wish, resource, [each.period for each in wanted])
        weighed = weigh_occurrences(
            base, wanted, actor=self.wish.actor, resource=resource, lifts=bool(self.override)
        )
        self.refused = [each for each in weighed if not each.is_allowed]
        allowed = [each for each in weighed if each.is_allowed]
        self._require_enough(len(allowed))
        return allowed

    def _require_enough(self, allowed: int) -> None:
        if self.refused and not (self.skips and allowed):
            raise refusal_of(self.refused)

    def _write_series(self, resource: Resource) -> BookingSeries:
        wish = self.wish
        refused = [each.occurrence.occurs_at for each in self.refused]
        return BookingSeries.objects.create(
            resource=resource,
            user=wish.user,
            created_by=wish.actor,
            rule=wish.rule.strip().upper().removeprefix("RRULE:"),
            first_start=wish.first,
            minutes=max(1, int(length_of(wish, resource) / timedelta(minutes=1))),
            excluded=sorted([*self.excluded, *refused]),
            created_at=wish.now,
        )

    def _write_bookings(
        self,
        series: BookingSeries,
        weighed: Sequence[Weighed],
        decided: Sequence[Decided],
        keys: Sequence[int],
    ) -> list[Booking]:
        wish, details = self.wish, self.details
        bookings = [
            Booking(
                pk=key,
                resource=said.resource,
                user=wish.user,
                created_by=wish.actor,
                start_time=each.occurrence.period.start,
                end_time=each.occurrence.period.end,
                status=first_status(said),
                seats=details.seats,
                setup_minutes=said.resource.setup_minutes,
                cleanup_minutes=said.resource.cleanup_minutes,
                purpose=details.purpose,
                project=project_of(said),
                cost=said.request.cost,
                notes=details.notes,
                series=series,
                occurs_at=each.occurrence.occurs_at,
                created_at=wish.now,
                updated_at=wish.now,
            )
            for each, said, key in zip(weighed, decided, keys, strict=True)
        ]
        Booking.objects.bulk_create(bookings)
        BookingStatus.objects.bulk_create(
            BookingStatus(
                booking=booking,
                to_status=booking.status,
                actor=wish.actor,
                reason=self.override[:500],
                at=wish.now,
            )
            for booking in bookings
        )
        add_attendees(bookings, details.attendee_ids)
        open_steps(
            [(booking, said.approval) for booking, said in zip(bookings, decided, strict=True)],
            now=wish.now,
        )
        return bookings

    def _write_traces(
        self,
        series: BookingSeries,
        resource: Resource,
        weighed: Sequence[Weighed],
        bookings: Sequence[Booking],
    ) -> None:
        wish, number = self.wish, len(bookings)
        write_series_decisions(
            wish,
            resource,
            [*weighed, *self.refused],
            {each.occurs_at: each for each in bookings if each.occurs_at},
            reason=self.override,
        )
        if self.refused:
            write_demand_of(wish, resource, self.refused)
        changed = [
            Changed(
                booking=booking,
                action="booking.requested"
                if booking.status == Status.PENDING
                else "booking.created",
                facts={
                    **overridden_codes(decided_of(resource, [each])),
                    "place": place,
                    "places": number,
                },
                quotas=each.request.resource.quotas,
            )
            for place, (booking, each) in enumerate(zip(bookings, weighed, strict=True), 1)
        ]
        facts = {"user": wish.user.full_name, "resource": resource.name, "number": number}
        record_bookings(
            changed,
            actor=wish.actor,
            now=wish.now,
            reason=self.override,
            besides=[Entry(action="series.created", target=series, facts=facts)],
        )


def cancel_series(
    *,
    actor: User,
    series_id: UUID,
    now: datetime,
    from_booking: UUID | None = None,
    reason: str = "",
) -> list[Booking]:
    """Cancel all that remains of a series, or one of its bookings and all that follow.

    What has been or is in use stays. Cancelling later than the policy's notice is allowed and
    marked. Raises `BookingSeries.DoesNotExist`, `Booking.DoesNotExist`, `NotAllowed` and
    `ActionRefused` when nothing remains.
    """
    return run_transaction(lambda: _cancel(actor, series_id, now, from_booking, reason.strip()))


def _cancel(
    actor: User, series_id: UUID, now: datetime, from_booking: UUID | None, reason: str
) -> list[Booking]:
    series = BookingSeries.objects.select_related("resource", "user").get(public_id=series_id)
    bookings = hold_rest(actor, series, now, from_booking)
    before = [each.status for each in bookings]
    close_all_steps([each for each in bookings if each.status == Status.PENDING], now=now)
    _write_cancelled(series, bookings, now)
    BookingStatus.objects.bulk_create(
        BookingStatus(
            booking=booking,
            from_status=was,
            to_status=booking.status,
            actor=actor,
            reason=reason[:500],
            at=now,
        )
        for booking, was in zip(bookings, before, strict=True)
    )
    release_all_claims(bookings)
    exclude_all(series.pk, [each.occurs_at for each in bookings if each.occurs_at], ended_at=now)
    number = len(bookings)
    facts = {"user": series.user.full_name, "resource": series.resource.name, "number": number}
    record_bookings(
        [
            Changed(
                booking=booking,
                action="booking.cancelled",
                changes={"status": (was, booking.status)},
                facts={"late": booking.is_late_cancellation, "place": place, "places": number},
            )
            for place, (booking, was) in enumerate(zip(bookings, before, strict=True), 1)
        ],
        actor=actor,
        now=now,
        reason=reason,
        besides=[Entry(action="series.cancelled", target=series, facts=facts)],
    )
    post_booking_event("booking.cancelled", bookings, actor=actor, now=now, reason=reason)
    return bookings


def _write_cancelled(series: BookingSeries, bookings: Sequence[Booking], now: datetime) -> None:
    """Cancelled, and marked where that is later than the policy's notice."""
    resources = {
        each.pk: each
        for each in load_resources(
            user=series.user,
            window=Period(bookings[0].start_time, bookings[-1].end_time),
            now=now,
            public_ids=list({each.resource.public_id for each in bookings}),
        )
    }
    for booking in bookings:
        require_transition(booking, Status.CANCELLED)
        booking.status = Status.CANCELLED
        booking.sequence += 1
        booking.updated_at = now
        booking.is_late_cancellation = is_late_cancellation(
            limits_of(resources[booking.resource_id]), start=booking.start_time, now=now
        )
    Booking.objects.bulk_update(
        bookings, ["status", "sequence", "updated_at", "is_late_cancellation"]
    )
