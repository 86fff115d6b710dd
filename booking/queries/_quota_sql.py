"""Quotas that count somebody's bookings, and what is on their accounts."""

# The columns that make a `QuotaFacts`, besides the key of who shares it.
_COLUMNS = """y.id, y.public_id, y.name, y.measure, y.amount, y.period, y.rolling_days, y.holder,
        y.carry_percent, y.overdraft, y.grab_hours, y.counts_no_shows, y.created_at"""

# Where a booking is charged to no project, the person's own group counts.
OWN_GROUP = """(SELECT min(g.id) FROM accounts_researchgroup g
            WHERE g.is_active AND (g.lead_id = %(user)s OR EXISTS (
                SELECT 1 FROM accounts_groupmember m
                WHERE m.group_id = g.id AND m.user_id = %(user)s)))"""

# `c` is what a booking is charged to: a project and its group, or no project and the own group.
_APPLIES = """y.is_active AND (y.role = %(role)s OR y.role = '')
        AND (y.user_id = %(user)s OR y.user_id IS NULL)
        AND (y.project_id IS NULL OR y.project_id = c.project_id)
        AND (y.group_id IS NULL OR y.group_id = c.group_id)"""
_HOLDER = """CASE y.holder WHEN 'user' THEN %(user)s WHEN 'project' THEN c.project_id
            ELSE c.group_id END"""
_COUNTS_RESOURCE = """(y.resource_id = r.id OR y.resource_id IS NULL)
        AND (y.resource_type_id = r.resource_type_id OR y.resource_type_id IS NULL)
        AND (y.pool_id IS NULL OR EXISTS (SELECT 1 FROM booking_resourcepool_resources e
            WHERE e.resourcepool_id = y.pool_id AND e.resource_id = r.id))"""

# One column of `RESOURCES`: quotas in force that count a booking of this resource by this person,
# charged to this project if any. One whose holder is not there counts nothing.
QUOTAS = f"""
(SELECT jsonb_agg(to_jsonb(h) ORDER BY h.id) FROM (
    SELECT {_COLUMNS}, {_HOLDER} AS holder_id
    FROM booking_quota y CROSS JOIN (
        SELECT p.id AS project_id, COALESCE(p.group_id, {OWN_GROUP}) AS group_id
        FROM (SELECT 1) one LEFT JOIN accounts_project p ON p.public_id = %(project)s) c
    WHERE {_APPLIES} AND {_COUNTS_RESOURCE}
    ) h WHERE h.holder_id IS NOT NULL) AS quotas_json
"""  # noqa: S608 - made of constants

# All that may count a person's bookings, whatever they are charged to; `{where}` narrows it with a
# condition of the caller's own. With what it is counted on, who shares it, and its accounts from
# the period before the present one on; those of a rolling quota as far as windows of today reach.
MINE = f"""
WITH c AS (
    SELECT NULL::bigint AS project_id, {OWN_GROUP} AS group_id
    UNION ALL
    SELECT j.id, j.group_id FROM accounts_project j
        JOIN accounts_researchgroup g ON g.id = j.group_id
    WHERE j.is_active AND g.is_active AND (g.lead_id = %(user)s
        OR EXISTS (SELECT 1 FROM accounts_projectmember n
            WHERE n.project_id = j.id AND n.user_id = %(user)s)
        OR EXISTS (SELECT 1 FROM accounts_groupmember n
            WHERE n.group_id = g.id AND n.user_id = %(user)s AND n.is_manager))
), h AS (
    SELECT DISTINCT {_COLUMNS}, {_HOLDER} AS holder_id,
        y.resource_id, y.resource_type_id, y.pool_id
    FROM booking_quota y CROSS JOIN c
    WHERE {_APPLIES} AND {{where}}
)
SELECT to_jsonb(h) - 'resource_id' - 'resource_type_id' - 'pool_id',
    COALESCE(r.name, t.name, p.name, ''),
    CASE WHEN h.resource_id IS NOT NULL THEN 'resource'
        WHEN h.resource_type_id IS NOT NULL THEN 'type'
        WHEN h.pool_id IS NOT NULL THEN 'pool' ELSE '' END,
    CASE h.holder WHEN 'group' THEN (SELECT g.name FROM accounts_researchgroup g
            WHERE g.id = h.holder_id)
        WHEN 'project' THEN (SELECT j.name FROM accounts_project j WHERE j.id = h.holder_id)
        ELSE '' END,
    (SELECT jsonb_agg(jsonb_build_array(a.starts_on, a.carried::text, a.reserved::text,
            a.used::text, a.opened_at IS NOT NULL) ORDER BY a.starts_on)
        FROM booking_quotaaccount a
        WHERE a.quota_id = h.id AND a.holder_id = h.holder_id
            AND a.starts_on > %(today)s - CASE h.period WHEN 'day' THEN 2 WHEN 'week' THEN 14
                WHEN 'month' THEN 62 WHEN 'quarter' THEN 184 WHEN 'year' THEN 732
                ELSE h.rolling_days END
            AND a.starts_on < %(today)s + CASE h.period WHEN 'rolling' THEN h.rolling_days
                ELSE 1 END)
FROM h
LEFT JOIN booking_resource r ON r.id = h.resource_id
LEFT JOIN booking_resourcetype t ON t.id = h.resource_type_id
LEFT JOIN booking_resourcepool p ON p.id = h.pool_id
WHERE h.holder_id IS NOT NULL
ORDER BY h.name, h.id, h.holder_id
"""  # noqa: S608 - made of constants

ON_RESOURCE = f"""EXISTS (
        SELECT 1 FROM booking_resource r WHERE r.id = %(resource)s AND {_COUNTS_RESOURCE})"""  # noqa: S608 - made of constants

# Accounts of several quotas, each within its own days, without what these bookings have on them.
ACCOUNTS = """
SELECT a.quota_id, a.holder_id, a.starts_on, a.carried,
    a.reserved - COALESCE(e.reserved, 0), a.used - COALESCE(e.used, 0), a.opened_at IS NOT NULL
FROM unnest(%(quotas)s::bigint[], %(holders)s::bigint[], %(firsts)s::date[], %(lasts)s::date[])
    AS w(quota_id, holder_id, first, last)
JOIN booking_quotaaccount a ON a.quota_id = w.quota_id AND a.holder_id = w.holder_id
    AND a.starts_on BETWEEN w.first AND w.last
LEFT JOIN LATERAL (
    SELECT sum(x.reserved) AS reserved, sum(x.used) AS used FROM booking_quotaentry x
    WHERE x.account_id = a.id AND x.booking_id = ANY(%(existing)s::bigint[])) e ON true
ORDER BY a.quota_id, a.holder_id, a.starts_on
"""
