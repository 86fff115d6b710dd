"""Notices of the browser, sent to a push service on this machine and read with a browser's keys."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from accounts.models import User
from booking.enums import DeliveryStatus, Timing
from booking.events import post_notice
from booking.handlers import HANDLERS
from booking.models import Message, NotificationPreference, PushSubscription
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import PUSH
from booking.services.browsers import BrowserWish, add_browser
from booking.services.events import dispatch_batch
from booking.services.messages import MOST_ATTEMPTS, lend_messages, send_message
from labitory.lib.webpush import new_private_key
from tests.support.http_server import Asked, Recorder, Said, http_server
from tests.support.push import Browser, claims_of
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
_QUOTA = {"quota": "Beam time für Größe", "gives": "2 h"}
_OFFER = {
    "resource": "Confocal 1",
    "when": {"start": "2026-03-03T09:00:00+00:00", "end": "2026-03-03T10:00:00+00:00"},
    "until": {"at": "2026-03-02T08:00:00+00:00"},
}


@pytest.fixture(scope="module")
def service() -> Iterator[Recorder]:
    """A push service."""
    with http_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _set_up(settings: LazySettings, service: Recorder) -> None:
    """A lab with a key, and a service that takes everything."""
    settings.VAPID_PRIVATE_KEY = new_private_key()
    settings.VAPID_CONTACT = "mailto:lab@example.org"
    service.asked.clear()
    service.answer = lambda _asked: Said(status=201)


def added(user: User, service: Recorder, now: datetime, name: str = "one") -> Browser:
    """One more browser of a person."""
    browser = Browser()
    wish = BrowserWish(
        endpoint=f"{service.url}/send/{name}",
        p256dh=browser.p256dh,
        auth=browser.auth,
        label=f"Firefox {name}",
    )
    add_browser(user=user, wish=wish, now=now)
    return browser


def told(user: User, now: datetime, kind: str = "quota.overdrawn", **facts: Any) -> Message:
    """Something happens that the person hears of; the message to their browsers."""
    post_notice(kind=kind, people=[user.pk], path="/quotas", now=now, facts=facts or _QUOTA)
    dispatch_batch(handlers=HANDLERS, now=now)
    return Message.objects.get(channel="push")


def send_all(now: datetime) -> None:
    """What the worker does."""
    for key, attempt in lend_messages(now=now):
        send_message(message_id=key, attempt=attempt, now=now)


def test_each_browser_reads_it_and_nobody_else(ada: User, service: Recorder, now: datetime) -> None:
    browsers = {name: added(ada, service, now, name) for name in ("one", "two")}
    message = told(ada, now)
    send_all(now)
    message.refresh_from_db()
    assert (message.status, message.receipt) == (DeliveryStatus.SENT, "2 of 2")
    assert sorted(asked.path for asked in service.asked) == ["/send/one", "/send/two"]
    for asked in service.asked:
        said = browsers[asked.path.removeprefix("/send/")].read_json(asked.body)
        assert "Größe" in said["title"]
        assert said["path"] == "/quotas"
        assert said["body"]
        assert said["lang"] == "en"
        assert len(asked.body) < 4096
        assert b"Beam" not in asked.body
        assert asked.headers["content-encoding"] == "aes128gcm"
        assert (asked.headers["ttl"], asked.headers["urgency"]) == ("86400", "normal")
        assert asked.headers["topic"] == said["tag"]
        claims = claims_of(asked.headers["authorization"], audience=service.url, at=now.timestamp())
        assert claims["sub"] == "mailto:lab@example.org"
    assert set(PushSubscription.objects.values_list("last_sent_at", flat=True)) == {now}


def test_what_is_urgent_is_sent_as_urgent(ada: User, service: Recorder, now: datetime) -> None:
    browser = added(ada, service, now)
    assert CATALOGUE["offer.made"].urgent
    told(ada, now, "offer.made", **_OFFER)
    send_all(now)
    [asked] = service.asked
    assert asked.headers["urgency"] == "high"
    assert "Confocal 1" in browser.read_json(asked.body)["title"]


def test_without_a_browser_or_a_key_there_is_no_message(
    ada: User, ben: User, service: Recorder, settings: LazySettings, now: datetime
) -> None:
    added(ben, service, now)
    post_notice(kind="quota.overdrawn", people=[ada.pk], now=now, facts=_QUOTA)
    dispatch_batch(handlers=HANDLERS, now=now)
    settings.VAPID_PRIVATE_KEY = ""
    post_notice(kind="quota.overdrawn", people=[ben.pk], now=now, facts=_QUOTA)
    dispatch_batch(handlers=HANDLERS, now=now)
    assert not Message.objects.filter(channel="push").exists()


def test_who_wants_none_gets_none(ada: User, service: Recorder, now: datetime) -> None:
    added(ada, service, now)
    NotificationPreference.objects.create(
        user=ada, kind="quota.overdrawn", channel="push", timing=Timing.OFF
    )
    post_notice(kind="quota.overdrawn", people=[ada.pk], now=now, facts=_QUOTA)
    dispatch_batch(handlers=HANDLERS, now=now)
    assert not Message.objects.filter(channel="push").exists()


def test_what_is_heard_without_a_choice() -> None:
    heard = {name for name, kind in CATALOGUE.items() if PUSH.default(kind) is Timing.NOW}
    assert {"booking.cancelled", "offer.made", "booking.requested"} <= heard
    # No mail, so not worth a disturbance; and what protects an account comes by mail alone.
    assert not {"booking.checked_in", "booking.completed", "account.locked"} & heard


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    ada: User, service: Recorder, now: datetime, status: int
) -> None:
    added(ada, service, now, "gone")
    added(ada, service, now, "here")

    def answer(asked: Asked) -> Said:
        return Said(status=status if asked.path.endswith("gone") else 201)

    service.answer = answer
    message = told(ada, now)
    send_all(now)
    message.refresh_from_db()
    assert (message.status, message.receipt) == (DeliveryStatus.SENT, "1 of 2")
    assert [each.label for each in PushSubscription.objects.all()] == ["Firefox here"]


def test_when_none_is_left_it_is_given_up_at_once(
    ada: User, service: Recorder, now: datetime
) -> None:
    added(ada, service, now)
    service.answer = lambda _asked: Said(status=410)
    message = told(ada, now)
    send_all(now)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (DeliveryStatus.FAILED, 1)
    assert "Firefox one: gone 410" in message.last_error
    assert not PushSubscription.objects.exists()


def test_removed_before_it_is_sent(ada: User, service: Recorder, now: datetime) -> None:
    added(ada, service, now)
    message = told(ada, now)
    PushSubscription.objects.all().delete()
    send_all(now)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (DeliveryStatus.FAILED, 1)
    assert service.asked == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again_and_a_repeat_replaces(
    ada: User, service: Recorder, now: datetime, status: int
) -> None:
    browsers = {name: added(ada, service, now, name) for name in ("busy", "gone", "here")}
    answers = {"busy": status, "gone": 410, "here": 201}
    service.answer = lambda asked: Said(status=answers[asked.path.removeprefix("/send/")])
    message = told(ada, now)
    send_all(now)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (DeliveryStatus.PENDING, 1)
    # The address of a browser is its secret.
    assert service.url not in message.last_error
    assert set(PushSubscription.objects.values_list("label", flat=True)) == {
        "Firefox busy",
        "Firefox here",
    }
    service.answer = lambda _asked: Said(status=201)
    send_all(now + 2 * MINUTE)
    message.refresh_from_db()
    assert message.status == DeliveryStatus.SENT
    topics = {asked.headers["topic"] for asked in service.asked}
    assert len(topics) == 1
    last = [asked for asked in service.asked if asked.path == "/send/here"][-1]
    assert browsers["here"].read_json(last.body)["tag"] in topics


def test_a_service_that_is_away_is_tried_again(ada: User, service: Recorder, now: datetime) -> None:
    added(ada, service, now)
    with http_server() as other:
        PushSubscription.objects.update(endpoint=f"{other.url}/away")
    message = told(ada, now)
    send_all(now)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (DeliveryStatus.PENDING, 1)
    for attempt in range(1, MOST_ATTEMPTS):
        send_message(message_id=message.pk, attempt=attempt, now=now + attempt * MINUTE)
    message.refresh_from_db()
    assert message.status == DeliveryStatus.FAILED


@pytest.mark.parametrize("status", [400, 403, 413])
def test_a_service_that_refuses_is_not_asked_again(
    ada: User, service: Recorder, now: datetime, status: int
) -> None:
    added(ada, service, now)
    service.answer = lambda _asked: Said(status=status, body=b"wrong key")
    message = told(ada, now)
    send_all(now)
    message.refresh_from_db()
    assert message.status == DeliveryStatus.FAILED
    assert f"refused {status} wrong key" in message.last_error
    assert PushSubscription.objects.count() == 1


def test_an_address_that_became_private_is_not_called(
    ada: User, service: Recorder, settings: LazySettings, now: datetime
) -> None:
    added(ada, service, now)
    settings.OUTBOUND_NETWORKS = []
    message = told(ada, now)
    send_all(now)
    message.refresh_from_db()
    assert message.status == DeliveryStatus.FAILED
    assert "private network" in message.last_error
    assert service.asked == []


def test_planning_costs_the_same_for_one_and_for_many(
    cast: dict[str, User], service: Recorder, now: datetime
) -> None:
    for user in cast.values():
        added(user, service, now, user.username)
    counts = []
    for people in ([cast["ada"].pk], [each.pk for each in cast.values()]):
        post_notice(kind="quota.overdrawn", people=people, now=now, facts=_QUOTA)
        with count_queries() as counted:
            dispatch_batch(handlers=HANDLERS, now=now)
        counts.append(len(counted))
    assert counts[0] == counts[1]
    assert Message.objects.filter(channel="push").count() == 6


def test_sending_costs_the_same_for_one_browser_and_for_three(
    ada: User, service: Recorder, now: datetime
) -> None:
    for name in ("one", "two", "three"):
        added(ada, service, now, name)
    message = told(ada, now)
    with count_queries(6):
        assert send_message(message_id=message.pk, attempt=0, now=now)
    assert len(service.asked) == 3
