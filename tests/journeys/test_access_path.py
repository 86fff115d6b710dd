"""Eve gets from nothing to her first booking of a restricted instrument."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from accounts.models import User
from booking.enums import AssessmentState, RequestState, StepKind
from booking.models import (
    AccessRequest,
    AccessRequirement,
    AccessStep,
    Booking,
    Course,
    Qualification,
    Resource,
    ResponsiblePerson,
    RiskAssessment,
    TrainingRequirement,
    TrainingSession,
)
from tests.factories.resources import make_resource
from tests.factories.training import make_course, make_seat, make_session
from tests.journeys.acting import follow_notice, looks_right, said, section, tell_people
from tests.journeys.browsing import Window
from tests.journeys.conftest import Clock, PageFor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten o'clock in the lab
PHONE: dict[str, Any] = {"phone": True}
PLAIN: dict[str, Any] = {"javascript": False}
PDF = FilePayload(name="induction.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4\n%%EOF\n")


@pytest.fixture
def course(ben: User) -> Course:
    """A course that ben gives."""
    return make_course("Cryogenics", instructors=[ben])


@pytest.fixture
def cryo(chris: User, course: Course) -> Resource:
    """Restricted and chris's to look after: an induction, the course and a risk assessment."""
    resource = make_resource("Cryo-TEM", requires_access=True, requires_assessment=True)
    ResponsiblePerson.objects.create(resource=resource, user=chris)
    tour = {"kind": StepKind.INDUCTION, "note": "A tour of the cold room with the lab manager"}
    AccessRequirement.objects.create(resource=resource, position=0, **tour)
    AccessRequirement.objects.create(
        resource=resource, position=1, kind=StepKind.TRAINING, course=course
    )
    TrainingRequirement.objects.create(resource=resource, course=course)
    return resource


@pytest.fixture
def session(ada: User, ben: User, chris: User, course: Course, cryo: Resource) -> TrainingSession:
    """The next one with free seats; the one before it is full."""
    full = make_session(course, ben, TEN + DAY, seats=2)
    for user in (ada, chris):
        make_seat(full, user)
    return make_session(course, ben, TEN + 2 * DAY, seats=2, location="Room 1.07")


@pytest.mark.parametrize("manner", [{}, PHONE, PLAIN], ids=["desktop", "phone", "no-javascript"])
def test_the_refusal_leads_on(
    page_for: PageFor,
    eve: User,
    cryo: Resource,
    session: TrainingSession,
    manner: dict[str, Any],
) -> None:
    window = page_for(eve, **manner)
    page = window.goto("/bookings/new")
    page.get_by_label("Instrument", exact=True).select_option("Cryo-TEM")
    page.get_by_label("Start").fill("2026-03-05T10:00")
    page.get_by_label("End").fill("2026-03-05T11:00")
    page.get_by_role("button", name="Book", exact=True).click()
    refused = page.get_by_role("alert").first
    expect(refused).to_contain_text("Cryo-TEM is restricted and Eve has no access")
    expect(refused).to_contain_text("asks for the course “Cryogenics”")
    expect(refused).to_contain_text("The next session with free seats is on Wed 4 Mar 2026, 10:00")
    expect(refused).to_contain_text("Eve needs an approved risk assessment for Cryo-TEM")
    looks_right(window, manner)
    refused.get_by_role("button", name="Sign up: Cryogenics").click()
    expect(said(page)).to_contain_text("You have a place.")
    expect(page.get_by_role("main")).to_contain_text("1 of 2 places taken")
    assert session.places.get().user == eve
    assert not Booking.objects.exists()

    page = window.goto(f"/bookings/new?resource={cryo.code}&start=2026-03-05T10:00")
    answer = page.locator("#preview")
    expect(answer.get_by_role("link", name="Your place: ")).to_be_visible()
    answer.get_by_role("link", name="Ask for access to Cryo-TEM").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask for access to Cryo-TEM")


@pytest.mark.usefixtures("session")
def test_from_nothing_to_the_first_booking(
    page_for: PageFor, clock: Clock, cast: dict[str, User], cryo: Resource
) -> None:
    """Eve on her phone, ben without JavaScript, chris at a desk."""
    eve, ben, chris = cast["eve"], cast["ben"], cast["chris"]
    newcomer, supervisor, manager = page_for(eve, **PHONE), page_for(ben, **PLAIN), page_for(chris)
    asks(newcomer)
    next_is(newcomer, "Consent of the supervisor", "0 of 5 done")

    tell_people(clock.now)
    page = follow_notice(supervisor, "Eve asks for access to Cryo-TEM")
    expect(page.get_by_role("main")).to_contain_text("Vitrified cells")
    page.get_by_role("button", name="Confirm").click()
    expect(said(page)).to_contain_text("Confirmed.")
    next_is(newcomer, "Safety induction", "1 of 5 done")
    inducts(manager)
    next_is(newcomer, "Training: Cryogenics", "2 of 5 done")
    signs_up(newcomer)

    clock.now = TEN + 2 * DAY
    for window, user in ((newcomer, eve), (supervisor, ben), (manager, chris)):
        window.let_in(user)
    passes(supervisor)
    next_is(newcomer, "Risk assessment", "3 of 5 done")
    writes_assessment(newcomer)
    tell_people(clock.now)
    reviews(manager)
    next_is(newcomer, "Approval", "4 of 5 done")
    lets_in(manager)
    tell_people(clock.now)
    books(newcomer)

    assert AccessRequest.objects.get().state == RequestState.GRANTED
    assert RiskAssessment.objects.get().state == AssessmentState.APPROVED
    assert Qualification.objects.get().user == eve
    booking = Booking.objects.get()
    assert (booking.user, booking.resource) == (eve, cryo)
    assert booking.start_time == TEN + 3 * DAY
    confirmed = AccessStep.objects.exclude(confirmed_by=None).order_by("position")
    assert [each.confirmed_by for each in confirmed] == [ben, chris, chris]


def asks(window: Window) -> None:
    """She finds it, sees that it is restricted and what it takes, and asks."""
    page = window.goto("/resources?q=cryo")
    found = page.get_by_role("main")
    expect(found).to_contain_text("Needs access")
    found.get_by_role("link", name="Cryo-TEM", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Restricted: only people with access may book")
    looks_right(window, PHONE)
    page.get_by_role("link", name="Ask for access").click()
    way = section(page, "What happens then").get_by_role("listitem")
    expect(way).to_have_count(5)
    expect(way.nth(1)).to_contain_text("A tour of the cold room with the lab manager")
    expect(way.nth(2)).to_contain_text("Training: Cryogenics")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_label("What for")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("What for").fill("Vitrified cells, after a year at the light microscope")
    page.get_by_label("Who supervises your work").fill("ben")
    looks_right(window, PHONE)
    page.get_by_role("button", name="Send the request").click()
    expect(said(page)).to_contain_text("Asked.")


def next_is(window: Window, step: str, done: str) -> None:
    """Her page of the instrument leads to how far she has come and what is next."""
    page = window.goto("/resources?q=cryo")
    page.get_by_role("main").get_by_role("link", name="Cryo-TEM", exact=True).click()
    page.get_by_role("link", name="See how far you have come").click()
    expect(current(page)).to_contain_text(step)
    expect(current(page)).to_contain_text("Next")
    expect(page.get_by_role("main")).to_contain_text(done)
    looks_right(window, PHONE)


def current(page: Page) -> Locator:
    return page.locator("li[aria-current=step]")


def inducts(window: Window) -> None:
    """Chris has shown her the room, and keeps the signed paper."""
    page = window.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Requests 1").click()
    waiting = page.get_by_role("main").get_by_role("listitem")
    expect(waiting).to_contain_text("1 of 5 steps confirmed")
    waiting.get_by_role("link", name="Eve for Cryo-TEM").click()
    page.get_by_label("Note").fill("Cold room and alarm shown")
    page.get_by_label("Evidence").set_input_files(PDF)
    looks_right(window, {})
    page.get_by_role("button", name="Confirm").click()
    expect(said(page)).to_contain_text("Confirmed.")
    expect(page.get_by_role("link", name="induction.pdf")).to_be_visible()


def signs_up(window: Window) -> None:
    """From the step to the course, and to a place in its next session with free seats."""
    page = window.page
    current(page).get_by_role("link", name="See the course and its sessions").click()
    sessions = section(page, "Sessions to come").get_by_role("listitem")
    expect(sessions.first.get_by_role("button", name="Join the waiting list")).to_be_visible()
    sessions.last.get_by_role("button", name="Sign up").click()
    expect(said(page)).to_contain_text("You have a place.")
    looks_right(window, PHONE)


def passes(window: Window) -> None:
    """Ben, who gives it, records what came of her."""
    page = window.goto("/training")
    section(page, "Sessions that I teach").get_by_role("link").last.click()
    row = page.get_by_role("row").filter(has_text="Eve")
    row.get_by_label("Result of Eve").select_option("Passed")
    row.get_by_label("Note about Eve").fill("Careful hands")
    page.get_by_role("button", name="Record results").click()
    expect(said(page)).to_contain_text("Results recorded: 1.")


def writes_assessment(window: Window) -> None:
    page = window.page
    current(page).get_by_role("link", name="Write the risk assessment").click()
    page.get_by_label("Title").fill("Plunge freezing")
    page.get_by_label("Risk level").select_option("High")
    page.get_by_label("Hazards").fill("Cold burns, lack of oxygen")
    page.get_by_label("Control measures").fill("Gloves, goggles, oxygen alarm")
    looks_right(window, PHONE)
    page.get_by_role("button", name="Hand in for review").click()
    expect(said(page)).to_contain_text("Handed in.")
    window.goto("/access")
    section(page, "My requests").get_by_role("link", name="Cryo-TEM").click()
    expect(current(page)).to_contain_text("Waits for its review: Plunge freezing")
    expect(page.get_by_role("link", name="Write the risk assessment")).to_have_count(0)


def reviews(window: Window) -> None:
    page = follow_notice(window, "Plunge freezing")
    expect(page.get_by_role("main")).to_contain_text("Cold burns, lack of oxygen")
    page.get_by_label("Valid until").fill("2027-03-01")
    looks_right(window, {})
    page.get_by_role("button", name="Approve").click()
    expect(said(page)).to_contain_text("Approved.")


def lets_in(window: Window) -> None:
    page = window.goto("/manage/access")
    page.get_by_role("link", name="Eve for Cryo-TEM").click()
    expect(page.get_by_role("button", name="Approve and let in")).to_be_visible()
    looks_right(window, {})
    page.get_by_role("button", name="Approve and let in").click()
    expect(said(page)).to_contain_text("Eve has access now.")


def books(window: Window) -> None:
    """Her notice leads to the instrument, which is hers to book."""
    page = follow_notice(window, "You have access to Cryo-TEM")
    expect(page.get_by_role("main")).to_contain_text("You have access.")
    page.get_by_role("main").get_by_role("link", name="Book", exact=True).click()
    page.get_by_label("Start").fill("2026-03-05T10:00")
    page.get_by_label("End").fill("2026-03-05T11:00")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(said(page)).to_contain_text("Booked: Cryo-TEM")
    looks_right(window, PHONE)
