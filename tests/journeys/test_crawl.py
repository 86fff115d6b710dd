"""Everybody at every address of the demonstration lab: what answers, how fast, how heavy.

Addresses come from the URL configuration, so that a new one is visited without being listed here;
one that visitors may open, that only some may open, or that is heavy, has to be named.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from pytest_django import DjangoDbBlocker

from tests.journeys.demo import HER_NAME, HERS, DemoLab, demo_lab, undone
from tests.journeys.rights import (
    EVERYBODY,
    LINKED,
    ODD_FOR_VISITORS,
    QUERIES,
    VISITOR,
    expected_for,
    expected_for_visitor,
)
from tests.journeys.routes import named_routes
from tests.journeys.visiting import Visit, visit

pytestmark = pytest.mark.django_db
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
