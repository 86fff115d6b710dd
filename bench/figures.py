"""What a benchmark found: figures with their limits, how they are taken, and how they print."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

_FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with its unit, and the limit that it must keep.

    `most` and `least` bound it. A `firm` one does not depend on the machine (a count, a size): if
    it breaks its limit the run fails. The others are told, since a busy machine may break them.
    """

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None
    firm: bool = False

    @property
    def holds(self) -> bool:
        """Whether it keeps its limits."""
        return (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )

    @property
    def limit(self) -> str:
        """The limit in words."""
        bounds = []
        if self.least is not None:
            bounds.append(f">= {_short(self.least)}")
        if self.most is not None:
            bounds.append(f"<= {_short(self.most)}")
        return " ".join(bounds)

    @property
    def verdict(self) -> str:
        """`ok`, `OVER` (told only) or `FAILED`; nothing where there is no limit."""
        if not self.limit:
            return ""
        if self.holds:
            return "ok"
        return "FAILED" if self.firm else "OVER"


def table(title: str, figures: list[Figure]) -> str:
    """The figures as lines of text."""
    rows = [
        (figure.name, f"{_short(figure.value)} {figure.unit}".strip(), figure.limit, figure.verdict)
        for figure in figures
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    lines = [
        f"  {row[0]:{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:{widths[2]}}  {row[3]}".rstrip()
        for row in rows
    ]
    return "\n".join([title, *lines])


def _short(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Of many runs, on the clock and of this process's own work, in milliseconds.

    The lower quartile: what a run takes when nothing else disturbs it.
    """

    wall_ms: float
    cpu_ms: float


def compare(calls: Mapping[str, Callable[[], object]], *, runs: int) -> dict[str, Timing]:
    """Run the calls in turn, so that a busy moment meets all of them; give each one's figures."""
    walls: dict[str, list[float]] = {name: [] for name in calls}
    cpus: dict[str, list[float]] = {name: [] for name in calls}
    for run in range(-3, runs):
        for name, call in calls.items():
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            if run >= 0:  # the first runs only warm caches, plans and connections
                walls[name].append((time.perf_counter() - wall) * 1000)
                cpus[name].append((time.process_time() - cpu) * 1000)
    return {name: Timing(wall_ms=_lower(walls[name]), cpu_ms=_lower(cpus[name])) for name in calls}


def _lower(found: list[float]) -> float:
    return statistics.quantiles(found, n=4)[0]


@dataclass(slots=True)
class Statements:
    """The statements of a block, and how long the database took for them."""

    count: int = 0
    ms: float = 0


@contextmanager
def watch_statements() -> Iterator[Statements]:
    """Count and time what goes to the database; the frames of transactions do not count."""
    seen = Statements()

    def watch(
        execute: Callable[..., object], sql: str, params: object, many: object, context: object
    ) -> object:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if not sql.startswith(_FRAME):
                seen.count += 1
                seen.ms += (time.perf_counter() - begun) * 1000

    with connection.execute_wrapper(watch):
        yield seen
