"""Ten thousand wrong log-ins from many addresses, while others log in as ever."""

import itertools
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path

from django.db.models import Max

from accounts.models import LoginGuard, User
from bench import databases
from bench.data import make_people
from bench.figures import Figure
from bench.login import PASSWORD, give_passwords
from bench.plan import Plan
from bench.server import Answer, Browser, served
from labitory.lib.clock import now as clock_now

_ATTACKERS = 6
# Too few from each address to be noticed there.
_EACH_ADDRESS = 5
_EACH_NAME, _MOST_NAMES = 100, 20
# At most a quarter of an hour, whatever is tried.
LONGEST_WAIT = 900
_LEAST_LOGINS = 3


class Attack:
    """So many wrong passwords for some names, each from one of many addresses."""

    def __init__(self, server: Path, names: Sequence[str], tries: int) -> None:
        self.server, self.names, self.tries = server, names, tries
        self.addresses = max(tries // _EACH_ADDRESS, 1)
        self.answers: list[Answer] = []
        self.numbers = itertools.count()
        self.threads = [threading.Thread(target=self._guess) for _attacker in range(_ATTACKERS)]

    def address(self, number: int) -> str:
        """One of the addresses that it comes from."""
        place = number % self.addresses
        return f"10.{place >> 16}.{place >> 8 & 255}.{place & 255}"

    @property
    def is_under_way(self) -> bool:
        """Whether somebody still tries."""
        return any(thread.is_alive() for thread in self.threads)

    def count(self, *statuses: int) -> int:
        """How many tries were answered so."""
        return sum(answer.status in statuses for answer in self.answers)

    def _guess(self) -> None:
        while (number := next(self.numbers)) < self.tries:
            browser = Browser(self.server, self.address(number))
            name = self.names[number % len(self.names)]
            self.answers.append(browser.log_in(name, f"guess {number}"))


def run(plan: Plan) -> list[Figure]:
    """Attack people who have a known browser, and names of nobody; let these and others log in."""
    with databases.database("storm") as url, served(url) as server:
        count = min(_MOST_NAMES, max(plan.logins // _EACH_NAME, 2))
        attacked = make_people(count, word="attacked")
        others = make_people(count, word="other")
        give_passwords([*attacked, *others])
        own = {user.username: Browser(server, f"203.0.113.{n}") for n, user in enumerate(attacked)}
        calm = [_log_in(browser, name) for name, browser in own.items()]
        guessed = [*own, *(f"nobody{number}" for number in range(count))]
        attack = Attack(server, guessed, plan.logins)
        begun = time.perf_counter()
        for thread in attack.threads:
            thread.start()
        known, new = _log_in_meanwhile(attack, own, others)
        for thread in attack.threads:
            thread.join()
        return [
            *_attack(attack, time.perf_counter() - begun),
            Figure(name="log-in before the attack, p50", value=_p50(calm), unit="ms"),
            *_met("people under attack, in their known browsers", known),
            *_met("others, in new browsers at attacking addresses", new),
        ]


def _log_in_meanwhile(
    attack: Attack, own: dict[str, Browser], others: Sequence[User]
) -> tuple[list[Answer], list[Answer]]:
    known: list[Answer] = []
    new: list[Answer] = []
    turns = zip(itertools.cycle(own.items()), itertools.cycle(others), strict=False)
    for number, ((name, browser), other) in enumerate(turns):
        if number >= _LEAST_LOGINS and not attack.is_under_way:
            break
        known.append(_log_in(browser, name))
        new.append(_log_in(Browser(attack.server, attack.address(number)), other.username))
    return known, new


def _log_in(browser: Browser, name: str) -> Answer:
    answer = browser.log_in(name, PASSWORD)
    browser.forget_session()
    return answer


def _attack(attack: Attack, seconds: float) -> Iterator[Figure]:
    tries = len(attack.answers)
    looked_at = attack.count(HTTPStatus.UNPROCESSABLE_ENTITY)
    turned_away = attack.count(HTTPStatus.TOO_MANY_REQUESTS)
    yield Figure(name="wrong log-ins", value=tries, least=attack.tries, firm=True)
    yield Figure(name=f"  in {seconds:.0f} s, a second", value=tries / seconds, unit="/s")
    yield Figure(name="  from addresses", value=attack.addresses)
    yield Figure(name="  whose password was looked at", value=looked_at)
    yield Figure(name="  turned away before that", value=turned_away)
    yield Figure(
        name="  answered otherwise, or let in",
        value=tries - looked_at - turned_away,
        most=0,
        firm=True,
    )
    until = LoginGuard.objects.aggregate(until=Max("locked_until"))["until"]
    wait = max(0.0, (until - clock_now()).total_seconds()) if until else 0
    yield Figure(
        name="longest wait left for an attacked name in a new browser",
        value=round(wait),
        unit="s",
        most=LONGEST_WAIT,
        firm=True,
    )


def _met(who: str, answers: Sequence[Answer]) -> Iterator[Figure]:
    refused = sum(answer.status != HTTPStatus.FOUND for answer in answers)
    yield Figure(name=f"{who}: log-ins", value=len(answers), least=_LEAST_LOGINS, firm=True)
    yield Figure(name="  refused", value=refused, most=0, firm=True)
    yield Figure(name="  p50", value=_p50(answers), unit="ms")
    yield Figure(name="  worst", value=max(answer.ms for answer in answers), unit="ms")


def _p50(answers: Sequence[Answer]) -> float:
    return statistics.median(answer.ms for answer in answers)
