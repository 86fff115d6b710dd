"""How hints come to sockets: each topic once a process, to slow pages late, to screens no more."""

import json
from unittest.mock import patch

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers

from accounts.models import User
from booking.live import sockets
from booking.live.sockets import SOCKETS
from booking.models import OutboxEvent, Resource
from booking.queries.hints import display_topic, resource_topic, user_topic
from booking.queries.screens import make_pass
from booking.services.hints import tell_pages
from booking.services.walls import create_display, revoke_display
from labitory.lib.clock import now as clock_now
from tests.support.sockets import Page, cookie_of, play, publish

pytestmark = pytest.mark.usefixtures("own_stream")


def test_a_display_that_is_taken_down_is_closed_for_good(chris: User, microscope: Resource) -> None:
    made = create_display(actor=chris, shows="lab:", name="", now=clock_now())
    shown, own = resource_topic(microscope.public_id), display_topic(made.display.public_id)
    word, cookie = make_pass([shown, own]), cookie_of(chris)
    kiosk = make_pass([shown])

    def take_down() -> None:
        revoke_display(actor=chris, display_id=made.display.public_id, now=clock_now())
        tell_pages(event=OutboxEvent.objects.get(kind="display.revoked"))

    async def scenario() -> None:
        # Also for a manager who looks at it, and not for other screens.
        async with (
            Page(query=f"pass={word}") as page,
            Page(cookie, query=f"pass={word}") as viewer,
            Page(query=f"pass={kiosk}") as other,
        ):
            for each in (page, viewer):
                assert (await each.show(shown, own))["refused"] == []
            assert (await other.show(shown, own))["refused"] == [own]
            await sync_to_async(take_down)()
            assert await page.is_closed_with() == sockets.NOT_LOGGED_IN
            assert await viewer.is_closed_with() == sockets.NOT_LOGGED_IN
            await publish([shown])
            assert (await other.hears())["topic"] == shown
        await Page(query=f"pass={word}").is_refused_with(sockets.NOT_LOGGED_IN)

    with patch("booking.services.hints.transaction.on_commit", lambda work, **_how: work()):
        play(scenario)


def test_a_topic_is_heard_once_however_many_pages_show_it(
    ada: User, ben: User, microscope: Resource
) -> None:
    cookies, shown = (
        [cookie_of(each) for each in (ada, ada, ben)],
        resource_topic(microscope.public_id),
    )

    async def scenario() -> None:
        async with Page(cookies[0]) as first, Page(cookies[1]) as second, Page(cookies[2]) as third:
            pages = (first, second, third)
            for page in pages:
                await page.show(shown)
            line = SOCKETS.line
            layer = channel_layers["default"]
            assert (line.joined, len(layer.channels), len(layer.groups)) == ({shown}, 1, 1)
            await publish([shown])
            assert len({(await page.hears())["id"] for page in pages}) == 1
            for page in pages:
                await page.show("me")
            # Nobody shows it any more: the group is left with the next hint, and joined again.
            await publish([shown])
            await publish([user_topic(ben.pk)])
            assert (await third.hears())["topic"] == "me"
            assert shown not in line.joined
            await second.show(shown)
            await publish([shown])
            assert (await second.hears())["topic"] == shown
            assert first.is_quiet()

    play(scenario)


def test_a_slow_page_hears_the_newest_of_each_topic(ada: User, microscope: Resource) -> None:
    cookie, shown = cookie_of(ada), resource_topic(microscope.public_id)

    async def scenario() -> None:
        async with Page(cookie) as page:
            await page.show("me", shown)
            [socket] = SOCKETS.open
            socket.tell(shown, json.dumps({"id": "1-0", "topic": shown}))
            socket.tell("me", json.dumps({"id": "2-0", "topic": "me"}))
            socket.tell(shown, json.dumps({"id": "3-0", "topic": shown}))
            assert [(await page.hears())["id"] for _ in range(2)] == ["2-0", "3-0"]
            assert page.is_quiet()

    play(scenario)
