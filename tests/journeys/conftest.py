"""A real browser, a server that runs the whole site, and a small lab to act in."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pytest
from django.db import connections
from playwright.sync_api import Browser, Playwright, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.journeys.browsing import Window, all_answered, open_window

CHROMIUM = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives browsers. It keeps an event loop running, which Django is told of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as running:
            yield running
            # Under an event loop Django has connections of its own: nobody else would close them,
            # and the database could not be dropped.
            connections.close_all()


def launched(playwright: Playwright, *names: str) -> Iterator[Browser]:
    """Headless Chromium: the first of these programs that is there."""
    found = (shutil.which(name) for name in names)
    chromium = playwright.chromium.launch(
        executable_path=next(filter(None, found)), args=list(QUIET)
    )
    yield chromium
    chromium.close()


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The engine without a desktop's windows, at half of their cost, where it is there."""
    yield from launched(playwright, "chromium-headless-shell", *CHROMIUM)


@pytest.fixture(scope="module")
def whole_browser(playwright: Playwright) -> Iterator[Browser]:
    """With all that belongs to a desktop: only this one takes notices of a push service."""
    yield from launched(playwright, *CHROMIUM)


OpenWindow = Callable[..., Window]


@pytest.fixture
def windows(browser: Browser) -> Iterator[OpenWindow]:
    """Opens windows: `windows(base, dark=…, phone=…, javascript=…)`; none may have complained."""
    opened: list[Window] = []

    def open_one(
        base: str, *, dark: bool = False, phone: bool = False, javascript: bool = True
    ) -> Window:
        window = open_window(browser, base, dark=dark, phone=phone, javascript=javascript)
        opened.append(window)
        return window

    with all_answered():
        yield open_one
        for window in opened:
            window.context.close()
    assert [complaint for window in opened for complaint in window.complaints] == []


class PageFor(Protocol):
    """Opens a window with somebody logged in."""

    def __call__(
        self,
        user: User,
        *,
        dark: bool = False,
        phone: bool = False,
        javascript: bool = True,
    ) -> Window:
        """The window, on the home page."""


@pytest.fixture
def frozen_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    """The lab's clock stands still at `now`, Monday 08:00, for the server's threads too."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: datetime


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, frozen_clock: datetime) -> Clock:
    """The lab's clock, for a journey that takes its time: `clock.now += HOUR`."""
    clock = Clock(now=frozen_clock)
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture
def page_for(live_server: LiveServer, frozen_clock: datetime, windows: OpenWindow) -> PageFor:
    """`page_for(ada, phone=True)`: a window in which ada is logged in, on the home page."""

    def open_page(
        user: User, *, dark: bool = False, phone: bool = False, javascript: bool = True
    ) -> Window:
        window = windows(live_server.url, dark=dark, phone=phone, javascript=javascript)
        window.let_in(user)
        window.goto("/")
        return window

    return open_page
