"""A lab of any size, made by the database itself in seconds."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts.enums import Role
from accounts.models import User, UserPreferences, UserProfile
from booking.enums import Limit
from booking.models import BookingPolicy, OpeningHours, Resource, ResourceType

_TYPES = 10
_WEEKS_AHEAD = 6
_FAR = 5_000_000

# Each resource is booked ten times a week, Monday to Friday at a morning and an afternoon hour that
# differ from resource to resource: from some weeks ahead back into the past as far as it takes.
FILL = """
INSERT INTO booking_booking (public_id, resource_id, user_id, created_by_id, start_time, end_time,
    status, seats, setup_minutes, cleanup_minutes, purpose, notes, sequence, is_late_cancellation,
    request_key, request_hash, created_at, updated_at)
SELECT gen_random_uuid(), r.id, who.id, who.id, s.start_time, s.start_time + interval '2 hours',
    CASE WHEN s.start_time < %(now)s THEN 'completed' ELSE 'confirmed' END,
    1, 0, 0, 'Measurement ' || n, '', 0, false, '', '', s.start_time - interval '7 days',
    s.start_time - interval '7 days'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM booking_resource) r
CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM accounts_user) u
CROSS JOIN generate_series(0, %(each)s - 1) AS n
CROSS JOIN LATERAL (SELECT u.ids[1 + (n * 7 + r.place) %% %(users)s] AS id) who
CROSS JOIN LATERAL (SELECT (%(last_monday)s::date - 7 * (n / 10) + n %% 10 / 2
    + make_interval(hours => (8 + n %% 2 * 4 + r.place %% 3)::int)) AT TIME ZONE %(zone)s
    AS start_time) s
"""

# Claims long past are pruned in real life; here those of the last 30 days and of the future stay.
CLAIMS = """
INSERT INTO booking_resourcecalendar (resource_id, units, during, kind, booking_id)
SELECT resource_id, int4range(0, 1), tstzrange(start_time, end_time), 1, id
FROM booking_booking WHERE start_time > %(now)s::timestamptz - interval '30 days'
"""


def make_people(count: int, *, role: Role = Role.RESEARCHER, word: str = "bench") -> list[User]:
    """People without a password, which none of the measured requests asks for."""
    nobody = make_password(None)
    users = User.objects.bulk_create(
        User(
            username=f"{word}{n}",
            email=f"{word}{n}@example.org",
            first_name="Bench",
            last_name=f"{word.title()} {n}",
            password=nobody,
            role=role,
        )
        for n in range(count)
    )
    UserProfile.objects.bulk_create(UserProfile(user=user) for user in users)
    UserPreferences.objects.bulk_create(UserPreferences(user=user) for user in users)
    return users


def make_resources(
    count: int, *, word: str = "Instrument", types_at_most: int = _TYPES
) -> list[Resource]:
    """Resources of ten types, always open, without limits."""
    types = ResourceType.objects.bulk_create(
        ResourceType(name=f"{word} type {n}") for n in range(min(types_at_most, count))
    )
    return Resource.objects.bulk_create(
        Resource(name=f"{word} {n:04}", resource_type=types[n % len(types)]) for n in range(count)
    )


def open_on_weekdays() -> None:
    """The lab is open from Monday to Friday, 8 to 18."""
    OpeningHours.objects.bulk_create(
        OpeningHours(weekday=day, opens_at=time(8), closes_at=time(18)) for day in range(5)
    )


def give_rules_work() -> None:
    """Hours that never close and limits that nobody reaches: every rule looks at something."""
    OpeningHours.objects.bulk_create(
        OpeningHours(weekday=day, opens_at=time(0), closes_at=time(0)) for day in range(7)
    )
    lowest = {Limit.MIN_LENGTH, Limit.LEAD_TIME, Limit.GAP, Limit.CANCEL_NOTICE}
    BookingPolicy.objects.bulk_create(
        BookingPolicy(limit=limit, role="", value=0 if limit in lowest else _FAR) for limit in Limit
    )


def fill(*, resources: int, users: int, bookings: int, now: datetime) -> None:
    """A lab of this size with about as many bookings, the latest some weeks ahead."""
    make_resources(resources)
    make_people(users)
    open_on_weekdays()
    fill_bookings(bookings=bookings, now=now)


def fill_bookings(*, bookings: int, now: datetime) -> None:
    """About as many bookings as asked on whatever resources and users there are."""
    last_monday = now.date() - timedelta(days=now.weekday()) + timedelta(weeks=_WEEKS_AHEAD)
    with connection.cursor() as cursor:
        cursor.execute(
            FILL,
            {
                "users": User.objects.count(),
                "each": max(1, bookings // Resource.objects.count()),
                "last_monday": last_monday,
                "zone": settings.LAB_TIME_ZONE,
                "now": now,
            },
        )
        cursor.execute(CLAIMS, {"now": now})
    renew_statistics()


def renew_statistics() -> None:
    """What the database's own housekeeping does within a minute or so."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
