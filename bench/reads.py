"""Reading calendars and finding time, in a small and in a large lab, beside hand-written SQL."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from django.test import Client

from accounts.models import User
from bench import databases
from bench.data import fill
from bench.figures import Figure, Statements, Timing, compare, watch_statements
from bench.plan import Plan
from bench.server import token_of
from booking.models import Resource
from labitory.lib.clock import now as clock_now

_RESOURCES = 200
_USERS = 300
_SEARCHED = 40
_DAYS = 30
# The limits: how much one process may work on an answer, and its time as a multiple of the SQL's,
# and of the same answer's in a small lab.
ONE_MS, ALL_MS, MOST_QUERIES = 8, 120, 4
TO_RAW, TO_SMALL = 2, 1.5
_BLOCKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An address of ours, and that of the hand-written statement with the same answer."""

    name: str
    ours: str
    raw: str
    cpu_ms: float | None = None
    to_small: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One case in one lab."""

    ours: Timing
    raw: Timing
    rows: int
    seen: Statements


def run(plan: Plan, names: Sequence[str]) -> list[Figure]:
    """Fill two labs, and measure in turn, so that a busy moment meets both."""
    sizes = {"small": plan.small_rows, "large": plan.rows}
    with databases.database("small"), databases.database("large"):
        for word, rows in sizes.items():
            databases.use(databases.name_of(word))
            fill(resources=_RESOURCES, users=_USERS, bookings=rows, now=clock_now())
        found: dict[tuple[str, str], list[Measured]] = {}
        cases: dict[str, Case] = {}
        for _block in range(_BLOCKS):
            for word in sizes:
                databases.use(databases.name_of(word))
                get = _getter()
                for case in _cases(names):
                    cases[case.name] = case
                    runs = -(-plan.runs // _BLOCKS)
                    found.setdefault((case.name, word), []).append(_measure(get, case, runs))
    figures: list[Figure] = []
    for case in cases.values():
        best = {word: _least_disturbed(found[case.name, word]) for word in sizes}
        figures += _told(case, sizes, best)
    return figures


def _cases(names: Sequence[str]) -> Iterator[Case]:
    ids = [
        str(each) for each in Resource.objects.order_by("name").values_list("public_id", flat=True)
    ]
    now = clock_now()
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    if "calendar" in names:
        week = _calendar_query(monday, ids[:1])
        yield Case(
            name="calendar, one resource, a week",
            ours=f"/api/v1/calendar?{week}",
            raw=f"/bench/calendar?{week}",
            cpu_ms=ONE_MS,
            to_small=TO_SMALL,
        )
        week = _calendar_query(monday, [])
        yield Case(
            name=f"calendar, {_RESOURCES} resources, a week",
            ours=f"/api/v1/calendar?{week}",
            raw=f"/bench/calendar?{week}",
            cpu_ms=ALL_MS,
            to_small=TO_SMALL,
        )
    if "find_time" in names:
        search = urlencode(
            {
                "resource": ids[:_SEARCHED],
                "from": now.isoformat(),
                "until": (now + timedelta(days=_DAYS)).isoformat(),
            },
            doseq=True,
        )
        yield Case(
            name=f"find time, {_SEARCHED} resources, {_DAYS} days",
            ours=f"/api/v1/free-slots?{search}&minimum=PT1H",
            raw=f"/bench/free-slots?{search}",
            to_small=TO_SMALL,
        )


def _calendar_query(monday: datetime, ids: Sequence[str]) -> str:
    until = monday + timedelta(days=7)
    return urlencode(
        {"from": monday.isoformat(), "to": until.isoformat(), "resource": ids}, doseq=True
    )


def _measure(get: "Get", case: Case, runs: int) -> Measured:
    rows = len(_rows(get, case.ours))
    seen = min((_watched(get, case.ours) for _run in range(5)), key=lambda each: each.ms)
    found = compare(
        {"ours": lambda: get(case.ours), "raw": lambda: get(case.raw)}, runs=max(runs, 3)
    )
    return Measured(ours=found["ours"], raw=found["raw"], rows=rows, seen=seen)


def _watched(get: "Get", address: str) -> Statements:
    with watch_statements() as seen:
        get(address)
    return seen


def _least_disturbed(blocks: Sequence[Measured]) -> Measured:
    return min(blocks, key=lambda block: block.ours.wall_ms + block.raw.wall_ms)


def _told(case: Case, sizes: dict[str, int], found: dict[str, Measured]) -> Iterator[Figure]:
    for word, rows in sizes.items():
        block = found[word]
        yield Figure(name=f"{case.name}; {rows:,} bookings: rows", value=block.rows, least=1)
        yield Figure(name="  statements", value=block.seen.count, most=MOST_QUERIES, firm=True)
        yield Figure(name="  CPU", value=block.ours.cpu_ms, unit="ms", most=case.cpu_ms)
        yield Figure(name="  time", value=block.ours.wall_ms, unit="ms")
        yield Figure(name="  of it statements", value=block.seen.ms, unit="ms")
        yield Figure(name="  hand-written SQL", value=block.raw.wall_ms, unit="ms")
        yield Figure(
            name="  ours : hand-written", value=block.ours.wall_ms / block.raw.wall_ms, most=TO_RAW
        )
    yield Figure(
        name=f"{case.name}; large : small lab",
        value=found["large"].ours.wall_ms / found["small"].ours.wall_ms,
        most=case.to_small,
    )


Get = Callable[[str], bytes]


def _getter() -> Get:
    """Ask the site within this process."""
    user = User.objects.order_by("pk")[0]
    client = Client(headers={"authorization": f"Bearer {token_of(user)}"})

    def get(address: str) -> bytes:
        answer = client.get(address)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{answer.status_code} {answer.content[:500]!r}")
        return bytes(answer.content)

    return get


def _rows(get: Get, address: str) -> list[object]:
    rows: list[object] = json.loads(get(address))["data"]
    return rows
