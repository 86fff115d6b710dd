"""Booking from search to cancellation, in each manner that people have."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from booking.enums import Status
from booking.models import Booking, Hold, Resource
from tests.factories.bookings import make_booking
from tests.journeys.browsing import Window, axe_violations
from tests.journeys.conftest import PageFor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("weekday_hours"),
]
HOUR = timedelta(hours=1)
TEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten o'clock in the lab
MOST_TABS = 80


def said(page: Page) -> Locator:
    """What the lab says about the last act."""
    return page.locator(".messages")


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def fill_times(page: Page, start: str, end: str) -> None:
    page.get_by_label("Start").fill(start)
    page.get_by_label("End").fill(end)
    page.get_by_label("End").blur()


@pytest.mark.parametrize(
    "manner",
    [{}, {"phone": True}, {"javascript": False}, {"dark": True}],
    ids=["desktop", "phone", "no-javascript", "dark"],
)
def test_finds_books_moves_and_cancels(
    page_for: PageFor,
    ada: User,
    microscope: Resource,
    second_microscope: Resource,
    manner: dict[str, Any],
) -> None:
    window = page_for(ada, **manner)
    page = window.page

    quick = section(page, "Find time")
    quick.get_by_label("What").select_option("Confocal microscope")
    quick.get_by_role("button", name="Find").click()
    page.get_by_label("Not before").fill("14:00")
    page.get_by_role("main").get_by_role("button", name="Find").click()
    page.get_by_role("button", name=re.compile("Book 14:00–15:00 ?, Confocal 1")).first.click()
    expect(said(page)).to_contain_text("Booked: Confocal 1")
    booking = Booking.objects.get()
    assert (booking.user, booking.status) == (ada, Status.CONFIRMED)
    assert (booking.start_time, booking.end_time) == (TEN + 4 * HOUR, TEN + 5 * HOUR)

    window.goto("/")
    section(page, "Next").get_by_role("link", name="Confocal 1").click()
    page.get_by_role("link", name="Change").click()
    fill_times(page, "2026-03-02T16:00", "2026-03-02T17:30")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(said(page)).to_contain_text("Moved: Confocal 1")
    booking.refresh_from_db()
    assert (booking.start_time, booking.end_time) == (TEN + 6 * HOUR, TEN + 7.5 * HOUR)
    expect(section(page, "History")).to_contain_text("16:00")

    page.get_by_role("main").get_by_role("link", name="Cancel", exact=True).click()
    page.get_by_label("Reason").fill("The sample is not ready")
    page.get_by_role("button", name="Cancel the booking").click()
    expect(said(page)).to_contain_text("Cancelled. The time is free again.")
    expect(section(page, "History")).to_contain_text("The sample is not ready")
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    window.goto("/")
    expect(section(page, "Next").get_by_role("link", name="Confocal 1")).to_have_count(0)


@pytest.fixture
def on_form(page_for: PageFor, ada: User, ben: User, microscope: Resource) -> Callable[..., Window]:
    """Ada at the booking form, with ten to eleven asked for, which is ben's."""
    make_booking(ben, microscope, TEN, HOUR)

    def open_form(**manner: Any) -> Window:
        window = page_for(ada, **manner)
        page = window.goto("/bookings/new")
        page.get_by_label("Instrument", exact=True).select_option("Confocal 1")
        fill_times(page, "2026-03-02T10:00", "2026-03-02T11:00")
        return window

    return open_form


def test_the_form_answers_before_it_is_sent(
    on_form: Callable[..., Window], second_microscope: Resource
) -> None:
    page = on_form().page
    answer = page.locator("#preview")
    expect(answer).to_contain_text("This cannot be booked as it is.")
    expect(answer.get_by_role("group", name="What would be possible")).to_contain_text("Confocal 2")
    assert axe_violations(page) == []
    fill_times(page, "2026-03-02T12:00", "2026-03-02T13:00")
    expect(answer).to_contain_text("This time is free.")
    expect(answer).to_contain_text("Around this time")
    page.get_by_label("End").fill("2026-03-02T11:00")
    page.get_by_label("End").blur()
    expect(answer).not_to_contain_text("This time is free.")
    assert Booking.objects.count() == 1


@pytest.mark.parametrize(
    "manner",
    [{}, {"phone": True}, {"javascript": False}],
    ids=["desktop", "phone", "no-javascript"],
)
def test_one_tap_books_what_a_conflict_offers(
    on_form: Callable[..., Window],
    ada: User,
    second_microscope: Resource,
    manner: dict[str, Any],
) -> None:
    page = on_form(**manner).page
    page.get_by_label("Purpose").fill("Bead calibration")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This could not be booked.")
    expect(page.get_by_label("Purpose")).to_have_value("Bead calibration")
    expect(page.get_by_label("Start")).to_have_value("2026-03-02T10:00")
    offers = page.get_by_role("group", name="What would be possible").get_by_role("button")
    expect(offers).to_have_count(3)
    offers.filter(has_text="Later:").click()
    expect(said(page)).to_contain_text("Booked: Confocal 1")
    booking = Booking.objects.get(user=ada)
    assert (booking.start_time, booking.purpose) == (TEN + HOUR, "Bead calibration")


def test_without_javascript_a_button_asks_the_rules(on_form: Callable[..., Window]) -> None:
    page = on_form(javascript=False).page
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#preview")).to_contain_text("This cannot be booked as it is.")
    assert Booking.objects.count() == 1


def test_keeps_time_before_booking_it(page_for: PageFor, ada: User, microscope: Resource) -> None:
    window = page_for(ada)
    page = window.goto("/bookings/new")
    page.get_by_label("Instrument", exact=True).select_option("Confocal 1")
    fill_times(page, "2026-03-02T10:00", "2026-03-02T11:00")
    page.get_by_role("button", name="Keep for 15 minutes").click()
    expect(said(page)).to_contain_text("Kept for you until 08:15")
    window.goto("/")
    expect(section(page, "Now")).to_contain_text("Confocal 1")
    section(page, "Now").get_by_role("link", name="Book it").click()
    page.get_by_role("button", name="Book", exact=True).click()
    expect(said(page)).to_contain_text("Booked: Confocal 1")
    assert Booking.objects.get().start_time == TEN
    assert not Hold.objects.exists()


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and see that it is in sight."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            expect(target).to_be_in_viewport()
            return
    pytest.fail(f"{target} is not reached by the Tab key")


def test_books_by_keyboard_alone(
    page_for: PageFor, ada: User, microscope: Resource, second_microscope: Resource
) -> None:
    window = page_for(ada)
    page, keys = window.page, window.page.keyboard
    keys.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    keys.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    keys.press("/")
    expect(page.get_by_label("Search instruments")).to_be_focused()
    keys.type("confocal 1")
    keys.press("Enter")
    page.wait_for_url("**/resources?q=*")
    tab_to(page, page.get_by_role("main").get_by_role("link", name="Confocal 1", exact=True))
    keys.press("Enter")
    page.wait_for_url(f"**/resources/{microscope.public_id}")
    keys.press("n")
    page.wait_for_url("**/bookings/new?*")
    tab_to(page, page.get_by_label("Purpose"))
    keys.type("Bead calibration")
    tab_to(page, page.get_by_role("button", name="Book", exact=True))
    keys.press("Enter")
    expect(said(page)).to_contain_text("Booked: Confocal 1")
    assert Booking.objects.get().purpose == "Bead calibration"

    opener = page.get_by_role("main").get_by_role("link", name="Cancel", exact=True)
    tab_to(page, opener)
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="Cancel this booking?")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()
    keys.press("Enter")
    tab_to(page, page.get_by_role("button", name="Cancel the booking"))
    keys.press("Enter")
    expect(said(page)).to_contain_text("Cancelled.")


def test_moves_in_the_calendar_by_keyboard(
    page_for: PageFor, ada: User, microscope: Resource
) -> None:
    window = page_for(ada)
    page, keys = window.page, window.page.keyboard
    tab_to(page, page.get_by_role("link", name="Calendar", exact=True))
    keys.press("Enter")
    tab_to(page, page.get_by_role("link", name="Later"))
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("3 Mar")
    keys.press("t")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 Mar")
    tab_to(page, page.get_by_role("link", name="Book 08:00"))
    keys.press("Enter")
    expect(page.get_by_label("Start")).to_have_value("2026-03-02T08:00")
    window.goto("/bookings")
    keys.press("n")
    page.wait_for_url("**/bookings/new")
    keys.press("Tab")
    page.get_by_label("Search instruments").focus()
    keys.type("tn/")
    expect(page.get_by_label("Search instruments")).to_have_value("tn/")


def test_opens_and_closes_the_account_menu_by_keyboard(page_for: PageFor, ada: User) -> None:
    window = page_for(ada)
    page, keys = window.page, window.page.keyboard
    summary = page.locator("details.menu > summary")
    tab_to(page, summary)
    keys.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    expect(summary).to_be_focused()
    keys.press("Enter")
    tab_to(page, page.get_by_role("button", name="Log out"))
    keys.press("Enter")
    page.wait_for_url("**/accounts/login")
