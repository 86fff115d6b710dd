"""A database of any size, made by the database itself in seconds."""

from datetime import datetime, timedelta

from django.db import connection

from accounts.enums import Role
from accounts.models import User
from booking.models import Resource, ResourceType

PASSWORD = "bench-only-password"
_TYPES = 10
# Each resource is used in hour-long bookings by day, every day, in both directions of time.
_SLOTS_A_DAY = 8

FILL = """
INSERT INTO booking_booking (public_id, resource_id, user_id, created_by_id, start_time, end_time,
    status, seats, setup_minutes, cleanup_minutes, purpose, notes, sequence, is_late_cancellation,
    request_key, request_hash, created_at, updated_at)
SELECT gen_random_uuid(), r.id, u.ids[1 + (n * 7 + r.place) %% %(users)s],
    u.ids[1 + (n * 7 + r.place) %% %(users)s], s.start_time, s.start_time + interval '50 minutes',
    CASE WHEN s.start_time < %(now)s THEN 'completed' ELSE 'confirmed' END,
    1, 0, 0, 'Measurement ' || n, '', 0, false, '', '', s.start_time - interval '7 days',
    s.start_time - interval '7 days'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM booking_resource) r
CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM accounts_user) u
CROSS JOIN generate_series(0, %(each)s - 1) AS n
CROSS JOIN LATERAL (SELECT %(first)s::timestamptz + (n / %(slots)s) * interval '1 day'
    + (8 + n %% %(slots)s) * interval '1 hour' AS start_time) s
"""

# Claims long past are pruned in real life; here those of the last 30 days and of the future stay.
CLAIMS = """
INSERT INTO booking_resourcecalendar (resource_id, units, during, kind, booking_id)
SELECT resource_id, int4range(0, 1), tstzrange(start_time, end_time), 1, id
FROM booking_booking WHERE start_time > %(now)s::timestamptz - interval '30 days'
"""


def fill(*, resources: int, users: int, bookings: int, now: datetime) -> None:
    """Make resources of ten types, users, and about as many bookings as asked, two weeks ahead."""
    types = ResourceType.objects.bulk_create(ResourceType(name=f"Type {n}") for n in range(_TYPES))
    Resource.objects.bulk_create(
        Resource(name=f"Instrument {n:04}", code=f"b{n:05}", resource_type=types[n % _TYPES])
        for n in range(resources)
    )
    manager = User.objects.create_user(
        "bench0", "bench0@example.org", PASSWORD, role=Role.RESEARCHER
    )
    for n in range(1, users):
        User.objects.create_user(f"bench{n}", f"bench{n}@example.org", role=Role.RESEARCHER)
    # One hash serves all: hashing is not what is measured here.
    User.objects.exclude(pk=manager.pk).update(password=manager.password)
    each = max(1, bookings // resources)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            FILL,
            {
                "users": users,
                "each": each,
                "slots": _SLOTS_A_DAY,
                "first": midnight + timedelta(days=14 - each // _SLOTS_A_DAY),
                "now": now,
            },
        )
        cursor.execute(CLAIMS, {"now": now})
        cursor.execute("ANALYZE")
