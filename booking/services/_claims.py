"""Claiming time: the one statement through which bookings take it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from psycopg.types.range import TimestamptzRange

from booking.enums import ClaimKind
from booking.models import Booking, Hold, ResourceCalendar
from labitory.lib.db import LostRace
from labitory.lib.periods import Period

# Seats are chosen and claimed in one statement: the lowest free ones of each resource, resources
# in order of their key, so that two wishes never wait for each other crosswise. ON CONFLICT makes
# the loser of a race come back with fewer rows instead of an error or a deadlock. A booking that
# has no key yet takes one here, so that the claim can come before the booking.
_SEATS = """
WITH keyed AS MATERIALIZED (
    SELECT n, COALESCE(id, nextval('booking_booking_id_seq')) AS id
    FROM unnest(%(bookings)s::bigint[]) WITH ORDINALITY AS b(id, n)
), wish AS MATERIALIZED (
    SELECT k.id AS booking_id, w.resource_id, w.during, w.seats, w.capacity, w.kind
    FROM unnest(%(places)s::int[], %(resources)s::bigint[], %(durings)s::tstzrange[],
            %(seats)s::int[], %(capacities)s::int[], %(kinds)s::smallint[])
        AS w(n, resource_id, during, seats, capacity, kind)
    JOIN keyed k ON k.n = w.n
), seat AS MATERIALIZED (
    SELECT w.booking_id, w.resource_id, w.during, w.kind, s.n
    FROM wish w CROSS JOIN LATERAL (
        SELECT n FROM generate_series(0, w.capacity - 1) AS n
        WHERE NOT EXISTS (
            SELECT 1 FROM booking_resourcecalendar c
            WHERE c.resource_id = w.resource_id AND c.during && w.during
                AND c.units && int4range(n, n + 1))
        ORDER BY n LIMIT w.seats) AS s
)"""
CLAIM = f"""{_SEATS}, claimed AS (
    INSERT INTO booking_resourcecalendar
        (resource_id, units, during, kind, booking_id, hold_id, hold_expires_at)
    SELECT resource_id, int4range(n, n + 1), during, kind,
        CASE WHEN %(hold)s::bigint IS NULL THEN booking_id END, %(hold)s, %(expires)s::timestamptz
    FROM seat ORDER BY resource_id, n
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT (SELECT array_agg(id ORDER BY n) FROM keyed),
    (SELECT count(*) FROM seat), (SELECT count(*) FROM claimed)
"""  # noqa: S608 - made of constants

# The same for many bookings of which each may win or lose, in order of their time as well: of two
# series that meet one waits for the other, never both.
CLAIM_EACH = f"""{_SEATS}, claimed AS (
    INSERT INTO booking_resourcecalendar (resource_id, units, during, kind, booking_id)
    SELECT resource_id, int4range(n, n + 1), during, kind, booking_id
    FROM seat ORDER BY resource_id, during, n
    ON CONFLICT DO NOTHING
    RETURNING booking_id
)
SELECT k.id, (SELECT count(*) FROM seat s WHERE s.booking_id = k.id),
    (SELECT count(*) FROM claimed c WHERE c.booking_id = k.id)
FROM keyed k ORDER BY k.n
"""  # noqa: S608 - made of constants

MOST_ATTEMPTS = 12


class NoRoom(Exception):
    """At least one resource has too few free seats at that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWish:
    """Seats on one resource for one period, for the booking at `place` (counted from 1)."""

    place: int
    resource_id: int
    during: Period
    seats: int
    capacity: int
    kind: ClaimKind = ClaimKind.BOOKING


def claim_time(
    *, booking_ids: Sequence[int | None], wishes: Sequence[TimeWish], hold: Hold | None = None
) -> list[int]:
    """Claim all wishes or none; give the bookings' keys in order (new ones where None was given).

    With a hold the time is claimed for it instead, until it expires.

    Raises `NoRoom` when a resource has no free seat left, and `LostRace` when rivals got there in
    between and the whole transaction should be run again. Either way the caller rolls back.
    """
    wanted = sum(wish.seats for wish in wishes)
    single = len(wishes) == 1 and wanted == 1
    for _attempt in range(MOST_ATTEMPTS if single else 1):
        keys, found, claimed = _run(booking_ids, wishes, hold)
        if claimed == wanted:
            return keys
        if found < wanted or all(wish.capacity == 1 for wish in wishes):
            raise NoRoom
        # One seat of several was lost: nothing is held yet, so the next free one can be tried
        # here. With more than one row in hand another try could wait for a rival that waits for
        # us: begin again instead.
    raise LostRace


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedEach:
    """The keys of many bookings, in order, and the places (from 1) of those that lost."""

    keys: tuple[int, ...]
    lost: frozenset[int]


def claim_each(*, booking_ids: Sequence[int | None], wishes: Sequence[TimeWish]) -> ClaimedEach:
    """Claim for each booking all its wishes or none of them, in one statement for all.

    What got only part of its claims gives them back. Raises `LostRace` where a seat was lost and
    another may be free: the whole transaction should be run again.
    """
    wanted: dict[int, int] = {}
    shared: set[int] = set()
    for wish in wishes:
        wanted[wish.place] = wanted.get(wish.place, 0) + wish.seats
        if wish.capacity > 1:
            shared.add(wish.place)
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_EACH, _parameters(booking_ids, wishes))
        rows: list[tuple[int, int, int]] = cursor.fetchall()
    lost, partly = set(), []
    for place, (key, found, claimed) in enumerate(rows, 1):
        if claimed == wanted.get(place, 0):
            continue
        if found == wanted[place] and place in shared:
            raise LostRace
        lost.add(place)
        if claimed:
            partly.append(key)
    if partly:
        ResourceCalendar.objects.filter(booking_id__in=partly).delete()
    return ClaimedEach(keys=tuple(key for key, *_counts in rows), lost=frozenset(lost))


def _run(
    booking_ids: Sequence[int | None], wishes: Sequence[TimeWish], hold: Hold | None
) -> tuple[list[int], int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                **_parameters(booking_ids, wishes),
                "kinds": [int(ClaimKind.HOLD if hold else wish.kind) for wish in wishes],
                "hold": hold.pk if hold else None,
                "expires": hold.expires_at if hold else None,
            },
        )
        row: tuple[Any, ...] = cursor.fetchone()
    return list(row[0]), int(row[1]), int(row[2])


def _parameters(
    booking_ids: Sequence[int | None], wishes: Sequence[TimeWish]
) -> dict[str, list[Any]]:
    return {
        "bookings": list(booking_ids),
        "places": [wish.place for wish in wishes],
        "resources": [wish.resource_id for wish in wishes],
        "durings": [TimestamptzRange(wish.during.start, wish.during.end) for wish in wishes],
        "seats": [wish.seats for wish in wishes],
        "capacities": [wish.capacity for wish in wishes],
        "kinds": [int(wish.kind) for wish in wishes],
    }


def wishes_for(booking: Booking, place: int) -> list[TimeWish]:
    """What a booking occupies: its resource with buffers, and one by one what is linked to it."""
    resource = booking.resource
    during = booking.period.widen(
        timedelta(minutes=booking.setup_minutes), timedelta(minutes=booking.cleanup_minutes)
    )
    own = TimeWish(
        place=place,
        resource_id=resource.pk,
        during=during,
        seats=booking.seats,
        capacity=resource.capacity,
    )
    return [
        own,
        *(
            TimeWish(
                place=place,
                resource_id=link.linked_id,
                during=during,
                seats=min(booking.seats, link.linked.capacity),
                capacity=link.linked.capacity,
                kind=ClaimKind.LINKED,
            )
            for link in resource.links.all()
        ),
    ]


def claim_bookings(bookings: Sequence[Booking]) -> None:
    """Claim the time of bookings that have a key already (imports, demo data)."""
    claim_time(
        booking_ids=[booking.pk for booking in bookings],
        wishes=[
            wish for place, booking in enumerate(bookings, 1) for wish in wishes_for(booking, place)
        ],
    )


def release_claims(booking: Booking) -> int:
    """Give a booking's time back; gives how many claims there were."""
    return ResourceCalendar.objects.filter(booking=booking).delete()[0]


def release_all_claims(bookings: Sequence[Booking]) -> None:
    """Give the time of many bookings back."""
    ResourceCalendar.objects.filter(booking__in=bookings).delete()


def release_holds(hold_ids: Sequence[int]) -> None:
    """Delete holds with their claims, in a statement before the claim that wants their time."""
    if hold_ids:
        ResourceCalendar.objects.filter(hold_id__in=hold_ids).delete()
        Hold.objects.filter(pk__in=hold_ids).delete()
