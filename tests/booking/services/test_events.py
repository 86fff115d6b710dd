"""The outbox: every event's handlers run once, and one that fails stops no other."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from accounts.models import User
from booking.errors import BookingRefused
from booking.events import post_event
from booking.handlers import HANDLERS
from booking.models import Message, Notification, OutboxEvent, Resource
from booking.services.bookings import create_booking
from booking.services.events import BATCH, Handler, dispatch_batch
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period
from tests.support.queries import count_queries
from tests.support.race import race

ROOT = Path(__file__).resolve().parents[3]
HOUR = timedelta(hours=1)


@pytest.fixture
def booked(ada: User, chris: User, microscope: Resource, now: datetime) -> OutboxEvent:
    """The event of a booking that Chris made for Ada."""
    create_booking(
        actor=chris,
        user=ada,
        resource_ids=[microscope.public_id],
        period=Period(now + HOUR, now + 2 * HOUR),
        now=now,
    )
    return OutboxEvent.objects.get()


def post(count: int, now: datetime, kind: str = "test.told") -> None:
    for number in range(count):
        post_event(kind=kind, payload={"number": number}, now=now)


class Told:
    """A handler that counts, and fails for the numbers it was told to."""

    def __init__(self, *failing: int) -> None:
        self.counted: Counter[int] = Counter()
        self.failing = failing
        self.lock = threading.Lock()

    def __call__(self, event: OutboxEvent, now: datetime) -> None:
        with self.lock:
            self.counted[event.payload["number"]] += 1
        if event.payload["number"] in self.failing:
            # What a handler wrote before it failed is undone with it.
            OutboxEvent.objects.create(kind="test.debris", created_at=now)
            raise RuntimeError("no luck")

    @property
    def handlers(self) -> Mapping[str, Sequence[Handler]]:
        return {"test.told": (self,)}


@pytest.mark.django_db
def test_dispatching_twice_tells_once(booked: OutboxEvent, now: datetime) -> None:
    assert dispatch_batch(handlers=HANDLERS, now=now) == 1
    assert dispatch_batch(handlers=HANDLERS, now=now) == 0
    booked.refresh_from_db()
    assert (booked.dispatched_at, booked.attempts) == (now, 1)
    # Even an event that comes back finds its rows written.
    OutboxEvent.objects.update(dispatched_at=None)
    assert dispatch_batch(handlers=HANDLERS, now=now) == 1
    assert Notification.objects.count() == 1
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_queries_of_telling_one_event(booked: OutboxEvent, now: datetime) -> None:
    # Take, bookings, actor, people, their choices, wordings, notices, quiet hours, floods,
    # messages, who listens outside, copies elsewhere, for the pages whom it concerns and whom it
    # told, mark.
    with count_queries(15):
        dispatch_batch(handlers=HANDLERS, now=now)
    with count_queries(1):
        dispatch_batch(handlers=HANDLERS, now=now)


@pytest.mark.django_db
def test_failing_event_stops_no_other_and_comes_again(now: datetime) -> None:
    post(3, now)
    told = Told(1)
    assert dispatch_batch(handlers=told.handlers, now=now) == 3
    assert OutboxEvent.objects.filter(dispatched_at=now).count() == 2
    failed = OutboxEvent.objects.get(dispatched_at=None)
    assert failed.payload == {"number": 1}
    assert (failed.attempts, failed.last_error) == (1, "RuntimeError: no luck")
    assert not OutboxEvent.objects.filter(kind="test.debris").exists()

    assert dispatch_batch(handlers=told.handlers, now=now + timedelta(seconds=10)) == 0
    told.failing = ()
    later = now + timedelta(minutes=1)
    assert dispatch_batch(handlers=told.handlers, now=later) == 1
    failed.refresh_from_db()
    assert (failed.dispatched_at, failed.attempts, failed.last_error) == (later, 2, "")
    assert told.counted == {0: 1, 1: 2, 2: 1}


@pytest.mark.django_db
def test_failing_event_waits_ever_longer_and_is_never_lost(now: datetime) -> None:
    post(1, now)
    told, waits, moment = Told(0), [], now
    for _attempt in range(16):
        assert dispatch_batch(handlers=told.handlers, now=moment) == 1
        due = OutboxEvent.objects.get().next_attempt_at
        assert due is not None
        waits.append((due - moment).total_seconds())
        moment = due
    assert all(8 * 2**n <= wait <= 12 * 2**n for n, wait in enumerate(waits[:12], 1))
    assert max(waits) <= 14 * 3600
    assert OutboxEvent.objects.get().dispatched_at is None


@pytest.mark.django_db
def test_event_that_nobody_handles_is_done(now: datetime) -> None:
    post(1, now, kind="test.unknown")
    assert dispatch_batch(handlers=HANDLERS, now=now) == 1
    assert OutboxEvent.objects.get().dispatched_at == now


@pytest.mark.django_db
def test_many_events_go_in_batches(now: datetime) -> None:
    post(BATCH + 1, now)
    told = Told()
    assert dispatch_batch(handlers=told.handlers, now=now) == BATCH
    assert dispatch_batch(handlers=told.handlers, now=now) == 1
    assert len(told.counted) == BATCH + 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_rival_dispatchers_share_the_events(now: datetime) -> None:
    post(40, now)
    told = Told()

    def dispatch() -> int:
        return dispatch_batch(handlers=told.handlers, now=now)

    taken = race([dispatch] * 4)
    assert not [each for each in taken if isinstance(each, Exception)]
    # Rows that a rival holds are skipped: one more look finds what that left.
    assert sum(taken) + dispatch() == 40
    assert set(told.counted.values()) == {1}
    assert set(OutboxEvent.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db
def test_refused_booking_tells_nobody(ada: User, microscope: Resource, now: datetime) -> None:
    with pytest.raises(BookingRefused):
        create_booking(
            actor=ada,
            user=ada,
            resource_ids=[microscope.public_id],
            period=Period(now - 2 * HOUR, now - HOUR),
            now=now,
        )
    assert not OutboxEvent.objects.exists()
    assert dispatch_batch(handlers=HANDLERS, now=now) == 0
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_commit_survives_a_broker_that_is_away(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fail() -> None:
        asked.append(OutboxEvent.objects.count())
        raise OSError("the broker is away")

    monkeypatch.setattr("booking.events._wakers", [fail])
    run_transaction(lambda: post(2, now))
    assert asked == [2, 2]


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_for_what_was_undone(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr("booking.events._wakers", [lambda: asked.append(True)])

    def work() -> None:
        post(1, now)
        raise RuntimeError("no luck")

    with pytest.raises(RuntimeError):
        run_transaction(work)
    assert asked == []
    assert not OutboxEvent.objects.exists()


def test_every_process_wakes_the_workers() -> None:
    """The web server loads no worker code by itself: without it mails would wait for the sweep."""
    code = "import django; django.setup(); from booking.events import _wakers; print(len(_wakers))"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert told.stdout.strip() == "1"
