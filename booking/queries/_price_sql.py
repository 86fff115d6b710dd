"""The prices that may count for a booking."""

from booking.queries._quota_sql import OWN_GROUP

# Who pays by which list: the project that is charged, or else its group; without a project the
# person's own group.
_CLASS = f"""(SELECT COALESCE(p.price_class_id, g.price_class_id)
        FROM (SELECT 1) one LEFT JOIN accounts_project p ON p.public_id = %(project)s
        LEFT JOIN accounts_researchgroup g ON g.id = COALESCE(p.group_id, {OWN_GROUP}))"""  # noqa: S608

# One column of `RESOURCES`: of each subject and class what counts on the first day, and what begins
# within the days after it; amounts as text, because JSON would make floats of them.
PRICES = f"""
(SELECT jsonb_agg(jsonb_build_array(y.per_hour::text, y.per_booking::text, y.valid_from,
        y.resource_id IS NOT NULL, y.price_class_id IS NOT NULL))
    FROM booking_price y
    WHERE (y.resource_id = r.id OR y.resource_type_id = r.resource_type_id)
        AND y.currency = %(currency)s AND y.valid_from <= %(last_day)s
        AND (y.price_class_id IS NULL OR y.price_class_id = {_CLASS})
        AND NOT EXISTS (SELECT 1 FROM booking_price later
            WHERE later.valid_from > y.valid_from AND later.valid_from <= %(first_day)s
                AND later.currency = y.currency
                AND later.resource_id IS NOT DISTINCT FROM y.resource_id
                AND later.resource_type_id IS NOT DISTINCT FROM y.resource_type_id
                AND later.price_class_id IS NOT DISTINCT FROM y.price_class_id)) AS prices_json
"""  # noqa: S608 - made of constants

# The same for several resources alone, with the zone of each.
PRICES_OF = f"""
SELECT r.public_id, r.time_zone, {PRICES}
FROM booking_resource r WHERE r.public_id = ANY(%(ids)s)
"""  # noqa: S608 - made of constants
