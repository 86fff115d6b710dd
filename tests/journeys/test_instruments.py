"""A phone beside an instrument: what its sticker opens."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from accounts.models import User
from booking.enums import Status
from booking.models import Question, Resource, UsageSession
from tests.factories.bookings import make_booking
from tests.journeys.browsing import axe_violations
from tests.journeys.conftest import PageFor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALLEST_TARGET = 44


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Callable[[timedelta], None]:
    """Sets the lab's clock so far after `now`."""

    def set_clock(gone: timedelta) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: now + gone)

    return set_clock


def test_checks_in_and_finishes_on_a_phone(
    page_for: PageFor,
    pass_time: Callable[[timedelta], None],
    now: datetime,
    ada: User,
    microscope: Resource,
) -> None:
    booking = make_booking(ada, microscope, now + timedelta(minutes=10), timedelta(hours=2))
    window = page_for(ada, phone=True)
    page = window.goto(f"/i/{microscope.code}")
    start = page.get_by_role("button", name="Check in")
    box = start.bounding_box()
    assert box is not None
    assert box["height"] >= SMALLEST_TARGET
    assert axe_violations(page) == []
    start.click()
    expect(page.locator(".messages")).to_contain_text("Checked in.")
    pass_time(timedelta(minutes=40))
    window.goto(f"/i/{microscope.code}")
    expect(page.get_by_role("main")).to_contain_text("You are using it")
    page.get_by_role("button", name="Finish").click()
    expect(page.locator(".messages")).to_contain_text("Finished.")
    booking.refresh_from_db()
    assert booking.status == Status.COMPLETED
    assert booking.end_time < now + timedelta(hours=1)
    pass_time(timedelta(minutes=41))
    window.goto(f"/i/{microscope.code}")
    expect(page.get_by_role("main")).to_contain_text("Free")


def test_a_scan_before_login_comes_back_to_the_instrument(
    page_for: PageFor, now: datetime, ada: User, ben: User, microscope: Resource
) -> None:
    make_booking(ben, microscope, now - timedelta(hours=1), timedelta(hours=3))
    window = page_for(ada, phone=True)
    page = window.page
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/login")
    window.goto(f"/i/{microscope.code}")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill("correct-horse-battery")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confocal 1")
    expect(page.get_by_role("main")).to_contain_text("In use")
    page.get_by_role("link", name="Book from 10:00").click()
    expect(page.get_by_label("Start")).to_have_value("2026-03-02T10:00")


def test_walks_up_stays_longer_and_leaves_word(
    page_for: PageFor,
    pass_time: Callable[[timedelta], None],
    now: datetime,
    ada: User,
    ben: User,
    microscope: Resource,
) -> None:
    make_booking(ben, microscope, now + timedelta(hours=2))
    Question.objects.create(
        resource=microscope, moment="end", kind="number", label="Power", maximum=20, unit="mW"
    )
    window = page_for(ada, phone=True)
    page = window.goto(f"/i/{microscope.code}/kiosk")
    assert axe_violations(page) == []
    for button in page.get_by_role("main").get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= SMALLEST_TARGET
    page.get_by_role("button", name="09:00").click()
    expect(page.locator(".messages")).to_contain_text("Checked in.")
    page.get_by_role("button", name="10:00").click()
    expect(page.locator(".messages")).to_contain_text("Extended until 10:00.")
    expect(page.get_by_role("main")).to_contain_text("You cannot stay longer")
    pass_time(timedelta(minutes=30))
    window.goto(f"/i/{microscope.code}")
    expect(page.get_by_role("main")).to_contain_text("Next: Ben")
    assert axe_violations(page) == []
    page.get_by_label("Keep it warm").check()
    page.get_by_label("A note for the next one").fill("Oil is wiped off.")
    page.get_by_label("Power").fill("21")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("main")).to_contain_text("It must be at most 20 mW.")
    expect(page.get_by_label("A note for the next one")).to_have_value("Oil is wiped off.")
    assert axe_violations(page) == []
    page.get_by_label("Power").fill("2.5")
    page.get_by_role("button", name="Finish").click()
    expect(page.locator(".messages")).to_contain_text("Finished.")
    session = UsageSession.objects.get()
    assert session.handover_note == "Oil is wiped off."
    pass_time(timedelta(minutes=110))
    window = page_for(ben, phone=True)
    page = window.goto(f"/i/{microscope.code}")
    expect(page.get_by_role("main")).to_contain_text("Oil is wiped off.")
