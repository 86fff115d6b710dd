"""Each task is one call of a service at the present moment."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from celery import current_app
from django.conf import LazySettings, settings
from django.core import mail

from accounts.models import User
from audit.tasks import make_partitions
from booking.enums import Status
from booking.models import Hold, Holiday, Message, OutboxEvent, Resource, ResourceCalendar
from booking.services.bookings import create_booking
from booking.tasks import maintenance, notifications
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
HOUR = timedelta(hours=1)
Orders = list[tuple[int, int]]


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> Orders:
    """The mails that a worker was asked to send."""
    asked: Orders = []
    # What other tests left in the broker is not ours.
    monkeypatch.setattr(notifications, "queue_lengths", lambda names: dict.fromkeys(names, 0))
    monkeypatch.setattr(
        notifications.deliver_message,
        "delay",
        lambda *, message_id, attempt: asked.append((message_id, attempt)),
    )
    return asked


@pytest.fixture
def book(ada: User, microscope: Resource, now: datetime) -> Callable[[int], None]:
    """Ada books an hour, so many hours from now."""

    def make(hours: int) -> None:
        create_booking(
            actor=ada,
            user=ada,
            resource_ids=[microscope.public_id],
            period=Period(now + hours * HOUR, now + (hours + 1) * HOUR),
            now=now,
        )

    return make


def test_dispatching_orders_each_mail_once(book: Callable[[int], None], orders: Orders) -> None:
    book(1)
    book(2)
    assert notifications.dispatch_events() == 2
    assert orders == [(email.pk, 0) for email in Message.objects.order_by("pk")]
    assert notifications.dispatch_events() == 0
    assert len(orders) == 2
    for message_id, attempt in orders:
        assert notifications.deliver_message(message_id=message_id, attempt=attempt)
        assert not notifications.deliver_message(message_id=message_id, attempt=attempt)
    assert len(mail.outbox) == 2


def test_dispatching_goes_on_until_nothing_waits(
    book: Callable[[int], None], orders: Orders, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booking.services.events.BATCH", 2)
    monkeypatch.setattr("booking.tasks.notifications.BATCH", 2)
    monkeypatch.setattr("booking.services.messages.BATCH", 2)
    for hours in range(1, 6):
        book(hours)
    assert notifications.dispatch_events() == 5
    assert not OutboxEvent.objects.filter(dispatched_at=None).exists()
    assert len(orders) == len(set(orders)) == 5


@pytest.mark.parametrize("length", [notifications.MOST_WAITING, None])
def test_nothing_is_ordered_while_much_waits_or_the_broker_is_away(
    book: Callable[[int], None],
    orders: Orders,
    monkeypatch: pytest.MonkeyPatch,
    length: int | None,
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(notifications, "wake", lambda: woken.append(True))
    answer = None if length is None else {notifications.QUEUE: length}
    monkeypatch.setattr(notifications, "queue_lengths", lambda _names: answer)
    book(1)
    assert notifications.dispatch_events() == 1
    assert orders == []
    # Behind what waits it is looked again; without a broker the next sweep does.
    assert woken == ([True] if length else [])
    assert Message.objects.get().next_attempt_at is None


def test_sweep_orders_what_was_lost(
    book: Callable[[int], None],
    orders: Orders,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book(1)
    notifications.dispatch_events()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(minutes=3))
    notifications.dispatch_events()
    assert orders == [orders[0]] * 2


def test_tidying_and_pruning(ada: User, microscope: Resource, now: datetime) -> None:
    over = make_booking(ada, microscope, now - 2 * HOUR)
    make_booking(ada, microscope, now - timedelta(days=40), status=Status.CHECKED_IN)
    Hold.objects.create(
        user=ada, resource=microscope, start_time=now, end_time=now + HOUR, expires_at=now
    )
    assert maintenance.tidy_bookings() == 2
    over.refresh_from_db()
    assert over.status == Status.COMPLETED
    assert not Hold.objects.exists()
    assert maintenance.prune_claims() == 1
    assert ResourceCalendar.objects.get().booking == over


def test_holidays_of_three_years(settings: LazySettings) -> None:
    settings.LAB_COUNTRY, settings.LAB_SUBDIVISION = "DE", "BE"
    first = maintenance.sync_holidays()
    assert first == Holiday.objects.count() > 20
    assert Holiday.objects.filter(day=date(2026, 5, 1)).exists()
    assert {day.year for day in Holiday.objects.values_list("day", flat=True)} == {2026, 2027, 2028}
    assert maintenance.sync_holidays() == 0


def test_partitions_are_made_ahead() -> None:
    make_partitions()
    assert make_partitions() == []


@pytest.mark.parametrize("name", sorted(settings.BEAT_SCHEDULE))
def test_every_scheduled_task_runs_as_a_worker_runs_it(name: str) -> None:
    path = settings.BEAT_SCHEDULE[name]["task"]
    current_app.loader.import_default_modules()
    assert current_app.tasks[path].apply(throw=True).successful()


def test_tasks_come_back_when_a_worker_dies() -> None:
    for task in (notifications.dispatch_events, notifications.deliver_message):
        assert task.acks_late
        assert task.reject_on_worker_lost
        assert task.ignore_result
    # No task may outlive the time after which the broker gives it to somebody else.
    from labitory.settings.base import CELERY_BROKER_TRANSPORT_OPTIONS, CELERY_TASK_TIME_LIMIT

    assert CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > CELERY_TASK_TIME_LIMIT
