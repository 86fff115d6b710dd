"""Those who look after the lab, an instrument or the system, and one who is left out."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditLog
from booking.enums import Limit, Outcome, Status
from booking.models import (
    Booking,
    BookingDecision,
    BookingPolicy,
    Closure,
    MaintenanceRecord,
    OpeningHours,
    Resource,
    ResponsiblePerson,
)
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.journeys.browsing import Window, axe_violations
from tests.journeys.conftest import PageFor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)
TEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten o'clock in the lab


def said(page: Page) -> Locator:
    """What the lab says about the last act."""
    return page.locator(".messages")


def navigation(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Main")


def fill_times(page: Page, labels: tuple[str, str], times: tuple[str, str]) -> None:
    for label, time in zip(labels, times, strict=True):
        page.get_by_label(label, exact=True).fill(time)


@pytest.fixture
def waiting(ada: User, ben: User, microscope: Resource, second_microscope: Resource) -> Booking:
    """Ada's wish for an instrument that ben is responsible for, and one that is not his."""
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    make_booking(ada, second_microscope, TEN + HOUR, status=Status.PENDING)
    return make_booking(ada, microscope, TEN, status=Status.PENDING, purpose="Bead calibration")


def test_a_manager_approves_and_rejects(page_for: PageFor, chris: User, waiting: Booking) -> None:
    window = page_for(chris)
    page = window.page
    section = page.get_by_role("region", name="What needs you")
    expect(section).to_contain_text("2 bookings wait for your decision")
    navigation(page).get_by_role("link", name="Approvals 2").click()
    assert axe_violations(page) == []
    first = page.get_by_role("article", name="Confocal 1")
    expect(first).to_contain_text("Bead calibration")
    first.get_by_role("button", name="Approve").click()
    expect(said(page)).to_contain_text("Approved.")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_text("Reject…").click()
    page.get_by_label("Reason, for the person who asked").fill("The laser is too weak for this")
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    assert list(Booking.objects.order_by("start_time").values_list("status", flat=True)) == [
        Status.CONFIRMED,
        Status.REJECTED,
    ]


def test_a_responsible_person_decides_on_their_instrument_only(
    page_for: PageFor, ben: User, waiting: Booking
) -> None:
    window = page_for(ben)
    page = window.page
    navigation(page).get_by_role("link", name="Approvals 1").click()
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("article", name="Confocal 1").get_by_role("link", name="Confocal 1").click()
    page.get_by_role("region", name="This waits for your decision").get_by_role(
        "button", name="Approve"
    ).click()
    expect(said(page)).to_contain_text("Approved.")
    expect(page.get_by_role("region", name="History")).to_contain_text("Ben")
    waiting.refresh_from_db()
    assert waiting.status == Status.CONFIRMED


def test_a_manager_overrides_a_rule_with_a_reason(
    page_for: PageFor, chris: User, ada: User, microscope: Resource
) -> None:
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=60, resource=microscope)
    window = page_for(chris)
    page = window.goto("/bookings/new")
    page.get_by_label("Instrument", exact=True).select_option("Confocal 1")
    fill_times(page, ("Start", "End"), ("2026-03-02T10:00", "2026-03-02T13:00"))
    page.get_by_label("Book for").fill("ada")
    page.get_by_label("Book for").blur()
    answer = page.locator("#preview")
    expect(answer).to_contain_text("You may override")
    expect(answer.get_by_text("length.maximum")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_label("Reason for the exception").fill("A long time series for the review")
    page.get_by_role("button", name="Book all the same").click()
    expect(said(page)).to_contain_text("Booked: Confocal 1")
    exception = page.get_by_role("region", name="Booked by exception of Chris")
    expect(exception).to_contain_text("A long time series for the review")
    expect(exception.locator("code")).to_have_text(["length.maximum"])
    booking = Booking.objects.get()
    assert (booking.user, booking.created_by) == (ada, chris)
    assert booking.decisions.get().outcome == Outcome.OVERRIDDEN
    assert BookingDecision.objects.get().reason == "A long time series for the review"


def test_a_manager_closes_an_instrument_and_opens_it_again(
    page_for: PageFor, chris: User, microscope: Resource
) -> None:
    window = page_for(chris)
    page = window.goto(f"/resources/{microscope.public_id}")
    page.get_by_text("Close…").click()
    page.get_by_label("Reason, for everybody to see").fill("Waits for a new detector")
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_role("main")).to_contain_text("Waits for a new detector")
    assert axe_violations(page) == []
    window.goto("/manage")
    page.get_by_role("region", name="Closed instruments").get_by_role("link").click()
    page.get_by_role("button", name="Open for booking again").click()
    expect(page.get_by_text("Waits for a new detector")).to_have_count(0)
    microscope.refresh_from_db()
    assert microscope.is_active


def test_a_manager_sets_the_hours_of_the_lab(
    page_for: PageFor, chris: User, microscope: Resource
) -> None:
    window = page_for(chris)
    page = window.goto("/manage")
    page.get_by_role("link", name="Weekly hours of the lab").click()
    monday = page.get_by_role("group", name="Monday")
    monday.get_by_label("opens").first.fill("08:00")
    monday.get_by_label("closes").first.fill("18:30")
    page.get_by_role("button", name="Tuesday to Friday as Monday").click()
    expect(page.get_by_role("group", name="Friday").get_by_label("closes").first).to_have_value(
        "18:30"
    )
    assert not OpeningHours.objects.exists()
    page.get_by_role("button", name="Save").click()
    expect(said(page)).not_to_be_empty()
    assert OpeningHours.objects.filter(resource=None).count() == 5
    window.goto(f"/resources/{microscope.public_id}")
    expect(page.get_by_role("region", name="About it")).to_contain_text("08:00–18:30")


def test_a_closure_asks_what_to_do_with_the_bookings_in_its_way(
    page_for: PageFor, chris: User, ada: User, microscope: Resource
) -> None:
    booking = make_booking(ada, microscope, TEN)
    window = page_for(chris)
    page = window.goto("/manage/closures")
    page.keyboard.press("n")
    fill_times(page, ("From", "Until"), ("2026-03-02T09:00", "2026-03-03T09:00"))
    page.get_by_label("Reason").fill("The building has no power")
    page.get_by_role("button", name="Close", exact=True).click()
    blocked = page.get_by_role("alert", name="1 booking stands in the way")
    expect(blocked).to_contain_text("Confocal 1")
    assert axe_violations(page) == []
    blocked.get_by_label("Cancel these bookings").check()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("The whole lab")
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    assert Closure.objects.get().reason == "The building has no power"
    page.get_by_text("Remove…").click()
    page.get_by_role("button", name="Yes, open again").click()
    expect(page.get_by_text("Nothing is closed and no closure is planned.")).to_be_visible()


def test_a_limit_that_a_manager_sets_holds_at_once(
    page_for: PageFor, chris: User, ada: User, microscope: Resource
) -> None:
    page = page_for(chris).goto("/manage/policies/new")
    page.get_by_label("Limit", exact=True).select_option("Longest booking")
    page.get_by_label("For", exact=True).select_option("Student")
    page.get_by_label("Amount").fill("2")
    page.get_by_label("Unit").select_option("hours")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="Longest booking")).to_contain_text("Student")
    policy = BookingPolicy.objects.get()
    assert (policy.limit, policy.role, policy.value) == (Limit.MAX_LENGTH, Role.STUDENT, 120)
    page = page_for(ada).goto(
        f"/bookings/new?resource={microscope.code}&start=2026-03-02T10:00&end=2026-03-02T13:00"
    )
    expect(page.locator("#preview")).to_contain_text("2 hours")
    shorter = page.get_by_role("button", name="Shorter:")
    expect(shorter).to_contain_text("10:00–12:00")


def test_a_manager_plans_maintenance_and_calls_it_off(
    page_for: PageFor, chris: User, microscope: Resource
) -> None:
    window = page_for(chris)
    page = window.goto("/manage/maintenance/new")
    page.get_by_label("Instrument", exact=True).select_option("Confocal 1")
    page.get_by_label("What is done").fill("Yearly service")
    fill_times(page, ("From", "Until"), ("2026-03-02T10:00", "2026-03-02T16:00"))
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Yearly service")
    window.goto("/calendar")
    line = page.get_by_role("row").filter(has_text="Confocal 1")
    expect(line.get_by_role("img", name="Yearly service")).to_be_visible()
    window.goto("/manage/maintenance")
    page.get_by_text("Call off…").click()
    page.get_by_role("button", name="Yes, free the time").click()
    expect(page.get_by_text("No work is planned.")).to_be_visible()
    assert MaintenanceRecord.objects.get().cancelled_at is not None


@pytest.fixture
def audited(page_for: PageFor, ada: User, microscope: Resource) -> None:
    """Ada cancelled a booking on its page."""
    booking = make_booking(ada, microscope, TEN)
    page = page_for(ada).goto(f"/bookings/{booking.public_id}/cancel")
    page.get_by_label("Reason").fill("The sample broke")
    page.get_by_role("button", name="Cancel the booking").click()
    expect(said(page)).to_contain_text("Cancelled.")


@pytest.mark.usefixtures("audited")
def test_a_system_administrator_searches_the_audit_log(page_for: PageFor, dora: User) -> None:
    window = page_for(dora)
    page = window.page
    navigation(page).get_by_role("link", name="Audit log").click()
    page.get_by_label("Text").fill("sample broke")
    page.get_by_role("button", name="Search", exact=True).click()
    found = page.get_by_role("main").get_by_role("listitem")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("Ada cancelled their booking of Confocal 1")
    found.get_by_text("Details").click()
    expect(found.locator("pre")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_label("Who").fill("nobody of that name")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("No record fits this search.")).to_be_visible()


def test_a_system_administrator_cancels_in_the_admin(
    page_for: PageFor, dora: User, ada: User, microscope: Resource
) -> None:
    booking = make_booking(ada, microscope, TEN)
    window = page_for(dora)
    page = window.page
    navigation(page).get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Bookings", exact=True).first.click()
    expect(page.get_by_role("row").filter(has_text="Confocal 1")).to_have_count(1)
    page.get_by_role("row").filter(has_text="Confocal 1").get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option("Cancel the chosen bookings")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).click()
    expect(page.get_by_text("1 bookings changed.")).to_be_visible()
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    assert AuditLog.objects.get(action="booking.cancelled").actor_id == dora.pk
    page.get_by_role("row").filter(has_text="Confocal 1").get_by_role("link").first.click()
    expect(page.get_by_text("Cancelled by an administrator").first).to_be_visible()


def test_somebody_without_access_is_told_the_way_out(
    page_for: PageFor, eve: User, ben: User
) -> None:
    resource = make_resource("Cryo-TEM", requires_access=True)
    ResponsiblePerson.objects.create(resource=resource, user=ben)
    window: Window = page_for(eve)
    page = window.goto(f"/resources/{resource.public_id}")
    expect(page.get_by_role("main")).to_contain_text("Restricted: only people with access may book")
    contacts = page.get_by_role("region", name="Whom to ask")
    expect(contacts.get_by_role("link")).to_have_attribute("href", "mailto:ben@example.org")
    assert axe_violations(page) == []
    window.goto(f"/bookings/new?resource={resource.code}&start=2026-03-02T10:00")
    expect(page.locator("#preview")).to_contain_text("Cryo-TEM is restricted")
    expect(page.locator("#preview")).to_contain_text("ask a responsible person")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("This could not be booked.")
    assert not Booking.objects.exists()
