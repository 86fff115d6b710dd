"""Quotas as their holders see them, and as those who set them do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from accounts.models import Project, ResearchGroup, User
from accounts.permissions import places
from booking.enums import Measure, QuotaHolder, QuotaPeriod
from booking.models import Quota, QuotaAccount, QuotaEntry, Resource, ResourcePool
from booking.queries._facts_parts import quota_of
from booking.queries._quota_accounts import accounts_of
from booking.queries._quota_sql import MINE, ON_RESOURCE
from booking.queries.places import in_places, types_in_places
from booking.queries.scopes import MOST_LISTED
from booking.rules.request import AccountFacts, QuotaFacts
from booking.rules.shares import NOTHING, Balance, balance_on, period_start, say_amount, say_each
from labitory.lib.http import lab_zone
from labitory.lib.periods import Period

CODE = "policy.manage"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldQuota:
    """A quota that counts somebody's bookings, with what is left of it today."""

    quota: QuotaFacts
    balance: Balance
    # What it counts: "resource", "type", "pool" or "", and its name.
    scope: str
    scope_name: str
    # The group or project that shares it; "" for the person alone.
    shared_by: str

    @property
    def account(self) -> AccountFacts:
        """What is on the account of the present period, or of the day of a rolling one."""
        start = period_start(self.quota.period, self.balance.starts_on)
        found = (each for each in self.quota.accounts if each.starts_on == start)
        return next(found, AccountFacts(starts_on=start))

    @property
    def added(self) -> Decimal:
        """What was carried over or added, with what comes in when the account is opened."""
        return self.balance.allowed - self.quota.amount


def my_quotas(*, viewer: User, now: datetime, resource: Resource | None = None) -> list[HeldQuota]:
    """The quotas that count the viewer's bookings, everywhere or on one resource. One query."""
    zone = resource.zone if resource else lab_zone()
    today = now.astimezone(zone).date()
    where = ON_RESOURCE if resource else "true"
    parameters: dict[str, Any] = {
        "user": viewer.pk,
        "role": viewer.role,
        "today": today,
        "resource": resource.pk if resource else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(MINE.format(where=where), parameters)
        return [_held(row, today, zone) for row in cursor.fetchall()]


def balances_of(
    quotas: Sequence[QuotaFacts], *, zone: ZoneInfo, now: datetime
) -> tuple[Balance, ...]:
    """What is left of these quotas today. One query, none where there are none."""
    if not quotas:
        return ()
    today = now.astimezone(zone).date()
    found = accounts_of(quotas, window=Period(now, now))
    return tuple(
        balance_on(
            replace(quota, accounts=found.get((quota.id, quota.holder_id), ())), today, today, zone
        )
        for quota in quotas
    )


def _held(row: tuple[Any, ...], today: date, zone: ZoneInfo) -> HeldQuota:
    facts, scope_name, scope, shared_by, accounts = row
    quota = quota_of(_parsed(facts), tuple(_account(*each) for each in _parsed(accounts) or ()))
    return HeldQuota(
        quota=quota,
        balance=balance_on(quota, today, today, zone),
        scope=scope,
        scope_name=scope_name,
        shared_by=shared_by,
    )


def _parsed(value: Any) -> Any:  # noqa: ANN401 - JSON
    return orjson.loads(value) if isinstance(value, str) else value


def _account(starts_on: str, carried: str, reserved: str, used: str, is_open: bool) -> AccountFacts:  # noqa: FBT001 - a row
    return AccountFacts(
        starts_on=date.fromisoformat(starts_on),
        carried=Decimal(carried),
        reserved=Decimal(reserved),
        used=Decimal(used),
        is_open=is_open,
    )


def entries_of(held: Iterable[HeldQuota]) -> "QuerySet[QuotaEntry]":
    """All movements on the accounts of these quotas, the latest first."""
    mine = Q(pk__in=())
    for each in held:
        mine |= Q(account__quota_id=each.quota.id, account__holder_id=each.quota.holder_id)
    return _with_bookings(QuotaEntry.objects.filter(mine))


def _with_bookings(entries: "QuerySet[QuotaEntry]") -> "QuerySet[QuotaEntry]":
    return entries.select_related(
        "account__quota", "booking__resource", "booking__user__preferences"
    ).order_by("-at", "-id")


def managed_quotas(viewer: User) -> "QuerySet[Quota]":
    """The quotas that the viewer may set: on what they look after as a whole, by name."""
    found = Quota.objects.select_related(
        "resource", "resource_type", "pool", "user", "group", "project"
    ).order_by("name")
    if places(viewer, CODE).everywhere:
        return found
    on_resource = Q(resource__isnull=False) & in_places(viewer, CODE)
    on_type = Q(resource_type__isnull=False) & types_in_places(viewer, CODE, kind="resource_type")
    others = Resource.objects.exclude(in_places(viewer, CODE, resource=""))
    foreign = ResourcePool.objects.filter(resources__in=others, pk=OuterRef("pool"))
    empty = ResourcePool.objects.filter(pk=OuterRef("pool"), resources=None)
    on_pool = Q(pool__isnull=False) & ~Exists(foreign) & ~Exists(empty)
    return found.filter(on_resource | on_type | on_pool)


def find_quota(viewer: User, public_id: UUID) -> Quota | None:
    """A quota that the viewer may set."""
    return managed_quotas(viewer).filter(public_id=public_id).first()


def accounts_of_quota(quota: Quota) -> "QuerySet[QuotaAccount]":
    """The accounts of a quota, the latest period first, those who took most before others."""
    return (
        quota.accounts.annotate(taken=F("used") + F("reserved"))
        .select_related("quota")
        .order_by("-starts_on", "-taken", "holder_id")
    )


def find_account(quota: Quota, pk: int) -> QuotaAccount | None:
    """One account of a quota."""
    return quota.accounts.select_related("quota").filter(pk=pk).first()


def entries_of_account(account: QuotaAccount) -> "QuerySet[QuotaEntry]":
    """The movements on an account, the latest first."""
    return _with_bookings(QuotaEntry.objects.filter(account=account))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Who took how much of an account."""

    user: User
    reserved: Decimal
    used: Decimal


def who_took(account: QuotaAccount) -> list[Taken]:
    """The people whose bookings are on an account, with what they took, most first."""
    sums = (
        QuotaEntry.objects.filter(account=account, booking__isnull=False)
        .values("booking__user")
        .annotate(all_reserved=Sum("reserved"), all_used=Sum("used"))
        .order_by()
    )
    by_user = {row["booking__user"]: row for row in sums}
    people = User.objects.filter(pk__in=by_user).select_related("preferences")
    found = [
        Taken(
            user=user,
            reserved=by_user[user.pk]["all_reserved"],
            used=by_user[user.pk]["all_used"],
        )
        for user in people
    ]
    return sorted(found, key=lambda each: (-each.used - each.reserved, each.user.full_name))


def holder_names(quota: Quota, keys: Iterable[int]) -> dict[int, str]:
    """The names of those who share a quota's accounts, by key. One query."""
    wanted = set(keys)
    if quota.holder == QuotaHolder.GROUP:
        return dict(ResearchGroup.objects.filter(pk__in=wanted).values_list("pk", "name"))
    if quota.holder == QuotaHolder.PROJECT:
        return {each.pk: str(each) for each in Project.objects.filter(pk__in=wanted)}
    return {each.pk: each.full_name for each in User.objects.filter(pk__in=wanted)}


def find_holder(quota: Quota, word: str) -> int | None:
    """Who is meant: a person by user name or e-mail, a group by name, a project by its code."""
    text = word.replace("\x00", "").strip()
    if quota.holder == QuotaHolder.GROUP:
        return ResearchGroup.objects.filter(name__iexact=text).values_list("pk", flat=True).first()
    if quota.holder == QuotaHolder.PROJECT:
        return Project.objects.filter(code__iexact=text).values_list("pk", flat=True).first()
    named = User.objects.filter(Q(username__iexact=text) | Q(email__iexact=text), is_active=True)
    return named.values_list("pk", flat=True).first()


def holder_word(quota: Quota, key: int) -> str:
    """How `find_holder` is told of a holder."""
    if quota.holder == QuotaHolder.GROUP:
        return ResearchGroup.objects.filter(pk=key).values_list("name", flat=True).first() or ""
    if quota.holder == QuotaHolder.PROJECT:
        return Project.objects.filter(pk=key).values_list("code", flat=True).first() or ""
    return User.objects.filter(pk=key).values_list("username", flat=True).first() or ""


def people_of(quota: Quota, keys: Sequence[int]) -> list[int]:
    """The people behind accounts, by key: the holder, or everybody of the group or project."""
    if quota.holder == QuotaHolder.USER:
        return list(keys)
    if quota.holder == QuotaHolder.GROUP:
        found = User.objects.filter(
            Q(group_memberships__group__in=keys) | Q(led_groups__in=keys), is_active=True
        )
    else:
        found = User.objects.filter(
            Q(project_memberships__project__in=keys) | Q(led_groups__projects__in=keys),
            is_active=True,
        )
    return sorted(set(found.values_list("pk", flat=True)))


def facts_of(quota: Quota, holder_id: int, accounts: Iterable[QuotaAccount] = ()) -> QuotaFacts:
    """A quota as the rules see it, for one holder."""
    return QuotaFacts(
        id=quota.pk,
        public_id=quota.public_id,
        name=quota.name,
        measure=Measure(quota.measure),
        amount=quota.amount,
        period=QuotaPeriod(quota.period),
        rolling_days=quota.rolling_days,
        holder=QuotaHolder(quota.holder),
        holder_id=holder_id,
        carry_percent=quota.carry_percent,
        overdraft=quota.overdraft,
        grab_hours=quota.grab_hours,
        counts_no_shows=quota.counts_no_shows,
        created_at=quota.created_at,
        accounts=tuple(
            AccountFacts(
                starts_on=each.starts_on,
                carried=each.carried,
                reserved=each.reserved,
                used=each.used,
                is_open=each.opened_at is not None,
            )
            for each in accounts
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdrawn:
    """An account that has less than nothing left, from the present period on."""

    holder_id: int
    starts_on: date
    by: Decimal


def overdrawn_accounts(quota: Quota, now: datetime) -> list[Overdrawn]:
    """The accounts of a quota that are overdrawn now or in a period to come."""
    zone = lab_zone()
    today = now.astimezone(zone).date()
    by_holder: dict[int, list[QuotaAccount]] = {}
    for account in quota.accounts.order_by("starts_on"):
        by_holder.setdefault(account.holder_id, []).append(account)
    found = []
    for holder_id, accounts in by_holder.items():
        facts = facts_of(quota, holder_id, accounts)
        first = period_start(facts.period, today)
        for account in accounts:
            if account.starts_on < first or not account.reserved + account.used:
                continue
            balance = balance_on(facts, account.starts_on, today, zone)
            if balance.left < NOTHING:
                found.append(
                    Overdrawn(holder_id=holder_id, starts_on=account.starts_on, by=-balance.left)
                )
    return found


def say_quota(quota: Quota) -> str:
    """How much a quota gives, in words: '10 hours a month'."""
    amount = say_amount(Measure(quota.measure), quota.amount)
    return f"{amount} {say_each(QuotaPeriod(quota.period), quota.rolling_days)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a quota can be narrowed to, besides instruments, types and people: ids and names."""

    pools: list[tuple[str, str]]
    groups: list[tuple[str, str]]
    projects: list[tuple[str, str]]


def narrowing_choices(viewer: User) -> Narrowing:
    """Pools of which the viewer sets all limits, and groups and projects that are open."""
    pools = ResourcePool.objects.order_by("name")
    if not places(viewer, CODE).everywhere:
        others = Resource.objects.exclude(in_places(viewer, CODE, resource=""))
        pools = pools.exclude(resources__in=others).exclude(resources=None)
    groups = ResearchGroup.objects.filter(is_active=True).order_by("name")
    projects = Project.objects.filter(is_active=True).order_by("name")
    return Narrowing(
        pools=[(str(each.public_id), each.name) for each in pools[:MOST_LISTED]],
        groups=[(str(each.public_id), each.name) for each in groups[:MOST_LISTED]],
        projects=[(str(each.public_id), str(each)) for each in projects[:MOST_LISTED]],
    )
