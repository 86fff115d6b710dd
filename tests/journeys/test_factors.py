"""Second factors in a real browser: a passkey, an app, a lost phone."""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Authenticator, FactorRule, Passkey, User
from tests.factories.people import PASSWORD
from tests.journeys.browsing import Window, axe_violations
from tests.journeys.conftest import OpenWindow, PageFor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FACTORS = "/accounts/factors"
CODE = re.compile(r"[a-z2-9]{5}-[a-z2-9]{5}")


@contextmanager
def authenticator(page: Page, *, verifies: bool = True) -> Iterator[None]:
    """A computer that keeps passkeys and checks its holder.

    Axe's own session would end it: pages with one are looked at elsewhere.
    """
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield
    session.send("WebAuthn.disable")
    session.detach()


def log_out(page: Page) -> None:
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/login")


def show_password(page: Page) -> None:
    """Name and password, up to the question for the second factor."""
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")


def code_at(key: str, moment: datetime) -> str:
    """What an app shows that was given this key."""
    make: Any = TOTP
    totp = make(base64.b32decode(key.replace(" ", "")))
    totp.time = moment.timestamp()
    return f"{totp.token():06d}"


def add_passkey(window: Window, name: str) -> None:
    page = window.goto(FACTORS)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the passkey").click()


def test_a_passkey_is_made_and_logs_in_alone_and_as_second_factor(
    live_server: LiveServer, page_for: PageFor, ada: User
) -> None:
    assert live_server.url.startswith("http://localhost:")
    window = page_for(ada)
    page = window.page
    with authenticator(page):
        add_passkey(window, "My laptop")
        expect(page.get_by_role("heading", level=1)).to_have_text("Backup codes")
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_role("main")).to_contain_text("My laptop")
        expect(page.get_by_role("main")).to_contain_text("10 codes are left.")
        log_out(page)
        page.get_by_role("button", name="Log in with a passkey").click()
        page.wait_for_url(f"{window.base}/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        log_out(page)
        show_password(page)
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(f"{window.base}/")
        assert Passkey.objects.get(user=ada).sign_count > 1
        # The one on this computer is known already.
        add_passkey(window, "Once more")
        expect(page.get_by_role("alert")).to_contain_text("has a passkey for you already")


def test_a_passkey_that_does_not_check_its_holder_is_not_taken(
    page_for: PageFor, ada: User
) -> None:
    window = page_for(ada)
    with authenticator(window.page, verifies=False):
        add_passkey(window, "A found key")
        expect(window.page.get_by_role("alert")).to_contain_text("Nothing was chosen")
    assert not Passkey.objects.exists()


def add_app(page: Page, name: str, now: datetime) -> None:
    """From the list of factors to the end of setting up an app."""
    page.get_by_role("button", name="Add an authenticator app").click()
    key = page.locator("#key").inner_text()
    page.get_by_label("The six digits").fill(code_at(key, now))
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add the app").click()


def show_code(page: Page, code: str) -> None:
    page.get_by_label("Code of your app").fill(code)
    page.get_by_role("button", name="Log in", exact=True).click()


def test_an_app_is_set_up_on_a_phone(page_for: PageFor, now: datetime, ada: User) -> None:
    window = page_for(ada, phone=True)
    page = window.goto(FACTORS)
    page.get_by_role("button", name="Add an authenticator app").click()
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.naturalWidth") > 100
    assert axe_violations(page) == []
    page.get_by_label("The six digits").fill("123 456")
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_role("main")).to_contain_text("not the code that the app shows now")
    page.get_by_label("The six digits").fill(code_at(page.locator("#key").inner_text(), now))
    page.get_by_role("button", name="Add the app").click()
    assert len(CODE.findall(page.locator("#codes").inner_text())) == 10


def test_the_phone_is_lost_and_a_backup_code_opens(
    page_for: PageFor, windows: OpenWindow, live_server: LiveServer, now: datetime, ada: User
) -> None:
    page = page_for(ada).goto(FACTORS)
    add_app(page, "My phone", now)
    assert axe_violations(page) == []
    codes = CODE.findall(page.locator("#codes").inner_text())

    other = windows(live_server.url)
    page = other.goto("/accounts/login")
    show_password(page)
    assert axe_violations(page) == []
    page.get_by_text("I have lost my phone").click()
    expect(page.get_by_role("main")).to_contain_text("one of the backup codes")
    show_code(page, codes[0].upper())
    page.wait_for_url(f"{other.base}/")
    other.goto(FACTORS)
    expect(page.get_by_role("main")).to_contain_text("9 codes are left.")
    assert axe_violations(page) == []

    # A new phone first, then the old one goes.
    add_app(page, "New phone", now)
    page.get_by_role("link", name="Change My phone").click()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator(".messages")).to_contain_text("Removed.")
    names = Authenticator.objects.filter(user=ada, confirmed=True).values_list("name", flat=True)
    assert list(names) == ["New phone"]

    third = windows(live_server.url)
    page = third.goto("/accounts/login")
    show_password(page)
    show_code(page, codes[0])
    expect(page.get_by_role("main")).to_contain_text("This code is wrong, or was used already.")


def test_without_javascript_apps_work_and_passkeys_say_why_not(
    page_for: PageFor, now: datetime, ada: User
) -> None:
    window = page_for(ada, javascript=False)
    page = window.goto(FACTORS)
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_role("main")).to_contain_text("Passkeys need JavaScript")
    expect(page.get_by_role("button", name="Make the passkey")).to_be_hidden()
    window.goto(FACTORS)
    add_app(page, "Phone", now)
    assert len(CODE.findall(page.locator("#codes").inner_text())) == 10


def test_what_was_typed_survives_the_question_who_it_is(
    page_for: PageFor, monkeypatch: pytest.MonkeyPatch, now: datetime, dora: User
) -> None:
    window = page_for(dora, phone=True)
    page = window.goto("/accounts/security/factors")
    later = now + timedelta(minutes=11)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    page.get_by_label("Days of grace: Student").fill("21")
    page.get_by_role("button", name="Require Student").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    assert axe_violations(page) == []
    page.get_by_label("Your password").fill("a guess")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("main")).to_contain_text("This is not your password.")
    assert not FactorRule.objects.exists()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".messages")).to_contain_text("The rule is set.")
    assert FactorRule.objects.get().grace_days == 21
    assert axe_violations(page) == []
