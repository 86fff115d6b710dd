"""The ledger of quotas: what a booking has on it is brought in line with what the booking says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from booking.enums import EntryKind, QuotaHolder, Status
from booking.locks import lock_shared, lock_user
from booking.models import Booking, Resource
from booking.queries._facts_parts import price_facts, quota_facts, quota_of
from booking.queries._quota_accounts import load_accounts
from booking.queries.facts import load_resources
from booking.rules.prices import cost_of
from booking.rules.request import QuotaFacts
from booking.rules.shares import NOTHING, carry, is_grabbed, shares
from labitory.lib.db import LostRace

# An account by quota, holder and first day.
Key = tuple[int, int, date]
_RESERVED = frozenset({Status.PENDING, Status.CONFIRMED, Status.CHECKED_IN})
# What says how much a booking takes, and from whom.
_COUNTED = frozenset({"user", "resource", "project", "start_time", "end_time"})
_TIMES = frozenset({"start_time", "end_time"})

# Accounts are changed in the order of their keys, so that two acts never wait crosswise. What is
# proposed for a new row must pass its checks, though it may be a change for the worse of an old
# one: the change itself is read from the lines. Where a quota has come to count in another way
# since it was read, nothing is written.
WRITE = """
WITH line AS MATERIALIZED (
    SELECT * FROM unnest(%(quotas)s::bigint[], %(holders)s::bigint[], %(starts)s::date[],
            %(bookings)s::bigint[], %(kinds)s::text[], %(carried)s::numeric[],
            %(reserved)s::numeric[], %(used)s::numeric[], %(notes)s::text[],
            %(meanings)s::text[])
        AS l(quota_id, holder_id, starts_on, booking_id, kind, carried, reserved, used, note,
            meaning)
), other AS MATERIALIZED (
    SELECT 1 FROM line l JOIN booking_quota q ON q.id = l.quota_id
    WHERE l.meaning <> '' AND l.meaning
        <> concat_ws(' ', q.measure, q.period, COALESCE(q.rolling_days, 0), q.holder)
), account AS (
    INSERT INTO booking_quotaaccount AS a
        (quota_id, holder_id, starts_on, carried, reserved, used)
    SELECT quota_id, holder_id, starts_on, GREATEST(sum(carried), 0),
        GREATEST(sum(reserved), 0), GREATEST(sum(used), 0)
    FROM line WHERE NOT EXISTS (SELECT 1 FROM other) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (quota_id, holder_id, starts_on) DO UPDATE SET (carried, reserved, used) = (
        SELECT a.carried + sum(l.carried), a.reserved + sum(l.reserved), a.used + sum(l.used)
        FROM line l
        WHERE (l.quota_id, l.holder_id, l.starts_on)
            = (excluded.quota_id, excluded.holder_id, excluded.starts_on))
    RETURNING id, quota_id, holder_id, starts_on
), counted AS (
    UPDATE booking_booking SET is_counted = true
    WHERE id = ANY(%(bookings)s) AND NOT is_counted
)
INSERT INTO booking_quotaentry (account_id, booking_id, kind, carried, reserved, used, note, at)
SELECT a.id, l.booking_id, l.kind, l.carried, l.reserved, l.used, l.note, %(now)s
FROM line l JOIN account a USING (quota_id, holder_id, starts_on)
ORDER BY l.booking_id, l.quota_id, l.starts_on
"""

KNOWN = """
SELECT e.booking_id, a.quota_id, a.holder_id, a.starts_on, sum(e.reserved), sum(e.used),
    (SELECT jsonb_build_object('id', y.id, 'public_id', y.public_id, 'name', y.name,
        'measure', y.measure, 'amount', y.amount, 'period', y.period,
        'rolling_days', y.rolling_days, 'holder', y.holder, 'holder_id', a.holder_id,
        'carry_percent', y.carry_percent, 'overdraft', y.overdraft, 'grab_hours', y.grab_hours,
        'counts_no_shows', y.counts_no_shows, 'created_at', y.created_at)
        FROM booking_quota y WHERE y.id = a.quota_id)
FROM booking_quotaentry e JOIN booking_quotaaccount a ON a.id = e.account_id
WHERE e.booking_id = ANY(%s)
GROUP BY e.booking_id, a.id
"""

# What was left of the period before comes in once: the first who opens the account writes it.
OPEN_ACCOUNTS = """
WITH wish AS MATERIALIZED (
    SELECT * FROM unnest(%(quotas)s::bigint[], %(holders)s::bigint[], %(starts)s::date[],
        %(carried)s::numeric[]) AS w(quota_id, holder_id, starts_on, carried)
), opened AS (
    INSERT INTO booking_quotaaccount AS a
        (quota_id, holder_id, starts_on, carried, reserved, used, opened_at)
    SELECT quota_id, holder_id, starts_on, carried, 0, 0, %(now)s FROM wish ORDER BY 1, 2, 3
    ON CONFLICT (quota_id, holder_id, starts_on) DO UPDATE SET
        carried = a.carried + excluded.carried, opened_at = excluded.opened_at
        WHERE a.opened_at IS NULL
    RETURNING id, quota_id, holder_id, starts_on
)
INSERT INTO booking_quotaentry (account_id, kind, carried, reserved, used, note, at)
SELECT o.id, 'carried', w.carried, 0, 0, '', %(now)s
FROM opened o JOIN wish w USING (quota_id, holder_id, starts_on)
"""


@dataclass(frozen=True, slots=True)
class Amount:
    """What is reserved and used."""

    reserved: Decimal = NOTHING
    used: Decimal = NOTHING

    def __bool__(self) -> bool:
        return bool(self.reserved or self.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A movement on an account: it brings a booking's part of it to what it should be."""

    key: Key
    booking_id: int | None
    kind: EntryKind
    carried: Decimal = NOTHING
    reserved: Decimal = NOTHING
    used: Decimal = NOTHING
    note: str = ""
    # How the quota counted when it was read; "" where the ledger itself says so.
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger has of one booking, and the quotas with their holders that it is on."""

    amounts: Mapping[Key, Amount]
    quotas: tuple[QuotaFacts, ...]


_UNKNOWN = Known({}, ())


def hold_people(user_ids: Iterable[int], resources: Iterable[Resource]) -> None:
    """Hold people's rows, and what they share with others where quotas count these resources.

    Before the rules are asked; in one statement where anything is shared.
    """
    shared = {
        (quota.id, quota.holder_id)
        for resource in resources
        for quota in quota_facts(resource)
        if quota.holder != QuotaHolder.USER
    }
    if shared:
        lock_shared(user_ids, shared)
    else:
        for user_id in sorted(set(user_ids)):
            lock_user(user_id)


def settle_change(
    booking: Booking,
    *,
    now: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    quotas: Sequence[QuotaFacts] | None = None,
    is_new: bool = False,
) -> None:
    """Bring the ledger in line with a booking that was just made or changed.

    `quotas` count it from now on; None leaves it with those that do, unless it became another
    thing: then those in force are looked up, and what it costs by the way. Costs nothing where no
    quota counts it or ever did.
    """
    if quotas is None:
        changed = {name for name, (before, after) in (changes or {}).items() if before != after}
        if is_new or _is_counted_anew(booking, changes or {}):
            quotas = _weigh_anew(booking, now)
        elif booking.cost is not None and changed & _COUNTED:
            write_cost(booking, _load(booking, now))
    if quotas or booking.is_counted:
        settle_bookings([(booking, quotas)], now=now)


def settle_bookings(
    changed: Sequence[tuple[Booking, Sequence[QuotaFacts] | None]], *, now: datetime
) -> None:
    """The same for many bookings: at most three statements, however many there are.

    Settling twice writes once: what is written is the difference.
    """
    known = known_amounts([booking.pk for booking, _quotas in changed if booking.is_counted])
    lines: list[Line] = []
    opened: dict[Key, Decimal] = {}
    for booking, quotas in changed:
        before = known.get(booking.pk, _UNKNOWN)
        counting = before.quotas if quotas is None else _counting(booking, quotas, now)
        if quotas is not None:
            opened |= _to_open(booking, counting, now)
        wanted = wanted_amounts(booking, counting)
        meanings = {quota.id: _meaning(quota) for quota in counting if quotas is not None}
        lines += (
            replace(line, meaning=meanings.get(line.key[0], ""))
            for line in lines_between(booking.pk, before.amounts, wanted)
        )
    open_accounts(opened, now=now)
    write_lines(lines, now=now)
    written = {line.booking_id for line in lines}
    for booking, _quotas in changed:
        booking.is_counted = booking.is_counted or booking.pk in written


def _weigh_anew(booking: Booking, now: datetime) -> tuple[QuotaFacts, ...]:
    """The quotas in force that count a booking as it stands; its cost is written."""
    resource = _load(booking, now)
    write_cost(booking, resource)
    return quota_facts(resource, load_accounts([resource], window=booking.period))


def _load(booking: Booking, now: datetime) -> Resource:
    [resource] = load_resources(
        user=booking.user,
        window=booking.period,
        now=now,
        public_ids=[booking.resource.public_id],
        project_id=booking.charged_to,
    )
    return resource


def write_cost(booking: Booking, resource: Resource) -> None:
    """Keep what a booking costs as it stands, by the prices that came with its resource."""
    cost = cost_of(price_facts(resource), booking.period, resource.zone)
    if cost != booking.cost:
        booking.cost = cost
        Booking.objects.filter(pk=booking.pk).update(cost=cost)


def known_amounts(booking_ids: Sequence[int]) -> dict[int, Known]:
    """What the ledger has of these bookings; of one that it has nothing of there is no row."""
    if not booking_ids:
        return {}
    amounts: dict[int, dict[Key, Amount]] = {}
    quotas: dict[int, dict[tuple[int, int], QuotaFacts]] = {}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [list(booking_ids)])
        for booking_id, quota_id, holder_id, starts_on, reserved, used, row in cursor.fetchall():
            amount = Amount(reserved, used)
            amounts.setdefault(booking_id, {})[quota_id, holder_id, starts_on] = amount
            if amount:
                of_booking = quotas.setdefault(booking_id, {})
                of_booking[quota_id, holder_id] = quota_of(_parsed(row))
    return {
        key: Known(found, tuple(quotas.get(key, {}).values())) for key, found in amounts.items()
    }


def wanted_amounts(booking: Booking, quotas: Iterable[QuotaFacts]) -> dict[Key, Amount]:
    """What a booking should have on the accounts of the quotas that count it."""
    found = {}
    for quota in quotas:
        taken = shares(quota, booking.period, booking.resource.zone, booking.cost)
        for start, share in taken.items():
            if amount := _amount(Status(booking.status), share, quota):
                found[quota.id, quota.holder_id, start] = amount
    return found


def lines_between(
    booking_id: int, before: Mapping[Key, Amount], wanted: Mapping[Key, Amount]
) -> list[Line]:
    """The movements from what the ledger has to what it should have."""
    lines = []
    for key in sorted({*before, *wanted}):
        old, new = before.get(key, Amount()), wanted.get(key, Amount())
        reserved, used = new.reserved - old.reserved, new.used - old.used
        if not (reserved or used):
            continue
        if used > 0:
            kind = EntryKind.USED
        else:
            kind = EntryKind.RESERVED if reserved > 0 else EntryKind.RELEASED
        lines.append(Line(key=key, booking_id=booking_id, kind=kind, reserved=reserved, used=used))
    return lines


def write_lines(lines: Sequence[Line], *, now: datetime) -> None:
    """Write movements and the accounts they change, in one statement.

    Raises `LostRace` where a quota has come to count in another way since it was read.
    """
    if not lines:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                "quotas": [line.key[0] for line in lines],
                "holders": [line.key[1] for line in lines],
                "starts": [line.key[2] for line in lines],
                "bookings": [line.booking_id for line in lines],
                "kinds": [line.kind.value for line in lines],
                "carried": [line.carried for line in lines],
                "reserved": [line.reserved for line in lines],
                "used": [line.used for line in lines],
                "notes": [line.note for line in lines],
                "meanings": [line.meaning for line in lines],
                "now": now,
            },
        )
        if cursor.rowcount != len(lines):
            raise LostRace


def _meaning(quota: QuotaFacts) -> str:
    """What an account's numbers mean, as `WRITE` compares it."""
    parts = (quota.measure.value, quota.period.value, quota.rolling_days or 0, quota.holder.value)
    return " ".join(str(part) for part in parts)


def open_accounts(opened: Mapping[Key, Decimal], *, now: datetime) -> None:
    """Carry what was left of the period before into accounts that have not got it yet."""
    if not opened:
        return
    keys = sorted(opened)
    with connection.cursor() as cursor:
        cursor.execute(
            OPEN_ACCOUNTS,
            {
                "quotas": [quota for quota, _holder, _start in keys],
                "holders": [holder for _quota, holder, _start in keys],
                "starts": [start for _quota, _holder, start in keys],
                "carried": [opened[key] for key in keys],
                "now": now,
            },
        )


def _counting(
    booking: Booking, quotas: Iterable[QuotaFacts], now: datetime
) -> tuple[QuotaFacts, ...]:
    """The quotas that really count it: time taken shortly before its start may be free of one."""
    return tuple(
        quota
        for quota in quotas
        if booking.is_counted or not is_grabbed(quota, booking.start_time, now)
    )


def _to_open(booking: Booking, quotas: Iterable[QuotaFacts], now: datetime) -> dict[Key, Decimal]:
    zone = booking.resource.zone
    today = now.astimezone(zone).date()
    found = {}
    for quota in quotas:
        for start in shares(quota, booking.period, zone, booking.cost):
            coming = carry(quota, start, today, zone)
            if coming is not None:
                found[quota.id, quota.holder_id, start] = coming
    return found


def _amount(status: Status, share: Decimal, quota: QuotaFacts) -> Amount:
    if status in _RESERVED:
        return Amount(reserved=share)
    is_missed = status == Status.NO_SHOW and quota.counts_no_shows
    return Amount(used=share) if status == Status.COMPLETED or is_missed else Amount()


def _is_counted_anew(booking: Booking, changes: Mapping[str, tuple[Any, Any]]) -> bool:
    """Whether it takes another amount than before, or from others; or lives again."""
    if booking.status not in _RESERVED:
        return False
    changed = {name for name, (before, after) in changes.items() if before != after}
    if "status" in changed and changes["status"][0] not in _RESERVED:
        return True
    # One that is in use grows and shrinks within the quotas that count it.
    counted = _COUNTED - _TIMES if booking.status == Status.CHECKED_IN else _COUNTED
    return bool(changed & counted)


def _parsed(row: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    found: dict[str, Any] = orjson.loads(row) if isinstance(row, str) else row
    return found
