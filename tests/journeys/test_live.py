"""Two windows move together; without the socket the second one finds out by asking."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import uvicorn
from django.db import connection
from playwright.sync_api import expect

from accounts.models import User
from booking.models import Resource
from booking.queries.broadcasts import Scope
from booking.services.broadcasts import Wanted, send_broadcast
from labitory.asgi import application
from labitory.settings.components.live import live_sources
from tests.journeys.acting import tell_people
from tests.journeys.browsing import Window, axe_violations
from tests.journeys.conftest import PageFor
from tests.support.workers import until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("weekday_hours"),
]


@pytest.fixture
def live(settings: Any) -> Iterator[uvicorn.Server]:
    """A real server of sockets, which the pages are told of."""
    server = uvicorn.Server(
        uvicorn.Config(application, port=0, lifespan="off", log_level="error", ws_max_size=16384)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, what="the sockets are served")
    port = server.servers[0].sockets[0].getsockname()[1]
    settings.LIVE_URL = f":{port}/ws/live"
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    policy = {**policy, "connect-src": ["'self'", *live_sources(settings.LIVE_URL)]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy}
    yield server
    stop(server, thread)


def stop(server: uvicorn.Server, thread: threading.Thread | None = None) -> None:
    """Let it end, with all its sockets."""
    server.should_exit = server.force_exit = True
    if thread is not None:
        thread.join(timeout=20)


def let_workers_tell(now: datetime) -> None:
    """What a worker does, outside of the browser's event loop."""

    def work() -> None:
        try:
            tell_people(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as worker:
        worker.submit(work).result(timeout=20)


def book(window: Window, resource: Resource, start: str, purpose: str) -> None:
    """Book an hour by the plain form."""
    page = window.goto(f"/bookings/new?resource={resource.code}&start={start}")
    page.get_by_label("Purpose").fill(purpose)
    page.get_by_role("button", name="Book").last.click()
    expect(page.locator(".messages")).to_be_visible()


def test_two_windows_move_together_and_ask_when_nobody_tells(
    page_for: PageFor,
    live: uvicorn.Server,
    ada: User,
    chris: User,
    microscope: Resource,
    now: datetime,
) -> None:
    theirs, hers = page_for(chris), page_for(ada)
    page = theirs.page
    page.clock.install()
    theirs.goto("/calendar?as=list")
    expect(page.get_by_text("Free").first).to_be_visible()
    bell = page.locator("[data-live-count=notices]")
    expect(bell).to_be_hidden()

    book(hers, microscope, "2026-03-02T10:00", "Cells")
    let_workers_tell(now)
    expect(page.get_by_text("Ada – Cells")).to_be_visible(timeout=5000)

    # What is dangerous comes to every page that is open, and reading it leaves nobody astray.
    alarm = Wanted(title="Gas", text="Leave now.", scope=Scope(), is_emergency=True)
    send_broadcast(actor=chris, wanted=alarm, now=now)
    let_workers_tell(now)
    expect(hers.page.get_by_role("alert")).to_contain_text("Leave now.", timeout=5000)
    assert axe_violations(hers.page) == []
    place = hers.page.url
    hers.page.get_by_role("button", name="I have read it").click()
    expect(hers.page.get_by_role("alert")).to_have_count(0)
    assert hers.page.url == place

    # The socket goes away, and is refused from then on.
    stop(live)
    page.wait_for_timeout(200)
    book(hers, microscope, "2026-03-02T13:00", "More cells")
    let_workers_tell(now)
    assert page.get_by_text("Ada – More cells").count() == 0
    page.clock.fast_forward("00:45")
    expect(page.get_by_text("Ada – More cells")).to_be_visible(timeout=5000)
    for window in (theirs, hers):
        window.complaints[:] = [each for each in window.complaints if "WebSocket" not in each]
