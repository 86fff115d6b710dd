"""Nobody comes, and the time reaches the next person: nobody can take it in between."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from booking.enums import Limit, OfferState, Status, WaitingState
from booking.models import Booking, BookingPolicy, Offer, Resource, WaitingEntry
from booking.tasks.maintenance import tidy_bookings, tidy_sessions, tidy_waiting
from tests.factories.bookings import make_booking
from tests.journeys.acting import follow_notice, looks_right, said, section, tell_people
from tests.journeys.browsing import Window
from tests.journeys.conftest import Clock, PageFor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten o'clock in the lab
GRACE = 20 * MINUTE
MANNERS = pytest.mark.parametrize(
    "manner",
    [{}, {"phone": True}, {"javascript": False}],
    ids=["desktop", "phone", "no-javascript"],
)


@pytest.fixture
def missed(ada: User, microscope: Resource) -> Booking:
    """Ada's from ten to twelve, on an instrument that is given on after twenty minutes."""
    BookingPolicy.objects.create(
        limit=Limit.NO_SHOW_GRACE, value=GRACE // MINUTE, resource=microscope
    )
    before = TEN - 24 * HOUR
    return make_booking(ada, microscope, TEN, 2 * HOUR, created_at=before, updated_at=before)


def tidy(clock: Clock, moment: datetime) -> None:
    """What the scheduler and the worker do by a moment."""
    clock.now = moment
    for task in (tidy_bookings, tidy_sessions, tidy_waiting):
        task()
    tell_people(moment)


def ask_for_ten(window: Window, start: str = "2026-03-02T10:00") -> None:
    """Fill the booking form with somebody's time, and try."""
    page = window.goto("/bookings/new")
    page.get_by_label("Instrument", exact=True).select_option("Confocal 1")
    page.get_by_label("Start").fill(start)
    page.get_by_label("End").fill("2026-03-02T12:00")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("This could not be booked.")


@MANNERS
def test_a_missed_slot_reaches_the_next_person(
    page_for: PageFor, clock: Clock, cast: dict[str, User], missed: Booking, manner: dict[str, Any]
) -> None:
    ada, ben, eve = cast["ada"], cast["ben"], cast["eve"]
    next_one = page_for(ben, **manner)
    wait_for_an_hour(next_one, manner)

    tidy(clock, TEN + GRACE - MINUTE)
    missed.refresh_from_db()
    assert missed.status == Status.CONFIRMED
    assert not Offer.objects.exists()

    tidy(clock, TEN + GRACE)
    missed.refresh_from_db()
    assert missed.status == Status.NO_SHOW
    page = page_for(ada, **manner).goto(f"/bookings/{missed.public_id}")
    expect(section(page, "History")).to_contain_text("Nobody checked in by 10:20")

    third = page_for(eve, **manner)
    is_refused(third)
    next_one.let_in(ben)
    takes_it(next_one, manner)
    is_refused(third)

    booking = Booking.objects.get(user=ben)
    assert booking.status == Status.CONFIRMED
    assert (booking.start_time, booking.end_time) == (TEN + 30 * MINUTE, TEN + 90 * MINUTE)
    assert Offer.objects.get().state == OfferState.ACCEPTED
    assert WaitingEntry.objects.get().state == WaitingState.BOOKED
    assert not Booking.objects.filter(user=eve).exists()


def wait_for_an_hour(window: Window, manner: dict[str, Any]) -> None:
    """Any hour of the slot would do."""
    page = window.goto("/resources?q=confocal")
    page.get_by_role("main").get_by_role("link", name="Confocal 1", exact=True).click()
    page.get_by_role("link", name="Wait for time").click()
    page.get_by_label("From", exact=True).fill("2026-03-02T10:00")
    page.get_by_label("Until", exact=True).fill("2026-03-02T12:00")
    page.get_by_label("Minutes in one piece").fill("60")
    looks_right(window, manner)
    page.get_by_role("button", name="Put me on the list").click()
    expect(said(page)).to_contain_text("You are on the waiting list.")
    expect(section(page, "What I wait for")).to_contain_text("Confocal 1")


def is_refused(window: Window) -> None:
    """Somebody else tries for the same time."""
    page = window.goto("/bookings/new")
    page.get_by_label("Instrument", exact=True).select_option("Confocal 1")
    page.get_by_label("Start").fill("2026-03-02T10:30")
    page.get_by_label("End").fill("2026-03-02T11:30")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Confocal 1 is taken")


def takes_it(window: Window, manner: dict[str, Any]) -> None:
    """The notice says until when it is held, and its link leads to the offer."""
    page = follow_notice(window, "Free for you: Confocal 1")
    expect(page.get_by_role("main")).to_contain_text("2 Mar 2026, 10:30–11:30")
    expect(page.get_by_role("main")).to_contain_text("Held for you until 2 Mar 2026, 10:25")
    looks_right(window, manner)
    page.get_by_role("button", name="Take it").click()
    expect(said(page)).to_contain_text("Booked. The time is yours.")
    looks_right(window, manner)
    window.goto("/waiting")
    expect(section(page, "What I wait for")).to_contain_text("You wait for nothing.")


@pytest.mark.usefixtures("missed")
def test_an_offer_that_nobody_answers_goes_on(
    page_for: PageFor, clock: Clock, ben: User, eve: User
) -> None:
    late, other = page_for(ben), page_for(eve, phone=True)
    wait_for_an_hour(late, {})
    wait_for_an_hour(other, {})
    expect(section(other.page, "What I wait for")).to_contain_text("1 person comes before you")
    tidy(clock, TEN + GRACE)
    assert Offer.objects.get().user == ben
    tidy(clock, TEN + 50 * MINUTE)
    for window, user in ((late, ben), (other, eve)):
        window.let_in(user)
    page = follow_notice(late, "Free for you: Confocal 1")
    expect(page.get_by_role("main")).to_contain_text("This offer has run out")
    expect(page.get_by_role("button", name="Take it")).to_have_count(0)
    looks_right(late, {})
    page = follow_notice(other, "Free for you: Confocal 1")
    expect(page.get_by_role("main")).to_contain_text("2 Mar 2026, 11:00–12:00")
    page.get_by_role("button", name="Take it").click()
    expect(said(page)).to_contain_text("Booked. The time is yours.")
    assert Booking.objects.get(user=eve).start_time == TEN + HOUR
