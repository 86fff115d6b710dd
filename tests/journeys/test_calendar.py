"""The timeline: drawn by the server, and as the calendar that lets bookings be dragged."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from accounts.models import User
from booking.models import Booking, Resource
from tests.factories.bookings import make_booking
from tests.journeys.browsing import Window, axe_violations
from tests.journeys.conftest import PageFor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("weekday_hours", "second_microscope"),
]
HOUR = timedelta(hours=1)
TEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten o'clock in the lab


@pytest.fixture
def mine(ada: User, microscope: Resource) -> Booking:
    """Ada's ten to noon."""
    return make_booking(ada, microscope, TEN, 2 * HOUR, purpose="Bead calibration")


def row(page: Page, name: str) -> Locator:
    """The line of an instrument in the server's timeline."""
    return page.get_by_role("region", name="Timeline").get_by_role("row").filter(has_text=name)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_a_click_on_free_time_fills_the_form(
    page_for: PageFor, ada: User, mine: Booking, microscope: Resource, javascript: bool
) -> None:
    window = page_for(ada, javascript=javascript)
    page = window.goto("/calendar")
    line = row(page, "Confocal 1")
    expect(line.get_by_role("link", name="10:00–12:00")).to_have_attribute(
        "href", f"/bookings/{mine.public_id}"
    )
    expect(line.get_by_role("link", name="Book 10:00")).to_have_count(0)
    line.get_by_role("link", name="Book 13:00").click()
    expect(page.get_by_label("Instrument", exact=True)).to_have_value(microscope.code)
    expect(page.get_by_label("Start")).to_have_value("2026-03-02T13:00")
    # As long as ada usually books it.
    expect(page.get_by_label("End")).to_have_value("2026-03-02T15:00")
    expect(page.locator("#preview")).to_contain_text("This time is free.")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("Booked: Confocal 1")


def test_the_week_shows_each_day(page_for: PageFor, ada: User, mine: Booking) -> None:
    window = page_for(ada)
    page = window.goto("/calendar")
    assert axe_violations(page) == []
    page.get_by_role("link", name="Week", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Week of 2 Mar 2026")
    line = row(page, "Confocal 1")
    expect(line.get_by_role("link", name="Mon 10:00–12:00")).to_be_visible()
    line.get_by_role("link", name="Book Wed 08:00").click()
    expect(page.get_by_label("Start")).to_have_value("2026-03-04T08:00")
    page = window.goto("/calendar?view=week&date=2026-03-11")
    expect(row(page, "Confocal 1").get_by_role("link", name="10:00–12:00")).to_have_count(0)
    expect(row(page, "Confocal 1").get_by_role("link", name="Book Mon 08:00")).to_be_visible()


def test_filters_live_in_the_address(page_for: PageFor, ada: User, mine: Booking) -> None:
    window = page_for(ada)
    page = window.goto("/calendar")
    page.get_by_label("Name or place").fill("Confocal 2")
    page.get_by_role("button", name="Show").first.click()
    expect(row(page, "Confocal 2")).to_be_visible()
    expect(row(page, "Confocal 1")).to_have_count(0)
    assert "q=Confocal+2" in page.url
    page.get_by_label("Favourites").check()
    expect(page.get_by_text("No instrument fits these filters.")).to_be_visible()
    page.get_by_role("link", name="Show all instruments").click()
    expect(row(page, "Confocal 1")).to_be_visible()


def test_a_phone_shows_one_instrument_as_an_agenda(
    page_for: PageFor, ada: User, mine: Booking
) -> None:
    window = page_for(ada, phone=True)
    page = window.goto("/calendar")
    expect(page.get_by_role("region", name="Timeline")).to_be_hidden()
    agenda = page.get_by_role("region", name="Confocal 1")
    expect(agenda.get_by_role("listitem").filter(has_text="10:00–12:00")).to_contain_text("Ada")
    assert axe_violations(page) == []
    page.get_by_label("Instrument", exact=True).select_option("Confocal 2")
    free = page.get_by_role("region", name="Confocal 2").get_by_role("listitem")
    expect(free).to_contain_text(["08:00–20:00"])
    free.get_by_role("link", name="Book").click()
    expect(page.get_by_label("Start")).to_have_value("2026-03-02T08:00")


@pytest.fixture
def interactive(
    page_for: PageFor, ada: User, ben: User, mine: Booking, second_microscope: Resource
) -> Window:
    """Ada's calendar of the day, with dragging switched on, and work on the other instrument."""
    make_booking(ben, second_microscope, TEN, 2 * HOUR)
    window = page_for(ada)
    page = window.goto("/calendar")
    page.get_by_role("button", name="Drag and drop").click()
    expect(event(page)).to_contain_text("Bead calibration")
    return window


def event(page: Page, name: str = "Confocal 1") -> Locator:
    """The only booking of an instrument in the calendar that can be dragged."""
    return page.locator(f'.ec-event[title^="{name}, "]')


def drag(page: Page, source: Locator, hours: float) -> None:
    """Drag an event so many hours to the right."""
    box = source.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + hours * hour_width(page), y, steps=6)
    page.mouse.up()


def hour_width(page: Page) -> float:
    """How wide an hour is: ada's booking has two."""
    box = event(page).bounding_box()
    assert box is not None
    return box["width"] / 2


def test_a_dragged_booking_is_proposed_and_then_moved(interactive: Window, mine: Booking) -> None:
    page = interactive.page
    expect(page.get_by_role("region", name="Timeline")).to_be_hidden()
    assert axe_violations(page) == []
    drag(page, event(page), 2)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Change booking")
    expect(page.get_by_label("Start")).to_have_value("2026-03-02T12:00")
    expect(page.get_by_label("End")).to_have_value("2026-03-02T14:00")
    expect(page.get_by_role("table", name="Before and after")).to_contain_text("12:00–14:00")
    mine.refresh_from_db()
    assert mine.start_time == TEN
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("Moved: Confocal 1")
    mine.refresh_from_db()
    assert mine.start_time == TEN + 2 * HOUR


def test_a_dragged_stretch_of_free_time_fills_the_form(
    interactive: Window, microscope: Resource
) -> None:
    page = interactive.page
    box = event(page).bounding_box()
    assert box is not None
    hour, y = hour_width(page), box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 3 * hour + 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 4.5 * hour - 2, y, steps=6)
    page.mouse.up()
    expect(page.get_by_label("Instrument", exact=True)).to_have_value(microscope.code)
    expect(page.get_by_label("Start")).to_have_value("2026-03-02T13:00")
    expect(page.get_by_label("End")).to_have_value("2026-03-02T14:30")
    expect(page.locator("#preview")).to_contain_text("This time is free.")


def test_what_is_not_yours_stays(interactive: Window) -> None:
    page = interactive.page
    theirs = event(page, "Confocal 2")
    expect(theirs).to_have_attribute("role", "img")
    before = theirs.bounding_box()
    drag(page, theirs, 2)
    assert theirs.bounding_box() == before
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 Mar")


def test_a_click_opens_a_booking_and_the_choice_is_remembered(
    interactive: Window, mine: Booking
) -> None:
    page = interactive.page
    event(page).click()
    page.wait_for_url(f"**/bookings/{mine.public_id}")
    interactive.goto("/calendar?view=week")
    expect(event(page)).to_contain_text("10:00")
    event(page).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/bookings/{mine.public_id}")
    interactive.goto("/calendar")
    page.get_by_role("button", name="Drag and drop").click()
    expect(page.get_by_role("region", name="Timeline")).to_be_visible()


def test_whoever_presses_again_while_it_draws_stays_with_the_timeline(
    page_for: PageFor, ada: User, mine: Booking
) -> None:
    window = page_for(ada)
    page = window.goto("/calendar")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/calendar?*", hold)
    button = page.get_by_role("button", name="Drag and drop")
    with page.expect_request("**/api/v1/calendar?*"):
        button.click()
    button.click()
    with page.expect_response("**/api/v1/calendar?*"):
        held.pop().continue_()
    expect(page.locator("[data-calendar] .ec")).to_be_attached()
    expect(page.get_by_role("region", name="Timeline")).to_be_visible()
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(event(page)).to_contain_text("Bead calibration")
    assert held == []


def test_dragging_speaks_the_readers_zone(page_for: PageFor, ada: User, mine: Booking) -> None:
    ada.preferences.time_zone = "America/New_York"
    ada.preferences.save()
    window = page_for(ada)
    page = window.goto("/calendar?date=2026-03-02")
    expect(page.get_by_text("Times in your zone, America/New_York")).to_be_visible()
    expect(row(page, "Confocal 1").get_by_role("link", name="04:00–06:00")).to_be_visible()
    page.get_by_role("button", name="Drag and drop").click()
    expect(event(page)).to_contain_text("04:00")
