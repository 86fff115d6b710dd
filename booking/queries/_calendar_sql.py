"""The statement that reads calendars."""

from booking.queries._missed_sql import missed_sql

# Bookings that have no time until their person has answered: a handful, read once a statement.
DISPLACED = """
    SELECT o.displaced_id FROM booking_offer o
    WHERE o.state = 'open' AND o.displaced_id IS NOT NULL
"""

# Each resource's live bookings of the window by one bounded index scan: none that began more than
# seven days before can reach in, but for the few long ones, which have an index of their own.
# OFFSET 0 keeps the planner from pulling the scan out of the loop over resources.
# Of each entry the viewer knows what concerns them: their own bookings and those of resources they
# look after in full, of others the name where its bearer shows it.
# What a booking occupies besides is that booking's: it counts who looks after its own resource.
# Moments come as seconds since 1970: the driver takes ten times as long to read them as text.
# A running booking that nobody came for is not there, as if it had been marked already.
SEEN = f"""
WITH e AS (
SELECT 'booking' AS kind, b.public_id, b.resource_id, b.start_time, b.end_time,
    b.start_time - make_interval(mins => b.setup_minutes) AS claim_start,
    b.end_time + make_interval(mins => b.cleanup_minutes) AS claim_end,
    b.status, b.purpose, b.user_id, b.created_by_id, b.id, b.resource_id AS home_id
FROM unnest(%(resources)s::bigint[]) AS wanted(id) CROSS JOIN LATERAL (
    SELECT * FROM booking_booking x
    WHERE x.resource_id = wanted.id
        AND x.status IN ('pending', 'confirmed', 'checked_in', 'completed')
        AND x.start_time < %(until)s AND x.end_time > %(from)s
        AND x.start_time > %(from)s::timestamptz - interval '7 days'
        AND NOT {missed_sql("x")}
        AND x.id NOT IN ({DISPLACED})
    OFFSET 0) b
UNION ALL
SELECT 'booking', b.public_id, b.resource_id, b.start_time, b.end_time,
    b.start_time - make_interval(mins => b.setup_minutes),
    b.end_time + make_interval(mins => b.cleanup_minutes),
    b.status, b.purpose, b.user_id, b.created_by_id, b.id, b.resource_id AS home_id
FROM booking_booking b
WHERE b.resource_id = ANY(%(resources)s)
    AND b.status IN ('pending', 'confirmed', 'checked_in', 'completed')
    AND b.end_time - b.start_time > interval '7 days'
    AND tstzrange(b.start_time, b.end_time) && tstzrange(%(from)s, %(until)s)
    AND b.start_time <= %(from)s::timestamptz - interval '7 days'
    AND b.id NOT IN ({DISPLACED})
UNION ALL
SELECT CASE c.kind WHEN 2 THEN 'linked' WHEN 3 THEN 'hold' WHEN 4 THEN 'maintenance'
        ELSE 'closure' END,
    COALESCE(b.public_id, h.public_id, m.public_id, z.public_id), c.resource_id,
    lower(c.during), upper(c.during), lower(c.during), upper(c.during),
    COALESCE(b.status, ''), COALESCE(m.title, z.reason, b.purpose, ''),
    COALESCE(b.user_id, h.user_id), b.created_by_id, b.id,
    COALESCE(b.resource_id, c.resource_id)
FROM booking_resourcecalendar c
LEFT JOIN booking_booking b ON b.id = c.booking_id
LEFT JOIN booking_hold h ON h.id = c.hold_id
LEFT JOIN booking_maintenancerecord m ON m.id = c.maintenance_id
LEFT JOIN booking_closure z ON z.id = c.closure_id
WHERE c.resource_id = ANY(%(resources)s) AND c.kind <> 1
    AND c.during && tstzrange(%(from)s, %(until)s)
    AND (c.hold_expires_at IS NULL OR c.hold_expires_at > %(now)s)
    AND (b.id IS NULL OR NOT {missed_sql("b")})
)
SELECT e.kind, e.public_id::text, r.public_id::text AS resource_id,
    date_part('epoch', e.start_time) AS starts, date_part('epoch', e.end_time) AS ends,
    date_part('epoch', e.claim_start) AS claim_starts,
    date_part('epoch', e.claim_end) AS claim_ends, e.status, e.purpose,
    COALESCE(e.user_id = %(viewer)s, false) AS is_mine,
    COALESCE(%(sees_all)s OR r.id = ANY(%(seen_resources)s::bigint[])
        OR r.resource_type_id = ANY(%(seen_types)s::bigint[])
        OR r.unit_id = ANY(%(seen_units)s::bigint[])
        OR e.user_id = %(viewer)s OR e.created_by_id = %(viewer)s
        OR e.id IN (SELECT a.booking_id FROM booking_bookingattendee a
            WHERE a.user_id = %(viewer)s)
        OR e.home_id IN (SELECT p.resource_id FROM booking_responsibleperson p
            WHERE p.user_id = %(viewer)s), false) AS in_full,
    COALESCE(p.show_name, true) AS show_name,
    COALESCE(NULLIF(TRIM(u.first_name || ' ' || u.last_name), ''), u.username, '') AS name,
    r.id AS resource_key
FROM e JOIN booking_resource r ON r.id = e.resource_id
LEFT JOIN accounts_user u ON u.id = e.user_id
LEFT JOIN accounts_userpreferences p ON p.user_id = e.user_id
ORDER BY e.start_time, r.id, e.kind
"""  # noqa: S608 - conditions of our own
