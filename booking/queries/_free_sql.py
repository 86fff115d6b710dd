"""The statement that finds time: opening hours minus claims, as multiranges."""

# The place of a slot among those of its resource, by start.
PLACE = "row_number() OVER (PARTITION BY id ORDER BY start_time)"

# Bringing a stretch onto the grid is dear. As many slots as are wanted start up to some moment:
# nothing that begins after it can be among the first, and it is left as it is.
BOUND = """lower(span) <= (
    SELECT max(start_time) FROM (SELECT start_time FROM slots LIMIT %(limit)s) firsts)"""

# Opening hours are built at lab-local time for each day of the window, minus holidays, minus every
# live claim; what is left is clipped to the window, to the hours asked for, and to the asker's own
# notice and horizon, and unnested. `{where}`,
# `{place}`, `{bound}` and what is missed are of the caller's own, never input.
FREE = """
WITH r AS MATERIALIZED (
    SELECT res.id, res.public_id, res.name, res.code, res.slot_minutes, res.capacity,
        t.name AS type_name, res.setup_minutes, res.cleanup_minutes,
        COALESCE(NULLIF(res.time_zone, ''), %(zone)s) AS zone, res.open_on_holidays,
        (SELECT jsonb_object_agg(p."limit", p.value) FROM (
            SELECT DISTINCT ON (p."limit") p."limit", p.value
            FROM booking_bookingpolicy p
            WHERE (p.role = %(role)s OR p.role = '')
                AND (p.resource_id = res.id OR p.resource_id IS NULL)
                AND (p.resource_type_id = res.resource_type_id OR p.resource_type_id IS NULL)
            ORDER BY p."limit", p.resource_id IS NULL, p.resource_type_id IS NULL, p.role = ''
            ) p) AS limits,
        (SELECT min(a.expires_at) FROM booking_resourceaccess a
            WHERE a.resource_id = res.id AND a.user_id = %(user)s
                AND a.level = 'book') AS access_until,
        -- Until when a fault keeps it from being used, as the rule of faults counts.
        (SELECT max(COALESCE(f.back_at, %(now)s + interval '1 day')) FROM booking_fault f
            WHERE f.blocks_use AND f.state <> 'resolved' AND (f.resource_id = res.id
                OR f.resource_id IN (SELECT k.linked_id FROM booking_resourcelink k
                    WHERE k.resource_id = res.id))) AS back_at
    FROM booking_resource res JOIN booking_resourcetype t ON t.id = res.resource_type_id
    WHERE res.is_active AND {where}
        AND NOT EXISTS (SELECT 1 FROM booking_resourcelink k JOIN booking_resource l
            ON l.id = k.linked_id WHERE k.resource_id = res.id AND NOT l.is_active)
        AND (NOT res.requires_access OR EXISTS (
            SELECT 1 FROM booking_resourceaccess a WHERE a.resource_id = res.id
                AND a.user_id = %(user)s AND a.level = 'book'
                AND (a.expires_at IS NULL OR a.expires_at > %(now)s)))
), days AS MATERIALIZED (
    SELECT d::date AS day, extract(isodow FROM d)::int - 1 AS weekday
    FROM generate_series(%(first_day)s::date, %(last_day)s::date, interval '1 day') AS d
), own AS (
    SELECT range_agg(tstzrange(b.start_time, b.end_time)) AS mr FROM booking_booking b
    WHERE b.user_id = %(user)s AND b.status IN ('pending', 'confirmed', 'checked_in')
        AND NOT {own_missed}
        AND b.start_time < %(until)s AND b.start_time > %(from)s::timestamptz - interval '366 days'
        AND b.end_time > %(from)s
), zones AS MATERIALIZED (
    -- What is the same for all resources of a zone: the lab's hours, and the hours asked for
    -- without the asker's own bookings and, for most, without holidays.
    SELECT z.zone,
        (SELECT range_agg(tstzrange(
                (d.day + h.opens_at) AT TIME ZONE z.zone,
                GREATEST((d.day + (h.closes_at <= h.opens_at)::int + h.closes_at)
                    AT TIME ZONE z.zone, (d.day + h.opens_at) AT TIME ZONE z.zone)))
            FROM booking_openinghours h JOIN days d ON d.weekday = h.weekday
            WHERE h.resource_id IS NULL) AS open,
        asked.mr - COALESCE(own.mr, '{{}}') AS any_day,
        asked.mr - COALESCE(own.mr, '{{}}') - COALESCE((
            SELECT range_agg(tstzrange(
                n.day::timestamp AT TIME ZONE z.zone, (n.day + 1)::timestamp AT TIME ZONE z.zone))
            FROM booking_holiday n WHERE n.day BETWEEN %(first_day)s AND %(last_day)s),
            '{{}}') AS work_days
    FROM (SELECT DISTINCT zone FROM r) z CROSS JOIN LATERAL (
        SELECT range_agg(tstzrange(
            (d.day + %(hour_from)s::time) AT TIME ZONE z.zone,
            -- Hours that begin in the gap of spring may end before they begin: there are none.
            GREATEST((d.day + (%(hour_until)s::time <= %(hour_from)s::time)::int
                + %(hour_until)s::time) AT TIME ZONE z.zone,
                (d.day + %(hour_from)s::time) AT TIME ZONE z.zone))) AS mr
        FROM days d WHERE d.weekday = ANY(%(weekdays)s)) asked
    CROSS JOIN own
), hours AS (
    -- Of its own hours a resource may have none in these days: then it is closed.
    SELECT r.id, range_agg(tstzrange(
            (d.day + h.opens_at) AT TIME ZONE r.zone,
            GREATEST((d.day + (h.closes_at <= h.opens_at)::int + h.closes_at) AT TIME ZONE r.zone,
                (d.day + h.opens_at) AT TIME ZONE r.zone))) FILTER (WHERE d.day IS NOT NULL) AS mr
    FROM r JOIN booking_openinghours h ON h.resource_id = r.id
    LEFT JOIN days d ON d.weekday = h.weekday GROUP BY 1
), occupied AS (
    -- One row a resource and its links: what is full. A claim is widened by the buffers that a
    -- new booking would bring, so that what is left is time for the booking itself.
    SELECT r.id, s.seats, tstzrange(
            lower(c.during) - make_interval(mins => r.cleanup_minutes),
            upper(c.during) + make_interval(mins => r.setup_minutes)) AS during, c.units, s.place
    FROM r CROSS JOIN LATERAL (
        SELECT r.id AS place, r.capacity AS seats
        UNION ALL
        SELECT l.id, l.capacity FROM booking_resourcelink k
            JOIN booking_resource l ON l.id = k.linked_id WHERE k.resource_id = r.id) s
    JOIN booking_resourcecalendar c ON c.resource_id = s.place
        AND c.during && tstzrange(%(from)s::timestamptz - interval '1 day',
            %(until)s::timestamptz + interval '1 day')
    WHERE (c.hold_expires_at IS NULL OR (c.hold_expires_at > %(now)s AND NOT EXISTS (
            SELECT 1 FROM booking_hold h WHERE h.id = c.hold_id AND h.user_id = %(user)s)))
        -- Only what holds this moment can be missed and not be written down yet.
        AND NOT (c.during @> %(now)s::timestamptz AND EXISTS (
            SELECT 1 FROM booking_booking missed WHERE missed.id = c.booking_id AND {missed}))
), seats AS (
    SELECT id, place, seats, lower(units) AS seat, range_agg(during) AS mr
    FROM occupied GROUP BY 1, 2, 3, 4
), full_time AS (
    SELECT id, range_agg(mr) AS mr FROM (
        SELECT id, mr FROM seats WHERE seats = 1 OR seat IS NULL
        UNION ALL
        -- Of several seats a stretch of time is full when every seat is claimed over all of it.
        SELECT id, range_intersect_agg(mr) FROM seats WHERE seats > 1 AND seat IS NOT NULL
        GROUP BY id, place, seats HAVING count(*) = seats
    ) f GROUP BY id
), seat_time AS (
    -- A booking keeps its seat: where every seat is claimed at some time or other, what is free is
    -- what is free on one of them.
    SELECT id, seat, mr FROM (
        SELECT *, count(*) OVER (PARTITION BY id) AS claimed
        FROM seats WHERE place = id AND seats > 1 AND seat IS NOT NULL) s
    WHERE claimed >= seats
), free AS (
    SELECT r.id, seat_time.seat, unnest((
            (CASE
                WHEN hours.id IS NOT NULL THEN COALESCE(hours.mr, '{{}}')
                WHEN EXISTS (SELECT 1 FROM booking_openinghours WHERE resource_id IS NULL)
                    THEN COALESCE(z.open, '{{}}')
                ELSE '{{(,)}}'::tstzmultirange END)
            * COALESCE(CASE WHEN r.open_on_holidays THEN z.any_day ELSE z.work_days END, '{{}}')
            -- Ranges that share nothing make an empty one; bounds in the wrong order would be an
            -- error.
            * tstzmultirange(tstzrange(%(from)s, %(until)s)
                * tstzrange(%(now)s::timestamptz + make_interval(
                    mins => COALESCE((r.limits->>'lead_time')::int, 0)), NULL)
                * tstzrange(r.back_at, NULL)
                * tstzrange(NULL, LEAST(r.access_until, %(now)s::timestamptz + make_interval(
                    mins => (r.limits->>'horizon')::int)))))
        - COALESCE(full_time.mr, '{{}}')
        - COALESCE(seat_time.mr, '{{}}')) AS span
    FROM r JOIN zones z ON z.zone = r.zone
    LEFT JOIN hours ON hours.id = r.id
    LEFT JOIN full_time ON full_time.id = r.id
    LEFT JOIN seat_time ON seat_time.id = r.id
    WHERE COALESCE((r.limits->>'max_length')::int >= %(minimum)s, true)
), spans AS MATERIALIZED (
    SELECT id, span FROM free
    WHERE seat IS NULL AND upper(span) - lower(span) >= make_interval(mins => %(minimum)s)
    UNION ALL
    -- What one seat has free within what another has is no offer of its own: what holds a stretch
    -- begins before it, or with it and ends later.
    SELECT id, span FROM (
        SELECT id, span, max(upper(span)) OVER (
            PARTITION BY id ORDER BY lower(span), upper(span) DESC, seat
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS held_until
        FROM free WHERE seat IS NOT NULL) s
    WHERE upper(span) - lower(span) >= make_interval(mins => %(minimum)s)
        AND (held_until IS NULL OR held_until < upper(span))
), slots AS NOT MATERIALIZED (
    -- Starts and ends come onto the grid, which counts from lab-local midnight.
    SELECT r.*, spans.span, on_grid.start_time, on_grid.end_time
    FROM (SELECT * FROM spans ORDER BY lower(span)) spans CROSS JOIN LATERAL (
        SELECT * FROM r WHERE r.id = spans.id OFFSET 0) r CROSS JOIN LATERAL (
        SELECT date_bin(make_interval(mins => slot_minutes), lower(span) + make_interval(
                    mins => slot_minutes) - interval '1 microsecond',
                date_trunc('day', lower(span), zone)) AS start_time,
            date_bin(make_interval(mins => slot_minutes), upper(span),
                date_trunc('day', upper(span), zone)) AS end_time OFFSET 0) on_grid
    WHERE end_time - start_time >= make_interval(
        mins => GREATEST(%(minimum)s, COALESCE((limits->>'min_length')::int, 0)))
)
SELECT public_id, name, code, type_name, zone, start_time,
    LEAST(end_time, start_time + make_interval(mins => (limits->>'max_length')::int)) AS end_time
FROM (
    SELECT slots.*, {place} AS place FROM slots WHERE {bound}
) ranked
WHERE place <= %(per_resource)s
ORDER BY start_time, end_time - start_time DESC, name
LIMIT %(limit)s
"""
