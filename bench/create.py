"""How fast bookings are made: by the API, by next to nothing, and by SQL alone."""

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psycopg
from django.test import Client as InProcess

from accounts.models import User
from bench import databases
from bench.data import (
    fill_bookings,
    give_rules_work,
    make_people,
    make_resources,
    renew_statistics,
)
from bench.figures import Figure, compare, watch_statements
from bench.plan import Plan
from bench.raw_sql import INSERT
from bench.scenarios import first_day
from bench.server import Client, served, token_of
from bench.views import insert_unchecked
from booking.models import Resource
from booking.services.bookings import create_booking
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period

HOUR = timedelta(hours=1)
CLIENTS = 8
HOT_CLIENTS = 16
_USERS = 400
_RESOURCES = 100
MOST_QUERIES = 12
SHARE = 0.5


class Slots:
    """Free hours, each given once, to one client after the other."""

    def __init__(self, resources: Sequence[Resource], people: Sequence[User]) -> None:
        self.resources, self.people = resources, people
        self.tokens = [token_of(user) for user in people]
        self.first = first_day(clock_now()).astimezone(UTC)
        self.numbers = itertools.count()

    def take(self) -> tuple[int, Resource, datetime]:
        """The number of a person, a resource and the start of an hour."""
        number = next(self.numbers)
        hours, place = divmod(number, len(self.resources))
        return number % len(self.people), self.resources[place], self.first + hours * HOUR


def run(plan: Plan) -> list[Figure]:
    """Measure all ways in turn, several times; medians of bookings per second."""
    with databases.database("create") as url, served(url) as address:
        # A lab with a past, so that the database plans for tables as they are in real life.
        make_resources(_RESOURCES)
        make_people(_USERS)
        give_rules_work()
        fill_bookings(bookings=plan.small_rows, now=clock_now())
        slots = _make_slots()
        rates: dict[str, list[float]] = {}
        for _repeat in range(plan.repeats):
            renew_statistics()
            for name, works in _ways(slots, address, url).items():
                # Short, so that a busy moment of the machine meets every way.
                rates.setdefault(name, []).append(_rate(works, plan.seconds))
        median = {name: statistics.median(found) for name, found in rates.items()}
        return [
            *(Figure(name=f"{name}", value=rate, unit="/s") for name, rate in median.items()),
            *_shares(median),
            *_in_process(slots, plan),
            Figure(
                name="statements of one booking by the API",
                value=_count(slots["quiet"]),
                most=MOST_QUERIES,
                firm=True,
            ),
        ]


def _shares(rates: dict[str, float]) -> list[Figure]:
    ours = rates[f"bookings by API, {CLIENTS} clients"]
    return [
        Figure(name="API : empty endpoint", value=ours / rates["empty endpoint"]),
        Figure(
            name="API : bare insert endpoint",
            value=ours / rates["bare insert endpoint"],
            least=SHARE,
        ),
        Figure(name="API : raw SQL", value=ours / rates["raw SQL"]),
        Figure(
            name="one resource : many",
            value=rates[f"one resource, {HOT_CLIENTS} clients"] / ours,
            least=SHARE,
        ),
    ]


def _make_slots() -> dict[str, Slots]:
    found = {
        word: Slots(make_resources(_RESOURCES, word=word), make_people(_USERS, word=word))
        for word in ("quiet", "bare", "raw")
    }
    found["hot"] = Slots(make_resources(1, word="hot"), make_people(_USERS, word="hot"))
    return found


Work = Callable[[], bool]


def _ways(slots: dict[str, Slots], address: Path, url: str) -> dict[str, list[Work]]:
    def api(word: str, path: str, clients: int) -> list[Work]:
        return [_poster(Client(address, ""), path, slots[word]) for _client in range(clients)]

    return {
        "empty endpoint": api("bare", "/bench/empty", CLIENTS),
        "bare insert endpoint": api("bare", "/bench/insert", CLIENTS),
        f"bookings by API, {CLIENTS} clients": api("quiet", "/api/v1/bookings", CLIENTS),
        f"one resource, {HOT_CLIENTS} clients": api("hot", "/api/v1/bookings", HOT_CLIENTS),
        "raw SQL": [_inserter(url, slots["raw"]) for _client in range(CLIENTS)],
    }


def _poster(client: Client, path: str, slots: Slots) -> Work:
    def post() -> bool:
        person, resource, start = slots.take()
        answer = client.send("POST", path, _body(resource, start), token=slots.tokens[person])
        return answer.status == HTTPStatus.CREATED

    return post


def _body(resource: Resource, start: datetime) -> dict[str, str]:
    return {
        "resource": str(resource.public_id),
        "start_time": start.isoformat(),
        "end_time": (start + HOUR).isoformat(),
    }


def _inserter(url: str, slots: Slots) -> Work:
    connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)

    def insert() -> bool:
        person, resource, start = slots.take()
        values: dict[str, Any] = {
            "resource": resource.pk,
            "user": slots.people[person].pk,
            "start": start,
            "end": start + HOUR,
        }
        return connection.execute(INSERT, values).rowcount == 1

    return insert


def _rate(works: Sequence[Work], seconds: float) -> float:
    """How many succeed in a second, when all workers begin together; any failure is an error."""
    done = [0] * len(works)
    failed = [0] * len(works)
    barrier = threading.Barrier(len(works) + 1)
    stop = threading.Event()

    def repeat(place: int, work: Work) -> None:
        work()
        barrier.wait()
        while not stop.is_set():
            if work():
                done[place] += 1
            else:
                failed[place] += 1

    threads = [
        threading.Thread(target=repeat, args=(place, work), daemon=True)
        for place, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    barrier.wait(timeout=60)
    begun = time.perf_counter()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join(timeout=60)
    if sum(failed):
        raise RuntimeError(f"{sum(failed)} of {sum(failed) + sum(done)} requests failed")
    return sum(done) / (time.perf_counter() - begun)


def _in_process(slots: dict[str, Slots], plan: Plan) -> Iterator[Figure]:
    def create() -> None:
        person, resource, start = slots["quiet"].take()
        user = slots["quiet"].people[person]
        create_booking(
            actor=user,
            user=user,
            resource_ids=[resource.public_id],
            period=Period(start, start + HOUR),
            now=clock_now(),
        )

    def insert() -> None:
        person, resource, start = slots["bare"].take()
        insert_unchecked(
            user=slots["bare"].people[person],
            resource_id=str(resource.public_id),
            start=start,
            end=start + HOUR,
        )

    found = compare({"create": create, "insert": insert}, runs=plan.runs * 5)
    yield Figure(name="service in process", value=found["create"].wall_ms, unit="ms")
    yield Figure(name="bare insert in process", value=found["insert"].wall_ms, unit="ms")
    yield Figure(
        name="bare insert : service, in process",
        value=found["insert"].wall_ms / found["create"].wall_ms,
        least=SHARE,
    )


def _count(slots: Slots) -> int:
    person, resource, start = slots.take()
    client = InProcess(headers={"authorization": f"Bearer {slots.tokens[person]}"})
    with watch_statements() as seen:
        answer = client.post("/api/v1/bookings", _body(resource, start), "application/json")
    if answer.status_code != HTTPStatus.CREATED:
        raise RuntimeError(f"no booking: {answer.content[:500]!r}")
    return seen.count
