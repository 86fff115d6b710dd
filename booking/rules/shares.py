"""What a booking takes of a quota, what is left of it, and how both are said."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.enums import Measure, QuotaPeriod
from booking.rules.request import AccountFacts, BookingRequest, QuotaFacts
from labitory.lib.money import CENT, say_money
from labitory.lib.periods import Period, local_midnight
from labitory.lib.text import say_minutes

NOTHING = Decimal(0)
_ONE_DAY = timedelta(days=1)
_MONTHS = {QuotaPeriod.MONTH: 1, QuotaPeriod.QUARTER: 3, QuotaPeriod.YEAR: 12}
_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One account, or of a rolling quota one window of days, before and after what is asked."""

    quota: QuotaFacts
    starts_on: date
    # The amount with what was carried over or added.
    allowed: Decimal
    taken: Decimal
    asked: Decimal = NOTHING
    # The first day on which something is free again.
    renews_on: date

    @property
    def left(self) -> Decimal:
        """What is left without what is asked; negative where it is overdrawn."""
        return self.allowed - self.taken

    @property
    def overdrawn(self) -> Decimal:
        """By how much it is overdrawn, if it is."""
        return max(-self.left, NOTHING)

    @property
    def after(self) -> Decimal:
        """What would be left with it."""
        return self.left - self.asked


def period_start(period: QuotaPeriod, day: date) -> date:
    """The first day of the quota's period that holds the day; of a rolling one the day itself."""
    if period in (QuotaPeriod.DAY, QuotaPeriod.ROLLING):
        return day
    if period == QuotaPeriod.WEEK:
        return day - timedelta(days=day.weekday())
    months = _MONTHS[period]
    return date(day.year, day.month - (day.month - 1) % months, 1)


def next_start(period: QuotaPeriod, start: date) -> date:
    """The first day after the period that begins on a day."""
    if period in (QuotaPeriod.DAY, QuotaPeriod.ROLLING):
        return start + _ONE_DAY
    if period == QuotaPeriod.WEEK:
        return start + timedelta(days=7)
    years, month = divmod(start.month - 1 + _MONTHS[period], _YEAR)
    return date(start.year + years, month + 1, 1)


def shares(
    quota: QuotaFacts, period: Period, zone: ZoneInfo, cost: Decimal | None = None
) -> dict[date, Decimal]:
    """What a booking takes of each account, by the account's first day.

    Time that spans two periods is split where the lab-local day ends; a booking that is counted,
    and what it costs as a whole, belongs to the period in which it starts. What has no price takes
    nothing.
    """
    if quota.measure != Measure.MINUTES:
        start = period_start(quota.period, period.start.astimezone(zone).date())
        amount = Decimal(1) if quota.measure == Measure.COUNT else cost
        return {start: amount} if amount else {}
    found = {}
    for start in _starts(quota.period, period, zone):
        span = Period(
            local_midnight(start, zone), local_midnight(next_start(quota.period, start), zone)
        )
        part = period.clip(span)
        if part is not None and part.minutes:
            found[start] = Decimal(part.minutes)
    return found


def _starts(kind: QuotaPeriod, period: Period, zone: ZoneInfo) -> Iterator[date]:
    start = period_start(kind, period.start.astimezone(zone).date())
    while local_midnight(start, zone) < period.end:
        yield start
        start = next_start(kind, start)


def is_grabbed(quota: QuotaFacts, start: datetime, now: datetime) -> bool:
    """Whether time that is taken now is free of the quota, its start being so near."""
    hours = quota.grab_hours
    return hours is not None and start - now <= timedelta(hours=hours)


def carry(quota: QuotaFacts, start: date, today: date, zone: ZoneInfo) -> Decimal | None:
    """What is still to be carried into the account of the present period; None: nothing ever is.

    The percentage of what was left of the period before. Who never touched that one left all of
    it, if the quota was there by then.
    """
    if not quota.carry_percent or quota.period == QuotaPeriod.ROLLING:
        return None
    account = _account(quota, start)
    if account.is_open or start != period_start(quota.period, today):
        return None
    known = next((each for each in quota.accounts if each.starts_on == _before(quota, start)), None)
    if known is not None:
        rest = quota.amount + known.carried - known.reserved - known.used
    else:
        was_there = quota.created_at.astimezone(zone).date() < start
        rest = quota.amount if was_there else NOTHING
    step = CENT if quota.measure == Measure.COST else Decimal(1)
    return (max(rest, NOTHING) * quota.carry_percent / 100).quantize(step, ROUND_DOWN)


def _before(quota: QuotaFacts, start: date) -> date:
    return period_start(quota.period, start - _ONE_DAY)


def _account(quota: QuotaFacts, start: date) -> AccountFacts:
    found = (each for each in quota.accounts if each.starts_on == start)
    return next(found, AccountFacts(starts_on=start))


def balances(
    quota: QuotaFacts, asked: Mapping[date, Decimal], today: date, zone: ZoneInfo
) -> list[Balance]:
    """Every account that is asked, or of a rolling quota every window that could be the fullest."""
    if quota.period == QuotaPeriod.ROLLING:
        return _windows(quota, asked)
    found = []
    for start, amount in sorted(asked.items()):
        account = _account(quota, start)
        coming = carry(quota, start, today, zone) or NOTHING
        found.append(
            Balance(
                quota=quota,
                starts_on=start,
                allowed=quota.amount + account.carried + coming,
                taken=account.reserved + account.used,
                asked=amount,
                renews_on=next_start(quota.period, start),
            )
        )
    return found


def _windows(quota: QuotaFacts, asked: Mapping[date, Decimal]) -> list[Balance]:
    if not asked:
        return []
    length = timedelta(days=quota.rolling_days or 1)
    known = {each.starts_on: each for each in quota.accounts}
    days = sorted({*known, *asked})
    empty = AccountFacts(starts_on=date.min)
    of_day = [known.get(day, empty) for day in days]
    added = [NOTHING, *accumulate(each.carried for each in of_day)]
    taken = [NOTHING, *accumulate(each.reserved + each.used for each in of_day)]
    wanted = [NOTHING, *accumulate(asked.get(day, NOTHING) for day in days)]
    # A window is fullest where it ends with something, or where something added has left it.
    ends = {*days, *(day + length for day in days if day in known and known[day].carried)}
    found = []
    for end in sorted(ends):
        if not min(asked) <= end < max(asked) + length:
            continue
        first, last = bisect_right(days, end - length), bisect_right(days, end)
        if any(day in asked for day in days[first:last]):
            oldest = next((day for day in days[first:last] if _is_taken(known.get(day))), end)
            found.append(
                Balance(
                    quota=quota,
                    starts_on=end - length + _ONE_DAY,
                    allowed=quota.amount + added[last] - added[first],
                    taken=taken[last] - taken[first],
                    asked=wanted[last] - wanted[first],
                    renews_on=oldest + length,
                )
            )
    return found


def _is_taken(account: AccountFacts | None) -> bool:
    return account is not None and account.reserved + account.used > 0


def tightest(
    quota: QuotaFacts, asked: Mapping[date, Decimal], today: date, zone: ZoneInfo
) -> Balance | None:
    """The account or window that would have least left; None where nothing is asked."""
    found = balances(quota, asked, today, zone)
    return min(found, key=lambda each: each.after, default=None)


def balance_on(quota: QuotaFacts, day: date, today: date, zone: ZoneInfo) -> Balance:
    """What is left for a day, without asking for anything."""
    start = period_start(quota.period, day)
    found = tightest(quota, {start: NOTHING}, today, zone)
    if found is None:
        raise AssertionError("unreachable: what is asked has a balance")
    return found


def asked_of(request: BookingRequest, quota: QuotaFacts) -> dict[date, Decimal]:
    """What a request takes of a quota, with what the same act asks for besides.

    A booking that the ledger knows stays counted when it moves: only time that nobody had taken
    is free of the quota shortly before it starts.
    """
    zone, now = request.resource.zone, request.now
    is_known = request.existing is not None and request.existing.is_counted
    total: dict[date, Decimal] = {}
    if is_known or not is_grabbed(quota, request.period.start, now):
        total = shares(quota, request.period, zone, request.cost)
    for sibling in request.siblings:
        counts = quota.id in sibling.quota_ids
        if total and counts and not is_grabbed(quota, sibling.period.start, now):
            for start, amount in shares(quota, sibling.period, zone, sibling.cost).items():
                if start in total or quota.period == QuotaPeriod.ROLLING:
                    total[start] = total.get(start, NOTHING) + amount
    return total


def weigh(request: BookingRequest) -> list[Balance]:
    """Each quota that the request takes from, at the account where least would be left."""
    zone = request.resource.zone
    today = request.now.astimezone(zone).date()
    found = (
        tightest(quota, asked_of(request, quota), today, zone) for quota in request.resource.quotas
    )
    return [each for each in found if each is not None]


def is_over_quota(request: BookingRequest) -> bool:
    """Whether it takes more of a quota than is left."""
    return any(each.after < 0 for each in weigh(request))


def say_amount(measure: Measure, amount: Decimal) -> str:
    """So much time, money, or so many bookings, in words; what is overdrawn with a minus."""
    if measure == Measure.COST:
        return say_money(amount)
    if measure == Measure.MINUTES:
        words = _say_hours(abs(int(amount)))
    else:
        number = abs(int(amount))
        words = ngettext("%(n)d booking", "%(n)d bookings", number) % {"n": number}
    return f"\N{MINUS SIGN}{words}" if amount < 0 else words


def _say_hours(minutes: int) -> str:
    """Without days: who has 30 hours a week counts in hours."""
    hours, rest = divmod(minutes, 60)
    parts = [ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}] if hours else []
    return " ".join([*parts, say_minutes(rest)] if rest or not parts else parts)


def say_rate(quota: QuotaFacts, amount: Decimal) -> str:
    """So much in each period: '10 hours a month'."""
    return _("%(amount)s %(period)s") % {
        "amount": say_amount(quota.measure, amount),
        "period": say_each(quota.period, quota.rolling_days),
    }


def say_each(period: QuotaPeriod, rolling_days: int | None) -> str:
    """How often a quota begins anew, as the end of an amount."""
    if period == QuotaPeriod.ROLLING:
        days = rolling_days or 1
        return ngettext("in any day", "in any %(n)d days", days) % {"n": days}
    words = {
        QuotaPeriod.DAY: _("a day"),
        QuotaPeriod.WEEK: _("a week"),
        QuotaPeriod.MONTH: _("a month"),
        QuotaPeriod.QUARTER: _("a quarter"),
        QuotaPeriod.YEAR: _("a year"),
    }
    return words[period]
