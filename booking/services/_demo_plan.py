"""Three months of plausible bookings, planned in memory: no seat and no person twice at once."""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.enums import Role
from accounts.models import User
from booking.enums import Status
from booking.services._demo_lab import Block, DemoInstrument
from labitory.lib.periods import Period, local_day, local_days, local_week

SPAN = timedelta(days=45)
# What students may hold; the limits of the demo lab say the same.
STUDENT_DAY, STUDENT_WEEK = timedelta(hours=8), timedelta(hours=30)
STUDENT_HORIZON = timedelta(days=30)
MOST_UPCOMING = {Role.STUDENT: 13, Role.RESEARCHER: 26, Role.ACADEMIC: 30}
_TRIES = 8
_DAY_STARTS, _DAY_ENDS = timedelta(hours=7), timedelta(hours=23)
_WEEKEND = 5
# How long ago the closed instrument broke.
_BROKEN = timedelta(days=10)


@dataclass(slots=True, kw_only=True)
class Planned:
    """A booking to be written; `seat` is None where it holds no time any more."""

    instrument: DemoInstrument
    user: User
    period: Period
    status: Status
    created_at: datetime
    seat: int | None
    purpose: str


@dataclass(slots=True)
class Diary:
    """Who and what is taken when."""

    now: datetime
    zone: ZoneInfo
    seats: dict[tuple[int, int], list[Period]] = field(default_factory=lambda: defaultdict(list))
    people: dict[int, list[Period]] = field(default_factory=lambda: defaultdict(list))
    held: dict[tuple[int, datetime], timedelta] = field(
        default_factory=lambda: defaultdict(timedelta)
    )
    upcoming: Counter[int] = field(default_factory=Counter)

    def block(self, block: Block, capacity: int) -> None:
        """Take all seats of a resource."""
        for seat in range(capacity):
            self.seats[block.resource_id, seat].append(block.period)

    def free_seat(self, instrument: DemoInstrument, period: Period) -> int | None:
        """The lowest seat that is free with buffers, where what is linked is free as well."""
        during = claimed(instrument, period)
        if any(self._taken(self.seats[key, 0], during) for key in instrument.linked):
            return None
        for seat in range(instrument.resource.capacity):
            if not self._taken(self.seats[instrument.resource.pk, seat], during):
                return seat
        return None

    def may_book(self, user: User, period: Period) -> bool:
        """Whether the person has the time, and the limits leave it."""
        if self._taken(self.people[user.pk], period):
            return False
        if period.end > self.now:
            most = MOST_UPCOMING.get(Role(user.role))
            if most is not None and self.upcoming[user.pk] >= most:
                return False
        if user.role != Role.STUDENT:
            return True
        day, week = self._spans(period)
        return (
            period.end <= self.now + STUDENT_HORIZON
            and self.held[user.pk, day] + period.length <= STUDENT_DAY
            and self.held[user.pk, week] + period.length <= STUDENT_WEEK
        )

    def take(self, instrument: DemoInstrument, user: User, period: Period, seat: int) -> None:
        """Note the booking."""
        during = claimed(instrument, period)
        self.seats[instrument.resource.pk, seat].append(during)
        for key in instrument.linked:
            self.seats[key, 0].append(during)
        self.people[user.pk].append(period)
        for span in self._spans(period):
            self.held[user.pk, span] += period.length
        self.upcoming[user.pk] += period.end > self.now

    def _spans(self, period: Period) -> tuple[datetime, datetime]:
        # A Monday's day and its week begin together: the week gets its end as key.
        day = local_day(period.start, self.zone).start
        return day, local_week(period.start, self.zone).end - timedelta(microseconds=1)

    @staticmethod
    def _taken(taken: list[Period], wanted: Period) -> bool:
        return any(each.overlaps(wanted) for each in taken)


def claimed(instrument: DemoInstrument, period: Period) -> Period:
    """The period with set-up and clean-up."""
    return period.widen(
        timedelta(minutes=instrument.tool.setup), timedelta(minutes=instrument.tool.cleanup)
    )


class Planner:
    """Fills the instruments' days, and makes single bookings where they fit next."""

    def __init__(
        self,
        *,
        diary: Diary,
        people: list[User],
        open_periods: dict[int, list[Period]],
        rng: random.Random,
    ) -> None:
        """`open_periods` are those of each resource, by key, over the whole span."""
        self.diary = diary
        self.people = people
        self.open_periods = open_periods
        self.rng = rng
        self.now = diary.now
        self.planned: list[Planned] = []

    def place(
        self,
        *,
        instrument: DemoInstrument,
        user: User,
        earliest: datetime,
        minutes: int,
        status: Status = Status.CONFIRMED,
    ) -> None:
        """Book the first time from `earliest` on at which the instrument and the person are free.

        Where there is none within the span nothing is booked.
        """
        step = timedelta(minutes=instrument.tool.slot)
        for part in self.open_periods[instrument.resource.pk]:
            start = _ceil(max(part.start, earliest), instrument.tool.slot)
            while start + timedelta(minutes=minutes) <= part.end:
                period = Period(start, start + timedelta(minutes=minutes))
                if self._try(instrument, user, period, status):
                    return
                start += step

    def fill(self, instruments: list[DemoInstrument], days: Period) -> None:
        """Fill each day as far as the instruments are usually in use, in the order of chance."""
        for day in local_days(days, self.diary.zone):
            for instrument in self.rng.sample(instruments, len(instruments)):
                if not instrument.tool.closed_reason or day.end < self.now - _BROKEN:
                    self._fill_day(instrument, day)

    def _fill_day(self, instrument: DemoInstrument, day: Period) -> None:
        window = Period(day.start + _DAY_STARTS, day.start + _DAY_ENDS)
        share = instrument.tool.busy * self._interest(day)
        for part in self.open_periods[instrument.resource.pk]:
            within = part.clip(window)
            for _seat in range(instrument.resource.capacity if within else 0):
                self._fill_part(instrument, within or window, share)

    def _interest(self, day: Period) -> float:
        """How much of the usual use a day sees: most around today, less at weekends."""
        weekend = day.start.astimezone(self.diary.zone).weekday() >= _WEEKEND
        distance = abs((day.start - self.now).days)
        return (0.3 if weekend else 1.0) * max(0.25, 0.85 - distance / 25)

    def _fill_part(self, instrument: DemoInstrument, part: Period, share: float) -> None:
        start = part.start
        while True:
            start = _ceil(start, instrument.tool.slot)
            minutes = self.rng.choice(instrument.kind.lengths)
            length = _ceil_minutes(minutes, instrument.tool.slot)
            period = Period(start, start + length)
            if period.end > part.end:
                return
            if self.rng.random() < share and self._fill_one(instrument, period):
                start = claimed(instrument, period).end + timedelta(minutes=instrument.tool.setup)
            else:
                start += timedelta(minutes=60)

    def _fill_one(self, instrument: DemoInstrument, period: Period) -> bool:
        candidates = self._candidates(instrument)
        for user in self.rng.sample(candidates, min(_TRIES, len(candidates))):
            if self._try(instrument, user, period, self._status(instrument, period)):
                return True
        return False

    def _candidates(self, instrument: DemoInstrument) -> list[User]:
        return [user for user in self.people if user.pk in instrument.allowed]

    def _status(self, instrument: DemoInstrument, period: Period) -> Status:
        luck = self.rng.random()
        if period.end <= self.now:
            return Status.COMPLETED if luck < 0.96 else Status.NO_SHOW  # noqa: PLR2004
        if period.start <= self.now:
            return Status.CHECKED_IN if luck < 0.75 else Status.CONFIRMED  # noqa: PLR2004
        # Somebody decides within days: what is near has been looked at.
        waits = luck < (0.15 if period.start - self.now < timedelta(days=5) else 0.4)
        return Status.PENDING if instrument.tool.approval and waits else Status.CONFIRMED

    def _try(self, instrument: DemoInstrument, user: User, period: Period, status: Status) -> bool:
        if not self.diary.may_book(user, period):
            return False
        seat = self.diary.free_seat(instrument, period)
        if seat is None:
            return False
        if status == Status.NO_SHOW:
            self._add(instrument, user, period, status, None)
            return True
        self.diary.take(instrument, user, period, seat)
        self._add(instrument, user, period, status, seat)
        if self.rng.random() < 0.06:  # noqa: PLR2004 - somebody else had it first and gave it back
            self._add_given_back(instrument, period)
        return True

    def _add_given_back(self, instrument: DemoInstrument, period: Period) -> None:
        candidates = self._candidates(instrument)
        rejected = instrument.tool.approval and self.rng.random() < 0.4  # noqa: PLR2004
        status = Status.REJECTED if rejected else Status.CANCELLED
        self._add(instrument, self.rng.choice(candidates), period, status, None)

    def _add(
        self,
        instrument: DemoInstrument,
        user: User,
        period: Period,
        status: Status,
        seat: int | None,
    ) -> None:
        ahead = timedelta(minutes=self.rng.randint(600, 12 * 1440))
        latest = self.now - timedelta(minutes=self.rng.randint(30, 2880))
        self.planned.append(
            Planned(
                instrument=instrument,
                user=user,
                period=period,
                status=status,
                created_at=min(period.start - ahead, latest),
                seat=seat,
                purpose=self.rng.choice(instrument.kind.purposes),
            )
        )


def _ceil(moment: datetime, minutes: int) -> datetime:
    """The first full slot from the moment on (zones differ from UTC by whole slots here)."""
    step = timedelta(minutes=minutes)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return moment + (-since % step)


def _ceil_minutes(minutes: int, slot: int) -> timedelta:
    return timedelta(minutes=-(-minutes // slot) * slot)
