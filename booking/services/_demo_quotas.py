"""Quotas of the demonstration: every kind, with the ledger of three months of bookings."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.enums import Role
from accounts.models import GroupMember, Project, User
from booking.enums import EntryKind, Measure, QuotaHolder, QuotaPeriod, Status
from booking.models import Booking, Quota, Resource, ResourceType
from booking.queries.quotas import facts_of
from booking.rules.request import QuotaFacts
from booking.rules.shares import period_start
from booking.services._quotas import Line, settle_bookings, write_lines

_SINCE = timedelta(days=200)
_DONE = (Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED, Status.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """A booking with the quotas that count it."""

    booking: Booking
    quotas: list[QuotaFacts]


def make_quotas(*, cast: dict[str, User], now: datetime) -> None:
    """Six quotas, one of money and one ended, and the ledger that their bookings leave behind.

    Ada has a little left on the microscopes and was given more once; her group shares a quarter.
    """
    quotas = _make(now)
    by_booking: dict[int, _Counted] = {}
    groups = dict(GroupMember.objects.order_by("-group").values_list("user_id", "group_id"))
    for quota in quotas:
        for booking in _bookings_of(quota):
            holder = _holder(quota, booking, groups)
            if holder is None:
                continue
            # What was booked when is not told apart here: nothing was taken at the last minute.
            facts = replace(facts_of(quota, holder), grab_hours=None)
            found = by_booking.setdefault(booking.pk, _Counted(booking=booking, quotas=[]))
            found.quotas.append(facts)
    _settle(by_booking.values(), now)
    _give_more(quotas[0], cast["ada"], now)


def _make(now: datetime) -> list[Quota]:
    confocals = ResourceType.objects.get(resources__name="Confocal 1")
    rows: tuple[dict[str, Any], ...] = (
        {
            "name": "Microscopes, students",
            "amount": Decimal(40 * 60),
            "resource_type": confocals,
            "role": Role.STUDENT,
            "overdraft": Decimal(4 * 60),
            "grab_hours": 24,
            "carry_percent": 20,
        },
        {
            "name": "Groups, a quarter",
            "amount": Decimal(2500 * 60),
            "period": QuotaPeriod.QUARTER,
            "holder": QuotaHolder.GROUP,
            "carry_percent": 10,
            "overdraft": Decimal(100 * 60),
        },
        {
            "name": "Cryo-TEM sessions",
            "measure": Measure.COUNT,
            "amount": Decimal(3),
            "period": QuotaPeriod.ROLLING,
            "rolling_days": 30,
            "resource": Resource.objects.get(name="Cryo-TEM"),
        },
        {
            "name": "Live cell imaging, CB-1042",
            "amount": Decimal(1200 * 60),
            "period": QuotaPeriod.YEAR,
            "holder": QuotaHolder.PROJECT,
            "project": Project.objects.get(code="CB-1042"),
        },
        {
            "name": "Electron microscopy, budget of a group",
            "measure": Measure.COST,
            "amount": Decimal(10_000),
            "holder": QuotaHolder.GROUP,
            "resource_type": ResourceType.objects.get(name="Electron microscope"),
            "overdraft": Decimal(1000),
        },
        {"name": "Summer school", "amount": Decimal(20 * 60), "is_active": False},
    )
    made = [Quota(created_at=now - _SINCE, **row) for row in rows]
    for quota in made:
        quota.save(force_insert=True)
    return [quota for quota in made if quota.is_active]


def _bookings_of(quota: Quota) -> "QuerySet[Booking]":
    counted = Q()
    if quota.resource:
        counted &= Q(resource=quota.resource)
    if quota.resource_type:
        counted &= Q(resource__resource_type=quota.resource_type)
    if quota.project:
        counted &= Q(project=quota.project)
    if quota.role:
        counted &= Q(user__role=quota.role)
    return Booking.objects.filter(counted).select_related("resource", "project").order_by("pk")


def _holder(quota: Quota, booking: Booking, groups: dict[int, int]) -> int | None:
    if quota.holder == QuotaHolder.USER:
        return booking.user_id
    if quota.holder == QuotaHolder.PROJECT:
        return booking.project_id
    return booking.project.group_id if booking.project else groups.get(booking.user_id)


def _settle(counted: Iterable[_Counted], now: datetime) -> None:
    """What is over was used when it ended, what is to come was reserved when it was booked."""
    zone = ZoneInfo(settings.LAB_TIME_ZONE)
    by_day: dict[date, list[_Counted]] = defaultdict(list)
    moments: dict[date, datetime] = {}
    for each in counted:
        booking = each.booking
        at = min(booking.end_time if booking.status in _DONE else booking.created_at, now)
        day = at.astimezone(zone).date()
        by_day[day].append(each)
        moments[day] = max(moments.get(day, at), at)
    for day in sorted(by_day):
        settle_bookings([(each.booking, each.quotas) for each in by_day[day]], now=moments[day])


def _give_more(quota: Quota, user: User, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(settings.LAB_TIME_ZONE)).date()
    line = Line(
        key=(quota.pk, user.pk, period_start(QuotaPeriod(quota.period), today)),
        booking_id=None,
        kind=EntryKind.ADJUSTED,
        carried=Decimal(120),
        note="The laser of Confocal 2 failed in the middle of a booking.",
    )
    write_lines([line], now=now)
