"""The statement that finds who is asked in the steps of an approval."""

# Each ask is one step of one booking. Never the person it is for nor who made it, and nobody whose
# account is closed. Where that leaves nobody, or nobody in particular is wanted (no approver), it
# is those who may approve on the resource: by their standing role, or granted there.
APPROVERS = """
WITH RECURSIVE ask AS MATERIALIZED (
    SELECT * FROM unnest(%(n)s::int[], %(approver)s::text[], %(role)s::text[],
            %(person)s::bigint[], %(booker)s::bigint[], %(maker)s::bigint[],
            %(project)s::bigint[], %(resource)s::bigint[], %(type)s::bigint[], %(unit)s::bigint[])
        AS a(n, approver, role, person_id, booker_id, maker_id, project_id, resource_id, type_id,
            unit_id)
), up AS (
    SELECT DISTINCT unit_id AS own_id, unit_id AS id FROM ask WHERE unit_id IS NOT NULL
    UNION
    SELECT up.own_id, u.parent_id FROM up JOIN accounts_unit u ON u.id = up.id
    WHERE u.parent_id IS NOT NULL
), their_group AS (
    SELECT a.n, j.group_id FROM ask a JOIN accounts_project j ON j.id = a.project_id
    WHERE a.approver = 'lead'
    UNION
    SELECT a.n, m.group_id FROM ask a
    JOIN accounts_groupmember m ON m.user_id = a.booker_id
    JOIN accounts_researchgroup g ON g.id = m.group_id AND g.is_active
    WHERE a.approver = 'lead' AND a.project_id IS NULL
), named AS (
    SELECT a.n, p.user_id FROM ask a
    JOIN booking_responsibleperson p ON p.resource_id = a.resource_id
    WHERE a.approver = 'responsible'
    UNION
    SELECT a.n, u.id FROM ask a JOIN accounts_user u ON u.role = a.role WHERE a.approver = 'role'
    UNION
    SELECT a.n, a.person_id FROM ask a WHERE a.approver = 'person'
    UNION
    SELECT a.n, s.supervisor_id FROM ask a
    JOIN booking_supervision s ON s.user_id = a.booker_id WHERE a.approver = 'supervisor'
    UNION
    SELECT t.n, g.lead_id FROM their_group t
    JOIN accounts_researchgroup g ON g.id = t.group_id
    UNION
    SELECT t.n, m.user_id FROM their_group t
    JOIN accounts_groupmember m ON m.group_id = t.group_id AND m.is_manager
), fit AS (
    SELECT DISTINCT a.n, u.id AS user_id FROM named k JOIN ask a ON a.n = k.n
    JOIN accounts_user u ON u.id = k.user_id AND u.is_active
    WHERE u.id NOT IN (a.booker_id, a.maker_id)
), granted AS (
    SELECT a.n, g.user_id FROM ask a
    JOIN accounts_rolegrant g ON g.expires_at IS NULL OR g.expires_at > %(now)s
    JOIN accounts_roledefinition r ON r.id = g.role_id AND %(code)s = ANY(r.permissions)
    WHERE g.scope_kind = 'everywhere'
        OR g.scope_kind = 'resource' AND g.scope_id = a.resource_id
        OR g.scope_kind = 'type' AND g.scope_id = a.type_id
        OR g.scope_kind = 'unit' AND g.scope_id IN (
            SELECT up.id FROM up WHERE up.own_id = a.unit_id)
)
SELECT n, user_id FROM fit
UNION
SELECT a.n, u.id FROM ask a JOIN accounts_user u ON u.is_active
    AND u.id NOT IN (a.booker_id, a.maker_id)
    AND (u.role = %(least)s OR EXISTS (
        SELECT 1 FROM granted g WHERE g.n = a.n AND g.user_id = u.id))
WHERE NOT EXISTS (SELECT 1 FROM fit f WHERE f.n = a.n)
ORDER BY 1, 2
"""
