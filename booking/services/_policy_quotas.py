"""Quotas of a file: read, written, as they stand, and made so."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Measure, QuotaHolder, QuotaPeriod
from booking.locks import lock_quota
from booking.models import Quota
from booking.services._policy_approvals import say_flag
from booking.services._policy_limits import read_place, read_role
from booking.services._policy_lines import QuotaLine
from booking.services._policy_places import Places
from booking.services._policy_rows import Complaints, Row
from booking.services._policy_words import (
    read_amount,
    read_each,
    read_flag,
    read_hours,
    read_percent,
    write_amount,
    write_each,
    write_flag,
    write_minutes,
)
from booking.services._quota_writing import (
    QuotaDetails,
    put_in_force,
    put_quota,
    require_sound,
)

_LONGEST_NAME = 100
_LONGEST_WORD = 254
_HOURS = ("h",)
_NARROWED = ("user", "group", "project")
_NO_AMOUNT: tuple[Measure, Decimal] | None = None
_NO_PERIOD: tuple[QuotaPeriod, int | None] | None = None


def read_quota(row: Row) -> QuotaLine | None:
    """A quota as the file has it; None where it makes no sense, which is noted."""
    name = row.word("name", most=_LONGEST_NAME, needed=True)
    amount_hint = _("write such as “30 h”, “5 bookings” or “120.00 cost”.")
    each_hint = _("write day, week, month, quarter, year or such as “any 30 days”.")
    for needed, hint in (("gives", amount_hint), ("each", each_hint)):
        if row.is_block and not row.has(needed):
            row.complain("", _("`%(name)s:` is missing: %(hint)s") % {"name": needed, "hint": hint})
    gives = row.value("gives", read_amount, amount_hint, _NO_AMOUNT)
    each = row.value("each", read_each, each_hint, _NO_PERIOD)
    resource, kind = read_place(row)
    pool = row.word("pool", most=_LONGEST_NAME)
    if pool and (resource or kind):
        row.complain("pool", _("It counts one resource, one type or one pool: take one away."))
    holder = row.choice("shared_by", QuotaHolder.values, _("Nobody shares it so."), default="user")
    role = read_role(row)
    narrowed: dict[str, Any] = {word: row.word(word, most=_LONGEST_WORD) for word in _NARROWED}
    beyond = row.value("overdraft", read_amount, amount_hint, _NO_AMOUNT)
    if gives and beyond and beyond[0] != gives[0]:
        row.complain(
            "overdraft",
            _("Count it as “gives” is counted: both time, both bookings or both money."),
        )
    line: dict[str, Any] = {
        "carry_percent": row.value("carry_over", read_percent, _("write such as “50 percent”."), 0),
        "grab_hours": row.value("free_within", read_hours, _("write such as “24 h”."), None),
        "counts_no_shows": row.value("missed_count", read_flag, say_flag(), default=True),
    }
    row.close()
    if gives is None or each is None or not name:
        return None
    return QuotaLine(
        name=name,
        measure=gives[0],
        amount=gives[1],
        period=each[0],
        rolling_days=each[1],
        resource=resource,
        type=kind,
        pool=pool,
        shared_by=QuotaHolder(holder),
        role=role,
        overdraft=beyond[1] if beyond else Decimal(0),
        at=row.at,
        **narrowed,
        **line,
    )


def quota_out(line: QuotaLine) -> dict[str, Any]:
    """A quota as the file writes it; what is usual is left out."""
    found: dict[str, Any] = {
        "name": line.name,
        "gives": write_amount(line.measure, line.amount),
        "each": write_each(line.period, line.rolling_days),
    }
    if line.shared_by != QuotaHolder.USER:
        found["shared_by"] = str(line.shared_by.value)
    for name in ("resource", "type", "pool", "role", *_NARROWED):
        if word := getattr(line, name):
            found[name] = str(word)
    if line.carry_percent:
        found["carry_over"] = f"{line.carry_percent} percent"
    if line.overdraft:
        found["overdraft"] = write_amount(line.measure, line.overdraft)
    if line.grab_hours is not None:
        found["free_within"] = write_minutes(line.grab_hours * 60, _HOURS)
    if not line.counts_no_shows:
        found["missed_count"] = write_flag(line.counts_no_shows)
    return found


def standing_quotas() -> tuple[QuotaLine, ...]:
    """The quotas that are in force; one that was ended is not there."""
    rows = Quota.objects.filter(is_active=True).select_related(
        "resource", "resource_type", "pool", "user", "group", "project"
    )
    return tuple(_line(row) for row in rows)


def _line(row: Quota) -> QuotaLine:
    return QuotaLine(
        name=row.name,
        measure=Measure(row.measure),
        amount=row.amount,
        period=QuotaPeriod(row.period),
        rolling_days=row.rolling_days,
        resource=row.resource.name if row.resource else "",
        type=row.resource_type.name if row.resource_type else "",
        pool=row.pool.name if row.pool else "",
        shared_by=QuotaHolder(row.holder),
        role=row.role,
        user=row.user.username if row.user else "",
        group=row.group.name if row.group else "",
        project=row.project.code if row.project else "",
        carry_percent=row.carry_percent,
        overdraft=row.overdraft,
        grab_hours=row.grab_hours,
        counts_no_shows=row.counts_no_shows,
    )


def quota_details(line: QuotaLine, places: Places) -> QuotaDetails:
    """What a file says as those who write quotas take it."""
    keys = {
        f"{name}_id": places.find(name, word).public_id if (word := getattr(line, name)) else None
        for name in ("resource", "type", "pool", *_NARROWED)
    }
    return QuotaDetails(
        name=line.name,
        amount=line.amount,
        measure=line.measure,
        period=line.period,
        rolling_days=line.rolling_days,
        holder=line.shared_by,
        role=line.role,
        carry_percent=line.carry_percent,
        overdraft=line.overdraft,
        grab_hours=line.grab_hours,
        counts_no_shows=line.counts_no_shows,
        **keys,
    )


def note_other_meaning(lines: Iterable[QuotaLine], wrong: Complaints) -> None:
    """Note quotas that have counted bookings and shall count them in another way from now on."""
    wanted = {line.name: line for line in lines}
    counted = Quota.objects.filter(name__in=wanted, accounts__isnull=False).distinct()
    for row in counted if wanted else ():
        line = wanted[row.name]
        days = (row.period, row.rolling_days)
        if (row.measure, row.holder) != (line.measure, line.shared_by) or days != (
            line.period,
            line.rolling_days,
        ):
            text = _(
                "The quota “%(name)s” has counted bookings already: its unit, `each:` and "
                "`shared_by:` stay. Leave it out, which ends it, and write one of another name."
            )
            wrong.add(line.at, text % {"name": line.name})


def write_quota(
    before: QuotaLine | None, after: QuotaLine | None, places: Places, *, actor: User, now: datetime
) -> None:
    """Make one quota what the file says.

    One that is left out ends, and its ledger stays. What was counted under it keeps its meaning:
    another measure, period or holder is refused once anything was booked under it. One that was
    ended goes on under its name.
    """
    line = after or before
    if line is None:
        return
    known = Quota.objects.filter(name=line.name).values_list("public_id", flat=True).first()
    quota = Quota(created_at=now) if known is None else lock_quota(known)
    if after is not None:
        details = quota_details(after, places)
        require_sound(details)
        put_quota(quota=quota, details=details, actor=actor, now=now)
    if quota.pk:
        put_in_force(quota=quota, is_active=after is not None, actor=actor, now=now)
