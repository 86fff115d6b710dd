"""When nobody came: conditions on a booking, to stand in other statements.

They read the clock from the policy and the statement, never from what a task has written: a task
that did not run changes nothing.
"""

from booking.enums import Limit


def minutes_sql(limit: Limit, booking: str, value: str = "terms.value") -> str:
    """The minutes of a limit for a booking's person on its resource: the most specific row.

    `booking` is the alias of the booking in the statement, never input; `value` is what is told of
    the row of terms.
    """
    return f"""(SELECT {value} FROM booking_bookingpolicy terms
        WHERE terms."limit" = '{limit.value}'
            AND (terms.resource_id = {booking}.resource_id OR terms.resource_id IS NULL)
            AND (terms.resource_type_id IS NULL OR terms.resource_type_id = (
                SELECT of_terms.resource_type_id FROM booking_resource of_terms
                WHERE of_terms.id = {booking}.resource_id))
            AND (terms.role = '' OR terms.role = (
                SELECT who.role FROM accounts_user who WHERE who.id = {booking}.user_id))
        ORDER BY terms.resource_id IS NULL, terms.resource_type_id IS NULL, terms.role = ''
        LIMIT 1)"""  # noqa: S608 - names of our own


def lapses_sql(booking: str) -> str:
    """When the booking counts as missed unless somebody checks in; NULL where no grace is set.

    Who changed something about it since its start has shown up in a way: the grace begins anew.
    """
    lapses = f"""CASE WHEN terms.value IS NOT NULL THEN LEAST({booking}.end_time,
            GREATEST({booking}.start_time, {booking}.updated_at)
            + make_interval(mins => terms.value)) END"""
    return minutes_sql(Limit.NO_SHOW_GRACE, booking, lapses)


def running_sql(booking: str) -> str:
    """Whether its time is running and nobody has come yet; needs `%(now)s`."""
    return f"""({booking}.status = 'confirmed' AND {booking}.start_time <= %(now)s
        AND {booking}.end_time > %(now)s)"""


def missed_sql(booking: str) -> str:
    """Whether its time is running and nobody came within the grace; needs `%(now)s`."""
    return f"""({running_sql(booking)}
        AND COALESCE({lapses_sql(booking)} <= %(now)s, false))"""
