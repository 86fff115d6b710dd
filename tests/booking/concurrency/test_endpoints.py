"""Workers and administrators at one endpoint at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from accounts.models import User
from booking.enums import DeliveryStatus
from booking.models import Endpoint, Message, OutboxEvent
from booking.services._endpoints import MOST_FAILURES
from booking.services.endpoints import delete_endpoint, replay_failed, switch_endpoint
from booking.services.messages import send_message
from tests.factories.endpoints import make_endpoint
from tests.support.http_server import Asked, Recorder, Said, http_server
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)
Act = Callable[[UUID], Callable[[], Any]]


def wait_for(endpoint: Endpoint, at: datetime, number: int = 1) -> list[Message]:
    """Messages that wait for the endpoint."""
    return [
        Message.objects.create(
            event=OutboxEvent.objects.create(
                kind="booking.created", created_at=at, dispatched_at=at
            ),
            endpoint=endpoint,
            address=str(endpoint.public_id),
            channel="webhook",
            kind="booking.created",
            created_at=at,
        )
        for _each in range(number)
    ]


def test_no_message_is_sent_twice_and_one_row_of_failures_stops_once(
    dora: User, now: datetime
) -> None:
    with http_server() as server:
        endpoint = make_endpoint(dora, now, url=server.url)
        _two_workers_send_once(server, endpoint, now)
        _failures_stop_once(server, endpoint, now)
        _administrators_meet_workers(server, endpoint, dora, now)


def _two_workers_send_once(server: Recorder, endpoint: Endpoint, now: datetime) -> None:
    for _round in range(10):
        [message] = wait_for(endpoint, now)
        send = partial(send_message, message_id=message.pk, attempt=0, now=now)
        assert sorted(race([send, send, send])) == [False, False, True]
    told = [each.headers["labitory-delivery"] for each in server.asked]
    assert len(told) == len(set(told)) == 10


def _failures_stop_once(server: Recorder, endpoint: Endpoint, now: datetime) -> None:
    """Each holds its own message and then the endpoint; who stops it leaves what others hold."""
    server.answer = lambda _asked: Said(status=500)
    later = now + 3 * HOUR
    for _round in range(5):
        Endpoint.objects.update(failures=MOST_FAILURES - 2, stopped_at=None, stopped_reason="")
        OutboxEvent.objects.filter(kind="endpoint.stopped").delete()
        waiting = wait_for(endpoint, now + HOUR, 6)
        sends = [
            partial(send_message, message_id=each.pk, attempt=0, now=later) for each in waiting[:4]
        ]
        assert race(sends) == [False] * 4
        endpoint.refresh_from_db()
        assert (endpoint.stopped_at, endpoint.failures) == (later, MOST_FAILURES + 2)
        assert OutboxEvent.objects.filter(kind="endpoint.stopped").count() == 1
        # Those that were tried before it stopped wait with all others.
        keys = [each.pk for each in waiting]
        states = set(Message.objects.filter(pk__in=keys).values_list("status", flat=True))
        assert states == {DeliveryStatus.HELD}
        Message.objects.filter(pk__in=keys).delete()


def _administrators_meet_workers(
    server: Recorder, endpoint: Endpoint, dora: User, now: datetime
) -> None:
    """Nobody is in anybody's way, whoever comes first."""
    asked: list[Asked] = server.asked
    acts: list[Callable[..., Any]] = [
        partial(switch_endpoint, is_on=False),
        replay_failed,
        delete_endpoint,
    ]
    for act in acts:
        for status in (200, 500):
            asked.clear()
            server.answer = lambda _asked, status=status: Said(status=status)  # type: ignore[misc]
            name = f"{act} {status}"[:100]
            endpoint = make_endpoint(dora, now, url=server.url, name=name)
            waiting = wait_for(endpoint, now, 3)
            calls: list[Callable[[], Any]] = [
                partial(send_message, message_id=each.pk, attempt=0, now=now) for each in waiting
            ]
            calls.append(partial(act, actor=dora, endpoint_id=endpoint.public_id, now=now))
            found = race(calls)
            assert not [each for each in found if isinstance(each, Exception)], found
            told = [each.headers["labitory-delivery"] for each in asked]
            assert len(told) == len(set(told))
