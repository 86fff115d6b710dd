"""The statement that finds who waits for time that became free, and which piece suits each."""

# Who waits for one of the freed resources within the freed time, each with the limits of their
# role; then free time as in the search for it, but for nobody in particular; then of each person
# the earliest piece on the grid that touches the freed time, within the hours they gave and off
# their own bookings and offers. `{missed}` is our own, never input.
FITTING = """
WITH freed AS MATERIALIZED (
    SELECT f.resource_id, tstzrange(GREATEST(f.start_time, %(now)s), f.end_time) AS during
    FROM unnest(%(resources)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
        AS g(public_id, start_time, end_time)
    CROSS JOIN LATERAL (SELECT id AS resource_id, g.start_time, g.end_time
        FROM booking_resource WHERE public_id = g.public_id AND g.end_time > %(now)s) f
), affected AS MATERIALIZED (
    -- A booking takes what is linked to its resource as well: that became free too, and with it
    -- whatever else needs it.
    SELECT DISTINCT touched.resource_id, freed.during FROM freed CROSS JOIN LATERAL (
        SELECT freed.resource_id
        UNION SELECT k.linked_id FROM booking_resourcelink k
            WHERE k.resource_id = freed.resource_id
        UNION SELECT k.resource_id FROM booking_resourcelink k
            WHERE k.linked_id = freed.resource_id OR k.linked_id IN (
                SELECT o.linked_id FROM booking_resourcelink o
                WHERE o.resource_id = freed.resource_id)) touched
), waiting AS MATERIALIZED (
    SELECT w.id, w.user_id, u.role, w.minutes, w.earliest, w.latest, w.weekdays, w.day_from,
        w.day_until, w.missed_offers, w.created_at, a.resource_id, a.during,
        (SELECT min(x.expires_at) FROM booking_resourceaccess x
            WHERE x.resource_id = res.id AND x.user_id = w.user_id
                AND x.level = 'book') AS access_until
    FROM booking_waitingentry w
    JOIN accounts_user u ON u.id = w.user_id AND u.is_active
    JOIN affected a ON a.during && tstzrange(w.earliest, w.latest)
    JOIN booking_resource res ON res.id = a.resource_id AND res.is_active
        AND (w.resource_id = res.id OR w.resource_type_id = res.resource_type_id
            OR w.pool_id IN (SELECT m.resourcepool_id FROM booking_resourcepool_resources m
                WHERE m.resource_id = res.id))
    WHERE w.state = 'waiting' AND w.kind = ANY(%(kinds)s) AND w.latest > %(now)s
        AND NOT w.id = ANY(%(without)s)
        AND (NOT res.requires_access OR EXISTS (
            SELECT 1 FROM booking_resourceaccess x WHERE x.resource_id = res.id
                AND x.user_id = w.user_id AND x.level = 'book'
                AND (x.expires_at IS NULL OR x.expires_at > %(now)s)))
), r AS MATERIALIZED (
    SELECT res.id, res.slot_minutes, res.capacity, res.setup_minutes, res.cleanup_minutes,
        COALESCE(NULLIF(res.time_zone, ''), %(zone)s) AS zone, res.open_on_holidays,
        EXISTS (SELECT 1 FROM booking_openinghours h WHERE h.resource_id = res.id) AS own_hours
    FROM booking_resource res WHERE res.id IN (SELECT resource_id FROM waiting)
        AND NOT EXISTS (SELECT 1 FROM booking_resourcelink k JOIN booking_resource l
            ON l.id = k.linked_id WHERE k.resource_id = res.id AND NOT l.is_active)
), terms AS MATERIALIZED (
    SELECT g.resource_id, g.role, (SELECT jsonb_object_agg(p."limit", p.value) FROM (
        SELECT DISTINCT ON (p."limit") p."limit", p.value
        FROM booking_bookingpolicy p
        WHERE (p.role = g.role OR p.role = '')
            AND (p.resource_id = g.resource_id OR p.resource_id IS NULL)
            AND (p.resource_type_id IS NULL OR p.resource_type_id = (
                SELECT t.resource_type_id FROM booking_resource t WHERE t.id = g.resource_id))
        ORDER BY p."limit", p.resource_id IS NULL, p.resource_type_id IS NULL, p.role = ''
        ) p) AS limits
    FROM (SELECT DISTINCT resource_id, role FROM waiting) g
), around AS MATERIALIZED (
    -- A piece reaches at most its length beyond the freed time.
    SELECT tstzrange(GREATEST(min(lower(w.during)) - make_interval(mins => max(w.minutes)),
            %(now)s),
        max(upper(w.during)) + make_interval(mins => max(w.minutes)) + interval '1 day') AS during
    FROM waiting w HAVING count(*) > 0
), days AS MATERIALIZED (
    SELECT d::date AS day, extract(isodow FROM d)::int - 1 AS weekday
    FROM around, generate_series((lower(during) - interval '2 days')::date,
        (upper(during) + interval '2 days')::date, interval '1 day') AS d
), hours AS (
    SELECT COALESCE(h.resource_id, 0) AS owner, z.zone, range_agg(tstzrange(
            (d.day + h.opens_at) AT TIME ZONE z.zone,
            GREATEST((d.day + (h.closes_at <= h.opens_at)::int + h.closes_at) AT TIME ZONE z.zone,
                (d.day + h.opens_at) AT TIME ZONE z.zone))) AS mr
    FROM booking_openinghours h JOIN days d ON d.weekday = h.weekday
    CROSS JOIN (SELECT DISTINCT zone FROM r) z
    WHERE h.resource_id IS NULL OR h.resource_id IN (SELECT id FROM r)
    GROUP BY 1, 2
), holidays AS (
    SELECT z.zone, range_agg(tstzrange(
            d.day::timestamp AT TIME ZONE z.zone, (d.day + 1)::timestamp AT TIME ZONE z.zone)) AS mr
    FROM booking_holiday d CROSS JOIN (SELECT DISTINCT zone FROM r) z
    WHERE d.day IN (SELECT day FROM days) GROUP BY 1
), occupied AS (
    SELECT r.id, s.seats, tstzrange(
            lower(c.during) - make_interval(mins => r.cleanup_minutes),
            upper(c.during) + make_interval(mins => r.setup_minutes)) AS during, c.units, s.place
    FROM r CROSS JOIN around CROSS JOIN LATERAL (
        SELECT r.id AS place, r.capacity AS seats
        UNION ALL
        SELECT l.id, l.capacity FROM booking_resourcelink k
            JOIN booking_resource l ON l.id = k.linked_id WHERE k.resource_id = r.id) s
    JOIN booking_resourcecalendar c ON c.resource_id = s.place AND c.during && tstzrange(
        lower(around.during) - interval '1 day', upper(around.during) + interval '1 day')
    WHERE (c.hold_expires_at IS NULL OR c.hold_expires_at > %(now)s)
        AND NOT (c.during @> %(now)s::timestamptz AND EXISTS (
            SELECT 1 FROM booking_booking missed WHERE missed.id = c.booking_id AND {missed}))
), full_time AS (
    SELECT id, range_agg(during) AS mr FROM (
        SELECT id, during FROM occupied WHERE seats = 1 OR lower_inf(units)
        UNION ALL
        SELECT o.id, unnest(range_intersect_agg(o.mr)) FROM (
            SELECT id, place, seats, lower(units) AS seat, range_agg(during) AS mr
            FROM occupied WHERE seats > 1 AND NOT lower_inf(units) GROUP BY 1, 2, 3, 4) o
        GROUP BY o.id, o.place, o.seats HAVING count(*) = o.seats
    ) f GROUP BY id
), seat_time AS (
    SELECT s.id, s.mr FROM (
        SELECT id, seats, lower(units) AS seat, range_agg(during) AS mr,
            count(*) OVER (PARTITION BY id) AS claimed
        FROM occupied WHERE place = id AND seats > 1 AND NOT lower_inf(units) GROUP BY 1, 2, 3
    ) s WHERE s.claimed >= s.seats
), free AS MATERIALIZED (
    SELECT r.*, unnest((
            (CASE
                WHEN r.own_hours THEN COALESCE(h.mr, '{{}}')
                WHEN EXISTS (SELECT 1 FROM booking_openinghours WHERE resource_id IS NULL)
                    THEN COALESCE(lab.mr, '{{}}')
                ELSE '{{(,)}}'::tstzmultirange END)
            - CASE WHEN r.open_on_holidays THEN '{{}}'::tstzmultirange
                ELSE COALESCE(holidays.mr, '{{}}') END
            - COALESCE(full_time.mr, '{{}}')
            - COALESCE(seat_time.mr, '{{}}'))
        * tstzmultirange((SELECT during FROM around))) AS span
    FROM r
    LEFT JOIN hours h ON h.owner = r.id AND h.zone = r.zone
    LEFT JOIN hours lab ON lab.owner = 0 AND lab.zone = r.zone
    LEFT JOIN holidays ON holidays.zone = r.zone
    LEFT JOIN full_time ON full_time.id = r.id
    LEFT JOIN seat_time ON seat_time.id = r.id
), busy AS MATERIALIZED (
    SELECT user_id, range_agg(during) AS mr FROM (
        SELECT b.user_id, tstzrange(b.start_time, b.end_time) AS during FROM booking_booking b
        WHERE b.user_id IN (SELECT user_id FROM waiting)
            AND b.status IN ('pending', 'confirmed', 'checked_in')
            AND b.end_time > %(now)s AND b.start_time < (SELECT upper(during) FROM around)
        UNION ALL
        SELECT o.user_id, tstzrange(o.start_time, o.end_time) FROM booking_offer o
        WHERE o.user_id IN (SELECT user_id FROM waiting)
            AND o.state = 'open' AND o.expires_at > %(now)s
    ) taken GROUP BY user_id
), refused AS MATERIALIZED (
    -- Nobody is offered the same time twice.
    SELECT o.entry_id, o.resource_id, range_agg(tstzrange(o.start_time, o.end_time)) AS mr
    FROM booking_offer o
    WHERE o.entry_id IN (SELECT id FROM waiting) AND o.state IN ('declined', 'expired')
    GROUP BY 1, 2
), asked AS MATERIALIZED (
    -- The hours that people gave, once for all who gave the same.
    SELECT g.weekdays, g.day_from, g.day_until, z.zone, range_agg(tstzrange(
            (d.day + COALESCE(g.day_from, '00:00')) AT TIME ZONE z.zone,
            GREATEST((d.day + (COALESCE(g.day_until, '00:00') <= COALESCE(g.day_from, '00:00'))::int
                + COALESCE(g.day_until, '00:00')) AT TIME ZONE z.zone,
                (d.day + COALESCE(g.day_from, '00:00')) AT TIME ZONE z.zone))) AS mr
    FROM (SELECT DISTINCT weekdays, day_from, day_until FROM waiting) g
    CROSS JOIN (SELECT DISTINCT zone FROM r) z
    JOIN days d ON g.weekdays = '{{}}' OR d.weekday = ANY(g.weekdays)
    GROUP BY 1, 2, 3, 4
), pieces AS (
    SELECT w.id, w.user_id, w.missed_offers, w.created_at, w.resource_id, on_grid.start_time,
        on_grid.start_time + make_interval(mins => wanted.length) AS end_time,
        COALESCE((terms.limits->>'lead_time')::int, 0) AS notice,
        on_grid.start_time < lower(w.during) AS is_before
    FROM waiting w JOIN free ON free.id = w.resource_id
    JOIN terms ON terms.resource_id = w.resource_id AND terms.role = w.role
    JOIN asked ON asked.weekdays = w.weekdays AND asked.zone = free.zone
        AND asked.day_from IS NOT DISTINCT FROM w.day_from
        AND asked.day_until IS NOT DISTINCT FROM w.day_until
    LEFT JOIN busy ON busy.user_id = w.user_id
    LEFT JOIN refused ON refused.entry_id = w.id AND refused.resource_id = w.resource_id
    CROSS JOIN LATERAL (SELECT free.slot_minutes * ceil(GREATEST(w.minutes,
            COALESCE((terms.limits->>'min_length')::int, 0))::numeric
        / free.slot_minutes)::int AS length) wanted
    CROSS JOIN LATERAL unnest(tstzmultirange(free.span
            * tstzrange(w.earliest, w.latest)
            * tstzrange(lower(w.during) - make_interval(mins => wanted.length)
                + interval '1 microsecond',
                upper(w.during) + make_interval(mins => wanted.length) - interval '1 microsecond')
            * tstzrange(%(now)s::timestamptz + make_interval(mins => %(answer)s
                + COALESCE((terms.limits->>'lead_time')::int, 0)), NULL)
            * tstzrange(NULL, LEAST(w.access_until, %(now)s::timestamptz + make_interval(
                mins => (terms.limits->>'horizon')::int))))
        * asked.mr - COALESCE(busy.mr, '{{}}') - COALESCE(refused.mr, '{{}}')) AS part
    -- A piece that begins within the freed time is better than one that only reaches into it.
    CROSS JOIN LATERAL (VALUES (lower(part)), (GREATEST(lower(part), lower(w.during)))) first(at)
    CROSS JOIN LATERAL (SELECT date_bin(make_interval(mins => free.slot_minutes),
        first.at + make_interval(mins => free.slot_minutes) - interval '1 microsecond',
        date_trunc('day', first.at, free.zone)) AS start_time OFFSET 0) on_grid
    WHERE on_grid.start_time + make_interval(mins => wanted.length) <= upper(part)
        AND COALESCE((terms.limits->>'max_length')::int >= wanted.length, true)
), earliest AS (
    SELECT DISTINCT ON (id) * FROM pieces ORDER BY id, is_before, start_time, resource_id
)
SELECT earliest.id, res.public_id, start_time, end_time, notice FROM earliest
JOIN booking_resource res ON res.id = earliest.resource_id
ORDER BY missed_offers, earliest.created_at, earliest.id
LIMIT %(limit)s
"""

# The hours of a day that an entry gave, at lab-local time; `{day}` and `{entry}` are our own.
_HOURS = """tstzrange(({day} + COALESCE({entry}.day_from, '00:00')) AT TIME ZONE %(zone)s,
    GREATEST(({day} + make_interval(days => (COALESCE({entry}.day_until, '00:00')
            <= COALESCE({entry}.day_from, '00:00'))::int)
        + COALESCE({entry}.day_until, '00:00')) AT TIME ZONE %(zone)s,
        ({day} + COALESCE({entry}.day_from, '00:00')) AT TIME ZONE %(zone)s))"""
_ANY_HOUR = """({entry}.weekdays = '{{}}'
    AND {entry}.day_from IS NULL AND {entry}.day_until IS NULL)"""
_ON_DAY = """({entry}.weekdays = '{{}}'
    OR extract(isodow FROM {day})::int - 1 = ANY({entry}.weekdays))"""

# How many come before each entry for some of the same time on some of the same resources. Who
# waits for other hours of the day, or for other weekdays, comes before nobody.
AHEAD = f"""
WITH reach AS MATERIALIZED (
    SELECT w.*, res.id AS place
    FROM booking_waitingentry w
    CROSS JOIN LATERAL (
        SELECT w.resource_id AS id WHERE w.resource_id IS NOT NULL
        UNION ALL
        SELECT t.id FROM booking_resource t WHERE t.resource_type_id = w.resource_type_id
        UNION ALL
        SELECT m.resource_id FROM booking_resourcepool_resources m
        WHERE m.resourcepool_id = w.pool_id) res
    WHERE w.state IN ('waiting', 'offered') AND w.latest > %(now)s
        AND (w.kind = 'hold' OR w.id = ANY(%(entries)s))
), rivals AS MATERIALIZED (
    SELECT DISTINCT mine.id, other.id AS other_id
    FROM reach mine JOIN reach other ON other.place = mine.place AND other.id <> mine.id
        AND other.kind = 'hold' AND other.user_id <> mine.user_id
        AND other.earliest < mine.latest AND mine.earliest < other.latest
        AND (other.missed_offers, other.created_at, other.id)
            < (mine.missed_offers, mine.created_at, mine.id)
    WHERE mine.id = ANY(%(entries)s)
)
SELECT mine.id, count(*) FROM rivals
JOIN booking_waitingentry mine ON mine.id = rivals.id
JOIN booking_waitingentry other ON other.id = rivals.other_id
CROSS JOIN LATERAL (SELECT tstzrange(GREATEST(mine.earliest, other.earliest, %(now)s),
    LEAST(mine.latest, other.latest)) AS during) both_wait
WHERE {_ANY_HOUR.format(entry="mine")} AND {_ANY_HOUR.format(entry="other")}
    OR EXISTS (
        SELECT 1 FROM generate_series((lower(during) AT TIME ZONE %(zone)s)::date - 1,
            (upper(during) AT TIME ZONE %(zone)s)::date + 1, interval '1 day') AS theirs
        CROSS JOIN generate_series(theirs - interval '1 day', theirs + interval '1 day',
            interval '1 day') AS ours
        WHERE {_ON_DAY.format(entry="other", day="theirs")}
            AND {_ON_DAY.format(entry="mine", day="ours")}
            AND NOT isempty(during * {_HOURS.format(entry="other", day="theirs::timestamp")}
                * {_HOURS.format(entry="mine", day="ours::timestamp")}))
GROUP BY mine.id
"""  # noqa: S608 - names of our own
