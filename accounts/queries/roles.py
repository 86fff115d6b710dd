"""Reading roles: who holds which, who may do what."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from accounts.permissions import Where

# A grant on a unit counts in the units within it, so one asks for the unit and all above.
HOLDERS = """
WITH RECURSIVE up AS (
    SELECT id, parent_id FROM accounts_unit WHERE id = ANY(%(units)s::bigint[])
    UNION
    SELECT u.id, u.parent_id FROM accounts_unit u JOIN up ON up.parent_id = u.id
)
SELECT DISTINCT g.user_id
FROM accounts_rolegrant g JOIN accounts_roledefinition r ON r.id = g.role_id
WHERE %(code)s = ANY(r.permissions) AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
    AND (g.scope_kind = 'everywhere'
        OR g.scope_kind = 'unit' AND g.scope_id IN (SELECT id FROM up)
        OR g.scope_kind = 'type' AND g.scope_id = ANY(%(types)s::bigint[])
        OR g.scope_kind = 'resource' AND g.scope_id = ANY(%(resources)s::bigint[]))
ORDER BY g.user_id
"""


def holders(*, code: str, wheres: Iterable[Where], now: datetime) -> list[int]:
    """The keys of people who were granted a permission in one of these places, or everywhere."""
    places = list(wheres)
    with connection.cursor() as cursor:
        cursor.execute(
            HOLDERS,
            {
                "code": code,
                "now": now,
                "units": [each.unit_id for each in places if each.unit_id],
                "types": [each.type_id for each in places if each.type_id],
                "resources": [each.resource_id for each in places if each.resource_id],
            },
        )
        return [key for (key,) in cursor.fetchall()]
