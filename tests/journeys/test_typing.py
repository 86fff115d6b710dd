"""What is typed is not lost: not to the other form of a page, not to a session that ends."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from playwright.sync_api import Dialog, expect

from accounts.models import User
from booking.models import Booking, Resource, ResourceType
from tests.factories.bookings import make_booking
from tests.factories.people import PASSWORD
from tests.factories.resources import make_resource
from tests.journeys.browsing import axe_violations
from tests.journeys.conftest import PageFor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("weekday_hours"),
]
TEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten o'clock in the lab


def test_the_other_form_of_a_page_is_asked_about(
    page_for: PageFor, ada: User, microscope: Resource
) -> None:
    booking = make_booking(ada, microscope, TEN, timedelta(hours=1))
    page = page_for(ada).goto(f"/bookings/{booking.public_id}/edit")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_label("Purpose").fill("Beads")
    page.get_by_label("End").fill("2026-03-02T12:00")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_label("Purpose")).to_have_value("Beads")
    assert asked == [
        "Another form on this page holds changes that would be lost. Go on without them?"
    ]
    booking.refresh_from_db()
    assert booking.end_time == TEN + timedelta(hours=1)
    page.get_by_label("End").fill("2026-03-02T11:00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("Saved.")
    booking.refresh_from_db()
    assert booking.purpose == "Beads"


def test_a_form_outlives_its_session(page_for: PageFor, ada: User, microscope: Resource) -> None:
    window = page_for(ada)
    page = window.goto(f"/bookings/new?resource={microscope.code}&start=2026-03-02T10:00")
    expect(page.locator("#preview")).to_contain_text("This time is free.")
    page.get_by_label("Purpose").fill("Careful words")
    window.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_label("End").fill("2026-03-02T12:00")
    page.get_by_label("End").blur()
    expect(page.locator("#preview")).to_contain_text("You were logged out meanwhile.")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Send it again?")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator(".messages")).to_contain_text("Booked: Confocal 1")
    booking = Booking.objects.get()
    assert (booking.start_time, booking.purpose) == (TEN, "Careful words")


def test_endless_words_widen_no_page(page_for: PageFor, ada: User, chris: User) -> None:
    kind = ResourceType.objects.create(name="T" * 90)
    resource = make_resource("N" * 110, resource_type=kind, location="L" * 90)
    booking = make_booking(ada, resource, TEN, timedelta(hours=1), purpose="P" * 190)
    own, its = f"/bookings/{booking.public_id}", f"/resources/{resource.public_id}"
    visits = (
        (ada, ["/", "/resources", "/calendar", "/bookings", own, its, "/find-time?minutes=60"]),
        (chris, ["/bookings?whose=all", "/manage/types", f"{its}/edit"]),
    )
    for user, addresses in visits:
        window = page_for(user, phone=True)
        for address in addresses:
            window.goto(address)
            assert not window.is_too_wide, address
        assert window.complaints == []
