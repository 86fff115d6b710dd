"""The two statements behind every decision."""

from booking.queries._missed_sql import lapses_sql, missed_sql, running_sql

# One row a resource with everything its rules need to know that does not change by the minute.
# `{where}` is filled by the callers with a condition of their own, never with input; `{care}` with
# the columns of `_care_sql`.
RESOURCES = """
SELECT r.*,
    (SELECT jsonb_agg(jsonb_build_object(
            'id', l.id, 'name', l.name, 'is_active', l.is_active, 'capacity', l.capacity)
            ORDER BY l.id)
        FROM booking_resourcelink k JOIN booking_resource l ON l.id = k.linked_id
        WHERE k.resource_id = r.id) AS links_json,
    (SELECT jsonb_build_object('expires_at', a.expires_at)
        FROM booking_resourceaccess a
        WHERE a.resource_id = r.id AND a.user_id = %(user)s AND a.level = 'book'
            AND (a.expires_at IS NULL OR a.expires_at > %(now)s)) AS access_json,
    (SELECT jsonb_agg(jsonb_build_array(h.weekday, h.opens_at, h.closes_at)
            ORDER BY h.weekday, h.opens_at)
        FROM booking_openinghours h
        WHERE h.resource_id = r.id OR (h.resource_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM booking_openinghours own WHERE own.resource_id = r.id))) AS hours_json,
    (SELECT jsonb_agg(d.day ORDER BY d.day) FROM booking_holiday d
        WHERE NOT r.open_on_holidays
            AND d.day BETWEEN %(first_day)s AND %(last_day)s) AS holidays_json,
    -- The most specific policy row of each limit wins; where it stands is what it counts.
    (SELECT jsonb_object_agg(p."limit", jsonb_build_array(p.value, p.scope)) FROM (
        SELECT DISTINCT ON (p."limit") p."limit", p.value,
            CASE WHEN p.resource_id IS NOT NULL THEN 'resource'
                WHEN p.resource_type_id IS NOT NULL THEN 'type' ELSE 'all' END AS scope
        FROM booking_bookingpolicy p
        WHERE (p.role = %(role)s OR p.role = '')
            AND (p.resource_id = r.id OR p.resource_id IS NULL)
            AND (p.resource_type_id = r.resource_type_id OR p.resource_type_id IS NULL)
        ORDER BY p."limit", p.resource_id IS NULL, p.resource_type_id IS NULL, p.role = ''
        ) p) AS limits_json,
    -- The project that shall be charged, if any: whether it is this person's, and pays for this.
    (SELECT jsonb_build_object(
            'id', j.id, 'public_id', j.public_id, 'name', j.name, 'code', j.code,
            'is_active', j.is_active AND g.is_active,
            'starts_on', j.starts_on, 'ends_on', j.ends_on,
            'is_member', g.lead_id = %(user)s
                OR EXISTS (SELECT 1 FROM accounts_projectmember n
                    WHERE n.project_id = j.id AND n.user_id = %(user)s)
                OR EXISTS (SELECT 1 FROM accounts_groupmember n
                    WHERE n.group_id = g.id AND n.user_id = %(user)s AND n.is_manager),
            'covers_resource', NOT EXISTS (
                    SELECT 1 FROM booking_projectresource c WHERE c.project_id = j.id)
                OR EXISTS (SELECT 1 FROM booking_projectresource c
                    WHERE c.project_id = j.id AND c.resource_id = r.id))
        FROM accounts_project j JOIN accounts_researchgroup g ON g.id = j.group_id
        WHERE j.public_id = %(project)s) AS project_json,
    {care}
FROM booking_resource r
WHERE {where}
ORDER BY r.id
"""

# The user's live bookings, and every claim on the resources, each in its window. The index needs
# one resource at a time (`= ANY` would make it read everybody's claims of the window), and OFFSET 0
# keeps the planner from taking the loop apart.
# A running booking that nobody came for is over: its claim expires with the grace.
TIME = f"""
SELECT 'own' AS what, b.id, b.resource_id, b.start_time, b.end_time,
    -- A claim's kind; of an own booking the type of its resource.
    r.resource_type_id::int AS kind, NULL::int AS seat, r.name,
    NULL::bigint AS hold_id, NULL::bigint AS user_id, NULL::timestamptz AS expires_at,
    true AS show_name, b.group_id
FROM booking_booking b JOIN booking_resource r ON r.id = b.resource_id
WHERE b.user_id = %(user)s AND b.status = ANY(%(live)s)
    AND b.start_time > %(own_from)s - interval '366 days' AND b.end_time > %(own_from)s
    AND NOT {missed_sql("b")}
UNION ALL
SELECT 'claim', c.booking_id, c.resource_id, lower(c.during), upper(c.during), c.kind,
    CASE WHEN lower_inf(c.units) THEN NULL ELSE lower(c.units) END,
    COALESCE(m.title, z.reason, NULLIF(TRIM(u.first_name || ' ' || u.last_name), ''), u.username),
    c.hold_id, COALESCE(b.user_id, h.user_id),
    CASE WHEN {running_sql("b")} THEN {lapses_sql("b")} ELSE c.hold_expires_at END,
    COALESCE(p.show_name, true),
    NULL::uuid
FROM unnest(%(resources)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
    AS wanted(id, starts, ends) CROSS JOIN LATERAL (
    SELECT * FROM booking_resourcecalendar x
    WHERE x.resource_id = wanted.id AND x.during && tstzrange(wanted.starts, wanted.ends)
    OFFSET 0) c
LEFT JOIN booking_booking b ON b.id = c.booking_id
LEFT JOIN booking_hold h ON h.id = c.hold_id
LEFT JOIN booking_maintenancerecord m ON m.id = c.maintenance_id
LEFT JOIN booking_closure z ON z.id = c.closure_id
LEFT JOIN accounts_user u ON u.id = COALESCE(b.user_id, h.user_id)
LEFT JOIN accounts_userpreferences p ON p.user_id = u.id
"""  # noqa: S608 - conditions of our own
