"""What every journey does: reading the lab's answer, letting the worker run, following a notice."""

from datetime import datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect

from booking.handlers import HANDLERS
from booking.services.events import dispatch_batch
from tests.journeys.browsing import Window, axe_violations


def said(page: Page) -> Locator:
    """What the lab says about the last act."""
    return page.locator(".messages")


def section(page: Page, name: str) -> Locator:
    """A part of the page by its heading."""
    return page.get_by_role("region", name=name)


def looks_right(window: Window, manner: dict[str, Any]) -> None:
    """Nothing against WCAG, where its checker can run, and nothing wider than the window."""
    if manner.get("javascript", True):
        assert axe_violations(window.page) == []
        assert not window.is_too_wide


def tell_people(now: datetime) -> None:
    """What the worker does with all that has happened, and with what follows from it."""
    while dispatch_batch(handlers=HANDLERS, now=now):
        continue


def follow_notice(window: Window, text: str) -> Page:
    """From the first page by the link of an unread notice."""
    page = window.goto("/")
    section(page, "What needs you").get_by_role("link", name=text).first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page
