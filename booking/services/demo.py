"""The demonstration: a core facility of about 40 instruments and 60 people, around today."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import Status
from booking.errors import ActionRefused
from booking.models import Booking, Resource
from booking.queries.calendars import open_periods
from booking.services._demo_access import make_access
from booking.services._demo_addresses import make_addresses
from booking.services._demo_approvals import make_approvals
from booking.services._demo_bookings import (
    write_bookings,
    write_demand,
    write_favourites,
    write_notices,
)
from booking.services._demo_care import make_care
from booking.services._demo_check_ins import make_usage
from booking.services._demo_endpoints import make_endpoints
from booking.services._demo_lab import DemoInstrument, make_blocks, make_lab
from booking.services._demo_messages import make_messages
from booking.services._demo_offline import make_offline_acts
from booking.services._demo_organisation import make_organisation
from booking.services._demo_people import make_cast, make_others
from booking.services._demo_plan import SPAN, Diary, Planner
from booking.services._demo_plans import make_plans
from booking.services._demo_policies import make_policies
from booking.services._demo_prices import make_prices, write_costs
from booking.services._demo_quotas import make_quotas
from booking.services._demo_reach import make_reach
from booking.services._demo_series import make_series
from booking.services._demo_training import make_training
from booking.services._demo_waiting import make_waiting
from booking.services._demo_wordings import make_wordings
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period, local_day

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCounts:
    """What was made."""

    instruments: int = 0
    people: int = 0
    bookings: int = 0


def load_demo(*, now: datetime, if_empty: bool = False) -> DemoCounts:
    """Fill an empty lab with instruments, people and three months of bookings around today.

    The same day gives the same data. The cast always gets its accounts; a lab that has resources
    already keeps them as they are: with `if_empty` nothing else happens, without it is refused.
    """
    if not settings.DEMO_LOGINS:
        raise ActionRefused(
            code="demo.forbidden",
            text=_("Demo data is for development only: its logins are known to everybody."),
        )

    def work() -> DemoCounts:
        if not Resource.objects.exists():
            return _load(make_cast(now), now)
        if if_empty:
            make_cast(now)
            return DemoCounts()
        raise ActionRefused(
            code="demo.not_empty",
            text=_("This lab has resources already: load demo data into an empty database."),
        )

    return run_transaction(work)


def _load(cast: dict[str, User], now: datetime) -> DemoCounts:
    zone = ZoneInfo(settings.LAB_TIME_ZONE)
    rng = random.Random(now.astimezone(zone).date().isoformat())  # noqa: S311 - nothing secret
    others = make_others(now, rng)
    instruments = make_lab(cast=cast, others=others, now=now, rng=rng)
    diary = Diary(now=now, zone=zone)
    _block(diary, instruments, cast["chris"])
    today = local_day(now, zone)
    days = Period(today.start - SPAN, today.end + SPAN)
    planner = Planner(
        diary=diary,
        people=[*(each for each in others if not each.is_lab_manager), cast["ada"], cast["ben"]],
        open_periods=open_periods(resources=[each.resource for each in instruments], window=days),
        rng=rng,
    )
    named = {each.tool.name: each for each in instruments}
    _plan_cast(planner, named, cast, now)
    planner.fill(instruments, days)
    bookings = write_bookings(planner.planned, manager=cast["chris"], now=now, rng=rng)
    write_favourites(
        {
            cast["ada"]: ("Confocal 2", "NMR 400", "Analyser 1"),
            cast["ben"]: ("LC-MS 1", "TEM 200 kV", "3D printer 1"),
            cast["chris"]: ("Cell sorter 2", "Confocal 1"),
        },
        named,
    )
    make_organisation(cast=cast, others=others, now=now)
    make_usage(bookings, now=now)
    _make_paths(cast, others, now)
    write_notices(bookings, readers=[cast["ada"], cast["ben"]], manager=cast["chris"], now=now)
    write_demand(instruments, now=now, rng=rng)
    make_policies(cast=cast, now=now)
    counts = DemoCounts(
        instruments=len(instruments),
        people=len(others) + len(cast),
        bookings=Booking.objects.count(),
    )
    record(
        action="demo.loaded",
        actor=None,
        target=cast["dora"],
        now=now,
        facts={"instruments": counts.instruments, "bookings": counts.bookings},
    )
    return counts


def _make_paths(cast: dict[str, User], others: list[User], now: datetime) -> None:
    """Who is asked, what is left, who waits, what is broken: every noun in its states."""
    # Before approvals, some of which look at the cost.
    make_prices(now=now)
    make_approvals(cast=cast, now=now)
    # Before quotas: their ledger counts it.
    make_series(cast=cast, now=now)
    write_costs()
    make_quotas(cast=cast, now=now)
    make_access(cast=cast, now=now)
    make_training(cast=cast, others=others, now=now)
    make_care(cast=cast, now=now)
    make_waiting(cast=cast, now=now)
    make_plans(cast=cast, now=now)
    make_reach(cast=cast, now=now)
    make_offline_acts(cast=cast, now=now)
    make_wordings(cast=cast, now=now)
    make_addresses(cast=cast, others=others, now=now)
    make_endpoints(cast=cast, now=now)
    make_messages(cast=cast, now=now)


def _block(diary: Diary, instruments: list[DemoInstrument], chris: User) -> None:
    """Maintenance and closures, before anything is booked."""
    capacities = {each.resource.pk: each.resource.capacity for each in instruments}
    for block in make_blocks(instruments, chris, diary.now):
        diary.block(block, capacities[block.resource_id])


def _plan_cast(
    planner: Planner, named: dict[str, DemoInstrument], cast: dict[str, User], now: datetime
) -> None:
    """Ada and Ben have something running, something today and tomorrow, and wishes that wait."""
    tomorrow = local_day(now, planner.diary.zone).end + 9 * HOUR
    plans = (
        ("ada", "NMR 400", now - 30 * timedelta(minutes=1), 90, Status.CHECKED_IN),
        ("ada", "Confocal 2", now + 3 * HOUR, 120, Status.CONFIRMED),
        ("ada", "Confocal 1", tomorrow, 120, Status.CONFIRMED),
        ("ada", "Analyser 1", tomorrow + 4 * HOUR, 60, Status.CONFIRMED),
        ("ada", "Super-resolution microscope", tomorrow + 3 * DAY, 180, Status.PENDING),
        ("ben", "LC-MS 1", now - 45 * timedelta(minutes=1), 240, Status.CHECKED_IN),
        ("ben", "3D printer 1", now + 5 * HOUR, 180, Status.CONFIRMED),
        ("ben", "LC-MS 2", tomorrow, 240, Status.CONFIRMED),
        ("ben", "Cryo-TEM", tomorrow + 2 * DAY, 240, Status.PENDING),
        ("ben", "TEM 200 kV", tomorrow + 5 * DAY, 180, Status.PENDING),
    )
    for name, tool, earliest, minutes, status in plans:
        planner.place(
            instrument=named[tool],
            user=cast[name],
            earliest=earliest,
            minutes=minutes,
            status=status,
        )
