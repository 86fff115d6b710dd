"""Thousands of events told by three channels, while worker, broker and database are killed."""

import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

from bench.figures import Figure
from bench.installation import Installation, installation
from bench.plan import Plan
from bench.receivers import Arrivals, Receivers, receivers
from labitory.ops.embedded import ROOT

# When so large a share of mails and webhooks has arrived, this one is killed.
_DEATHS = {"worker": 0.2, "valkey": 0.45, "postgres": 0.7}
_NAMES = {"worker": "worker", "valkey": "broker", "postgres": "database"}
_CHANNELS = 3
_MOST_SECONDS = 3600
# What is lent to a worker that died comes back by then; what came twice came before.
_LOOK_SECONDS = 1.0
# Of what still waits, and how much a second look would find.
WAITING = """
SELECT (SELECT count(*) FROM booking_outboxevent WHERE dispatched_at IS NULL)
     + (SELECT count(*) FROM booking_emailmessage WHERE status = 'pending')
"""
NOTICES = "SELECT count(*) FROM booking_notification"
NOTICED = """
SELECT e.public_id::text, count(n.id) FROM booking_outboxevent e
JOIN booking_notification n ON n.event_id = e.id GROUP BY e.public_id
"""
# Of queues that grow the lab's own watch tells administrators.
OTHERS = "SELECT public_id::text FROM booking_outboxevent WHERE kind <> 'booking.created'"
GIVEN_UP = "SELECT count(*) FROM booking_emailmessage WHERE status <> 'sent'"


@dataclass(kw_only=True)
class Death:
    """When one was killed, and how much had arrived by then."""

    name: str
    at: float
    raw: int
    notices: int


@dataclass(kw_only=True)
class Course:
    """What happened when."""

    begun: float
    posted: float = 0.0
    ended: float = 0.0
    deaths: list[Death] = field(default_factory=list)


def run(plan: Plan) -> list[Figure]:
    """Post so many events, let real workers tell them, kill one after the other, count."""
    with receivers() as found, installation(found.mail_port) as lab:
        course = Course(begun=0.0)
        events = _post(plan.events, lab, found, course)
        _tell(events, lab, found, course)
        noticed = _noticed(lab)
        given_up = _ask(lab, GIVEN_UP)
        others = _ids(lab, OTHERS)
    for arrivals in (noticed, found.mails, found.webhooks):
        arrivals.forget(others)
    worked = {name: sum(seen.values()) for name, seen in lab.worked.items()}
    return [
        Figure(name="events", value=len(events), least=plan.events, firm=True),
        Figure(
            name="  committed in a second",
            value=len(events) / (course.posted - course.begun),
            unit="/s",
        ),
        *judge("notices", events, noticed, is_exact=True),
        *judge("mails", events, found.mails),
        *judge("webhooks", events, found.webhooks),
        Figure(name="messages not sent in the end", value=given_up, most=0, firm=True),
        *_times(len(events), found, course),
        *(
            Figure(
                name=f"processor for each delivery: {_NAMES[name]}",
                value=1000 * worked[name] / (_CHANNELS * len(events)),
                unit="ms",
            )
            for name in _NAMES
        ),
    ]


def _post(count: int, lab: Installation, found: Receivers, course: Course) -> list[str]:
    """Fill the lab; then events come while the worker runs. Gives their ids."""
    command = [sys.executable, "-m", "bench.telling_lab", str(count), found.webhook_url]
    with subprocess.Popen(
        command, cwd=ROOT, env=lab.env, stdout=subprocess.PIPE, text=True
    ) as filling:
        assert filling.stdout is not None
        events: list[str] = []
        for line in filling.stdout:
            if not events:
                course.begun = time.monotonic()
                lab.start_apps()
            events.append(line.strip())
    course.posted = time.monotonic()
    if filling.returncode:
        raise RuntimeError(f"the lab cannot be filled: {filling.returncode}")
    return events


def _tell(events: list[str], lab: Installation, found: Receivers, course: Course) -> None:
    """Kill each in its turn, start again what died, until nothing waits any more."""
    deaths = dict(_DEATHS)
    whole = (_CHANNELS - 1) * len(events)
    looked = 0.0
    while time.monotonic() - course.begun < _MOST_SECONDS:
        for name, share in list(deaths.items()):
            if found.raw >= share * whole:
                del deaths[name]
                notices = _ask(lab, NOTICES)
                course.deaths.append(
                    Death(name=name, at=time.monotonic(), raw=found.raw, notices=notices)
                )
                lab.kill(name)
        lab.revive()
        if time.monotonic() - looked > _LOOK_SECONDS:
            looked = time.monotonic()
            lab.look_at_work()
            if not deaths and _is_quiet(lab):
                break
        time.sleep(0.02)
    course.ended = max(*found.mails.moments[-1:], *found.webhooks.moments[-1:], course.begun)


def _is_quiet(lab: Installation) -> bool:
    try:
        return _ask(lab, WAITING) == 0
    except psycopg.OperationalError:
        # It is dead, or starting.
        return False


def _ask(lab: Installation, question: str) -> int:
    with psycopg.connect(lab.database_url, autocommit=True) as connection:
        found = connection.execute(question.encode()).fetchone()
    return int(found[0]) if found else 0


def _ids(lab: Installation, question: str) -> list[str]:
    with psycopg.connect(lab.database_url, autocommit=True) as connection:
        return [str(each) for (each,) in connection.execute(question.encode()).fetchall()]


def _noticed(lab: Installation) -> Arrivals:
    found = Arrivals()
    with psycopg.connect(lab.database_url, autocommit=True) as connection:
        found.counts.update(dict(connection.execute(NOTICED).fetchall()))
    return found


def judge(
    name: str, events: list[str], found: Arrivals, *, is_exact: bool = False
) -> Iterator[Figure]:
    """What arrived of the events: none is lost; what came again came under the id it had."""
    wanted = set(events)
    yield Figure(name=f"{name}, of different events", value=len(wanted & set(found.counts)))
    yield Figure(name="  lost", value=len(wanted - set(found.counts)), most=0, firm=True)
    yield Figure(name="  of no event", value=len(set(found.counts) - wanted), most=0, firm=True)
    doubled = sum(found.counts.values()) - len(found.counts)
    # Between what the other side took and our note of it a death makes it come again.
    most = 0 if is_exact else len(_DEATHS) * 2
    yield Figure(name="  arrived again under its id", value=doubled, most=most, firm=True)


def _times(events: int, found: Receivers, course: Course) -> Iterator[Figure]:
    took = course.ended - course.begun
    first = course.deaths[0]
    told = first.raw + first.notices
    yield Figure(name="from the first event to the last delivery", value=took, unit="s")
    yield Figure(name="  deliveries a second, deaths and all", value=_CHANNELS * events / took)
    yield Figure(name="  before the first death", value=told / (first.at - course.begun), unit="/s")
    moments = sorted(found.mails.moments + found.webhooks.moments)
    for death, after in zip(course.deaths, [*course.deaths[1:], None], strict=True):
        until = after.at if after else course.ended
        yield Figure(
            name=f"death of the {_NAMES[death.name]}: at",
            value=death.at - course.begun,
            unit="s",
        )
        yield Figure(
            name="  longest silence then", value=_silence(moments, death.at, until), unit="s"
        )


def _silence(moments: list[float], since: float, until: float) -> float:
    heard = [since, *(each for each in moments if since < each < until), until]
    return max(later - earlier for earlier, later in itertools.pairwise(heard))
