"""How often somebody may try to log in: counts by account, by address and by known browser.

A try is counted before the password is looked at, so that many at once are not one try more. From
the fifth on each makes the next wait longer, never longer than a quarter of an hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max

from accounts.models import LoginGuard
from accounts.queries.guards import Guard

# Seconds to wait from the first failure too many on.
WAITS = (30, 60, 120, 300, 900)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of asking for a try: until when to wait, or the number of failures with this."""

    failures: int = 0
    until: datetime | None = None


# Only who need not wait is counted: a refused try makes nobody wait longer.
_TAKE = """
    ON CONFLICT (key) DO UPDATE SET (failures, failed_at, locked_until) = (
        SELECT n, %(now)s, CASE WHEN n >= {most} THEN %(now)s + make_interval(
            secs => (%(waits)s::int[])[LEAST(n - {most} + 1, array_length(%(waits)s::int[], 1))])
        END
        FROM (SELECT LEAST({highest}, 1 + GREATEST(0, g.failures - FLOOR(GREATEST(0,
            EXTRACT(EPOCH FROM %(now)s - g.failed_at)) / {leak})))::int AS n) AS counted
    )
    WHERE g.locked_until IS NULL OR g.locked_until <= %(now)s
    RETURNING failures
"""


def take_try(guard: Guard, address: Guard | None, now: datetime) -> Taken:
    """Count a try, which is a failure until it turns out well; or say how long to wait.

    One statement. The address is asked first, and always before the account: two tries that share
    both never wait for one another crosswise.
    """
    keys = [guard.key, *([address.key] if address else [])]
    values: dict[str, Any] = {"now": now, "waits": list(WAITS), "keys": keys}
    values |= {"key": guard.key, "address": keys[-1]}
    with connection.cursor() as cursor:
        cursor.execute(_statement(guard, address), values)
        failures, until = cursor.fetchone()
    if failures is not None:
        return Taken(failures=failures)
    if until is None:
        # Locked while the statement waited for its turn.
        locked = LoginGuard.objects.filter(key__in=keys, locked_until__gt=now)
        until = locked.aggregate(until=Max("locked_until"))["until"]
    # Gone already means that somebody else got in meanwhile: the next try will tell.
    return Taken(until=until or now)


def settle(guard: Guard, address: Guard | None) -> None:
    """The try turned out well: the count of who came ends, the address gets its one back."""
    LoginGuard.objects.filter(key=guard.key).delete()
    if address is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_loginguard SET failures = GREATEST(0, failures - 1),"
                " locked_until = CASE WHEN failures > %s THEN locked_until END WHERE key = %s",
                [address.most, address.key],
            )


def lift(guards: Iterable[Guard]) -> int:
    """Forget these counts; gives how many there were."""
    return LoginGuard.objects.filter(key__in=[guard.key for guard in guards]).delete()[0]


def _statement(guard: Guard, address: Guard | None) -> str:
    insert = "INSERT INTO accounts_loginguard AS g (key, failures, failed_at)"
    own = _TAKE.format(most=guard.most, highest=guard.highest, leak=guard.leak)
    if address is None:
        tries = f"WITH own AS ({insert} VALUES (%(key)s, 1, %(now)s) {own})"
    else:
        shared = _TAKE.format(most=address.most, highest=address.highest, leak=address.leak)
        first = f"WITH address AS ({insert} VALUES (%(address)s, 1, %(now)s) {shared})"
        second = f"{insert} SELECT %(key)s, 1, %(now)s FROM address {own}"  # noqa: S608
        tries = f"{first}, own AS ({second})"
    # Nothing but our own numbers is put in; every value is a parameter.
    return (
        f"{tries} SELECT (SELECT failures FROM own), (SELECT max(locked_until)"  # noqa: S608
        " FROM accounts_loginguard WHERE key = ANY(%(keys)s) AND locked_until > %(now)s)"
    )
