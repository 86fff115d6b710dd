"""Workers and brokers that die at the worst moment: nothing is lost, nothing comes twice."""

import contextlib
import http.client
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from booking.models import Booking, Message, OutboxEvent, Resource
from tests.factories.people import PASSWORD
from tests.support.smtp import MailServer
from tests.support.workers import (
    Process,
    cut_connections,
    empty_queues,
    environment_for,
    free_port,
    hand_out_again,
    short_folder,
    sweep,
    until,
    valkey,
    web,
    worker,
)
from tests.workers.conftest import Book, let_time_pass

ORDER = re.compile(r"deliver_message\[(\S+)\] (?:received|succeeded in \S+ (\w+))")
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]


def ends(log: Path) -> dict[str, list[bool]]:
    """How the orders of mails ended that a worker took: whether each time a mail went out."""
    told: dict[str, list[bool]] = {}
    for order, end in ORDER.findall(log.read_text(errors="replace")):
        told.setdefault(order, []).extend([end == "True"] if end else [])
    return told


def test_power_cut_in_the_middle_of_sending(
    mails: MailServer,
    environment: dict[str, str],
    tmp_path: Path,
    book: Book,
    is_quiet: Callable[[], bool],
    ada: User,
) -> None:
    empty_queues()
    with worker(environment, log := tmp_path / "first.log") as first:
        book(ada, 0)
        until(is_quiet, what="the first mail")
        mails.stalled = True
        for hours in range(1, 5):
            book(ada, hours)
        until(lambda: mails.waiting == 2, what="two mails in the middle of sending")
        first.kill()
        until(lambda: mails.waiting == 0, what="the end of the conversations")
    in_hand = [order for order, end in ends(log).items() if not end]
    assert len(in_hand) == 2
    book(ada, 5)
    mails.stalled = False
    with worker(environment, log := tmp_path / "second.log"):
        # What the dead worker had in hand is not asked for again while it is lent.
        until(lambda: len(mails.received) >= 4, what="what still lay in the queue")
        let_time_pass()
        broker = environment["REDIS_URL"]
        sweep(broker)
        until(is_quiet, what="all mails sent")
        # The broker gives back what the dead worker had taken; the orders are void by now.
        hand_out_again(broker)
        until(lambda: all(ends(log).get(order) for order in in_hand), what="the void orders")
    told = Counter(str(mail["Message-ID"]) for mail in mails.received)
    assert len(told) == 6 and set(told.values()) == {1}
    assert OutboxEvent.objects.count() == 6
    assert set(Message.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_cut_connection_in_the_middle_of_sending(
    mails: MailServer, tmp_path: Path, book: Book, is_quiet: Callable[[], bool], ada: User
) -> None:
    with short_folder() as folder, valkey(folder / "valkey.sock"):
        broker = f"unix://{folder}/valkey.sock?db=0"
        told = environment_for(mail_port=mails.port, redis_url=broker)
        with worker(told, log := tmp_path / "worker.log"):
            mails.stalled = True
            book(ada)
            sweep(broker)
            until(lambda: mails.waiting == 1, what="a mail in the middle of sending")
            cut_connections(broker)
            until(lambda: "Connection to broker lost" in log.read_text(), what="its notice")
            mails.stalled = False
            until(is_quiet, what="the end of the mail in hand")
            # Nobody could say that it is done: it is delivered again, and void.
            hand_out_again(broker)
            until(lambda: sorted(*ends(log).values()) == [False, True], what="the void order")
    assert len(mails.received) == 1
    assert Message.objects.get().attempts == 1


class Visitor:
    """Talks to the web server as a program does."""

    def __init__(self, port: int) -> None:
        self.port, self.token = port, ""

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and data of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
            if not self.token:
                del headers["Authorization"]
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())["data"]


@pytest.fixture
def installation(
    tmp_path: Path, mails: MailServer, transactional_db: None
) -> Iterator[tuple[Process, Visitor, dict[str, str]]]:
    """A broker that may die, a web server and a worker."""
    with contextlib.ExitStack() as running:
        address, port = running.enter_context(short_folder()) / "valkey.sock", free_port()
        told = environment_for(mail_port=mails.port, redis_url=f"unix://{address}?db=0")
        broker = running.enter_context(valkey(address))
        running.enter_context(web(told, tmp_path / "web.log", port))
        running.enter_context(worker(told, tmp_path / "worker.log"))
        yield broker, Visitor(port), told


def test_death_of_the_broker_delays_mails_and_nothing_else(
    installation: tuple[Process, Visitor, dict[str, str]],
    mails: MailServer,
    is_quiet: Callable[[], bool],
    ada: User,
    microscope: Resource,
    tomorrow: datetime,
) -> None:
    broker, visitor, environment = installation

    def ask(hours: int) -> tuple[int, float]:
        start = tomorrow + timedelta(hours=hours)
        wish = {
            "resource": str(microscope.public_id),
            "start_time": start.isoformat(),
            "end_time": (start + timedelta(hours=1)).isoformat(),
        }
        begun = time.monotonic()
        status, _data = visitor.post("/api/v1/bookings", wish)
        return status, time.monotonic() - begun

    login = {"username": "ada", "password": PASSWORD}
    status, data = visitor.post("/api/v1/auth/token", login)
    assert status == 200
    visitor.token = data["access"]
    assert ask(0)[0] == 201
    until(lambda: len(mails.received) == 1, what="the mail of the first booking")

    mails.stalled = True
    assert ask(1)[0] == 201
    until(lambda: mails.waiting == 1, what="a mail in the middle of sending")
    broker.kill()
    for hours in (2, 3):
        status, seconds = ask(hours)
        assert status == 201
        assert seconds < 2
    mails.stalled = False
    until(lambda: len(mails.received) == 2, what="the end of the mail in hand")
    assert Booking.objects.count() == 4

    with valkey(Path(broker.command[4])):
        let_time_pass()
        sweep(environment["REDIS_URL"])
        until(is_quiet, what="all mails sent by the worker that lived on")
        assert ask(4)[0] == 201
        until(lambda: len(mails.received) == 5, what="the mail of the last booking")
        until(is_quiet)
    assert len({str(mail["Message-ID"]) for mail in mails.received}) == 5
