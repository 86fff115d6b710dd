"""What if: a large lab's past replayed under other limits, as a worker does it."""

import time
from datetime import datetime, timedelta

from accounts.enums import Role
from accounts.models import User
from bench import databases
from bench.data import fill, make_people
from bench.figures import Figure, watch_statements
from bench.plan import Plan
from booking.enums import Limit, TrialState
from booking.models import BookingPolicy, PolicyTrial, Resource
from booking.rules.proposals import LimitRow
from booking.rules.replay import MOST_MONTHS
from booking.services.policy_trials import CHUNK, TrialWish, run_trials, start_trial
from labitory.lib.clock import now as clock_now

MOST_BOOKINGS = 100_000
_RESOURCES = 150
_PEOPLE = 500
# Minutes, not hours; and what a worker asks of the database for each chunk of people.
MOST_SECONDS = 600
MOST_PER_CHUNK = 10
# Limits that are reached now and then, in several places: every rule has something to say.
_IN_FORCE = {
    Limit.MIN_LENGTH: 30,
    Limit.MAX_LENGTH: 240,
    Limit.LEAD_TIME: 60,
    Limit.HORIZON: 60 * 24 * 30,
    Limit.MINUTES_PER_DAY: 480,
    Limit.MINUTES_PER_WEEK: 1200,
    Limit.ACTIVE_BOOKINGS: 20,
    Limit.FUTURE_MINUTES: 3000,
    Limit.GAP: 15,
}
_TRIED = 360


def run(plan: Plan) -> list[Figure]:
    """Ask for a trial of six hours a week on all that was booked in two years, and do it."""
    with databases.database("trials"):
        fill(
            resources=_RESOURCES,
            users=_PEOPLE,
            bookings=min(plan.rows, MOST_BOOKINGS),
            now=clock_now(),
        )
        [manager] = make_people(1, role=Role.LAB_MANAGER, word="manager")
        _set_limits()
        return _measure(manager)


def _set_limits() -> None:
    BookingPolicy.objects.bulk_create(
        BookingPolicy(limit=limit, value=value) for limit, value in _IN_FORCE.items()
    )
    BookingPolicy.objects.bulk_create(
        BookingPolicy(limit=Limit.MINUTES_PER_DAY, value=240, resource=each)
        for each in Resource.objects.order_by("pk")[: _RESOURCES // 10]
    )


def _later() -> datetime:
    """When all that the lab has booked is past: it is booked for six weeks ahead."""
    return clock_now() + timedelta(weeks=6)


def _measure(manager: User) -> list[Figure]:
    change = LimitRow(
        limit=Limit.MINUTES_PER_WEEK, role="", resource_id=None, type_id=None, value=_TRIED
    )
    wish = TrialWish(title="Six hours a week", months=MOST_MONTHS, change=change)
    start_trial(actor=manager, wish=wish, now=_later())
    cpu, begun = time.process_time(), time.perf_counter()
    with watch_statements() as seen:
        run_trials(clock=_later)
    took, worked = time.perf_counter() - begun, time.process_time() - cpu
    trial = PolicyTrial.objects.get()
    if trial.state != TrialState.DONE:
        raise RuntimeError(f"the trial is {trial.state}: {trial.error}")
    chunks = -(-_PEOPLE // CHUNK)
    return [
        Figure(name="bookings replayed, twice each", value=trial.done, least=1, firm=True),
        Figure(name="  not looked at", value=trial.total - trial.done, most=0, firm=True),
        Figure(name="  refused under what is tried", value=trial.result["refused"]),
        Figure(name="time", value=took, unit="s", most=MOST_SECONDS),
        Figure(name="  CPU", value=worked, unit="s"),
        Figure(name="  bookings", value=trial.done / took, unit="/s"),
        Figure(name="chunks, progress kept after each", value=chunks),
        Figure(
            name="  statements of one",
            value=seen.count / chunks,
            most=MOST_PER_CHUNK,
            firm=True,
        ),
    ]
