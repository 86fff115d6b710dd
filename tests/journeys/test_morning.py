"""A lab manager's morning: every queue by keyboard alone, and the focus is never lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from booking.enums import AccessLevel, FaultState, RequestState, SeatState, Severity, Status
from booking.models import AccessRequest, AccessStep, Booking, Fault, Resource, TrainingSeat
from booking.services.access_requests import AccessWish, ask_for_access
from booking.services.faults import FaultReport, report_fault
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.factories.training import make_course, make_seat, make_session
from tests.journeys.acting import looks_right, said, section, tell_people
from tests.journeys.browsing import Window
from tests.journeys.conftest import PageFor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)
TEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten o'clock in the lab
MOST_TABS = 80
# What has the focus: its words, and whether the page draws it.
FOCUSED = """() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const drawn = (style.outlineStyle !== "none" && style.outlineWidth !== "0px")
    || style.boxShadow !== "none" || at.matches("main");
  return {
    lost: at === document.body,
    drawn,
    seen: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    what: `${at.tagName} ${at.id} ${at.innerText ?? ""}`.slice(0, 80),
  };
}"""


def sees_focus(page: Page) -> None:
    """The focus is on something, in sight, and drawn."""
    found = page.evaluate(FOCUSED)
    assert not found["lost"], "the focus is lost"
    assert found["drawn"], f"the focus is not drawn: {found['what']}"
    assert found["seen"], f"the focus is out of sight: {found['what']}"


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; wherever it is on the way, it is seen."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            sees_focus(page)
            return
    pytest.fail(f"{target} is not reached by the Tab key")


def press(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def is_told(page: Page, text: str, manner: dict[str, Any]) -> None:
    """After an act the lab's answer has the focus, so that Tab goes on from there.

    Without JavaScript it is the top of the page, where Tab leads to the content first.
    """
    expect(said(page)).to_contain_text(text)
    if manner.get("javascript", True):
        expect(said(page)).to_be_focused()
        sees_focus(page)
        return
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")


@pytest.fixture
def bookings(
    ada: User, eve: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> list[Booking]:
    """Three that wait for a decision."""
    wishes = [(ada, microscope, "Beads"), (eve, second_microscope, "Cells"), (ada, microscope, "")]
    asked: dict[str, Any] = {
        "status": Status.PENDING,
        "created_at": now - HOUR,
        "updated_at": now - HOUR,
    }
    return [
        make_booking(user, resource, TEN + n * HOUR, purpose=purpose, **asked)
        for n, (user, resource, purpose) in enumerate(wishes)
    ]


@pytest.fixture
def asked(chris: User, eve: User, ben: User, frozen_clock: datetime) -> AccessRequest:
    """Eve asks for access, and ben has confirmed that he supervises her."""
    resource = make_resource("Cryo-TEM", requires_access=True)
    wish = AccessWish(
        level=AccessLevel.BOOK, justification="Vitrified cells", supervisor_id=ben.public_id
    )
    found = ask_for_access(actor=eve, resource_id=resource.public_id, wish=wish, now=frozen_clock)
    AccessStep.objects.filter(request=found, kind="supervisor").update(
        confirmed_at=frozen_clock, confirmed_by=ben
    )
    return found


@pytest.fixture
def fault(chris: User, ada: User, microscope: Resource, frozen_clock: datetime) -> Fault:
    """Ada reports a lamp that flickers."""
    report = FaultReport(title="The lamp flickers", description="", severity=Severity.MEDIUM)
    return report_fault(
        actor=ada, resource_id=microscope.public_id, report=report, now=frozen_clock
    )


@pytest.fixture
def seat(ada: User, chris: User, now: datetime) -> TrainingSeat:
    """Ada came to chris's course an hour ago."""
    course = make_course("Laser safety", instructors=[chris])
    return make_seat(make_session(course, chris, now - 2 * HOUR, length=HOUR), ada)


@pytest.mark.parametrize("manner", [{}, {"javascript": False}], ids=["desktop", "no-javascript"])
@pytest.mark.usefixtures("asked", "fault", "seat")
def test_runs_a_morning_by_keyboard(
    page_for: PageFor, chris: User, bookings: list[Booking], now: datetime, manner: dict[str, Any]
) -> None:
    tell_people(now)
    window = page_for(chris, **manner)
    needed = section(window.page, "What needs you")
    expect(needed).to_contain_text("3 bookings wait for your decision")
    expect(needed.get_by_role("link", name="Fault: Confocal 1, The lamp flickers")).to_be_visible()
    expect(needed).to_contain_text("1 training that you gave has no results yet")
    looks_right(window, manner)
    press(window.page, needed.get_by_role("link", name="1 request for access waits for you"))
    lets_in(window, manner)
    decides(window, manner)
    mends(window, manner)
    records(window, manner)

    page = window.goto("/")
    expect(section(page, "What needs you")).not_to_contain_text("wait")
    outcomes = list(Booking.objects.order_by("start_time").values_list("status", flat=True))
    assert outcomes == [Status.CONFIRMED, Status.REJECTED, Status.CONFIRMED]
    assert AccessRequest.objects.get().state == RequestState.GRANTED
    assert (Fault.objects.get().state, Fault.objects.get().assignee) == (FaultState.RESOLVED, chris)
    assert TrainingSeat.objects.get().state == SeatState.PASSED


def navigate(page: Page, name: str) -> None:
    """By the navigation, from wherever the focus is, around the end of the page if need be."""
    press(page, page.get_by_role("navigation", name="Main").get_by_role("link", name=name))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def lets_in(window: Window, manner: dict[str, Any]) -> None:
    """The queue of requests, one of them, and its last step."""
    page, keys = window.page, window.page.keyboard
    page.wait_for_url("**/manage/access")
    press(page, page.get_by_role("main").get_by_role("link", name="Eve for Cryo-TEM"))
    page.wait_for_url("**/access/*")
    tab_to(page, page.get_by_label("Note"))
    keys.type("Trained at the synchrotron")
    press(page, page.get_by_role("button", name="Approve and let in"))
    is_told(page, "Eve has access now.", manner)
    looks_right(window, manner)


def decides(window: Window, manner: dict[str, Any]) -> None:
    """One approved, one rejected with a reason, one approved among the chosen."""
    page, keys = window.page, window.page.keyboard
    navigate(page, "Approvals 3")
    press(page, page.get_by_role("article").first.get_by_role("button", name="Approve"))
    is_told(page, "Approved. Confocal 1, Ada.", manner)
    expect(page.get_by_role("article")).to_have_count(2)
    second = page.get_by_role("article", name="Confocal 2")
    press(page, second.locator("summary"))
    tab_to(page, second.get_by_label("Reason, for the person who asked"))
    keys.press("Enter")
    expect(page.get_by_role("article")).to_have_count(2)
    keys.type("The laser is too weak for this")
    looks_right(window, manner)
    keys.press("Enter")
    is_told(page, "Rejected.", manner)
    tab_to(page, page.get_by_label("Choose Confocal 1, Ada"))
    keys.press("Space")
    press(page, page.get_by_role("button", name="Approve the chosen"))
    is_told(page, "approved", manner)
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()


def mends(window: Window, manner: dict[str, Any]) -> None:
    """Takes the fault on, and then says what was done."""
    page, keys = window.page, window.page.keyboard
    navigate(page, "Faults")
    press(page, page.get_by_role("link", name="The lamp flickers"))
    tab_to(page, page.get_by_label("Who mends it"))
    keys.type("Chris")
    press(page, page.get_by_role("button", name="Save"))
    is_told(page, "", manner)
    tab_to(page, page.get_by_label("State"))
    keys.type("Resolved")
    tab_to(page, page.get_by_label("Note"))
    keys.type("A new lamp")
    looks_right(window, manner)
    press(page, page.get_by_role("button", name="Save"))
    is_told(page, "Resolved.", manner)


def records(window: Window, manner: dict[str, Any]) -> None:
    """From the first page to the session that was given, and what came of it."""
    page, keys = window.page, window.page.keyboard
    navigate(page, "Home")
    press(page, page.get_by_role("link", name="1 training that you gave has no results yet"))
    press(page, section(page, "Sessions that I teach").get_by_role("link", name="Record results"))
    tab_to(page, page.get_by_label("Result of Ada"))
    keys.type("Passed")
    looks_right(window, manner)
    press(page, page.get_by_role("button", name="Record results"))
    is_told(page, "Results recorded: 1.", manner)


@pytest.mark.usefixtures("bookings")
def test_the_keys_of_the_inbox(page_for: PageFor, chris: User) -> None:
    """j, k, a and r run the inbox; a second press of a decides nothing that is not looked at."""
    window = page_for(chris)
    page, keys = window.goto("/manage/approvals"), window.page.keyboard
    items = page.get_by_role("article")
    for key, at in (("j", 0), ("j", 1), ("k", 0)):
        keys.press(key)
        expect(items.nth(at)).to_be_focused()
        sees_focus(page)
    keys.press("a")
    is_told(page, "Approved.", {})
    keys.press("a")
    keys.press("j")
    expect(items.first).to_be_focused()
    expect(items).to_have_count(2)
    keys.press("r")
    expect(items.first.get_by_label("Reason, for the person who asked")).to_be_focused()
    keys.type("Not this week")
    keys.press("Enter")
    is_told(page, "Rejected.", {})
    assert Booking.objects.filter(status=Status.PENDING).count() == 1
