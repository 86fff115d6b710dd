"""The lab as an app: bookings without a network, kept check-ins, notices of the browser."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from booking.enums import Status
from booking.models import OfflineAct, Resource, UsageSession
from tests.factories.bookings import make_booking
from tests.journeys.acting import said
from tests.journeys.browsing import Window, all_answered, axe_violations, open_window
from tests.support.workers import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What a browser notes of each request that finds no network.
NO_NETWORK = re.compile("net::ERR_INTERNET_DISCONNECTED")
KEPT = """async () => {
  const own = (await caches.keys()).find((name) => name.startsWith("own-"));
  return Boolean(own && await (await caches.open(own)).match("/offline"));
}"""
READY = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  return active.state === "activated" && (await caches.keys()).join();
}"""
SHOWN = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  const shown = await (await navigator.serviceWorker.ready).getNotifications();
  return active && shown.map(({ title, body, tag, data }) => [title, body, tag, data.path]);
}"""


@pytest.fixture
def window(
    whole_browser: Browser, live_server: LiveServer, frozen_clock: datetime
) -> Iterator[Window]:
    """A phone with service workers; what its pages see as the time is that of the lab."""
    with all_answered():
        window = open_window(
            whole_browser, live_server.url, dark=False, phone=True, javascript=True, workers=True
        )
        window.page.clock.set_fixed_time(frozen_clock)
        yield window
        window.context.close()
    assert [each for each in window.complaints if not NO_NETWORK.search(each)] == []


def registration_of(session: CDPSession, page: Page) -> str:
    """By what the browser knows the worker; it says so once, when it is asked first."""
    found: list[Any] = []

    def note(told: Any) -> None:
        found.extend(told["registrations"])

    session.on("ServiceWorker.workerRegistrationUpdated", note)
    session.send("ServiceWorker.enable")
    until(lambda: page.evaluate("1") and found, what="the browser names its worker")
    return str(found[-1]["registrationId"])


def push_and_see(session: CDPSession, page: Page, worker: str, title: str) -> None:
    """What a push service delivers to the browser is the one notice that it shows."""
    said = {"title": title, "body": "To ten.", "tag": "t", "path": "/bookings"}
    origin = page.evaluate("location.origin")
    sent = {"origin": origin, "registrationId": worker, "data": json.dumps(said)}
    session.send("ServiceWorker.deliverPushMessage", sent)
    shown = [[title, "To ten.", "t", "/bookings"]]
    until(lambda: page.evaluate(SHOWN) == shown, what=title)


def assert_installable(session: CDPSession) -> None:
    """Nothing stands in the way but that windows of tests keep nothing, as private ones."""
    wrong = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {each["errorId"] for each in wrong} <= {"in-incognito"}


def keep_check_in(page: Page) -> None:
    """Tap it, take it back, tap it again."""
    page.get_by_role("button", name="Check in").click()
    kept = page.get_by_text("Checked in on this device at")
    expect(kept).to_be_focused()
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    page.get_by_role("button", name="Take back").click()
    expect(kept).to_be_hidden()
    page.get_by_role("button", name="Check in").click()
    expect(kept).to_be_visible()
    assert axe_violations(page) == []


def test_a_day_at_an_instrument_without_a_network(
    window: Window, now: datetime, ada: User, microscope: Resource
) -> None:
    booking = make_booking(ada, microscope, now + timedelta(minutes=5))
    window.let_in(ada)
    page = window.goto("/")
    until(lambda: page.evaluate(KEPT), what="the worker has kept the page")
    session = window.context.new_cdp_session(page)
    assert_installable(session)

    window.context.set_offline(True)
    window.goto("/bookings")
    expect(page.get_by_role("heading", level=1)).to_have_text("No network")
    expect(page.get_by_role("listitem")).to_contain_text("Confocal 1")
    assert axe_violations(page) == []
    assert not window.is_too_wide
    keep_check_in(page)
    assert not OfflineAct.objects.exists()

    window.context.set_offline(False)
    # There again: the page that was wanted, and what became of it.
    expect(said(page)).to_contain_text("Confocal 1: you checked in at", timeout=20_000)
    booking.refresh_from_db()
    assert booking.status == Status.CHECKED_IN
    # The clock of the worker is months ahead of the lab's.
    assert now - timedelta(minutes=1) < UsageSession.objects.get().started_at <= now

    window.context.grant_permissions(["notifications"])
    worker = registration_of(session, page)
    push_and_see(session, page, worker, "Moved")
    # The repeat replaces the first.
    push_and_see(session, page, worker, "Moved again")

    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/login")
    until(lambda: page.evaluate(READY), what="the worker is there anew")
    assert not page.evaluate(KEPT)
    window.context.set_offline(True)
    window.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("No network")
    expect(page.get_by_role("main")).not_to_contain_text("Confocal")
