"""Mail that comes back: what is believed, and which addresses stop."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core import mail

from accounts.models import User
from audit.models import AuditLog
from booking.enums import DeliveryStatus
from booking.errors import NotAllowed
from booking.handlers import HANDLERS
from booking.models import BouncedAddress, Message, OutboxEvent
from booking.notifications.channels.email import build_mail
from booking.notifications.channels.email.bounces import read_bounce
from booking.queries.bounces import dead_address_of
from booking.services.bounces import (
    MOST_SOFT,
    SOFT_DAYS,
    receive_bounce,
    try_address,
    try_own_address,
)
from booking.services.events import dispatch_batch
from booking.services.messages import lend_messages, send_message
from tests.support.bounces import ABSENT, POSTFIX, SHAPES, bounce
from tests.support.smtp import MailServer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def sent(user: User | None, now: datetime, address: str = "") -> Message:
    """A mail that left, and its Message-ID."""
    kind = "account.locked" if user else "account.registration_known"
    payload = {"user": user.pk} if user else {"address": address}
    event = OutboxEvent.objects.create(kind=kind, payload=payload, created_at=now)
    message = Message(
        event=event, user=user, kind=kind, payload=payload, address=address, created_at=now,
        status=DeliveryStatus.SENT, sent_at=now, attempts=1,
    )  # fmt: skip
    message.save()
    reader = user.public_id if user else message.pk
    message.receipt = f"<{event.public_id}.{reader}@lab.example.org>"
    message.save()
    return message


def comes_back(message: Message, now: datetime, shape: str = "postfix", **words: str) -> bool:
    address = message.user.email if message.user else message.address
    given = {"address": address, "message_id": message.receipt, **words}
    return receive_bounce(raw=bounce(shape, **given), now=now)


@pytest.mark.parametrize("shape", SHAPES)
def test_reports_of_several_servers_are_read(ada: User, now: datetime, shape: str) -> None:
    message = sent(ada, now)
    assert comes_back(message, now, shape)
    message.refresh_from_db()
    assert message.status == DeliveryStatus.FAILED
    assert message.last_error.startswith("5.1.1: ")
    found = BouncedAddress.objects.get()
    assert (found.address, found.is_dead, found.bounced_at) == ("ada@example.org", True, now)
    # Whoever reads the log need not know the address.
    assert ada.email not in message.last_error + found.reason
    assert AuditLog.objects.filter(action="address.stopped").count() == 1
    assert AuditLog.objects.filter(action="message.undelivered").count() == 1


def test_the_mail_that_really_left_is_recognised(ada: User, now: datetime) -> None:
    message = sent(ada, now)
    Message.objects.update(status="pending", receipt="", attempts=0, sent_at=None)
    assert send_message(message_id=message.pk, attempt=0, now=now)
    message.refresh_from_db()
    assert mail.outbox[0].extra_headers["Message-ID"] == message.receipt
    assert comes_back(message, now)


def test_somebody_without_an_account_is_known_too(now: datetime, db: None) -> None:
    message = sent(None, now, "New@example.org")
    assert comes_back(message, now)
    message.refresh_from_db()
    assert message.status == DeliveryStatus.FAILED
    assert BouncedAddress.objects.get().address == "new@example.org"


@pytest.mark.parametrize(
    "message_id",
    [
        "<00000000-0000-0000-0000-000000000000.00000000-0000-0000-0000-000000000000@lab>",
        "<something@else.example.org>",
        "",
        "<1.2@lab>",
        "{right}x",
        "<{event}.99999999999999999999@lab.example.org>",
        "<{event}.²@lab.example.org>",
    ],
)
def test_a_forged_report_changes_nothing(ada: User, now: datetime, message_id: str) -> None:
    message = sent(ada, now)
    forged = message_id.format(right=message.receipt, event=message.event.public_id)
    assert not comes_back(message, now, message_id=forged)
    message.refresh_from_db()
    assert message.status == DeliveryStatus.SENT
    assert not BouncedAddress.objects.exists() and not AuditLog.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        ABSENT.encode(),
        b"Content-Type: multipart/report; boundary=x\n\n--x\n",
        POSTFIX.replace("message/delivery-status", "text/plain").encode(),
        POSTFIX.replace("message/rfc822", "text/plain").encode(),
        POSTFIX.replace("Final-Recipient", "X").replace("Original-Recipient", "X").encode(),
    ],
)
def test_what_is_no_report_is_left_alone(db: None, now: datetime, raw: bytes) -> None:
    assert not receive_bounce(raw=raw, now=now)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_good_news_changes_nothing(ada: User, now: datetime, action: str) -> None:
    assert not comes_back(sent(ada, now), now, action=action, status="2.0.0")
    assert not BouncedAddress.objects.exists()


def test_another_address_fails_the_mail_and_stops_none(ada: User, now: datetime) -> None:
    """The person has another address by now, or their server sent it on."""
    message = sent(ada, now)
    assert comes_back(message, now, address="old@example.org")
    message.refresh_from_db()
    assert message.status == DeliveryStatus.FAILED
    assert not BouncedAddress.objects.exists()


def test_the_same_report_counts_once(ada: User, now: datetime) -> None:
    message = sent(ada, now)
    for _time in range(3):
        assert comes_back(message, now, status="4.2.2")
    assert BouncedAddress.objects.get().bounces == 1
    assert AuditLog.objects.filter(action="message.undelivered").count() == 1


@pytest.mark.parametrize("status", ["4.4.7", "5.2.2", "5.7.1"])
def test_five_temporary_refusals_within_two_weeks_stop_an_address(
    ada: User, now: datetime, status: str
) -> None:
    for n in range(MOST_SOFT):
        assert dead_address_of(ada) is None
        comes_back(sent(ada, now + n * DAY), now + n * DAY, status=status)
    found = dead_address_of(ada)
    assert found and found.bounces == MOST_SOFT


def test_refusals_long_apart_stop_nothing(ada: User, now: datetime) -> None:
    for n in range(MOST_SOFT + 3):
        moment = now + n * SOFT_DAYS / 3
        comes_back(sent(ada, moment), moment, status="4.2.2")
    assert dead_address_of(ada) is None


def test_a_delay_counts_and_the_mail_may_still_come(ada: User, now: datetime) -> None:
    message = sent(ada, now)
    assert comes_back(message, now, action="delayed", status="4.4.1")
    message.refresh_from_db()
    assert message.status == DeliveryStatus.SENT and message.last_error.startswith("4.4.1")
    assert comes_back(message, now, action="failed", status="4.4.7")
    message.refresh_from_db()
    assert message.status == DeliveryStatus.FAILED
    assert BouncedAddress.objects.get().bounces == 1
    # At last its server says that nobody is there.
    assert comes_back(message, now)
    assert dead_address_of(ada)


def test_nothing_is_sent_to_a_dead_address(ada: User, now: datetime) -> None:
    comes_back(sent(ada, now), now)
    message = sent(ada, now)
    Message.objects.filter(pk=message.pk).update(status="pending", receipt="", attempts=0)
    assert not send_message(message_id=message.pk, attempt=0, now=now)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (DeliveryStatus.FAILED, 1)
    assert "came back" in message.last_error
    assert mail.outbox == []


def test_tried_again_a_mail_says_so_first(ada: User, now: datetime) -> None:
    comes_back(sent(ada, now), now)
    assert try_own_address(user=ada, now=now)
    assert not try_own_address(user=ada, now=now)
    dispatch_batch(handlers=HANDLERS, now=now)
    [(key, attempt)] = lend_messages(now=now)
    assert send_message(message_id=key, attempt=attempt, now=now)
    [first] = mail.outbox
    assert first.subject == "Mails reach you again"
    assert "/notices/preferences" in str(first.body)
    # It comes back as well: stopped again, whatever was counted before.
    assert comes_back(Message.objects.get(pk=key), now)
    assert dead_address_of(ada)


def test_what_came_back_before_counts_no_more(ada: User, now: datetime) -> None:
    for _number in range(MOST_SOFT):
        comes_back(sent(ada, now), now, status="4.2.2")
    try_own_address(user=ada, now=now)
    comes_back(sent(ada, now), now, status="4.2.2")
    assert BouncedAddress.objects.get().bounces == 1
    assert dead_address_of(ada) is None


def test_administrators_alone_try_for_others(cast: dict[str, User], now: datetime) -> None:
    comes_back(sent(cast["ada"], now), now)
    key = BouncedAddress.objects.get().pk
    for name in ("ada", "ben", "chris", "eve"):
        with pytest.raises(NotAllowed):
            try_address(actor=cast[name], key=key, now=now)
    assert BouncedAddress.objects.exists()
    assert try_address(actor=cast["dora"], key=key, now=now)
    assert not try_address(actor=cast["dora"], key=key, now=now)
    assert AuditLog.objects.get(action="address.tried").actor_name == str(cast["dora"])


def test_mails_come_back_to_the_mailbox_for_it(
    ada: User, now: datetime, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_BOUNCES_TO = "bounces@lab.example.org"
    message = sent(ada, now)
    with MailServer() as server:
        settings.EMAIL_PORT = server.port
        build_mail(message).send()
        settings.EMAIL_BOUNCES_TO = ""
        build_mail(message).send()
        first, second = server.received
        assert server.senders == ["bounces@lab.example.org", "labitory@example.org"]
    assert first["From"] == second["From"] == "Labitory <labitory@example.org>"


def test_a_returned_report_within_a_report_says_nothing(now: datetime) -> None:
    """Somebody's own bounce, sent on to us: only what the outer one consists of counts."""
    inner = POSTFIX.format(
        address="a@example.org", message_id="<inner@x>", status="5.1.1", action="failed"
    )
    raw = "\n".join(
        ("Content-Type: multipart/mixed; boundary=o", "", "--o", "Content-Type: message/rfc822", "",
         inner, "--o--")
    )  # fmt: skip
    assert read_bounce(raw.encode()) is None
