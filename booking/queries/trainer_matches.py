"""When a trainer, an instrument and a trainee are all free."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from accounts.models import User
from booking.models import Course, Resource
from booking.queries.free_slots import FreeSlot, free_slots
from booking.queries.training_sessions import busy_periods
from labitory.lib.periods import Period, merge

AHEAD = timedelta(days=21)
# When trainers are usually there, by the lab's clock: other times come only when these are taken.
WORKDAYS = frozenset(range(5))
WORKING_HOURS = (time(8), time(18))
# Each trainer is a search of its own.
MOST_TRAINERS = 3
MOST_SLOTS = 24
MOST_A_DAY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerSlot:
    """A time at which this trainer could train on the instrument."""

    trainer: User
    start_time: datetime
    end_time: datetime


def trainers_of(course: Course, trainee: User) -> list[User]:
    """Who gives the course to this person, by name: nobody trains themselves."""
    found = [each for each in course.instructors.all() if each.is_active and each != trainee]
    return sorted(found, key=lambda each: (each.last_name, each.first_name, each.username))


def trainer_slots(
    *,
    trainers: Sequence[User],
    resource: Resource,
    trainee: User,
    length: timedelta,
    now: datetime,
) -> list[TrainerSlot]:
    """Times within three weeks at which all three are free, soonest first, at most four a day.

    On workdays between 8 and 18; only when there are none, at any hour.
    Of more than three trainers the first three are looked at: choose one to see another's.
    """
    window = Period(now, now + AHEAD)
    asked = trainers[:MOST_TRAINERS]
    busy = busy_periods(user_ids=[trainee.pk, *(each.pk for each in asked)], window=window)
    usual: dict[str, Any] = {"weekdays": WORKDAYS, "hours": WORKING_HOURS}
    found: list[TrainerSlot] = []
    for trainer, narrowed in [
        *((each, usual) for each in asked),
        *((each, {}) for each in asked),
    ]:
        if found and not narrowed:
            break
        taken = merge([*busy.get(trainer.pk, []), *busy.get(trainee.pk, [])])
        stretches = free_slots(
            user=trainer,
            now=now,
            window=window,
            minimum=length,
            resource_ids=[resource.public_id],
            limit=60,
            per_resource=60,
            **narrowed,
        )
        found += [
            TrainerSlot(trainer=trainer, start_time=start, end_time=start + length)
            for start in _starts(stretches, taken, length, resource)
        ]
    found.sort(key=lambda slot: (slot.start_time, slot.trainer.pk))
    return found[:MOST_SLOTS]


def _starts(
    stretches: Sequence[FreeSlot], taken: list[Period], length: timedelta, resource: Resource
) -> Iterator[datetime]:
    a_day: dict[object, int] = {}
    for stretch in stretches:
        for free in _without(Period(stretch.start_time, stretch.end_time), taken):
            start = _on_grid(free.start, resource)
            while start + length <= free.end:
                day = start.astimezone(resource.zone).date()
                if a_day.get(day, 0) < MOST_A_DAY:
                    yield start
                a_day[day] = a_day.get(day, 0) + 1
                start = _on_grid(start.astimezone(UTC) + length, resource)


def _without(period: Period, taken: list[Period]) -> list[Period]:
    """What is left of a period without merged others."""
    left, start = [], period.start
    for each in taken:
        if each.end <= start or each.start >= period.end:
            continue
        if each.start > start:
            left.append(Period(start, each.start))
        start = each.end
    return [*left, Period(start, period.end)] if start < period.end else left


def _on_grid(moment: datetime, resource: Resource) -> datetime:
    """The next moment on the instrument's grid, which counts from its midnight."""
    local = moment.astimezone(resource.zone)
    rest = timedelta(
        minutes=(local.hour * 60 + local.minute) % resource.slot_minutes,
        seconds=local.second,
        microseconds=local.microsecond,
    )
    step = timedelta(minutes=resource.slot_minutes) - rest if rest else timedelta(0)
    return (moment.astimezone(UTC) + step).astimezone(resource.zone)
