"""The socket: who gets one, what it takes, what it hears, and when it closes."""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from accounts.services.sessions import end_session
from booking.live import sockets, visitors
from booking.live.lines import TRY_LATER
from booking.live.sockets import SOCKETS
from booking.models import Resource, ResourceAccess
from booking.queries.hints import resource_topic, user_topic
from booking.queries.screens import make_pass
from labitory.asgi import application
from labitory.lib import hints
from labitory.lib.clock import now as clock_now
from tests.factories.resources import make_resource
from tests.support.sockets import Page, cookie_of, play, publish

pytestmark = pytest.mark.usefixtures("own_stream")


@pytest.mark.parametrize(
    ("cookie", "query"),
    [("", ""), ("sessionid=nobodys", ""), ("", "pass=made-up"), ("sessionid", "pass=")],
)
def test_a_stranger_gets_no_socket(db: None, cookie: str, query: str) -> None:
    async def scenario() -> None:
        await Page(cookie, query).is_refused_with(sockets.NOT_LOGGED_IN)

    play(scenario)


def test_a_page_of_another_site_gets_no_socket(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    door = application.application_mapping["websocket"]
    monkeypatch.setattr(door, "allowed_origins", ["lab.example.org"])
    cookie = cookie_of(ada)

    async def scenario() -> None:
        await Page(cookie, origin="https://evil.example").is_refused_with(None)

    play(scenario)


def test_it_hears_of_its_own_topics_only(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource
) -> None:
    hidden = make_resource("Hidden", resource_type=microscope.resource_type, is_hidden=True)
    cookie = cookie_of(ada)
    shown, other = resource_topic(microscope.public_id), resource_topic(second_microscope.public_id)

    async def scenario() -> None:
        async with Page(cookie) as page:
            secret = resource_topic(hidden.public_id)
            told = await page.show("me", shown, secret, user_topic(ben.pk), "queues", "resource:x")
            refused = sorted([secret, user_topic(ben.pk), "queues", "resource:x"])
            assert told == {"ready": hints.BEGINNING, "refused": refused}
            await publish([other, user_topic(ben.pk), secret, "queues", user_topic(ada.pk)])
            mine = await page.hears()
            assert mine == {"id": await hints.last_id(), "topic": "me"}
            await publish([shown])
            assert (await page.hears())["topic"] == shown
            # It shows less from now on.
            assert (await page.show("me"))["refused"] == []
            await publish([shown, user_topic(ada.pk)])
            assert (await page.hears())["topic"] == "me"
            assert page.is_quiet()

    play(scenario)


def test_who_decides_hears_of_the_queues(chris: User) -> None:
    cookie = cookie_of(chris)

    async def scenario() -> None:
        async with Page(cookie) as page:
            assert (await page.show("queues"))["refused"] == []
            await publish(["queues"])
            assert (await page.hears())["topic"] == "queues"

    play(scenario)


def test_who_comes_back_hears_what_was_missed(ada: User, microscope: Resource) -> None:
    cookie, shown = cookie_of(ada), resource_topic(microscope.public_id)

    async def scenario() -> None:
        await publish(["queues"])
        async with Page(cookie) as page:
            last = (await page.show(shown))["ready"]
        await publish([shown, user_topic(ada.pk)])
        await publish([shown])
        newest = await hints.last_id()
        await publish(["queues"])
        async with Page(cookie) as page:
            await page.show(shown, last=last)
            assert await page.hears() == {"id": newest, "topic": shown}
            assert page.is_quiet()

    play(scenario)


def test_older_than_the_stream_means_asking_for_everything(ada: User, microscope: Resource) -> None:
    cookie, shown = cookie_of(ada), resource_topic(microscope.public_id)

    async def scenario() -> None:
        async with Page(cookie) as page:
            await page.show(shown, last="1-1")
            assert await page.hears() == {"reload": True}
        await publish([shown])
        async with Page(cookie) as page:
            await page.show(shown, last="1-1")
            assert await page.hears() == {"reload": True}

    play(scenario)


def test_who_missed_very_much_asks_for_everything(
    ada: User, microscope: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "MOST_MISSED", 2)
    cookie, shown = cookie_of(ada), resource_topic(microscope.public_id)

    async def scenario() -> None:
        await publish(["queues"])
        first = await hints.last_id()
        for _ in range(3):
            await publish([shown])
        async with Page(cookie) as page:
            await page.show(shown, last=first)
            assert await page.hears() == {"reload": True}

    play(scenario)


def test_an_ended_session_closes_its_socket(ada: User, ben: User) -> None:
    cookie, other = cookie_of(ada), cookie_of(ben)
    [mine] = ada.sessions.values_list("public_id", flat=True)

    async def scenario() -> None:
        async with Page(other) as stays, Page(cookie) as page:
            await page.show("me")
            await sync_to_async(end_session)(user=ada, public_id=mine, now=clock_now())
            await SOCKETS.check(SOCKETS.open)
            assert await page.is_closed_with() == sockets.NOT_LOGGED_IN
            assert (await stays.show("me"))["refused"] == []

    play(scenario)


def test_a_withdrawn_right_takes_its_topic(ada: User, microscope: Resource) -> None:
    hidden = make_resource("Hidden", resource_type=microscope.resource_type, is_hidden=True)
    access = ResourceAccess.objects.create(resource=hidden, user=ada, granted_by=ada)
    cookie, secret = cookie_of(ada), resource_topic(hidden.public_id)

    async def scenario() -> None:
        async with Page(cookie) as page:
            assert (await page.show("me", secret))["refused"] == []
            await sync_to_async(access.delete)()
            # As the event of it hints at once, not only at the next look.
            await publish([user_topic(ada.pk)], rights=True)
            assert await page.hears() == {"refused": [secret]}
            assert (await page.hears())["topic"] == "me"

    play(scenario)


def test_what_is_asked_for_during_a_look_is_not_lost(
    ada: User, microscope: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie, shown = cookie_of(ada), resource_topic(microscope.public_id)
    still_allowed = visitors.still_allowed

    async def scenario() -> None:
        async with Page(cookie) as page:
            [socket] = SOCKETS.open

            def asks_meanwhile(*arguments: Any, **named: Any) -> Any:
                socket.topics = frozenset({shown})
                return still_allowed(*arguments, **named)

            monkeypatch.setattr(sockets, "still_allowed", asks_meanwhile)
            await SOCKETS.check(SOCKETS.open)
            assert socket.topics == {shown}
            assert page.is_quiet()

    play(scenario)


def test_a_screen_hears_of_what_its_pass_names(
    microscope: Resource, second_microscope: Resource
) -> None:
    shown = resource_topic(microscope.public_id)
    other = resource_topic(second_microscope.public_id)
    word = make_pass([shown])

    async def scenario() -> None:
        async with Page(query=f"pass={word}") as page:
            assert (await page.show(shown, other, "me"))["refused"] == ["me", other]
            await publish([shown])
            assert (await page.hears())["topic"] == shown
            await SOCKETS.check(SOCKETS.open)
            microscope.is_hidden = True
            await sync_to_async(microscope.save)()
            await SOCKETS.check(SOCKETS.open)
            assert await page.is_closed_with() == sockets.NOT_LOGGED_IN

    play(scenario)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "{",
        '{"topics": "me"}',
        '{"topics": [1]}',
        '{"last": "1-1"}',
        '{"topics": [], "last": "now"}',
        '{"topics": [], "last": 1}',
        '{"topics": [], "say": "hello"}',
        json.dumps({"topics": ["me"] * 65}),
        json.dumps({"topics": ["x" * 9000]}),
    ],
)
def test_what_no_page_says_closes_the_socket(ada: User, said: str) -> None:
    cookie = cookie_of(ada)

    async def scenario() -> None:
        async with Page(cookie) as page:
            await page.say(said)
            assert await page.is_closed_with() == 1008

    play(scenario)


def test_nobody_has_very_many_sockets(
    ada: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MOST_OF_ONE", 1)
    cookie, other = cookie_of(ada), cookie_of(ben)

    async def scenario() -> None:
        async with Page(cookie), Page(other):
            await Page(cookie).is_refused_with(TRY_LATER)
        async with Page(cookie):
            pass

    play(scenario)


def test_without_redis_pages_are_sent_away(
    ada: User,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cookie = cookie_of(ada)
    monkeypatch.setattr(sockets, "BEAT_SECONDS", 0.01)

    async def scenario() -> None:
        async with Page(cookie) as page:
            settings.REDIS_URL = "unix:///nowhere/valkey.sock"
            hints._clients.clear()
            assert await page.is_closed_with() == TRY_LATER

    play(scenario)
    hints._redis.cache_clear()
    hints.publish(["queues"])
    hints._redis.cache_clear()
