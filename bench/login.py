"""What a log-in costs: the form through the server, beside the password hash alone."""

import statistics
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password
from django.test import Client

from accounts.models import User
from bench import databases
from bench.data import make_people
from bench.figures import Figure, watch_statements
from bench.plan import Plan
from bench.server import Browser, served

PASSWORD = "correct-horse-battery"
# The log-in may take so much longer than its hash, and not more.
TO_HASH = 1.25
# What is done besides: guard, session, known browser, audit and security event.
MOST_QUERIES = 24


def give_passwords(users: list[User]) -> str:
    """Give all of them the password, by one hash; gives the hash."""
    encoded = make_password(PASSWORD)
    User.objects.filter(pk__in=[user.pk for user in users]).update(password=encoded)
    return encoded


def run(plan: Plan) -> list[Figure]:
    """Log in again and again, one at a time and in turn with the hash alone."""
    with databases.database("login") as url, served(url) as address:
        users = make_people(plan.runs)
        encoded = give_passwords(users)
        return list(_figures(address, users, encoded))


def _figures(address: Path, users: list[User], encoded: str) -> Iterator[Figure]:
    took: dict[str, list[float]] = {"new": [], "known": [], "hash": []}
    # Each process has something to import at its first log-in.
    for place in range(-6, len(users)):
        user = users[place % len(users)]
        browser = Browser(address, f"203.0.113.{place % 200}")
        found = {
            "new": _logged_in(browser, user),
            "known": _logged_in(browser, user),
            "hash": _hashed(encoded),
        }
        if place >= 0:
            for name, ms in found.items():
                took[name].append(ms)
    alone = statistics.median(took["hash"])
    yield Figure(name="the hash alone, p50", value=alone, unit="ms")
    for name, words in (("new", "a new browser"), ("known", "a known browser")):
        whole = statistics.median(took[name])
        yield Figure(name=f"log-in in {words}, p50", value=whole, unit="ms")
        yield Figure(name="  log-in : hash", value=whole / alone, most=TO_HASH)
        yield Figure(name="  besides the hash", value=whole - alone, unit="ms")
    yield Figure(
        name="statements of one log-in", value=_count(users[0]), most=MOST_QUERIES, firm=True
    )


def _logged_in(browser: Browser, user: User) -> float:
    answer = browser.log_in(user.username, PASSWORD)
    if answer.status != HTTPStatus.FOUND:
        raise RuntimeError(f"no log-in: {answer.status}")
    browser.forget_session()
    return answer.ms


def _hashed(encoded: str) -> float:
    begun = time.perf_counter()
    if not check_password(PASSWORD, encoded):
        raise RuntimeError("the hash is of another password")
    return (time.perf_counter() - begun) * 1000


def _count(user: User) -> int:
    with watch_statements() as seen:
        answer = Client().post("/accounts/login", {"username": user.username, "password": PASSWORD})
    if answer.status_code != HTTPStatus.FOUND:
        raise RuntimeError(f"no log-in: {answer.status_code}")
    return seen.count
