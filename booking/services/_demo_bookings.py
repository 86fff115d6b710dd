"""Writing the planned bookings: rows, steps, claims and what was told of them."""

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, NumericRange

from accounts.enums import Role
from accounts.models import User
from booking.enums import ClaimKind, DemandSource, Status
from booking.models import (
    Booking,
    BookingAttendee,
    BookingStatus,
    DemandEntry,
    FavouriteResource,
    Notification,
    OutboxEvent,
    ResourceCalendar,
)
from booking.notifications.bookings import words_for
from booking.notifications.wordings import SHIPPED
from booking.services._changes import record_booking
from booking.services._demo_lab import DemoInstrument
from booking.services._demo_plan import Planned, claimed
from booking.services.tidying import KEPT_CLAIMS

_BATCH = 1000
_TOLD = 6
_WISHES = 40


def write_bookings(
    planned: Sequence[Planned], *, manager: User, now: datetime, rng: random.Random
) -> list[Booking]:
    """Write bookings with steps, claims, some attendees, and the audit of those still to come."""
    bookings = Booking.objects.bulk_create(
        (_booking(each, now, rng) for each in planned), batch_size=_BATCH
    )
    pairs = list(zip(planned, bookings, strict=True))
    BookingStatus.objects.bulk_create(
        (step for plan, booking in pairs for step in _steps(plan, booking, manager, now)),
        batch_size=_BATCH,
    )
    ResourceCalendar.objects.bulk_create(
        (claim for plan, booking in pairs for claim in _claims(plan, booking, now)),
        batch_size=_BATCH,
    )
    _add_attendees(bookings, [plan.user for plan in planned], rng)
    for plan, booking in pairs:
        if plan.period.end > now:
            requested = plan.instrument.tool.approval
            record_booking(
                booking,
                "booking.requested" if requested else "booking.created",
                actor=plan.user,
                now=plan.created_at,
                quotas=(),
            )
    return bookings


def write_favourites(
    favourites: dict[User, Sequence[str]], named: dict[str, DemoInstrument]
) -> None:
    """Instruments that people keep on top."""
    FavouriteResource.objects.bulk_create(
        FavouriteResource(user=user, resource=named[name].resource)
        for user, names in favourites.items()
        for name in names
    )


def write_notices(
    bookings: Sequence[Booking], *, readers: Sequence[User], manager: User, now: datetime
) -> None:
    """Tell lab managers of what waits for them, and a few people of what became of theirs."""
    for booking in [each for each in bookings if each.status == Status.PENDING][:_TOLD]:
        _tell("booking.requested", booking, booking.user, [manager], now)
    for reader in readers:
        mine = [each for each in bookings if each.user_id == reader.pk and each.end_time > now]
        for booking in [each for each in mine if each.status == Status.CONFIRMED][:2]:
            _tell("booking.created", booking, manager, [reader], now)


def write_demand(
    instruments: Sequence[DemoInstrument], *, now: datetime, rng: random.Random
) -> None:
    """Wishes of the last weeks that nobody could serve."""
    wanted = [each for each in instruments if each.tool.busy]
    codes = {
        DemandSource.REFUSED: ["conflict.taken"],
        DemandSource.LOST: ["conflict.lost_race"],
        DemandSource.SEARCH: ["search.nothing_free"],
    }
    rows = []
    for _n in range(_WISHES):
        at = now - timedelta(minutes=rng.randint(60, 30 * 1440))
        instrument, source = rng.choice(wanted), rng.choice(list(codes))
        start = (at + timedelta(hours=rng.randint(2, 120))).replace(
            minute=0, second=0, microsecond=0
        )
        minutes = rng.choice(instrument.kind.lengths)
        rows.append(
            DemandEntry(
                at=at,
                source=source,
                role=rng.choice((Role.STUDENT, Role.STUDENT, Role.RESEARCHER, Role.ACADEMIC)),
                resource=instrument.resource,
                resource_type=instrument.resource.resource_type,
                start_time=start,
                end_time=start + timedelta(minutes=minutes),
                minutes=minutes,
                codes=codes[source],
            )
        )
    DemandEntry.objects.bulk_create(rows)


def _booking(plan: Planned, now: datetime, rng: random.Random) -> Booking:
    history = _life(plan, now)
    cancelled_at = history[-1][1] if plan.status == Status.CANCELLED else None
    notice = timedelta(hours=2)
    return Booking(
        public_id=uuid.UUID(int=rng.getrandbits(128), version=4),
        resource=plan.instrument.resource,
        user=plan.user,
        created_by=plan.user,
        start_time=plan.period.start,
        end_time=plan.period.end,
        status=plan.status,
        setup_minutes=plan.instrument.tool.setup,
        cleanup_minutes=plan.instrument.tool.cleanup,
        purpose=plan.purpose,
        sequence=len(history) - 1,
        is_late_cancellation=cancelled_at is not None and plan.period.start - cancelled_at < notice,
        created_at=plan.created_at,
        updated_at=history[-1][1],
    )


def _life(plan: Planned, now: datetime) -> list[tuple[Status, datetime]]:
    """The steps that lead to the status, each with its moment, none of them to come."""
    made, period = plan.created_at, plan.period
    seen = min(now, period.start)
    decided = made + min(timedelta(hours=6), (seen - made) / 2)
    first = Status.PENDING if plan.instrument.tool.approval else Status.CONFIRMED
    life = [(first, made)]
    if first == Status.PENDING and plan.status not in (Status.PENDING, Status.REJECTED):
        life.append((Status.CONFIRMED, decided))
    match plan.status:
        case Status.REJECTED:
            life.append((Status.REJECTED, decided))
        case Status.CANCELLED:
            life.append((Status.CANCELLED, decided + (seen - decided) / 2))
        case Status.NO_SHOW:
            life.append((Status.NO_SHOW, period.start + timedelta(minutes=30)))
        case Status.CHECKED_IN:
            life.append((Status.CHECKED_IN, period.start))
        case Status.COMPLETED:
            life.append((Status.CHECKED_IN, period.start))
            life.append((Status.COMPLETED, period.end))
    return life


def _steps(
    plan: Planned, booking: Booking, manager: User, now: datetime
) -> Iterator[BookingStatus]:
    life = _life(plan, now)
    yield _step(booking, "", life[0], plan.user)
    for (before, _at), after in pairwise(life):
        decided = before == Status.PENDING or after[0] == Status.NO_SHOW
        yield _step(booking, before, after, manager if decided else plan.user)


def _step(
    booking: Booking, before: str, after: tuple[Status, datetime], actor: User
) -> BookingStatus:
    status, at = after
    return BookingStatus(booking=booking, from_status=before, to_status=status, actor=actor, at=at)


def _claims(plan: Planned, booking: Booking, now: datetime) -> Iterator[ResourceCalendar]:
    """Its claims, as far as the nightly task would have kept them."""
    during = claimed(plan.instrument, plan.period)
    if plan.seat is None or during.end < now - KEPT_CLAIMS:
        return
    places = [(booking.resource_id, plan.seat, ClaimKind.BOOKING)]
    places += [(key, 0, ClaimKind.LINKED) for key in plan.instrument.linked]
    for resource_id, seat, kind in places:
        yield ResourceCalendar(
            resource_id=resource_id,
            units=NumericRange(seat, seat + 1),
            during=DateTimeTZRange(during.start, during.end),
            kind=kind,
            booking=booking,
        )


def _add_attendees(bookings: Sequence[Booking], people: Sequence[User], rng: random.Random) -> None:
    known = list({user.pk: user for user in people}.values())
    rows = []
    for booking in bookings:
        if rng.random() < 0.08:  # noqa: PLR2004
            guest = rng.choice(known)
            if guest.pk != booking.user_id:
                rows.append(BookingAttendee(booking=booking, user=guest))
    BookingAttendee.objects.bulk_create(rows, batch_size=_BATCH)


def _tell(kind: str, booking: Booking, actor: User, readers: Sequence[User], now: datetime) -> None:
    """A notice of an event that counts as told: no mail goes out for what never happened."""
    event = OutboxEvent.objects.create(
        kind=kind,
        payload={"bookings": [str(booking.public_id)], "actor": actor.pk},
        created_at=booking.created_at,
        dispatched_at=now,
    )
    for reader in readers:
        words = words_for(
            kind=kind, bookings=[booking], actor=actor, reader=reader, reason="", wordings=SHIPPED
        )
        Notification.objects.create(
            event=event,
            user=reader,
            title=words.subject,
            body=words.text,
            url=words.path,
            created_at=booking.created_at,
        )
