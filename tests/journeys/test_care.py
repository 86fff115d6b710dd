"""Instrument care in the browser: a fault on a phone, and work over six bookings."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from accounts.models import User
from booking.enums import FaultState, OfferState, Status
from booking.models import Booking, Fault, MaintenanceRecord, Offer, Resource, ResourceCalendar
from tests.factories.bookings import make_booking
from tests.journeys.browsing import axe_violations
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
    expect(page.get_by_text("Open", exact=True)).to_have_count(6)
    assert axe_violations(page) == []
    for user in (ada, ben, eve):
        own = page_for(user, phone=True)
        for booking in [each for each in bookings if each.user == user]:
            page = own.goto(f"/bookings/{booking.public_id}")
            expect(page.get_by_text("Maintenance has taken this time")).to_be_visible()
            assert axe_violations(page) == []
            page.get_by_role("link", name="Answer the offer").click()
            page.get_by_role("button", name="Move my booking there").click()
            page.wait_for_url(f"**/bookings/{booking.public_id}")
            expect(page.get_by_text("Maintenance has taken this time")).to_have_count(0)
    work = MaintenanceRecord.objects.get()
    moved = list(Booking.objects.order_by("pk"))
    assert [each.pk for each in moved] == [each.pk for each in bookings]
    assert all(each.status == Status.CONFIRMED for each in moved)
    assert not any(
        each.start_time < work.end_time and work.start_time < each.end_time for each in moved
    )
    assert ResourceCalendar.objects.count() == 7
    assert Offer.objects.filter(state=OfferState.ACCEPTED).count() == 6


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
