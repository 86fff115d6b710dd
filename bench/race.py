"""Rivals for the same time, over HTTP, against several processes: exactly the right number win."""

import statistics
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from bench import databases
from bench.figures import Figure
from bench.plan import Plan
from bench.scenarios import Ask, Scenario, all_scenarios, first_day
from bench.server import Answer, Client, served, token_of
from labitory.lib.clock import now as clock_now

# Rounds of one scenario use days of their own; scenarios lie far apart.
_APART = 100


def run(plan: Plan) -> list[Figure]:
    """Run every scenario's rounds and judge each one."""
    with databases.database("race") as url, served(url) as address:
        day = first_day(clock_now())
        figures = []
        before = databases.deadlocks()
        for place, scenario in enumerate(all_scenarios(clients=plan.clients, day=day)):
            figures += _run(scenario, plan, address, day + timedelta(days=place * _APART))
        found = databases.deadlocks() - before
        return [*figures, Figure(name="deadlocks", value=found, most=0, firm=True)]


def _run(scenario: Scenario, plan: Plan, address: Path, day: datetime) -> list[Figure]:
    answers: list[Answer] = []
    wrong = 0
    clients: dict[int, Client] = {}
    for number in range(plan.rounds):
        # Hours are counted in UTC, where no day has a gap.
        today = (day + timedelta(days=number)).astimezone(UTC)
        asks = scenario.asks(today)
        for place, ask in enumerate(asks):
            if place not in clients:
                clients[place] = Client(address, token_of(ask.user))
                # A process that has just started still imports: that is not the race.
                clients[place].send("GET", "/api/v1/bookings")
        got = together([(clients[place], ask) for place, ask in enumerate(asks)])
        problems = scenario.judge(got, today)
        if problems:
            wrong += 1
            print(f"  {scenario.name}, round {number + 1}: {'; '.join(problems)}", flush=True)
        answers += got
    for client in clients.values():
        client.close()
    broken = sum(each.status >= HTTPStatus.INTERNAL_SERVER_ERROR for each in answers)
    won = [each.ms for each in answers if each.status == scenario.win_status]
    return [
        Figure(
            name=f"{scenario.name}: wrong rounds of {plan.rounds}", value=wrong, most=0, firm=True
        ),
        Figure(name=f"{scenario.name}: answers 5xx", value=broken, most=0, firm=True),
        Figure(name="  winner, median", value=statistics.median(won or [0]), unit="ms"),
        Figure(
            name="  all rivals, median",
            value=statistics.median(each.ms for each in answers),
            unit="ms",
        ),
        Figure(name="  all rivals, worst", value=max(each.ms for each in answers), unit="ms"),
    ]


def together(calls: Sequence[tuple[Client, Ask]]) -> list[Answer]:
    """Send all at the same moment; give the answers in order."""
    barrier = threading.Barrier(len(calls))
    answers: list[Answer | None] = [None] * len(calls)

    def send(place: int, client: Client, ask: Ask) -> None:
        barrier.wait(timeout=30)
        answers[place] = client.send(ask.method, ask.path, ask.body)

    threads = [
        threading.Thread(target=send, args=(place, client, ask))
        for place, (client, ask) in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    # A connection that broke is an answer too: the worst one.
    return [each or Answer(status=599, body={}, ms=0) for each in answers]
