"""People come and go: from registering to the first booking, and a leaver's last day."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.enums import RegistrationStatus, Role
from accounts.models import Registration, User
from audit.models import AuditLog
from booking.enums import Status
from booking.handlers import HANDLERS
from booking.models import Booking, Message, Resource
from booking.services.events import dispatch_batch
from booking.services.messages import send_message
from tests.factories.bookings import make_booking
from tests.factories.people import PASSWORD
from tests.factories.resources import make_resource
from tests.journeys.browsing import Window, axe_violations
from tests.journeys.conftest import OpenWindow, PageFor
from tests.support.smtp import MailServer, text_part

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten o'clock in the lab
ADDRESS = "fay@physics.example.org"
LINK = re.compile(r"https?://[^/\s]+(/\S+)")
MANNERS = pytest.mark.parametrize(
    "manner",
    [{}, {"phone": True, "dark": True}, {"javascript": False}],
    ids=["desktop", "phone", "no-javascript"],
)


def said(page: Page) -> Locator:
    """What the lab says about the last act."""
    return page.locator(".messages")


def log_in(page: Page, name: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def looks_right(window: Window, manner: dict[str, Any]) -> None:
    """Nothing against WCAG, where its checker can run, and nothing wider than the window."""
    if manner.get("javascript", True):
        assert axe_violations(window.page) == []
        assert not window.is_too_wide


@pytest.fixture
def mail_server(settings: LazySettings) -> Iterator[MailServer]:
    """Mail leaves by SMTP, and anybody of the university may register."""
    settings.REGISTRATION_DOMAINS = [".example.org"]
    settings.REGISTRATION_APPROVAL = "manager"
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def deliver(server: MailServer, address: str, now: datetime) -> str:
    """What the worker does; gives the link of the last mail to an address."""
    dispatch_batch(handlers=HANDLERS, now=now)
    for email in Message.objects.filter(sent_at=None):
        assert send_message(message_id=email.pk, attempt=email.attempts, now=now)
    found = LINK.search(text_part(server.to(address)[-1]))
    assert found is not None
    return found[1]


def ask_for_an_account(page: Page, email: str) -> None:
    told = {"First name": "Fay", "Last name": "New", "E-mail address": email, "User name": "fay"}
    for label, value in told.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Ask for an account").click()


@MANNERS
def test_registers_and_makes_the_first_booking(
    live_server: LiveServer,
    windows: OpenWindow,
    page_for: PageFor,
    mail_server: MailServer,
    now: datetime,
    chris: User,
    microscope: Resource,
    manner: dict[str, Any],
) -> None:
    make_resource("Cryo-TEM", requires_access=True)
    window = windows(live_server.url, **manner)
    page = window.goto("/")
    page.get_by_role("link", name="Get an account").click()
    looks_right(window, manner)
    ask_for_an_account(page, "fay@elsewhere.net")
    expect(page.get_by_role("main")).to_contain_text("Register with an address of .example.org.")
    expect(page.get_by_label("First name")).to_have_value("Fay")
    assert not Registration.objects.exists()
    ask_for_an_account(page, ADDRESS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")

    link = deliver(mail_server, ADDRESS, now)
    window.goto(link)
    looks_right(window, manner)
    page.get_by_role("button", name="Yes, this is my address").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your address is confirmed")
    # Who is not approved yet has no account to log in with.
    window.goto("/accounts/login")
    log_in(page, "fay")
    expect(page).to_have_url(re.compile("/accounts/login"))
    assert not User.objects.filter(username="fay").exists()

    approve(page_for(chris, **manner), deliver(mail_server, "chris@example.org", now), manner)

    assert deliver(mail_server, ADDRESS, now) == "/accounts/login"
    window.goto("/accounts/login")
    log_in(page, "fay")
    page.wait_for_url(f"{window.base}/")
    looks_right(window, manner)
    refused_where_access_is_needed(window)
    book_first(window, manner)
    booking = Booking.objects.get()
    assert (booking.user.email, booking.user.role) == (ADDRESS, Role.STUDENT)
    assert (booking.resource, booking.start_time) == (microscope, TEN)
    is_kept_step_by_step()
    deliver(mail_server, ADDRESS, now)
    assert "Confocal 1" in str(mail_server.to(ADDRESS)[-1]["Subject"])


def is_kept_step_by_step() -> None:
    """The audit log has every step of the way in."""
    actions = ["registration.asked", "registration.confirmed", "registration.approved"]
    kept = AuditLog.objects.filter(action__startswith="registration.").order_by("pk")
    assert list(kept.values_list("action", flat=True)) == actions


def approve(window: Window, link: str, manner: dict[str, Any]) -> None:
    """The lab manager follows the link of her mail."""
    page = window.goto(link)
    looks_right(window, manner)
    expect(page.get_by_role("main")).to_contain_text(ADDRESS)
    page.get_by_role("button", name="Approve").click()
    expect(said(page)).to_contain_text("The account of Fay New is made.")
    assert Registration.objects.get().status == RegistrationStatus.APPROVED


def book_at_ten(page: Page) -> None:
    page.get_by_label("Start").fill("2026-03-02T10:00")
    page.get_by_label("End").fill("2026-03-02T11:00")
    page.get_by_role("button", name="Book", exact=True).click()


def refused_where_access_is_needed(window: Window) -> None:
    """A restricted instrument says so, and whom to ask."""
    page = window.goto("/bookings/new")
    page.get_by_label("Instrument", exact=True).select_option("Cryo-TEM")
    book_at_ten(page)
    expect(page.get_by_role("alert").first).to_contain_text("Cryo-TEM is restricted")
    assert not Booking.objects.exists()


def book_first(window: Window, manner: dict[str, Any]) -> None:
    """The open one, which the home page shows from then on."""
    page = window.goto("/resources")
    page.get_by_role("main").get_by_role("link", name="Confocal 1", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="Book", exact=False).first.click()
    book_at_ten(page)
    expect(said(page)).to_contain_text("Booked: Confocal 1")
    window.goto("/")
    coming = page.get_by_role("region", name="Next")
    expect(coming.get_by_role("link", name="Confocal 1")).to_be_visible()
    looks_right(window, manner)


@MANNERS
def test_a_leaver_hands_on_and_is_gone(
    live_server: LiveServer,
    windows: OpenWindow,
    page_for: PageFor,
    ada: User,
    ben: User,
    dora: User,
    microscope: Resource,
    manner: dict[str, Any],
) -> None:
    restricted = make_resource("Cryo-TEM", requires_access=True)
    make_booking(ada, microscope, TEN + DAY, purpose="Bead calibration")
    make_booking(ada, restricted, TEN + 2 * DAY)
    leaver = page_for(ada, **manner)
    expect(leaver.page.get_by_role("region", name="Next")).to_contain_text("Confocal 1")
    leaver.goto(f"/resources/{microscope.public_id}")

    office = page_for(dora, **manner)
    page = office.goto("/manage/people")
    page.get_by_role("link", name="Ada").click()
    page.get_by_role("link", name="Let go…").click()
    looks_right(office, manner)
    page.get_by_label("Who takes over the bookings to come").fill("ben")
    page.get_by_label("Cancel what cannot be handed on").check()
    page.get_by_label("Reason").fill("Has finished her degree")
    page.get_by_role("button", name="What would happen?").click()
    expect(page.get_by_role("region", name="Handed on")).to_contain_text("Confocal 1")
    expect(page.get_by_role("region", name="Cancelled")).to_contain_text("Cryo-TEM is restricted")
    looks_right(office, manner)
    # Only asked so far: she goes on working.
    leaver.goto("/")
    page.get_by_role("button", name="Close the account").click()
    expect(said(page)).to_contain_text("The account of Ada is closed.")
    expect(page.get_by_role("region", name="Handed on")).to_contain_text("Confocal 1")

    is_shut_out(leaver, windows(live_server.url, **manner))
    owners = Booking.objects.order_by("start_time").values_list("user", "status")
    assert list(owners) == [(ben.pk, Status.CONFIRMED), (ada.pk, Status.CANCELLED)]
    receiver = page_for(ben, **manner)
    expect(receiver.page.get_by_role("region", name="Next")).to_contain_text("Confocal 1")
    is_told_in_the_history(office, ada, manner)


def is_shut_out(leaver: Window, other: Window) -> None:
    """The open browser is asked to log in at its next click; a fresh one gets nowhere either."""
    leaver.page.goto(f"{leaver.base}/bookings")
    expect(leaver.page).to_have_url(re.compile("/accounts/login"))
    log_in(leaver.page, "ada")
    expect(leaver.page.get_by_role("alert").first).to_be_visible()
    page = other.goto("/accounts/login")
    log_in(page, "ada")
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page).to_have_url(re.compile("/accounts/login"))


def is_told_in_the_history(office: Window, ada: User, manner: dict[str, Any]) -> None:
    """The person's page and the audit log say who closed it and why."""
    page = office.goto(f"/manage/people/{ada.public_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("account closed")
    history = page.get_by_role("region", name="What happened to the account")
    expect(history).to_contain_text("Dora deactivated the account of Ada")
    expect(history).to_contain_text("Has finished her degree")
    looks_right(office, manner)
    office.goto("/audit?q=finished+her+degree")
    found = page.get_by_role("main").get_by_role("listitem")
    expect(found.filter(has_text="Dora deactivated the account of Ada")).to_have_count(1)
    page.get_by_label("Text").fill("")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Confocal 1")
