"""Webhooks against a real server: signed, tried again, given up, switched off, sent again."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import DeliveryStatus, EndpointKind
from booking.handlers import HANDLERS
from booking.models import Endpoint, Message, Notification, OutboxEvent, Resource
from booking.queries.endpoints import SECRETS
from booking.services._endpoints import MIN_OUTAGE, MOST_FAILURES
from booking.services.endpoints import replay_delivery, try_endpoint
from booking.services.events import dispatch_batch
from booking.services.messages import MOST_ATTEMPTS, lend_messages, send_message
from booking.services.outside import tell_endpoints
from labitory.lib import outbound
from tests.factories.bookings import make_booking
from tests.factories.endpoints import SECRET, make_endpoint
from tests.support.http_server import Asked, Recorder, Said, http_server
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def server() -> Iterator[Recorder]:
    with http_server() as recorder:
        yield recorder


@pytest.fixture
def endpoint(dora: User, server: Recorder, now: datetime) -> Endpoint:
    """A webhook of the server that hears of all bookings."""
    return make_endpoint(dora, now, url=f"{server.url}/in?key=hush")


def happen(ada: User, microscope: Resource, now: datetime, hour: int = 1) -> Message:
    """Ada booked; gives the message that waits for the endpoint."""
    booking = make_booking(ada, microscope, now + hour * HOUR)
    event = OutboxEvent.objects.create(
        kind="booking.created",
        payload={"bookings": [str(booking.public_id)]},
        created_at=now,
        dispatched_at=now,
    )
    tell_endpoints(event=event, now=now)
    return Message.objects.get(event=event)


@pytest.fixture
def waiting(endpoint: Endpoint, ada: User, microscope: Resource, now: datetime) -> Message:
    return happen(ada, microscope, now)


def try_again(message: Message, now: datetime) -> Message:
    """One more attempt; gives how the message stands after it."""
    send_message(message_id=message.pk, attempt=message.attempts, now=now)
    found = Message.objects.select_related("event", "endpoint")
    return found.defer(*(f"endpoint__{name}" for name in SECRETS)).get(pk=message.pk)


def is_signed(asked: Asked, secret: str, now: datetime) -> bool:
    """What any integrator would write, independently of ours."""
    pairs = [each.split("=", 1) for each in asked.headers["labitory-signature"].split(",")]
    moment = dict(pairs)["t"]
    assert abs(now.timestamp() - int(moment)) < 300
    told = [value for name, value in pairs if name == "v1"]
    own = hmac.new(secret.encode(), moment.encode() + b"." + asked.body, hashlib.sha256)
    return any(hmac.compare_digest(own.hexdigest(), each) for each in told)


def test_it_is_sent_signed_and_once(
    waiting: Message, server: Recorder, microscope: Resource, now: datetime
) -> None:
    later = now + timedelta(seconds=3)
    # Take, address and secrets, mark, end the row of failures.
    with count_queries(4):
        assert send_message(message_id=waiting.pk, attempt=0, now=later)
    assert not send_message(message_id=waiting.pk, attempt=0, now=later)
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/in?key=hush")
    assert asked.headers["content-type"] == "application/json"
    event = waiting.event
    assert asked.headers["labitory-event"] == "booking.created"
    assert asked.headers["labitory-delivery"] == str(event.public_id)
    assert asked.headers["labitory-timestamp"] == str(int(later.timestamp()))
    assert is_signed(asked, SECRET, later)
    assert not is_signed(asked, "another secret", later)
    body = json.loads(asked.body)
    assert body["id"] == str(event.public_id)
    assert (body["type"], body["attempt"]) == ("booking.created", 1)
    assert body["occurred_at"] == "2026-03-02T07:00:00Z"
    assert body["data"]["resources"][0]["id"] == str(microscope.public_id)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.sent_at) == (DeliveryStatus.SENT, later)
    assert waiting.receipt.startswith("HTTP 200, ") and waiting.receipt.endswith(" ms")


def test_both_secrets_serve_for_a_day_after_a_change(
    waiting: Message, endpoint: Endpoint, server: Recorder, now: datetime
) -> None:
    endpoint.secret, endpoint.old_secret = "a new one", SECRET
    endpoint.old_secret_until = now + HOUR
    endpoint.save()
    try_again(waiting, now)
    assert is_signed(server.asked[0], "a new one", now)
    assert is_signed(server.asked[0], SECRET, now)
    Message.objects.update(status=DeliveryStatus.PENDING, attempts=0)
    waiting.refresh_from_db()
    try_again(waiting, now + HOUR)
    assert is_signed(server.asked[1], "a new one", now + HOUR)
    assert not is_signed(server.asked[1], SECRET, now + HOUR)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said(status=503, body=b"down for\n repair"), "Refused: HTTP 503 down for repair"),
        (Said(status=400), "Refused: HTTP 400"),
        (Said(status=302, headers={"Location": "http://127.0.0.1:1/"}), "Refused: HTTP 302"),
        (Said(body=b"x" * 70_000), "has more than 64000 bytes"),
    ],
)
def test_another_answer_is_a_failure_and_comes_again_ever_later(
    waiting: Message, server: Recorder, now: datetime, said: Said, why: str
) -> None:
    server.answer = lambda _asked: said
    moment, waits = now, []
    for attempt in range(1, 4):
        waiting = try_again(waiting, moment)
        assert why in waiting.last_error
        assert (waiting.status, waiting.attempts) == (DeliveryStatus.PENDING, attempt)
        assert waiting.next_attempt_at is not None and waiting.sent_at is None
        waits.append(waiting.next_attempt_at - moment)
        moment = waiting.next_attempt_at
    assert waits[0] * 1.3 < waits[1] < waits[2] / 1.3
    # A redirect leads nowhere; each attempt says which it is.
    assert [json.loads(each.body)["attempt"] for each in server.asked] == [1, 2, 3]
    assert len({each.headers["labitory-delivery"] for each in server.asked}) == 1
    assert waiting.endpoint is not None and waiting.endpoint.failures == 3
    server.answer = lambda _asked: Said()
    waiting = try_again(waiting, moment)
    assert waiting.status == DeliveryStatus.SENT
    assert waiting.endpoint is not None and waiting.endpoint.failures == 0


def test_who_says_nothing_is_not_waited_for(
    waiting: Message, server: Recorder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.05)
    done = Event()

    def sleep(_asked: Asked) -> Said:
        done.wait(5)
        return Said()

    server.answer = sleep
    waiting = try_again(waiting, now)
    done.set()
    assert "timed out" in waiting.last_error.lower()
    assert waiting.status == DeliveryStatus.PENDING


def test_nobody_there_is_a_failure_that_keeps_no_address(
    waiting: Message, endpoint: Endpoint, now: datetime
) -> None:
    endpoint.url = "http://127.0.0.1:1/hush"
    endpoint.save()
    waiting = try_again(waiting, now)
    assert waiting.last_error.startswith("NoAnswer: ")
    assert "hush" not in waiting.last_error


def test_what_the_other_side_repeats_is_not_kept(
    waiting: Message, endpoint: Endpoint, server: Recorder, now: datetime
) -> None:
    words = f"no such hook: {endpoint.url} with {SECRET}".encode()
    server.answer = lambda _asked: Said(status=404, body=words)
    waiting = try_again(waiting, now)
    assert "HTTP 404 no such hook: [redacted] with [redacted]" in waiting.last_error
    assert endpoint.url not in waiting.last_error and SECRET not in waiting.last_error


def test_a_private_address_is_never_tried_again(
    waiting: Message, server: Recorder, now: datetime, settings: Any
) -> None:
    settings.OUTBOUND_NETWORKS = []
    waiting = try_again(waiting, now)
    assert waiting.status == DeliveryStatus.FAILED
    assert "private network" in waiting.last_error
    assert server.asked == []


def test_who_wants_no_more_is_switched_off_at_once(
    waiting: Message, dora: User, ada: User, microscope: Resource, server: Recorder, now: datetime
) -> None:
    other = happen(ada, microscope, now, hour=3)
    server.answer = lambda _asked: Said(status=410, body=b"archived")
    waiting = try_again(waiting, now)
    found = waiting.endpoint
    assert found is not None and found.stopped_at == now
    assert found.stopped_reason == "Gone: HTTP 410 archived"
    assert waiting.status == DeliveryStatus.FAILED
    other.refresh_from_db()
    assert other.status == DeliveryStatus.HELD
    # What was lent before finds nothing to do.
    assert not send_message(message_id=other.pk, attempt=0, now=now)
    assert len(server.asked) == 1
    dispatch_batch(handlers=HANDLERS, now=now)
    [notice] = Notification.objects.filter(event__kind="endpoint.stopped")
    assert (notice.user, notice.title) == (dora, "Switched off: Inventory")
    assert "HTTP 410 archived" in notice.body
    assert notice.url == f"/manage/endpoints/{found.public_id}"
    assert AuditLog.objects.filter(action="endpoint.stopped").count() == 1


def test_many_failures_within_an_hour_switch_nothing_off(
    waiting: Message, endpoint: Endpoint, server: Recorder, now: datetime
) -> None:
    Endpoint.objects.update(failures=MOST_FAILURES + 5)
    server.answer = lambda _asked: Said(status=500)
    waiting = try_again(waiting, now + MIN_OUTAGE / 2)
    endpoint.refresh_from_db()
    assert endpoint.stopped_at is None


def test_failures_for_long_switch_it_off_and_say_so_once(
    waiting: Message, endpoint: Endpoint, server: Recorder, now: datetime
) -> None:
    Endpoint.objects.update(failures=MOST_FAILURES - 2)
    server.answer = lambda _asked: Said(status=500)
    waiting = try_again(waiting, now + MIN_OUTAGE)
    endpoint.refresh_from_db()
    assert endpoint.stopped_at is None
    waiting = try_again(waiting, now + MIN_OUTAGE + HOUR)
    endpoint.refresh_from_db()
    assert endpoint.stopped_at == now + MIN_OUTAGE + HOUR
    # It is kept, not given up: nobody looks at it until the endpoint is on again.
    assert waiting.status == DeliveryStatus.HELD
    assert list(lend_messages(now=now + 100 * HOUR)) == []
    Message.objects.update(status=DeliveryStatus.PENDING)
    try_again(waiting, now + 9 * HOUR)
    assert OutboxEvent.objects.filter(kind="endpoint.stopped").count() == 1


def test_a_message_is_given_up_after_eight_attempts(
    waiting: Message, server: Recorder, now: datetime
) -> None:
    server.answer = lambda _asked: Said(status=500)
    for _attempt in range(MOST_ATTEMPTS):
        waiting = try_again(waiting, now)
    assert waiting.status == DeliveryStatus.FAILED
    assert len(server.asked) == MOST_ATTEMPTS


@pytest.mark.parametrize("kind", [EndpointKind.WEBHOOK, EndpointKind.SLACK])
def test_a_dry_run_sends_nothing(
    dora: User,
    ada: User,
    microscope: Resource,
    server: Recorder,
    now: datetime,
    kind: EndpointKind,
) -> None:
    make_endpoint(dora, now, kind=kind, url=server.url, is_dry_run=True)
    waiting = try_again(happen(ada, microscope, now), now)
    assert (waiting.status, waiting.receipt) == (DeliveryStatus.SENT, "dry run")
    assert server.asked == []


def test_a_card_arrives_in_its_room(
    dora: User, ada: User, microscope: Resource, server: Recorder, now: datetime
) -> None:
    make_endpoint(dora, now, kind=EndpointKind.SLACK, url=server.url)
    waiting = try_again(happen(ada, microscope, now), now)
    assert waiting.status == DeliveryStatus.SENT
    [asked] = server.asked
    assert json.loads(asked.body)["text"].startswith("Booked: Confocal 1 · ")
    assert "labitory-signature" not in asked.headers


def test_a_lost_key_stops_no_worker(
    waiting: Message, endpoint: Endpoint, now: datetime, settings: Any
) -> None:
    settings.FIELD_KEYS = {"other": "x" * 50}
    waiting = try_again(waiting, now)
    assert "does not open" in waiting.last_error
    assert waiting.status == DeliveryStatus.PENDING


def test_sent_again_it_has_the_same_id(
    waiting: Message, endpoint: Endpoint, dora: User, server: Recorder, now: datetime
) -> None:
    try_again(waiting, now)
    event = waiting.event.public_id
    replay_delivery(actor=dora, endpoint_id=endpoint.public_id, event_id=event, now=now)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.attempts, waiting.sent_at) == ("pending", 0, None)
    assert list(lend_messages(now=now)) == [(waiting.pk, 0)]
    try_again(waiting, now + HOUR)
    first, second = (json.loads(each.body) for each in server.asked)
    assert first == second
    assert is_signed(server.asked[1], SECRET, now + HOUR)


def test_a_test_arrives_although_it_is_switched_off(
    endpoint: Endpoint, dora: User, server: Recorder, now: datetime
) -> None:
    Endpoint.objects.update(stopped_at=now, failures=30)
    event_id = try_endpoint(actor=dora, endpoint_id=endpoint.public_id, now=now)
    dispatch_batch(handlers=HANDLERS, now=now)
    [(pk, attempt)] = lend_messages(now=now)
    assert send_message(message_id=pk, attempt=attempt, now=now)
    body = json.loads(server.asked[0].body)
    assert (body["id"], body["type"]) == (str(event_id), "endpoint.tested")
    endpoint.refresh_from_db()
    # It answers again, but it is for people to switch it on.
    assert (endpoint.failures, endpoint.stopped_at) == (0, now)


def test_the_host_is_asked_for_by_name(waiting: Message, server: Recorder, now: datetime) -> None:
    try_again(waiting, now)
    assert server.asked[0].headers["host"] == urlsplit(server.url).netloc
