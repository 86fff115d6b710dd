"""Sessions in a real browser: a stolen one, one that ends too early, a login under attack."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.services.guards import unlock_link
from tests.factories.people import PASSWORD
from tests.journeys.browsing import axe_violations
from tests.journeys.conftest import OpenWindow, PageFor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PROFILE = "/accounts/profile"
Pass = Callable[[timedelta], None]


@pytest.fixture
def let_pass(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Pass:
    """The server's clock goes on by so much."""

    def go_on(gone: timedelta) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: now + gone)

    return go_on


def test_a_stolen_session_is_ended_from_another_device(page_for: PageFor, ada: User) -> None:
    thief = page_for(ada)
    owner = page_for(ada, phone=True)
    page = owner.goto("/accounts/sessions")
    sessions = page.get_by_role("region", name="Where I am logged in")
    expect(sessions.get_by_role("listitem")).to_have_count(2)
    assert axe_violations(page) == []
    expect(sessions.get_by_role("listitem").first).to_contain_text("This one")
    sessions.get_by_role("listitem").last.get_by_role("button").click()
    expect(page.get_by_text("The session is ended.")).to_be_visible()
    expect(sessions.get_by_role("listitem")).to_have_count(1)
    thief.page.goto(f"{thief.base}{PROFILE}")
    expect(thief.page).to_have_url(re.compile("/accounts/login"))


def test_staying_is_one_click_and_leaving_keeps_what_was_typed(
    page_for: PageFor, let_pass: Pass, ada: User
) -> None:
    window = page_for(ada)
    window.page.clock.install()
    page = window.goto(PROFILE)
    page.get_by_label("Last name").fill("Byron")
    let_pass(timedelta(minutes=118))
    page.clock.fast_forward("01:58:00")
    dialog = page.get_by_role("dialog", name="Are you still there?")
    expect(dialog).to_be_visible()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Stay logged in").click()
    expect(dialog).to_be_hidden()
    let_pass(timedelta(minutes=239))
    page.clock.fast_forward("02:01:00")
    ended = page.get_by_role("dialog")
    expect(ended).to_contain_text("Your session has ended")
    ended.get_by_role("link", name="Log in again").click()
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).to_have_url(f"{window.base}{PROFILE}")
    expect(page.get_by_text("it is not sent yet")).to_be_visible()
    expect(page.get_by_label("Last name")).to_have_value("Byron")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    assert User.objects.get(pk=ada.pk).last_name == "Byron"


def test_without_javascript_what_was_sent_too_late_waits(
    page_for: PageFor, let_pass: Pass, ada: User
) -> None:
    window = page_for(ada, javascript=False)
    page = window.goto(PROFILE)
    page.get_by_label("Last name").fill("Byron")
    let_pass(timedelta(hours=3))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("was not used for 2 hours")).to_be_visible()
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Send it again?")).to_be_visible()
    expect(page.get_by_text("Byron")).to_be_visible()
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    assert User.objects.get(pk=ada.pk).last_name == "Byron"


def test_under_attack_the_mail_lets_its_owner_in(
    live_server: LiveServer, windows: OpenWindow, ada: User
) -> None:
    attacker = Client(REMOTE_ADDR="203.0.113.9")
    for _number in range(6):
        attacker.post("/accounts/login", {"username": "ada", "password": "guess"})
    window = windows(live_server.url, phone=True)
    page = window.goto("/accounts/login")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    # The browser notes the refusal; so does the page.
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_text("too many wrong attempts")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("link", name="Have a link sent").click()
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    link = unlock_link(ada).removeprefix("http://127.0.0.1:8000")
    window.goto(link).get_by_role("button", name="Know this browser").click()
    expect(page.get_by_text("You can log in now")).to_be_visible()
    window.complaints.clear()
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).to_have_url(f"{window.base}/")


def test_a_password_is_judged_while_it_is_typed(page_for: PageFor, ada: User) -> None:
    window = page_for(ada, dark=True)
    page = window.goto("/accounts/password")
    field = page.get_by_label("New password", exact=True)
    field.press_sequentially("ada")
    expect(page.get_by_text("too short")).to_be_visible()
    field.press_sequentially("-correct-horse-battery")
    expect(page.get_by_text("Very good")).to_be_visible()
    assert axe_violations(page) == []
