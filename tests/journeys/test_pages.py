"""The main pages of the demonstration lab: on a desk by day, on a phone by night.

Nothing complains, nobody is shut out, nothing is too wide, and no first view is heavy.
"""

import gzip
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Response
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from tests.journeys.browsing import (
    DESKTOP,
    PHONE,
    Window,
    all_answered,
    axe_violations,
    open_window,
)
from tests.journeys.demo import CAST, DemoLab, demo_lab
from tests.journeys.routes import named_routes

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
VISITOR = "visitor"
KILOBYTE = 1000
HEAVIEST = 120
# First views that may weigh more, with how many kB, and rules that they break: other people's.
HEAVIER = {"api:docs": 505, "admin:booking_resource_change": 150}
BROKEN = {"api:docs": {"nested-interactive"}}
# Who sees which page; a question may follow its name, with an instrument's CODE.
PAGES = (
    (VISITOR, "accounts:login"),
    (VISITOR, "accounts:register"),
    (VISITOR, "accounts:unlock"),
    (VISITOR, "accounts:invitation_accept"),
    (VISITOR, "api:docs"),
    (VISITOR, "booking:kiosk"),
    (VISITOR, "booking:wall"),
    ("eve", "booking:booking_new?resource=CODE&start=2026-03-03T10:00"),
    ("eve", "accounts:group_detail"),
    ("ada", "booking:home"),
    ("ada", "booking:calendar"),
    ("ada", "booking:calendar?view=week"),
    ("ada", "booking:find_time?minutes=60"),
    ("ada", "booking:booking_list"),
    ("ada", "booking:booking_new"),
    ("ada", "booking:booking_detail"),
    ("ada", "booking:booking_edit"),
    ("ada", "booking:booking_swap"),
    ("ada", "booking:series_new?resource=CODE&start=2026-03-09T08:00&end=2026-03-09T09:00"),
    ("ada", "booking:series_detail"),
    ("ada", "booking:series_edit"),
    ("ada", "booking:template_list"),
    ("ada", "booking:proposal"),
    ("ada", "booking:waiting_list"),
    ("ada", "booking:my_quotas"),
    ("ada", "booking:certificate"),
    ("ada", "booking:training"),
    ("ada", "booking:access_request"),
    ("ada", "booking:offer"),
    ("ada", "booking:resource_list"),
    ("ada", "booking:resource_detail"),
    ("ada", "booking:instrument"),
    ("ada", "booking:fault_new"),
    ("ada", "booking:lab_rules"),
    ("ada", "booking:notification_preferences"),
    ("ada", "booking:feed_list"),
    ("ada", "booking:remote_calendar"),
    ("ada", "accounts:profile"),
    ("ada", "accounts:factor_list"),
    ("ada", "accounts:factor_app_confirm"),
    ("ada", "accounts:sessions"),
    ("ada", "accounts:security"),
    ("ada", "accounts:privacy"),
    ("ada", "accounts:may"),
    ("ada", "accounts:sso_links"),
    ("ada", "accounts:group_mine"),
    ("ada", "booking:project_detail"),
    ("ben", "accounts:group_detail"),
    ("chris", "accounts:group_edit"),
    ("chris", "accounts:project_edit"),
    ("ben", "accounts:invitation_list"),
    ("ben", "booking:approval_list"),
    ("chris", "booking:manage_home"),
    ("chris", "booking:quota_edit"),
    ("chris", "booking:approval_statistics"),
    ("chris", "booking:approval_policy_edit"),
    ("chris", "booking:training_session_edit"),
    ("chris", "booking:assessment"),
    ("chris", "booking:access_steps"),
    ("chris", "booking:lab_hours"),
    ("chris", "booking:closure_new"),
    ("chris", "booking:policy_list"),
    ("chris", "booking:demand"),
    ("chris", "booking:message_list"),
    ("chris", "booking:broadcast_detail"),
    ("chris", "booking:fault"),
    ("chris", "booking:maintenance_plan"),
    ("chris", "booking:type_questions"),
    ("chris", "booking:policy_sets"),
    ("chris", "booking:policy_trial"),
    ("chris", "booking:resource_edit"),
    ("chris", "booking:person_list"),
    ("chris", "booking:person_detail"),
    ("chris", "booking:organisation"),
    ("chris", "roles:role_list"),
    ("chris", "accounts:registration_list"),
    ("chris", "accounts:view_as_start"),
    ("dora", "booking:system_health"),
    ("dora", "booking:endpoint_detail"),
    ("dora", "roles:role_edit"),
    ("dora", "accounts:permissions"),
    ("dora", "accounts:locks"),
    ("dora", "accounts:privacy_requests"),
    ("dora", "accounts:security_factors"),
    ("dora", "accounts:security_resets"),
    ("dora", "booking:person_merge"),
    ("dora", "audit:security"),
    ("dora", "audit:log_list"),
    ("dora", "admin:index"),
    ("dora", "admin:booking_booking_changelist"),
    ("dora", "admin:booking_resource_change"),
    ("dora", "admin:accounts_user_change"),
)


@pytest.fixture(scope="module")
def lab(
    browser: Browser, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[DemoLab]:
    """The demonstration, committed: the server reads it through connections of its own."""
    with django_db_blocker.unblock():
        try:
            with demo_lab() as made:
                yield made
        finally:
            call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def windows(lab: DemoLab, browser: Browser) -> Iterator[dict[str, Window]]:
    """One window for each person, logged in."""
    server = LiveServer("localhost")
    opened = {}
    for who in (VISITOR, *CAST):
        window = open_window(browser, server.url, dark=False, phone=False, javascript=True)
        if who != VISITOR:
            window.let_in(lab.people[who])
        opened[who] = window
    with all_answered():
        yield opened
        for window in opened.values():
            window.context.close()
    server.stop()


@pytest.mark.parametrize(("who", "page"), PAGES, ids=lambda word: word)
def test_a_page_is_as_it_should_be(
    lab: DemoLab, windows: dict[str, Window], who: str, page: str
) -> None:
    name, _, query = page.replace("CODE", lab.arguments["i", "code"]).partition("?")
    route = next(route for route in named_routes() if route.name == name)
    window = windows[who]
    window.complaints.clear()
    window.received.clear()
    window.page.set_viewport_size(DESKTOP)
    window.page.emulate_media(color_scheme="light")
    window.goto(f"{route.address(lab.arguments)}?{query}".rstrip("?"))
    if name == "api:docs":
        window.page.get_by_role("heading", name="Labitory API").wait_for()
    known = BROKEN.get(name, set())
    wrong = [f"on a desk: {each}" for each in axe_violations(window.page) if each[0] not in known]
    if window.is_too_wide:
        wrong.append("wider than a desk's window")
    window.page.set_viewport_size(PHONE)
    window.page.emulate_media(color_scheme="dark")
    wrong += [f"on a phone: {each}" for each in axe_violations(window.page) if each[0] not in known]
    if window.is_too_wide:
        wrong.append("wider than a phone")
    weight = sum(compressed(response) for response in window.received)
    if weight > KILOBYTE * HEAVIER.get(name, HEAVIEST):
        wrong.append(f"{weight} bytes to load")
    wrong += window.complaints
    assert not wrong, "\n".join(wrong)


def compressed(response: Response) -> int:
    """How many bytes an answer has on the way, as a server in front would send it."""
    return len(gzip.compress(response.body())) if response.status == 200 else 0
