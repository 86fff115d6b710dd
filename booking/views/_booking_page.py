"""What one reader sees of one booking and may do about it."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from booking.enums import LIVE, Limit, Outcome, Status
from booking.models import Approval, Booking, BookingDecision, Offer, UsageSession
from booking.permissions import can_change_booking, can_mark_no_show
from booking.queries.approvals import steps_and_asked
from booking.queries.check_ins import Terms, sessions_of, terms_of
from booking.queries.displaced import open_replacement
from booking.queries.facts import limits_of, load_resources
from booking.queries.faults import outage_facts
from booking.queries.series_pages import SeriesPlace, place_in_series
from booking.rules.cancellation import is_late_cancellation
from booking.rules.request import FaultFacts
from booking.views._use import Use, use_of_booking


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPage:
    """The acts that are open to the reader, and what stands beside the booking."""

    can_change: bool
    can_decide: bool
    # What can be done about its use now, and what was: the sessions, the newest first.
    use: Use
    sessions: tuple[UsageSession, ...]
    terms: Terms | None
    is_missed: bool
    can_mark_no_show: bool
    # Whether cancelling at this moment is later than the policy's notice.
    is_late: bool
    # Whether it takes its time, or took it.
    is_live: bool
    companions: tuple[Booking, ...]
    override: BookingDecision | None
    # Where it stands in its series, if it is in one.
    place: SeriesPlace | None = None
    # Whom it waits for, and what those said who were asked before.
    approvals: tuple[Approval, ...] = ()
    # What is offered instead, where maintenance has taken its time.
    replacement: Offer | None = None
    # Why its resource cannot be used now.
    fault: FaultFacts | None = None


def booking_page(*, viewer: User, booking: Booking, now: datetime) -> BookingPage:
    """What this reader may do with the booking now."""
    may_change = can_change_booking(viewer, booking)
    companions: tuple[Booking, ...] = ()
    if booking.group_id is not None:
        companions = tuple(
            Booking.objects.filter(group_id=booking.group_id)
            .exclude(pk=booking.pk)
            .select_related("resource")
            .order_by("resource__name")
        )
    terms = terms_of(booking.public_id) if booking.is_open else None
    is_missed = (
        booking.status == Status.CONFIRMED
        and terms is not None
        and terms.lapses_at is not None
        and terms.lapses_at <= now
    )
    act = _act(booking, terms, now) if may_change and not is_missed else ""
    approvals, can_decide = (
        steps_and_asked(viewer, booking, now=now)
        if booking.status == Status.PENDING
        else ([], False)
    )
    begun = booking.status in (Status.CHECKED_IN, Status.COMPLETED)
    return BookingPage(
        can_change=can_still_change(viewer=viewer, booking=booking, now=now),
        can_decide=can_decide,
        use=use_of_booking(viewer=viewer, booking=booking, now=now, act=act),
        sessions=tuple(sessions_of(booking)) if begun else (),
        terms=terms,
        is_missed=is_missed,
        is_late=terms is not None and _is_late(booking, terms, now),
        can_mark_no_show=booking.status == Status.CONFIRMED
        and booking.start_time <= now
        and can_mark_no_show(viewer, booking),
        is_live=booking.status in LIVE,
        companions=companions,
        override=booking.decisions.filter(outcome=Outcome.OVERRIDDEN)
        .select_related("actor")
        .first(),
        place=place_in_series(booking),
        approvals=tuple(approvals),
        replacement=open_replacement(booking) if booking.is_open else None,
        fault=outage_facts(booking.resource, now=now) if booking.is_open else None,
    )


def _is_late(booking: Booking, terms: Terms, now: datetime) -> bool:
    notice = terms.cancel_notice
    limits = {} if notice is None else {Limit.CANCEL_NOTICE: notice}
    return is_late_cancellation(limits, start=booking.start_time, now=now)


def _act(booking: Booking, terms: Terms | None, now: datetime) -> str:
    if booking.status == Status.CHECKED_IN:
        return "finish"
    if booking.status != Status.CONFIRMED or terms is None:
        return ""
    return "check_in" if terms.check_in_from <= now < booking.end_time else ""


def can_still_change(*, viewer: User, booking: Booking, now: datetime) -> bool:
    """Whether this reader may still move or cancel the booking."""
    return can_change_booking(viewer, booking) and booking.is_open and booking.end_time > now


def is_late_now(*, booking: Booking, now: datetime) -> bool:
    """Whether cancelling at this moment is later than the policy's notice."""
    found = load_resources(
        user=booking.user,
        window=booking.period,
        now=now,
        public_ids=[booking.resource.public_id],
    )
    return is_late_cancellation(limits_of(found[0]), start=booking.start_time, now=now)
