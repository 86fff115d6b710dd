"""Work that comes back: its windows, made ahead and once."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from booking.enums import ClaimKind, InTheWay
from booking.errors import ActionRefused, NotAllowed
from booking.models import MaintenancePlan, MaintenanceRecord, OutboxEvent, Resource
from booking.queries.maintenance import missing_windows
from booking.queries.maintenance_slots import least_harmful
from booking.services.maintenance import (
    WorkDetails,
    cancel_maintenance,
    change_maintenance,
    schedule_maintenance,
)
from booking.services.maintenance_plans import (
    Rhythm,
    change_plan,
    end_plan,
    make_plan,
    make_windows_ahead,
)
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DETAILS = WorkDetails(title="Clean the optics", vendor="Lamps Ltd", cost=Decimal(80))


def rhythm(now: datetime, rule: str = "FREQ=MONTHLY;BYDAY=1MO", **said: Any) -> Rhythm:
    """From today at noon in the lab, for two hours."""
    plain: dict[str, Any] = {"first_start": now + 4 * HOUR, "minutes": 120}
    return Rhythm(rule=rule, **{**plain, **said})


def make(actor: User, resource: Resource, now: datetime, **said: Any) -> MaintenancePlan:
    return make_plan(
        actor=actor,
        resource_id=resource.public_id,
        rhythm=rhythm(now, **said),
        details=DETAILS,
        now=now,
    )


def starts(plan: MaintenancePlan) -> list[datetime]:
    return list(plan.windows.order_by("start_time").values_list("start_time", flat=True))


def test_half_a_year_is_made_at_once_and_once(
    chris: User, microscope: Resource, now: datetime
) -> None:
    plan = make(chris, microscope, now)
    # The first Monday of each month at noon in Berlin: summer begins at the end of March.
    assert starts(plan) == [
        datetime(2026, 3, 2, 11, tzinfo=UTC),
        *(datetime(2026, month, day, 10, tzinfo=UTC) for month, day in ((4, 6), (5, 4), (6, 1))),
        *(datetime(2026, month, day, 10, tzinfo=UTC) for month, day in ((7, 6), (8, 3))),
    ]
    window = plan.windows.first()
    assert window is not None
    assert (window.vendor, window.cost, window.title) == (
        "Lamps Ltd",
        Decimal(80),
        "Clean the optics",
    )
    assert microscope.claims.filter(kind=ClaimKind.MAINTENANCE).count() == 6
    assert make_windows_ahead(now=now) == 0
    assert make_windows_ahead(now=now + 30 * DAY) == 1
    assert make_windows_ahead(now=now + 30 * DAY) == 0
    assert starts(plan)[-1] == datetime(2026, 9, 7, 10, tzinfo=UTC)


def test_a_daily_plan_is_bounded_and_cheap(
    chris: User, microscope: Resource, now: datetime
) -> None:
    with count_queries(6):
        plan = make(chris, microscope, now, rule="FREQ=DAILY", minutes=30)
    assert plan.windows.count() == 180


def test_the_end_of_a_plan_gives_displaced_bookings_their_time_back(
    chris: User, ada: User, microscope: Resource, now: datetime
) -> None:
    plan = make(chris, microscope, now)
    window = plan.windows.order_by("start_time")[0]
    booking = make_booking(ada, microscope, window.start_time + 3 * HOUR)
    change_maintenance(
        actor=chris,
        maintenance_id=window.public_id,
        period=booking.period,
        details=DETAILS,
        now=now,
        way=InTheWay.DISPLACE,
    )
    assert not booking.claims.exists()
    end_plan(actor=chris, plan_id=plan.public_id, now=now)
    assert booking.claims.count() == 1
    window.refresh_from_db()
    assert window.cancelled_at == now
    assert not plan.windows.filter(cancelled_at=None).exists()


def test_a_window_at_the_very_end_is_made_once(
    chris: User, microscope: Resource, now: datetime
) -> None:
    plan = make(chris, microscope, now, rule="FREQ=DAILY", first_start=now + 180 * DAY)
    assert starts(plan) == []
    assert missing_windows(plan, now=now) == []
    MaintenancePlan.objects.update(planned_until=now + 180 * DAY)
    assert make_windows_ahead(now=now + 8 * DAY) == 8
    assert not OutboxEvent.objects.filter(kind="maintenance.clash").exists()


def test_what_is_taken_is_left_to_a_person(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 4 * HOUR)
    plan = make(chris, microscope, now)
    assert len(starts(plan)) == 5
    assert booking.claims.count() == 1
    missing = missing_windows(plan, now=now)
    assert [each.start for each in missing] == [now + 4 * HOUR]
    booking.claims.all().delete()
    schedule_maintenance(
        actor=chris, resource_id=microscope.public_id, period=missing[0], title="By hand", now=now
    )
    assert missing_windows(plan, now=now) == []
    # The task tells who wrote the plan of what has no room.
    make_booking(ada, microscope, datetime(2026, 9, 7, 10, tzinfo=UTC))
    assert make_windows_ahead(now=now + 30 * DAY) == 0
    event = OutboxEvent.objects.get(kind="maintenance.clash")
    assert (event.payload["people"], event.payload["facts"]["n"]) == ([chris.pk], 1)


def test_windows_follow_their_plan(
    chris: User, ada: User, microscope: Resource, now: datetime
) -> None:
    plan = make(chris, microscope, now)
    later = now + 5 * HOUR
    called_off = plan.windows.get(start_time__month=5)
    cancel_maintenance(actor=chris, maintenance_id=called_off.public_id, now=later)
    make_windows_ahead(now=later + 8 * DAY)
    assert plan.windows.filter(cancelled_at=None).count() == 5
    assert missing_windows(plan, now=later) == []
    change_plan(
        actor=chris,
        plan_id=plan.public_id,
        rhythm=rhythm(now, "FREQ=WEEKLY;COUNT=4"),
        details=WorkDetails(title="Weekly"),
        now=later,
    )
    # What began stays as it was.
    found = plan.windows.filter(cancelled_at=None).order_by("start_time")
    assert [(each.title, each.start_time) for each in found] == [
        ("Clean the optics", now + 4 * HOUR),
        *(("Weekly", now + 4 * HOUR + n * 7 * DAY) for n in (1, 2, 3)),
    ]
    end_plan(actor=chris, plan_id=plan.public_id, now=later)
    assert plan.windows.filter(cancelled_at=None).count() == 1
    assert microscope.claims.count() == 1
    assert make_windows_ahead(now=later + 90 * DAY) == 0
    with pytest.raises(ActionRefused, match=r"maintenance\.plan_ended"):
        end_plan(actor=chris, plan_id=plan.public_id, now=later)
    with pytest.raises(ActionRefused, match=r"maintenance\.plan_ended"):
        change_plan(
            actor=chris, plan_id=plan.public_id, rhythm=rhythm(now), details=DETAILS, now=later
        )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"rule": "FREQ=HOURLY"}, "maintenance.rule"),
        ({"rule": "every monday"}, "maintenance.rule"),
        ({"rule": ""}, "maintenance.rule"),
        ({"rule": "FREQ=DAILY;COUNT=2;UNTIL=20260401"}, "maintenance.rule"),
        ({"rule": "FREQ=DAILY;FREQ=DAILY"}, "maintenance.rule"),
        ({"minutes": 0}, "maintenance.minutes"),
        ({"minutes": 20161}, "maintenance.minutes"),
        ({"rule": "FREQ=DAILY", "minutes": 1500}, "maintenance.minutes"),
        ({"first_start": datetime(2024, 1, 1, tzinfo=UTC)}, "maintenance.first_start"),
    ],
)
def test_nonsense_is_refused_whole(
    chris: User, microscope: Resource, now: datetime, said: dict[str, Any], code: str
) -> None:
    with pytest.raises(ActionRefused) as caught:
        make(chris, microscope, now, **said)
    assert caught.value.refusals[0].code == code
    assert not MaintenancePlan.objects.exists()
    assert not MaintenanceRecord.objects.exists()


def test_only_who_looks_after_it(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    plan = make(chris, microscope, now)
    with pytest.raises(NotAllowed):
        make(ada, microscope, now)
    with pytest.raises(NotAllowed):
        end_plan(actor=ada, plan_id=plan.public_id, now=now)


def test_the_least_harmful_times_come_first(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    # Today 8:00-18:00 is full of Ada, tomorrow has an hour of Ben, then a closure, then Ada again.
    make_booking(ada, microscope, now, 10 * HOUR)
    make_booking(ben, microscope, now + DAY + 4 * HOUR)
    schedule_maintenance(
        actor=chris,
        resource_id=microscope.public_id,
        period=Period(now + 2 * DAY, now + 2 * DAY + 10 * HOUR),
        title="Closed",
        now=now,
    )
    make_booking(ada, microscope, now + 3 * DAY, 10 * HOUR)

    def ask(length: timedelta, days: int = 4) -> list[tuple[int, int, int]]:
        with count_queries(1 if length else 0):
            found = least_harmful(
                resource=microscope, length=length, now=now, days=days, hours=(time(8), time(18))
            )
        return [((each.period.start - now).days, each.bookings, each.minutes) for each in found]

    assert ask(2 * HOUR) == [(1, 0, 0), (0, 1, 600), (3, 1, 600)]
    assert ask(8 * HOUR) == [(1, 1, 60), (0, 1, 600), (3, 1, 600)]
    assert ask(timedelta(0)) == []
    # A week that is free beyond them is found when it is looked at.
    assert ask(8 * HOUR, days=10)[0][1:] == (0, 0)
    # Work longer than the hours begins within them.
    assert len(ask(30 * HOUR, days=10)) == 3
