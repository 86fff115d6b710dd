"""The statement that reads what a calendar feed shows."""

from booking.enums import FeedScope
from booking.queries._calendar_sql import DISPLACED
from booking.queries._missed_sql import missed_sql

# No booking lasts longer than a year, so that the indexes by start bound what is looked at.
_SPAN = """x.start_time < %(until)s AND x.end_time > %(from)s
        AND x.start_time > %(from)s::timestamptz - interval '366 days'"""
_OWN = f"""
    SELECT x.id, x.resource_id AS shown_at FROM booking_booking x
    WHERE x.user_id = %(viewer)s AND {_SPAN}
    UNION
    SELECT x.id, x.resource_id FROM booking_bookingattendee a
    JOIN booking_booking x ON x.id = a.booking_id
    WHERE a.user_id = %(viewer)s AND {_SPAN}
"""  # noqa: S608 - conditions of our own
_OF_PEOPLE = f"""
    SELECT x.id, x.resource_id AS shown_at FROM booking_booking x
    WHERE x.user_id = ANY(%(people)s) AND {_SPAN}
"""  # noqa: S608 - conditions of our own
_ON_RESOURCES = f"""
    SELECT x.id, x.resource_id AS shown_at FROM booking_booking x
    WHERE x.resource_id = ANY(%(resources)s) AND {_SPAN}
"""  # noqa: S608 - conditions of our own
# What another instrument's bookings occupy of this one is told as this one's time.
_ON_ONE = f"""{_ON_RESOURCES}
    UNION
    SELECT c.booking_id, c.resource_id FROM booking_resourcecalendar c
    WHERE c.resource_id = ANY(%(resources)s) AND c.kind = 2
        AND c.during && tstzrange(%(from)s, %(until)s)
"""  # noqa: S608 - conditions of our own
_SOURCES = {
    FeedScope.MINE: _OWN,
    FeedScope.GROUP: _OF_PEOPLE,
    FeedScope.RESOURCE: _ON_ONE,
    FeedScope.LAB: _ON_RESOURCES,
}
# Whose name is hidden from others is not told to be of the group either; nor what is done on
# instruments that are hidden.
_ONLY_SHOWN = {
    FeedScope.GROUP: "(b.in_full OR (b.show_name AND NOT b.is_hidden))",
}

# As calendars tell it: a booking in full to those whom it concerns, of others that the time is
# taken, and the name where its bearer shows it. Purpose and notes only of one's own.
_BOOKINGS = f"""
SELECT 'booking' AS kind, b.public_id::text AS public_id, b.sequence,
    CASE WHEN b.status IN ('cancelled', 'rejected', 'no_show') THEN 'cancelled'
        WHEN b.status = 'pending' THEN 'tentative' ELSE 'confirmed' END AS status,
    date_part('epoch', b.start_time) AS starts, date_part('epoch', b.end_time) AS ends,
    date_part('epoch', b.updated_at) AS changed,
    r.name AS resource, r.location, t.name AS type, r.time_zone AS zone,
    b.is_for_viewer, b.in_full,
    CASE WHEN b.in_full OR b.show_name THEN b.person ELSE '' END AS person,
    CASE WHEN b.is_own THEN b.purpose ELSE '' END AS purpose,
    CASE WHEN b.is_own THEN b.notes ELSE '' END AS notes
FROM (
    SELECT x.*, s.shown_at, h.is_hidden, who.is_own,
        COALESCE(x.user_id = %(viewer)s OR who.attends, false) AS is_for_viewer,
        COALESCE(who.is_own OR %(sees_all)s
            OR x.resource_id = ANY(%(seen_resources)s::bigint[])
            OR h.resource_type_id = ANY(%(seen_types)s::bigint[])
            OR h.unit_id = ANY(%(seen_units)s::bigint[])
            OR x.resource_id IN (SELECT p.resource_id FROM booking_responsibleperson p
                WHERE p.user_id = %(viewer)s), false) AS in_full,
        COALESCE(f.show_name, true) AS show_name,
        COALESCE(NULLIF(TRIM(u.first_name || ' ' || u.last_name), ''), u.username) AS person
    FROM source s JOIN booking_booking x ON x.id = s.id
    JOIN booking_resource h ON h.id = x.resource_id
    JOIN accounts_user u ON u.id = x.user_id
    LEFT JOIN accounts_userpreferences f ON f.user_id = x.user_id
    CROSS JOIN LATERAL (SELECT a.attends,
            x.user_id = %(viewer)s OR x.created_by_id = %(viewer)s OR a.attends AS is_own
        FROM (SELECT x.id IN (SELECT n.booking_id FROM booking_bookingattendee n
            WHERE n.user_id = %(viewer)s) AS attends) a) who
) b
JOIN booking_resource r ON r.id = b.shown_at
JOIN booking_resourcetype t ON t.id = r.resource_type_id
WHERE {{shown}} AND (
    (b.status IN ('pending', 'confirmed', 'checked_in', 'completed')
        AND NOT {missed_sql("b")} AND b.id NOT IN ({DISPLACED}))
    OR (b.status IN ('cancelled', 'rejected', 'no_show') AND b.in_full
        AND b.updated_at > %(dropped_since)s))
"""  # noqa: S608 - conditions of our own

_BLOCKS = """
UNION ALL
SELECT 'closure', z.public_id::text, 0, 'confirmed',
    date_part('epoch', z.start_time), date_part('epoch', z.end_time),
    date_part('epoch', z.created_at),
    COALESCE(r.name, ''), COALESCE(r.location, ''), COALESCE(t.name, ''),
    COALESCE(r.time_zone, ''), false, false, '', z.reason, ''
FROM booking_closure z
LEFT JOIN booking_resource r ON r.id = z.resource_id
LEFT JOIN booking_resourcetype t ON t.id = r.resource_type_id
WHERE (z.resource_id IS NULL OR z.resource_id = ANY(%(resources)s))
    AND z.start_time < %(until)s AND z.end_time > %(from)s
UNION ALL
SELECT 'maintenance', m.public_id::text,
    m.sequence + CASE WHEN m.cancelled_at IS NULL THEN 0 ELSE 1 END,
    CASE WHEN m.cancelled_at IS NULL THEN 'confirmed' ELSE 'cancelled' END,
    date_part('epoch', m.start_time), date_part('epoch', m.end_time),
    date_part('epoch', COALESCE(m.cancelled_at, m.changed_at, m.created_at)),
    r.name, r.location, t.name, r.time_zone, false, false, '', m.title, ''
FROM booking_maintenancerecord m
JOIN booking_resource r ON r.id = m.resource_id
JOIN booking_resourcetype t ON t.id = r.resource_type_id
WHERE m.resource_id = ANY(%(resources)s)
    AND m.start_time < %(until)s AND m.end_time > %(from)s
    AND (m.cancelled_at IS NULL OR m.cancelled_at > %(dropped_since)s)
"""
_WITH_BLOCKS = (FeedScope.RESOURCE, FeedScope.LAB)


def feed_sql(scope: FeedScope) -> str:
    """What a feed of the scope shows and the digest of it; no rows where the digest is known.

    The digest is of everything that is shown: whatever changes it (a move, a name, who may see
    what), a reader hears of it, and one who has it already is told so without its rows.
    """
    bookings = _BOOKINGS.format(shown=_ONLY_SHOWN.get(scope, "TRUE"))
    blocks = _BLOCKS if scope in _WITH_BLOCKS else ""
    return f"""
WITH source AS ({_SOURCES[scope]}),
shown AS MATERIALIZED (
    SELECT * FROM ({bookings} {blocks}) e ORDER BY starts, kind, public_id LIMIT %(most)s
),
state AS (
    SELECT encode(sha256(convert_to(COALESCE(string_agg(shown::text, E'\\n'
        ORDER BY starts, kind, public_id), ''), 'UTF8')), 'hex') AS digest FROM shown
)
SELECT state.digest, shown.* FROM state
LEFT JOIN shown ON NOT state.digest = ANY(%(known)s::text[])
ORDER BY shown.starts, shown.kind, shown.public_id
"""  # noqa: S608 - conditions of our own
