"""The rows that every change of a booking leaves behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Entry, record, record_many
from booking.enums import TRANSITIONS, Status
from booking.errors import ActionRefused
from booking.events import post_event
from booking.models import Booking, BookingStatus, OutboxEvent
from booking.rules.request import QuotaFacts
from booking.services._quotas import settle_bookings, settle_change
from booking.services._steps import close_steps

_MADE = frozenset({"booking.created", "booking.requested"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One booking of an act on many; `quotas` as `record_booking` takes them."""

    booking: Booking
    action: str
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    quotas: Sequence[QuotaFacts] | None = None


def require_transition(booking: Booking, to_status: Status) -> None:
    """Refuse a step that the life cycle does not have."""
    if to_status not in TRANSITIONS[Status(booking.status)]:
        raise ActionRefused(
            code="booking.transition",
            text=_("A booking that is %(now)s cannot become %(then)s.")
            % {"now": booking.get_status_display(), "then": to_status.label},
        )


def change_status(
    booking: Booking, to_status: Status, *, actor: User | None, now: datetime, reason: str = ""
) -> None:
    """Take one step of the life cycle and keep it; the caller holds the booking's lock."""
    require_transition(booking, to_status)
    if booking.status == Status.PENDING:
        close_steps(booking, now=now)
    BookingStatus.objects.create(
        booking=booking,
        from_status=booking.status,
        to_status=to_status,
        actor=actor,
        reason=reason[:500],
        at=now,
    )
    booking.status = to_status
    booking.sequence += 1
    booking.updated_at = now


def record_booking(
    booking: Booking,
    action: str,
    *,
    actor: User | None,
    now: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    quotas: Sequence[QuotaFacts] | None = None,
) -> None:
    """Write the audit record of a change to a booking, with what its sentence needs.

    The ledger of quotas follows: `quotas` are those that count it from now on, as the rules saw
    them; where nobody asked the rules it finds out by itself.
    """
    settle_change(booking, now=now, changes=changes, quotas=quotas, is_new=action in _MADE)
    record(
        action=action,
        actor=actor,
        target=booking,
        now=now,
        changes=changes,
        reason=reason,
        facts={**_told_of(booking), **(facts or {})},
    )


def record_bookings(
    changed: Sequence["Changed"],
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    besides: Sequence[Entry] = (),
) -> None:
    """The same for many bookings of one act: the records in one statement, the ledger in three.

    `besides` is what else the act was about; its records come first.
    """
    counted = [
        (each.booking, each.quotas) for each in changed if each.quotas or each.booking.is_counted
    ]
    if counted:
        settle_bookings(counted, now=now)
    record_many([*besides, *entries_of(changed)], actor=actor, now=now, reason=reason)


def entries_of(changed: Sequence["Changed"]) -> list[Entry]:
    """What the audit keeps of the bookings of one act."""
    return [
        Entry(
            action=each.action,
            target=each.booking,
            changes=each.changes,
            facts={**_told_of(each.booking), **each.facts},
        )
        for each in changed
    ]


def _told_of(booking: Booking) -> dict[str, Any]:
    """What the sentence about a booking needs."""
    return {
        "user": booking.user.full_name,
        "resource": booking.resource.name,
        "start_time": booking.start_time,
        "end_time": booking.end_time,
    }


def post_booking_event(
    kind: str,
    bookings: Sequence[Booking],
    *,
    actor: User | None,
    now: datetime,
    not_before: datetime | None = None,
    **payload: Any,
) -> OutboxEvent:
    """One event for one user action, however many bookings it touched.

    What an earlier act on them still held back is told in its order: with this one.
    """
    # The first change that could be undone made it 1, the one after it at least 2.
    if changed := [str(each.public_id) for each in bookings if each.sequence > 1]:
        held = Q()
        for key in changed:
            held |= Q(payload__bookings__contains=[key])
        OutboxEvent.objects.filter(
            held, dispatched_at=None, next_attempt_at__gt=now, payload__has_key="act"
        ).update(next_attempt_at=not_before)
    return post_event(
        kind=kind,
        payload={**told_of_all(bookings, actor), **payload},
        now=now,
        not_before=not_before,
    )


def told_of_all(bookings: Sequence[Booking], actor: User | None) -> dict[str, Any]:
    """What every event about bookings names."""
    return {
        "bookings": [str(booking.public_id) for booking in bookings],
        "actor": None if actor is None else actor.pk,
    }
