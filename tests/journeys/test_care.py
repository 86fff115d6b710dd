"""Instrument care in the browser: a fault on a phone, and work over six bookings."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from booking.enums import FaultState, OfferState, Status
from booking.models import Booking, Fault, MaintenanceRecord, Offer, Resource, ResourceCalendar
from tests.factories.bookings import make_booking
from tests.journeys.acting import looks_right, section, tell_people
from tests.journeys.browsing import Window, axe_violations
from tests.journeys.conftest import PageFor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_maintenance_displaces_six_bookings_and_all_are_re_planned(
    page_for: PageFor,
    now: datetime,
    ada: User,
    ben: User,
    eve: User,
    chris: User,
    microscope: Resource,
) -> None:
    people = (ada, ada, ben, ben, eve, eve)
    bookings = [
        make_booking(user, microscope, now + DAY + n * HOUR, purpose=f"Cells {n}")
        for n, user in enumerate(people)
    ]
    page = page_for(chris).goto(f"/manage/maintenance/new?resource={microscope.code}")
    page.get_by_label("What is done").fill("New laser")
    page.get_by_label("From", exact=True).fill("2026-03-03T08:00")
    page.get_by_label("Until", exact=True).fill("2026-03-03T14:00")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_role("heading", name="6 bookings stand in the way")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Offer each another time").click()
    expect(page.locator(".messages")).to_contain_text("6 bookings were offered other times.")
    page.get_by_role("link", name="New laser").click()
    expect(page.get_by_role("heading", name="Bookings that were displaced")).to_be_visible()
    expect(page.get_by_text("Waits for an answer", exact=True)).to_have_count(6)
    assert axe_violations(page) == []
    tell_people(now)
    manners: dict[User, dict[str, Any]] = {
        ada: {},
        ben: {"phone": True},
        eve: {"javascript": False},
    }
    for user, manner in manners.items():
        own = page_for(user, **manner)
        first, second = [each for each in bookings if each.user == user]
        moves_by_notice(own, first, manner)
        moves_on_its_page(own, second, manner)
    work = MaintenanceRecord.objects.get()
    moved = list(Booking.objects.order_by("pk"))
    assert [each.pk for each in moved] == [each.pk for each in bookings]
    assert all(each.status == Status.CONFIRMED for each in moved)
    assert not any(
        each.start_time < work.end_time and work.start_time < each.end_time for each in moved
    )
    assert ResourceCalendar.objects.count() == 7
    assert Offer.objects.filter(state=OfferState.ACCEPTED).count() == 6


def moves_by_notice(window: Window, booking: Booking, manner: dict[str, Any]) -> None:
    """The notice tells of the work, and its link leads to the offer."""
    offer = Offer.objects.get(displaced=booking)
    page = window.goto("/")
    needed = section(page, "What needs you")
    link = needed.locator(f'a[href$="{offer.public_id}"]')
    expect(link).to_contain_text("Please move: Confocal 1")
    link.click()
    expect(page.get_by_role("main")).to_contain_text("In place of your booking: Confocal 1")
    expect(page.get_by_role("main")).to_contain_text("New laser")
    looks_right(window, manner)
    accepts(page, booking)


def moves_on_its_page(window: Window, booking: Booking, manner: dict[str, Any]) -> None:
    """The booking itself says what has happened to it."""
    page = window.goto(f"/bookings/{booking.public_id}")
    expect(page.get_by_text("Maintenance has taken this time")).to_be_visible()
    looks_right(window, manner)
    page.get_by_role("link", name="Answer the offer").click()
    accepts(page, booking)


def accepts(page: Page, booking: Booking) -> None:
    page.get_by_role("button", name="Move my booking there").click()
    page.wait_for_url(f"**/bookings/{booking.public_id}")
    expect(page.get_by_text("Maintenance has taken this time")).to_have_count(0)


def test_a_fault_is_reported_on_a_phone_and_mended(
    page_for: PageFor, ada: User, chris: User, microscope: Resource
) -> None:
    page = page_for(ada, phone=True).goto(f"/i/{microscope.code}")
    page.get_by_role("link", name="Report a fault").first.click()
    page.get_by_label("What is wrong?").fill("No laser")
    page.get_by_label("It cannot be used").check()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No laser")
    page = page_for(ada, phone=True).goto(f"/i/{microscope.code}")
    expect(page.get_by_role("main")).to_contain_text("Out of order")
    page = page_for(chris).goto("/faults")
    assert axe_violations(page) == []
    page.get_by_role("link", name="No laser").click()
    page.get_by_label("State").select_option("Resolved")
    page.get_by_label("Note").fill("A new tube")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("Resolved.")
    assert Fault.objects.get().state == FaultState.RESOLVED
    page = page_for(ada, phone=True).goto(f"/i/{microscope.code}")
    expect(page.get_by_role("main")).not_to_contain_text("Out of order")
