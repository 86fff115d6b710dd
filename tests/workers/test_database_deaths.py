"""A database that dies while a message is on its way: what went out is noted, not sent again.

The connection dies here; `./dev bench telling` kills the whole server.
"""

import threading
from datetime import timedelta

import psycopg
import pytest
from django.conf import LazySettings
from django.db import Error as DatabaseFailure
from django.db import connection

from accounts.models import User
from booking.enums import DeliveryStatus
from booking.handlers import HANDLERS
from booking.models import Message
from booking.services import messages
from booking.services.events import dispatch_batch
from labitory.lib import clock
from tests.support.smtp import MailServer
from tests.support.workers import environment_for, until
from tests.workers.conftest import Book

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]


@pytest.fixture
def lent(
    book: Book,
    ada: User,
    mails: MailServer,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[int, int]:
    """A mail that this process is to send, to a server that lets it wait."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", mails.port, 120
    monkeypatch.setattr(messages, "PAUSE", timedelta(0))
    book(ada)
    dispatch_batch(handlers=HANDLERS, now=clock.now())
    mails.stalled = True
    [only] = messages.lend_messages(now=clock.now())
    return only


def cut_while_it_waits(mails: MailServer, pid: int) -> threading.Thread:
    """End the connection once the mail server has been called, then let that go on."""
    address = environment_for(mail_port=mails.port)["DATABASE_URL"]

    def cut() -> None:
        until(lambda: mails.waiting == 1, what="a mail in the middle of sending")
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        mails.stalled = False

    thread = threading.Thread(target=cut)
    thread.start()
    return thread


def test_mail_that_went_out_is_noted_when_the_database_is_back(
    lent: tuple[int, int], mails: MailServer
) -> None:
    key, attempt = lent
    cutting = cut_while_it_waits(mails, connection.connection.info.backend_pid)
    assert messages.send_message(message_id=key, attempt=attempt, now=clock.now())
    cutting.join()
    told = Message.objects.get()
    assert (told.status, told.attempts) == (DeliveryStatus.SENT, 1)
    assert told.receipt == str(mails.received[0]["Message-ID"]).strip()
    assert not messages.send_message(message_id=key, attempt=attempt, now=clock.now())
    assert len(mails.received) == 1


def test_mail_that_was_refused_meanwhile_waits_as_if_never_tried(
    lent: tuple[int, int], mails: MailServer
) -> None:
    key, attempt = lent
    mails.refusal = "451 4.7.1 Greylisted, try again later"
    cutting = cut_while_it_waits(mails, connection.connection.info.backend_pid)
    with pytest.raises(DatabaseFailure):
        messages.send_message(message_id=key, attempt=attempt, now=clock.now())
    cutting.join()
    connection.close()
    waiting = Message.objects.get()
    assert (waiting.status, waiting.attempts) == (DeliveryStatus.PENDING, 0)
    mails.refusal = ""
    assert messages.send_message(message_id=key, attempt=attempt, now=clock.now())
    assert len(mails.received) == 1
