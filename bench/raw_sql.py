"""What a careful person would write by hand: the baselines that the ratios refer to."""

# One booking with all that the service keeps about it, in one statement. The foreign keys are
# checked at commit, so that the order of the parts does not matter.
INSERT = """
WITH booked AS (
    INSERT INTO booking_booking (public_id, resource_id, user_id, created_by_id, start_time,
        end_time, status, seats, setup_minutes, cleanup_minutes, purpose, notes, sequence,
        is_late_cancellation, request_key, request_hash, created_at, updated_at)
    VALUES (gen_random_uuid(), %(resource)s, %(user)s, %(user)s, %(start)s, %(end)s, 'confirmed', 1,
        0, 0, 'raw', '', 0, false, '', '', now(), now())
    RETURNING id, public_id
), claimed AS (
    INSERT INTO booking_resourcecalendar (resource_id, units, during, kind, booking_id)
    SELECT %(resource)s, int4range(0, 1), tstzrange(%(start)s, %(end)s), 1, id FROM booked
), stepped AS (
    INSERT INTO booking_bookingstatus (booking_id, from_status, to_status, actor_id, reason, at)
    SELECT id, '', 'confirmed', %(user)s, '', now() FROM booked
), decided AS (
    INSERT INTO booking_bookingdecision (at, outcome, action, actor_id, user_id, resource_id,
        booking_id, start_time, end_time, trace, reason)
    SELECT now(), 'allowed', 'create', %(user)s, %(user)s, %(resource)s, id, %(start)s, %(end)s,
        '[]', '' FROM booked
), recorded AS (
    INSERT INTO audit_auditlog (at, action, actor_id, actor_name, object_type, object_id,
        object_name, changes, facts, reason, request_id)
    SELECT now(), 'booking.created', %(user)s, 'Bench', 'booking.booking', id::text, 'Bench',
        '{}', '{"resource": "Bench"}', '', '' FROM booked
)
INSERT INTO booking_outboxevent (public_id, kind, payload, created_at, attempts, last_error)
SELECT gen_random_uuid(), 'booking.created', jsonb_build_object('bookings',
    jsonb_build_array(public_id), 'actor', %(user)s::bigint), now(), 0, '' FROM booked
"""

# The bounded index scan of each resource, and the answer made by the database itself.
CALENDAR = """
WITH r AS MATERIALIZED (
    SELECT id, public_id FROM booking_resource
    WHERE %(ids)s::uuid[] IS NULL OR public_id = ANY(%(ids)s) ORDER BY name LIMIT 200
), u AS MATERIALIZED (
    SELECT id, first_name, last_name FROM accounts_user
)
SELECT COALESCE(json_agg(json_build_object('kind', 'booking', 'id', b.public_id,
    'resource', r.public_id, 'start_time', b.start_time, 'end_time', b.end_time,
    'claim_start', b.start_time - make_interval(mins => b.setup_minutes),
    'claim_end', b.end_time + make_interval(mins => b.cleanup_minutes), 'status', b.status,
    'title', u.first_name || ' ' || u.last_name, 'is_mine', u.id = %(user)s)
    ORDER BY b.start_time), '[]')::text
FROM r CROSS JOIN LATERAL (
    SELECT * FROM booking_booking x
    WHERE x.resource_id = r.id AND x.status IN ('pending', 'confirmed', 'checked_in', 'completed')
        AND x.start_time < %(until)s AND x.end_time > %(from)s
        AND x.start_time > %(from)s::timestamptz - interval '7 days'
    OFFSET 0) b
JOIN u ON u.id = b.user_id
"""

# Each resource's opening hours, or the lab's, minus its occupancy, as multiranges.
FREE = """
WITH r AS MATERIALIZED (
    SELECT id, public_id, name FROM booking_resource WHERE public_id = ANY(%(ids)s)
), open AS (
    SELECT r.id, range_agg(tstzrange((d::date + h.opens_at) AT TIME ZONE %(zone)s,
        (d::date + h.closes_at) AT TIME ZONE %(zone)s)) AS mr
    FROM r CROSS JOIN generate_series(%(from)s::date, %(until)s::date, interval '1 day') AS d
    JOIN booking_openinghours h ON h.weekday = extract(isodow FROM d)::int - 1
        AND (h.resource_id = r.id OR (h.resource_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM booking_openinghours own WHERE own.resource_id = r.id)))
    GROUP BY 1
), busy AS (
    SELECT c.resource_id, range_agg(c.during) AS mr FROM booking_resourcecalendar c
    WHERE c.resource_id IN (SELECT id FROM r) AND c.during && tstzrange(%(from)s, %(until)s)
    GROUP BY 1
)
SELECT r.public_id, r.name, lower(f), upper(f)
FROM r JOIN open ON open.id = r.id LEFT JOIN busy ON busy.resource_id = r.id
CROSS JOIN LATERAL unnest((open.mr - COALESCE(busy.mr, '{}'))
    * tstzmultirange(tstzrange(%(from)s, %(until)s))) AS f
WHERE upper(f) - lower(f) >= make_interval(mins => %(minutes)s)
ORDER BY 3 LIMIT 50
"""
