"""A worker and a mail server for the tests here."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db.models import F

from accounts.models import User
from booking.enums import DeliveryStatus
from booking.models import Booking, Message, OutboxEvent, Resource
from booking.services.bookings import create_booking
from booking.services.messages import LOAN
from labitory.lib import clock
from labitory.lib.periods import Period
from tests.support.smtp import MailServer
from tests.support.workers import Process, empty_queues, environment_for, worker

Book = Callable[..., Booking]


def let_time_pass() -> None:
    """What was lent or postponed is due again, as it will be some minutes later."""
    Message.objects.filter(next_attempt_at__isnull=False).update(
        next_attempt_at=F("next_attempt_at") - LOAN
    )


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    """The mail server."""
    with MailServer() as server:
        yield server


@pytest.fixture
def mails(mail_server: MailServer) -> MailServer:
    """The mail server, empty and willing."""
    mail_server.stalled, mail_server.refusal = False, ""
    mail_server.clear()
    return mail_server


@pytest.fixture(scope="module")
def environment(django_db_setup: None, mail_server: MailServer) -> dict[str, str]:
    """What the started processes are told."""
    return environment_for(mail_port=mail_server.port)


@pytest.fixture(scope="module")
def shared_worker(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    """One worker for all tests of a module; it ends before others use its database."""
    empty_queues()
    log: Path = tmp_path_factory.mktemp("worker") / "shared.log"
    with worker(environment, log) as process:
        yield process
    empty_queues()


@pytest.fixture
def tomorrow() -> datetime:
    """Workers look at the real clock: a full hour of tomorrow."""
    return (clock.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def book(microscope: Resource, tomorrow: datetime) -> Book:
    """Book an hour: `book(ada, 3)` is three hours later."""

    def make(user: User, hours: int = 0, *, actor: User | None = None) -> Booking:
        start = tomorrow + timedelta(hours=hours)
        return create_booking(
            actor=actor or user,
            user=user,
            resource_ids=[microscope.public_id],
            period=Period(start, start + timedelta(hours=1)),
            now=clock.now(),
        )[0]

    return make


@pytest.fixture
def is_quiet() -> Callable[[], bool]:
    """Whether nothing waits to be told or sent."""

    def ask() -> bool:
        events = OutboxEvent.objects.filter(dispatched_at=None)
        mails = Message.objects.filter(status=DeliveryStatus.PENDING)
        return not (events.exists() or mails.exists())

    return ask
