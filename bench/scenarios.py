"""What the rivals of the race want, round by round, and how many of them may get it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.enums import Role
from accounts.models import User
from bench.data import make_people, make_resources
from bench.server import Answer
from booking.enums import LIVE, Limit
from booking.models import Booking, BookingPolicy, Resource, ResourceLink
from booking.services.bookings import create_booking
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period

HOUR = timedelta(hours=1)
CONFLICT, REFUSED = 409, 422
QUOTA_HOURS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One rival's request of one round."""

    user: User
    body: dict[str, str]
    method: str = "POST"
    path: str = "/api/v1/bookings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Rivals for the same thing: `wins` of them get it, each round anew."""

    name: str
    wins: int
    # What a round's rivals ask for, given the beginning of the day that the round may use.
    asks: Callable[[datetime], Sequence[Ask]]
    resources: Sequence[Resource]
    win_status: int = 201
    loss_statuses: frozenset[int] = frozenset({CONFLICT})

    def judge(self, answers: Sequence[Answer], day: datetime) -> list[str]:
        """What is wrong with the answers to one round, and with what they left behind."""
        problems = judge_answers(self, answers)
        found = Booking.objects.filter(
            resource__in=self.resources,
            start_time__gte=day,
            start_time__lt=day + 24 * HOUR,
            status__in=LIVE,
        ).count()
        if found != self.wins:
            problems.append(f"{found} bookings stand, not {self.wins}")
        return problems


def judge_answers(scenario: Scenario, answers: Sequence[Answer]) -> list[str]:
    """Exactly so many winners; every other rival a clear no, with the way out."""
    problems = []
    losers = [answer for answer in answers if answer.status != scenario.win_status]
    won = len(answers) - len(losers)
    if won != scenario.wins:
        problems.append(f"{won} won, not {scenario.wins}")
    strange = sorted({each.status for each in losers} - scenario.loss_statuses)
    if strange:
        problems.append(f"answers with {strange}")
    helpless = sum(not _has_repairs(each) for each in losers)
    if helpless:
        problems.append(f"{helpless} losers without repairs")
    return problems


def _has_repairs(answer: Answer) -> bool:
    errors = answer.body.get("errors") or [{}]
    return bool(errors[0].get("repairs"))


def first_day(now: datetime) -> datetime:
    """A lab-local midnight well ahead, so that nothing else is in the way."""
    local = (now + timedelta(days=10)).astimezone(ZoneInfo(settings.LAB_TIME_ZONE))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def all_scenarios(*, clients: int, day: datetime) -> list[Scenario]:
    """Make the people and resources, and say what they race for."""
    people = make_people(clients, role=Role.STUDENT)
    return [
        _one_slot(people),
        _seats(people),
        _linked(people),
        _moves(people, day - timedelta(days=5)),
        _quota(clients),
        _double_click(people[0]),
    ]


def _body(resource: Resource, start: datetime) -> dict[str, str]:
    return {
        "resource": str(resource.public_id),
        "start_time": start.isoformat(),
        "end_time": (start + HOUR).isoformat(),
    }


def _one_slot(people: Sequence[User]) -> Scenario:
    (resource,) = make_resources(1, word="Wanted")

    def asks(day: datetime) -> list[Ask]:
        return [Ask(user=user, body=_body(resource, day + 10 * HOUR)) for user in people]

    return Scenario(name="one free slot", wins=1, asks=asks, resources=[resource])


def _seats(people: Sequence[User]) -> Scenario:
    (resource,) = make_resources(1, word="Three seats")
    resource.capacity = 3
    resource.save()

    def asks(day: datetime) -> list[Ask]:
        return [Ask(user=user, body=_body(resource, day + 10 * HOUR)) for user in people]

    return Scenario(name="three seats", wins=3, asks=asks, resources=[resource])


def _linked(people: Sequence[User]) -> Scenario:
    laser, *pair = make_resources(3, word="Laser table")
    ResourceLink.objects.bulk_create(ResourceLink(resource=each, linked=laser) for each in pair)

    def asks(day: datetime) -> list[Ask]:
        return [
            Ask(user=user, body=_body(pair[place % 2], day + 10 * HOUR))
            for place, user in enumerate(people)
        ]

    return Scenario(name="two on a shared laser", wins=1, asks=asks, resources=pair)


def _moves(people: Sequence[User], before: datetime) -> Scenario:
    (resource,) = make_resources(1, word="Moved")
    booked: list[Ask] = []

    def first_bookings() -> list[Ask]:
        made = []
        for place, user in enumerate(people):
            start = before + place * HOUR
            (booking,) = create_booking(
                actor=user,
                user=user,
                resource_ids=[resource.public_id],
                period=Period(start, start + HOUR),
                now=clock_now(),
            )
            path = f"/api/v1/bookings/{booking.public_id}"
            made.append(Ask(user=user, body={}, method="PATCH", path=path))
        return made

    def asks(day: datetime) -> list[Ask]:
        if not booked:
            booked.extend(first_bookings())
        body = _body(resource, day + 10 * HOUR)
        del body["resource"]
        return [Ask(user=ask.user, body=body, method=ask.method, path=ask.path) for ask in booked]

    return Scenario(
        name="moves into one gap", wins=1, asks=asks, resources=[resource], win_status=200
    )


def _quota(clients: int) -> Scenario:
    (student,) = make_people(1, role=Role.STUDENT, word="eager")
    pair = make_resources(2, word="Limited", types_at_most=1)
    BookingPolicy.objects.create(
        limit=Limit.MINUTES_PER_DAY,
        role="",
        resource_type=pair[0].resource_type,
        value=60 * QUOTA_HOURS,
    )

    def asks(day: datetime) -> list[Ask]:
        return [
            Ask(user=student, body=_body(pair[place % 2], day + (1 + place) * HOUR))
            for place in range(clients)
        ]

    return Scenario(
        name=f"one student, {QUOTA_HOURS} hours a day",
        wins=QUOTA_HOURS,
        asks=asks,
        resources=pair,
        loss_statuses=frozenset({REFUSED}),
    )


def _double_click(student: User) -> Scenario:
    (resource,) = make_resources(1, word="Clicked twice")

    def asks(day: datetime) -> list[Ask]:
        return [Ask(user=student, body=_body(resource, day + 15 * HOUR))] * 2

    return Scenario(name="the same person twice", wins=1, asks=asks, resources=[resource])
