"""Everybody at every address of the demonstration lab: what answers, how fast, how heavy.

Addresses come from the URL configuration, so that a new one is visited without being listed here;
one that visitors may open, that only some may open, or that is heavy, has to be named.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.contrib.admin import site
from django.http import HttpRequest
from django.test import Client
from django.urls import Resolver404, resolve
from pytest_django import DjangoDbBlocker

from tests.journeys.demo import CAST, HER_NAME, HERS, DemoLab, demo_lab, undone
from tests.journeys.routes import Route, named_routes
from tests.journeys.visiting import Visit, visit

pytestmark = pytest.mark.django_db
VISITOR = "visitor"
EVERYBODY = (VISITOR, *CAST)
MANAGERS = ("chris", "dora")
# Eve and ben are shown what ada is.
LINKED = (VISITOR, "ada", "chris", "dora")
# Asked beside the bare address, or instead of it where that asks nothing.
QUERIES = {
    "booking:calendar": ("", "view=week", "view=week&date=2026-03-29"),
    "admin:autocomplete": ("app_label=booking&model_name=resourcelink&field_name=linked&term=con",),
}
PUBLIC = {
    "health_live",
    "health_ready",
    "csp_report",
    "token",
    "token_refresh",
    "api:schema",
    # What hangs beside an instrument: its state, and nobody's name.
    "booking:kiosk",
    "booking:kiosk_state",
    "api:docs",
    "accounts:login",
    "accounts:logout",
    "accounts:password_reset",
    "accounts:password_reset_done",
    "accounts:password_reset_complete",
    "accounts:password_reset_confirm",
    "accounts:password_check",
    "accounts:passkey_login",
    "accounts:passkey_options",
    "accounts:unlock",
    "accounts:unlock_sent",
    "accounts:unlock_use",
    "accounts:register",
    "accounts:register_sent",
    "accounts:register_confirm",
    "accounts:invitation_accept",
    "accounts:session_left",
    "accounts:sso_begin",
    "booking:verify",
}
_SETS = ("", "s", "_text", "_validate", "_differences", "_apply", "_export")
# What only some open although its address does not say so, and the other way round.
MANAGERS_ONLY = {
    "booking:resource_new",
    "booking:resource_edit",
    "booking:resource_close",
    "booking:resource_open",
    "booking:resource_access",
    "booking:access_steps",
    "booking:access_revoke",
    "booking:resource_hours",
    "booking:resource_policies",
    "booking:resource_questions",
    "booking:resource_sessions",
    "booking:resource_waiting",
    "booking:type_questions",
    "booking:question_edit",
    "booking:question_move",
    "booking:course_new",
    "booking:course_edit",
    "booking:course_pass",
    "booking:training_session_new",
    "booking:training_session_edit",
    "accounts:view_as_start",
    "accounts:group_new",
    "accounts:group_edit",
    "accounts:project_new",
    "accounts:project_edit",
    "roles",
    *(f"api:quota{word}" for word in ("", "s", "_accounts")),
    *(f"api:policy_set{word}" for word in _SETS),
    *(f"api:policy_trial{word}" for word in ("", "s", "_stop")),
}
SYSADMINS_ONLY = {
    "audit:log_list",
    "audit:security",
    "audit:security_report",
    "accounts:locks",
    "accounts:privacy_requests",
    "accounts:retention",
    "roles:role_new",
    "roles:role_edit",
    "roles:role_delete",
    "booking:person_leave",
    "booking:person_merge",
    "booking:unit_new",
    "booking:unit_edit",
    "booking:notification_defaults",
    "booking:notification_defaults_topic",
}
# The group and the project of the addresses are Ben's; Ada works in both.
LEADERS_ONLY = {
    "accounts:invitation_list",
    "booking:project_resources",
    "booking:qualification_list",
}
FOR_ALL_WHO_DECIDE = {"booking:access_queue", "booking:approval_list", "booking:approval_answers"}
# Nobody gives away or swaps what is hers; those who see it are told so.
HERS_ONLY = {"booking:booking_offer", "booking:booking_swap"}
# Whose it is, and who else is told that it is there at all.
HER_AND_MANAGERS = ("ada", *MANAGERS)
TOLD_TO = {
    "booking:booking_detail": HER_AND_MANAGERS,
    "booking:booking_edit": HER_AND_MANAGERS,
    "booking:booking_cancel": HER_AND_MANAGERS,
    "booking:booking_ics": HER_AND_MANAGERS,
    "api:booking": HER_AND_MANAGERS,
    "booking:booking_offer": HER_AND_MANAGERS,
    "booking:booking_swap": HER_AND_MANAGERS,
    "booking:template_new": HER_AND_MANAGERS,
    "booking:template_edit": ("ada",),
    "api:template": ("ada",),
    "booking:proposal": ("ada", "ben"),
    "api:proposal": ("ada", "ben"),
    "booking:series_detail": HER_AND_MANAGERS,
    "booking:series_edit": HER_AND_MANAGERS,
    "booking:series_cancel": HER_AND_MANAGERS,
    "booking:series_ics": HER_AND_MANAGERS,
    "booking:access_request": (*HER_AND_MANAGERS, "ben"),
    "api:access_request": (*HER_AND_MANAGERS, "ben"),
    "booking:assessment": HER_AND_MANAGERS,
    "api:assessment": HER_AND_MANAGERS,
    "booking:assessment_edit": ("ada",),
    "api:series_one": HER_AND_MANAGERS,
    "api:maintenance_work": MANAGERS,
    "api:maintenance_plan": MANAGERS,
    "booking:booking_check_in": HER_AND_MANAGERS,
    "booking:booking_check_out": HER_AND_MANAGERS,
    "booking:booking_extend": HER_AND_MANAGERS,
    "api:session": HER_AND_MANAGERS,
    "booking:certificate": HER_AND_MANAGERS,
    "api:qualification": HER_AND_MANAGERS,
    "booking:offer": ("ada",),
    "booking:waiting_edit": ("ada",),
    "api:offer": ("ada",),
    "api:waiting_entry": ("ada",),
    "accounts:factor_app_confirm": ("ada",),
    "accounts:factor_device": ("ada",),
    "booking:project_detail": (*HER_AND_MANAGERS, "ben"),
    "booking:project_resources": (*HER_AND_MANAGERS, "ben"),
}
# Answers that are right for everybody who is logged in, whatever the rules below say.
ODD = {
    "accounts:login": 302,
    "accounts:register": 302,
    # Without a login under way, a form that waits, or a login elsewhere.
    "accounts:factor_ask": 302,
    "accounts:resume": 302,
    "accounts:sso_complete": 404,
    "accounts:sso_metadata": 404,
    # It asks in what, and on what.
    "api:training_matches": 400,
    # One's own password is changed in one place.
    "admin:password_change": 302,
    # Nothing in the admin links to a page of the site.
    "admin:view_on_site": 404,
    # Nobody changes a session, so there is no history of it.
    "admin:accounts_session_history": 404,
    "admin:logout": 405,
    # The key moves from the address to the session at once.
    "accounts:password_reset_confirm": 302,
}
ODD_FOR_VISITORS = {
    "accounts:password_reset_confirm": 302,
    "accounts:factor_ask": 302,
    "accounts:sso_complete": 404,
    "accounts:sso_metadata": 404,
    "admin:logout": 302,
    # A form that was open while the login ended is told so in its place.
    "booking:booking_preview": 405,
}
# What a hand may write behind a question mark.
NONSENSE = {
    "nul": "\x00",
    "number": "-" + "9" * 30,
    "word": "é%\ud7ff[]" * 300,
    "last-day": "9999-12-31",
}
EXAMPLES = 2
Walk = Callable[[str], list[Visit]]


@pytest.fixture(scope="module")
def lab(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[DemoLab]:
    """The demonstration, for all tests of this module."""
    with django_db_blocker.unblock(), undone(), demo_lab() as made:
        yield made


@pytest.fixture(scope="module")
def walk(lab: DemoLab) -> Walk:
    """`walk("ada")`: what ada found at every address; she goes once."""
    gone: dict[str, list[Visit]] = {}
    # All have come before anybody goes: a session of one test would be gone in the next.
    clients = {who: browser_of(lab, who) for who in EVERYBODY}

    def go(who: str) -> list[Visit]:
        if who not in gone:
            gone[who] = [
                visit(
                    clients[who], route.name, f"{route.address(lab.arguments)}?{query}".rstrip("?")
                )
                for route in named_routes()
                for query in QUERIES.get(route.name, ("",))
                if not route.unknown(lab.arguments)
            ]
        return gone[who]

    return go


def browser_of(lab: DemoLab, who: str) -> Client:
    """A browser in which somebody is logged in, or nobody."""
    client = Client()
    if who != VISITOR:
        client.force_login(lab.people[who])
    return client


def expected_for_visitor(route: Route) -> set[int]:
    """What visitors get: a page, the way to the login, or a problem that asks for a token."""
    if route.name in ODD_FOR_VISITORS:
        return {ODD_FOR_VISITORS[route.name]}
    if route.name in PUBLIC:
        return {200, 405}
    return {401} if route.path.startswith("api/") else {302}


def expected_for(lab: DemoLab, who: str, route: Route) -> set[int]:
    """What somebody who is logged in gets; 405 is the answer of what is only ever sent."""
    if route.name.startswith("admin:"):
        return expected_in_admin(lab, who, route)
    if route.name in ODD:
        return {ODD[route.name]}
    if who not in TOLD_TO.get(route.name, CAST):
        return {404}
    return {200, 405} if who in allowed(route) else {403, 405}


def allowed(route: Route) -> tuple[str, ...]:
    """Who may open an address; what is only ever sent answers everybody with 405."""
    if route.name in SYSADMINS_ONLY or route.name.startswith("accounts:security_"):
        return ("dora",)
    if route.name in HERS_ONLY:
        return ("ada",)
    if route.name in LEADERS_ONLY:
        return ("ben", *MANAGERS)
    is_managed = route.path.startswith("manage") and route.name not in FOR_ALL_WHO_DECIDE
    return MANAGERS if is_managed or route.name in MANAGERS_ONLY else CAST


def expected_in_admin(lab: DemoLab, who: str, route: Route) -> set[int]:
    """The admin is the system administrators'; others are asked to log in as one."""
    if route.name == "admin:login":
        return {302} if who == "dora" else {403}
    if who != "dora":
        return {302}
    if route.name in ODD:
        return {ODD[route.name]}
    kind, _, act = route.name.removeprefix("admin:").rpartition("_")
    asked = HttpRequest()
    asked.user = lab.people[who]
    for model, shown in site._registry.items():
        if model._meta.label_lower.replace(".", "_") != kind:
            continue
        is_refused = (act == "add" and not shown.has_add_permission(asked)) or (
            act == "delete" and not shown.has_delete_permission(asked)
        )
        return {403} if is_refused else {200}
    return {200}


def test_every_address_has_a_real_object_to_show(lab: DemoLab) -> None:
    """Who adds an address with an argument gives it an object in tests/journeys/demo.py."""
    unknown = {
        f"{route.name} ({route.path})": places
        for route in named_routes()
        if (places := route.unknown(lab.arguments))
    }
    assert unknown == {}


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_gets_the_answer_that_is_theirs(lab: DemoLab, walk: Walk, who: str) -> None:
    routes = {route.name: route for route in named_routes()}
    wrong = []
    for seen in walk(who):
        route = routes[seen.name]
        expected = expected_for_visitor(route) if who == VISITOR else expected_for(lab, who, route)
        if seen.status not in expected:
            wrong.append(f"{seen.name} ({seen.address}): {seen.status}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_visitors_are_sent_to_the_login(walk: Walk) -> None:
    login = re.compile(r"/(accounts/login|admin/login/)\?next=/")
    sent = {seen.name: seen.target for seen in walk(VISITOR) if seen.status == 302}
    lost = {name for name, target in sent.items() if not login.match(target)}
    assert lost - set(ODD_FOR_VISITORS) == set()


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_answer_keeps_to_its_budgets_and_writes_nothing(walk: Walk, who: str) -> None:
    faults = [fault for seen in walk(who) for fault in seen.faults]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("who", "known"), [(VISITOR, ""), ("eve", ""), ("ben", HER_NAME)])
def test_nobody_reads_what_is_anothers(walk: Walk, who: str, known: str) -> None:
    """Neither title nor notes, address nor phone, on no page, in no answer of the API, no file.

    Her name only who leads the group that she works in.
    """
    found = {f"{seen.name} ({seen.address})": seen.hers - {known} for seen in walk(who)}
    told = {place: words for place, words in found.items() if words}
    assert told == {}


def test_what_is_hers_stands_where_she_reads_it(walk: Walk) -> None:
    """Else the test above would look for words that are nowhere."""
    assert {word for seen in walk("ada") for word in seen.hers} == set(HERS)


@pytest.mark.parametrize("who", LINKED)
def test_every_link_and_form_leads_somewhere(lab: DemoLab, walk: Walk, who: str) -> None:
    """A page offers nobody what they may not do: links open, forms have an address."""
    client = browser_of(lab, who)
    wrong = []
    known = {seen.address for seen in walk(who)}
    examples: dict[tuple[str, ...], int] = {}
    for seen in walk(who):
        nowhere = [path for path in seen.offer.actions if view_of(path) is None]
        wrong += [f"{seen.address}: a form goes to {path}" for path in nowhere]
        for link in seen.offer.links:
            name = view_of(link)
            if name is None:
                wrong.append(f"{seen.address}: {link} leads nowhere")
                continue
            kind = (name, *sorted(asked for asked, _ in parse_qsl(urlsplit(link).query)))
            # How the admin sorts and filters is Django's.
            is_foreign = name.startswith("admin:") and "?" in link
            if is_foreign or link in known or examples.get(kind, 0) >= EXAMPLES:
                continue
            known.add(link)
            examples[kind] = examples.get(kind, 0) + 1
            found = visit(client, name, link)
            wrong += found.faults
            if found.status != 200:
                wrong.append(f"{seen.address}: {link} answers {found.status}")
    assert not wrong, "\n".join(wrong)


def view_of(address: str) -> str | None:
    """The name of what answers at an address, if anything does."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return None


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_in_an_address_is_no_fault_of_ours(
    lab: DemoLab, walk: Walk, nonsense: str
) -> None:
    """Whatever a page can be asked, asked nonsensically: it answers, and not with a fault."""
    asked: dict[str, tuple[str, set[str]]] = {}
    for seen in walk("chris"):
        for path, names in seen.offer.asked.items():
            asked.setdefault(view_of(path) or path, (path, set()))[1].update(names)
    client = browser_of(lab, "chris")
    wrong = []
    for view, (path, names) in asked.items():
        for query in (dict.fromkeys(names, nonsense), *({name: nonsense} for name in names)):
            found = visit(client, view, f"{path}?{urlencode(query)}")
            wrong += found.faults if found.status >= 500 else []
    assert not wrong, "\n".join(wrong)
