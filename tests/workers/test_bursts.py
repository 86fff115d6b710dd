"""A burst of bookings asks the workers once, and nobody waits longer for it."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from kombu.exceptions import OperationalError

from accounts.models import User
from booking.models import OutboxEvent
from booking.services.events import dispatch_batch
from booking.tasks import notifications
from tests.support.workers import empty_queues, waiting_sweeps
from tests.workers.conftest import Book

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]


@pytest.fixture(autouse=True)
def _empty_queues() -> Iterator[None]:
    empty_queues()
    yield
    empty_queues()


def test_burst_asks_once_until_a_worker_begins(book: Book, ada: User) -> None:
    for hours in range(3):
        book(ada, hours)
    assert waiting_sweeps() == 1
    assert notifications.dispatch_events() == 3
    book(ada, 3)
    assert waiting_sweeps() == 2


def test_booking_behind_the_dispatchers_back_asks_again(
    book: Book, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_too_early(**arguments: object) -> int:
        taken = dispatch_batch(**arguments)  # type: ignore[arg-type]
        book(ada, 1)
        return taken

    book(ada, 0)
    monkeypatch.setattr(notifications, "dispatch_batch", read_too_early)
    assert notifications.dispatch_events() == 1
    assert OutboxEvent.objects.filter(dispatched_at=None).count() == 1
    assert waiting_sweeps() == 2


def test_order_that_could_not_be_given_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: object) -> None:
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(notifications.dispatch_events, "apply_async", refuse)
        with pytest.raises(OperationalError):
            notifications.wake()
    notifications.wake()
    assert waiting_sweeps() == 1


def test_lost_order_is_waited_for_five_seconds_at_most(book: Book, ada: User) -> None:
    book(ada)
    remaining = cache._cache.get_client().ttl(cache.make_key(notifications.ASKED))  # type: ignore[attr-defined]
    assert 0 < remaining <= 5
