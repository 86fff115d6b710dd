"""The timeline's geometry: which time lies where. No database, no clock, no markup."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.models import Resource
from booking.queries.calendars import CalendarEntry
from labitory.lib.periods import Period, local_days, local_midnight, merge

LANE_HEIGHT = 24
ROW_PADDING = 6
MOST_LANES = 8
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of the axis in hundredths of its width."""

    x: float
    width: float

    @property
    def attributes(self) -> str:
        """As SVG attributes."""
        return f'x="{percent(self.x)}" width="{percent(self.width)}"'


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across all rows: a day or an hour, with its label."""

    x: float
    label: str
    is_day: bool = False
    is_today: bool = False
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """The shown part of each lab-local day, side by side and equally wide."""

    days: tuple[Period, ...]
    zone: ZoneInfo

    @property
    def window(self) -> Period:
        """From the first shown moment to the last."""
        return Period(self.days[0].start, self.days[-1].end)

    def place(self, moment: datetime) -> float:
        """Where a moment lies, in hundredths; a hidden one lies at the nearest shown edge."""
        share = 100 / len(self.days)
        for number, day in enumerate(self.days):
            if moment <= day.start:
                return number * share
            if moment < day.end:
                return (number + (moment - day.start) / day.length) * share
        return 100.0

    def box(self, period: Period) -> Box | None:
        """The stretch of a period, or None when none of it is shown."""
        left, right = self.place(period.start), self.place(period.end)
        return Box(left, right - left) if right > left else None

    def hours(self, every: int) -> list[Tick]:
        """The full hours to label, every so many; on a DST day one is missing or comes twice."""
        ticks = []
        for day in self.days:
            moment = day.start
            while moment < day.end:
                local = moment.astimezone(self.zone)
                if local.minute == 0 and local.hour % every == 0:
                    ticks.append(Tick(x=self.place(moment), label=f"{local:%H}", moment=moment))
                moment += HOUR if local.minute == 0 else timedelta(minutes=60 - local.minute)
        return ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An entry of the calendar as it is drawn."""

    entry: CalendarEntry
    box: Box
    claim: Box
    lane: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeCell:
    """Free time to click on; only the first cell of a run is a stop of the Tab key."""

    box: Box
    start: datetime
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A resource's line."""

    resource: Resource
    # Its place in the timeline's `hours`.
    hours: int
    blocks: tuple[Block, ...]
    free: tuple[FreeCell, ...]
    lanes: int
    wish: Box | None = None

    @property
    def height(self) -> int:
        """In pixels."""
        return self.lanes * LANE_HEIGHT + 2 * ROW_PADDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All rows under one axis."""

    axis: Axis
    rows: tuple[Row, ...]
    # The different opening hours: most instruments share theirs.
    hours: tuple[tuple[Box, ...], ...]
    now: float | None
    # When it was drawn: what is still in use after its end is over its time.
    drawn_at: datetime


def percent(value: float) -> str:
    """Short: most bytes of the page are such numbers."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def make_axis(
    *,
    first: date,
    days: int,
    zone: ZoneInfo,
    busy: Sequence[Period],
) -> Axis:
    """The hours of the day in which anything can happen, the same for each day shown.

    `busy` is all time that is open or booked; where none is, office hours are shown.
    """
    window = Period(local_midnight(first, zone), local_midnight(first + timedelta(days=days), zone))
    earliest, latest = 24, 0
    for period in merge([found for p in busy if (found := p.clip(window))]):
        for day in local_days(period, zone):
            part = period.clip(day)
            if part is None:
                continue
            earliest = min(earliest, part.start.astimezone(zone).hour)
            end = part.end.astimezone(zone)
            latest = max(latest, 24 if part.end == day.end else end.hour + bool(end.minute))
    if earliest >= latest:
        earliest, latest = 8, 18
    shown = []
    for number in range(days):
        date_ = first + timedelta(days=number)
        shown.append(Period(_hour(date_, earliest, zone), _hour(date_, latest, zone)))
    return Axis(tuple(shown), zone)


def _hour(day: date, hour: int, zone: ZoneInfo) -> datetime:
    if hour == 24:  # noqa: PLR2004 - the end of the day
        return local_midnight(day + DAY, zone)
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def build_timeline(
    *,
    axis: Axis,
    resources: Sequence[Resource],
    entries: Sequence[CalendarEntry],
    open_periods: Mapping[int, list[Period]],
    now: datetime,
    cell: timedelta | None,
    wish: Period | None = None,
) -> Timeline:
    """Lay everything out; `wish` is outlined on every row.

    Free time is cut into cells of `cell`; None makes one of each run of an hour or more, as
    shorter ones would be too narrow to hit.
    """
    by_resource: dict[int, list[CalendarEntry]] = {}
    for entry in entries:
        by_resource.setdefault(entry.resource_key, []).append(entry)
    rows = []
    hours: dict[tuple[Box, ...], int] = {}
    for resource in resources:
        mine = sorted(by_resource.get(resource.pk, []), key=lambda e: (e.claim_start, e.claim_end))
        is_open = open_periods.get(resource.pk, []) if resource.is_active else []
        opened = tuple(box for period in is_open if (box := axis.box(period)))
        blocks, lanes = _lay_out(axis, mine, resource.capacity)
        free = free_runs(resource=resource, entries=mine, open_periods=is_open, now=now)
        rows.append(
            Row(
                resource=resource,
                hours=hours.setdefault(opened, len(hours)),
                blocks=blocks,
                free=_cells(axis, free, cell),
                lanes=lanes,
                wish=axis.box(wish) if wish else None,
            )
        )
    # By the minute: otherwise no two answers would be the same.
    minute = now.replace(second=0, microsecond=0)
    place = axis.place(minute) if axis.window.start < now < axis.window.end else None
    return Timeline(axis=axis, rows=tuple(rows), hours=tuple(hours), now=place, drawn_at=now)


def _takes_all(entry: CalendarEntry) -> bool:
    return entry.kind in ("maintenance", "closure")


def _lay_out(
    axis: Axis, entries: Sequence[CalendarEntry], capacity: int
) -> tuple[tuple[Block, ...], int]:
    """Put entries that share time into lanes of their own, as few as will do."""
    ends: list[datetime] = []
    blocks = []
    for entry in entries:
        box = axis.box(Period(entry.start_time, entry.end_time))
        claim = axis.box(Period(entry.claim_start, entry.claim_end))
        if box is None or claim is None:
            continue
        if _takes_all(entry):
            blocks.append(Block(entry=entry, box=box, claim=claim, lane=-1))
            continue
        lane = next((n for n, end in enumerate(ends) if end <= entry.claim_start), len(ends))
        ends[lane : lane + 1] = [entry.claim_end]
        blocks.append(Block(entry=entry, box=box, claim=claim, lane=min(lane, MOST_LANES - 1)))
    return tuple(blocks), min(max(len(ends), 1), MOST_LANES)


def free_runs(
    *,
    resource: Resource,
    entries: Sequence[CalendarEntry],
    open_periods: Sequence[Period],
    now: datetime,
) -> list[Period]:
    """The open time from now on in which a seat is left, starting on the resource's grid."""
    if not resource.is_active:
        return []
    full = _full_periods(entries, resource.capacity)
    runs: list[Period] = []
    for period in open_periods:
        cursor = max(period.start, _next_on_grid(now, resource))
        for busy in full:
            if busy.end <= cursor or busy.start >= period.end:
                continue
            if busy.start > cursor:
                runs.append(Period(cursor, busy.start))
            cursor = max(cursor, busy.end)
        if cursor < period.end:
            runs.append(Period(cursor, period.end))
    grid = timedelta(minutes=resource.slot_minutes)
    return [run for run in runs if run.end - run.start >= grid]


def _full_periods(entries: Sequence[CalendarEntry], capacity: int) -> list[Period]:
    """When no seat is left."""
    changes: list[tuple[datetime, int]] = []
    for entry in entries:
        seats = capacity if _takes_all(entry) else 1
        changes += [(entry.claim_start, seats), (entry.claim_end, -seats)]
    full: list[Period] = []
    taken, since = 0, None
    for moment, change in sorted(changes):
        taken += change
        if taken >= capacity and since is None:
            since = moment
        elif taken < capacity and since is not None:
            full.append(Period(since, moment))
            since = None
    return merge(full)


def _next_on_grid(now: datetime, resource: Resource) -> datetime:
    """The first moment of the grid that is not past; the grid begins at local midnight."""
    local = now.astimezone(resource.zone)
    grid = resource.slot_minutes
    minutes = local.hour * 60 + local.minute + (1 if local.second or local.microsecond else 0)
    ahead = -minutes % grid + minutes - (local.hour * 60 + local.minute)
    return now.replace(second=0, microsecond=0) + timedelta(minutes=ahead)


def _cells(axis: Axis, runs: Sequence[Period], cell: timedelta | None) -> tuple[FreeCell, ...]:
    cells = []
    for run in runs:
        parts = [run] if cell is None else _cut(run, cell, axis.zone)
        parts = [part for whole in parts for part in _by_day(axis, whole)]
        if cell is None:
            parts = [part for part in parts if part.length >= HOUR]
        is_first = True
        for part in parts:
            if (box := axis.box(part)) is not None:
                cells.append(FreeCell(box=box, start=part.start, is_first=is_first))
                is_first = cell is None
    return tuple(cells)


def _by_day(axis: Axis, period: Period) -> list[Period]:
    """The period cut at the edges of the shown days: each piece begins where one can click."""
    return [part for day in axis.days if (part := period.clip(day))]


def _cut(run: Period, cell: timedelta, zone: ZoneInfo) -> list[Period]:
    """The run cut at full hours of the wall clock."""
    parts = []
    start = run.start
    while start < run.end:
        local = start.astimezone(zone)
        end = min(start + cell - timedelta(minutes=local.minute), run.end)
        parts.append(Period(start, end))
        start = end
    return parts
