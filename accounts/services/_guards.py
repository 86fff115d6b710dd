"""How often somebody may try to log in: counts by account, by address and by known browser.

A try is counted before the password is looked at, so that many at once are not one try more. From
the fifth on each makes the next wait longer, never longer than a quarter of an hour.
"""

import ipaddress
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import LoginGuard, User
from labitory.lib.crypto import fingerprint

# Seconds to wait from the first failure too many on.
WAITS = (30, 60, 120, 300, 900)


@dataclass(frozen=True, slots=True)
class Guard:
    """One count: its key, from how many failures it locks, after how many seconds it forgets one.

    What is above the limit is bounded, so that a day of quiet forgets all of it.
    """

    key: str
    most: int = 5
    leak: int = 3600

    @property
    def highest(self) -> int:
        """The count rises no further."""
        return self.most + 19


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of asking for a try: until when to wait, or the number of failures with this."""

    failures: int = 0
    until: datetime | None = None


def name_guard(name: str) -> Guard:
    """The count of an account by what people type, whether or not there is one.

    By the name and not by the account: otherwise two names with one count would tell that both
    are somebody's.
    """
    # As PostgreSQL compares: no second count by another case or form of the letters.
    word = unicodedata.normalize("NFKC", name).strip().upper().casefold()
    return Guard(f"name:{fingerprint(word)}")


def device_guard(device_id: int) -> Guard:
    """The count of a known browser, which the account's lock does not shut out."""
    return Guard(f"device:{device_id}")


def address_guard(address: str) -> Guard:
    """The count of an address: a campus may share one, and mistypes twice a minute all day."""
    return Guard(f"address:{_network(address)}", most=100, leak=30)


def guards_of(user: User) -> list[Guard]:
    """The counts of an account, under both of its names."""
    return [name_guard(user.username), name_guard(user.email)]


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
    values: dict[str, Any] = {
        "now": now,
        "waits": list(WAITS),
        "key": guard.key,
        "address": address.key if address else "",
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement(guard, address), values)
        row = cursor.fetchone()
    if row is not None:
        return Taken(failures=row[0])
    keys = [guard.key, *([address.key] if address else [])]
    locked = LoginGuard.objects.filter(key__in=keys, locked_until__gt=now)
    found = locked.order_by("-locked_until").values_list("locked_until", flat=True).first()
    # Gone already means that somebody else got in meanwhile: the next try will tell.
    return Taken(until=found or now)


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
        return f"{insert} VALUES (%(key)s, 1, %(now)s) {own}"
    shared = _TAKE.format(most=address.most, highest=address.highest, leak=address.leak)
    first = f"WITH address AS ({insert} VALUES (%(address)s, 1, %(now)s) {shared})"
    # Nothing but our own numbers is put in; every value is a parameter.
    return f"{first} {insert} SELECT %(key)s, 1, %(now)s FROM address {own}"  # noqa: S608


def _network(address: str) -> str:
    """The address itself; of the new kind the network of 64 bits, which is one customer."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if found.version == 4:  # noqa: PLR2004 - the number of the protocol
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
