"""Sending what was planned: each message at least once, poison stops nobody else."""

import random
import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from booking.enums import DeliveryStatus
from booking.locks import claim_digest, claim_message, claim_messages, lock_message
from booking.models import Message, OutboxEvent, PushSubscription
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import SENDERS
from booking.notifications.channels.base import Sender, Undeliverable
from booking.notifications.channels.places import Gone
from booking.notifications.channels.push import NotYet
from booking.notifications.timing import quiet_until
from booking.notifications.words import Outdated
from booking.queries.reach import held_for, quiet_schedules
from booking.services._endpoints import note_failed, note_sent
from booking.services._telling import hours_of
from labitory.lib.crypto import CannotDecrypt
from labitory.lib.db import run_transaction
from labitory.lib.text import REDACTED

logger = structlog.get_logger(__name__)

MOST_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=30)
# How long a message is left to the worker that was asked to send it.
LOAN = timedelta(minutes=2)
# While the database is away, for so long what went out is kept in mind.
NOTED_WITHIN, PAUSE = timedelta(seconds=90), timedelta(seconds=1)
BATCH = 500
DIGEST = "message.digest"
# A token of a link, or what a server repeats of a login.
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{24,}")


def gather_digests(*, now: datetime) -> int:
    """Put what people wanted once a day or week into one message each; gives how many.

    Each digest stands alone: what two workers find, one of them gathers.
    """
    gathered = 0
    for user_id, channel in held_for(now=now):
        gathered += run_transaction(partial(_gather, user_id, channel, now))
    return gathered


def _gather(user_id: int, channel: str, now: datetime) -> bool:
    held = claim_digest(user_id=user_id, channel=channel, now=now)
    if not held:
        return False
    event = OutboxEvent.objects.create(
        kind=DIGEST, payload={"people": [user_id]}, created_at=now, dispatched_at=now
    )
    digest = Message.objects.create(
        event=event,
        user_id=user_id,
        channel=channel,
        kind=DIGEST,
        payload=event.payload,
        created_at=now,
    )
    keys = [each.pk for each in held]
    Message.objects.filter(pk__in=keys).update(
        status=DeliveryStatus.GATHERED, digest=digest, next_attempt_at=None
    )
    return True


def lend_messages(*, now: datetime) -> list[tuple[int, int]]:
    """Give key and attempt number of messages that may be tried now, oldest first; 500 at most.

    They are lent for two minutes: however often the workers are woken each is asked for once, and
    a worker that dies loses nothing. More would not be sent before they are lent once more. What
    is late, or failed before, waits for the end of its reader's quiet hours as everything does.
    """

    def work() -> list[tuple[int, int]]:
        messages = claim_messages(now=now, limit=BATCH)
        quiet = _quiet(messages, now)
        for until in set(quiet.values()):
            keys = [key for key, moment in quiet.items() if moment == until]
            Message.objects.filter(pk__in=keys).update(next_attempt_at=until)
        lent = [each for each in messages if each.pk not in quiet]
        ids = [each.pk for each in lent]
        Message.objects.filter(pk__in=ids).update(next_attempt_at=now + LOAN)
        return [(each.pk, each.attempts) for each in lent]

    return run_transaction(work)


def _quiet(messages: Iterable[Message], now: datetime) -> dict[int, datetime]:
    """Until when those wait whose readers want quiet now."""
    waiting = {each.pk: each.user_id for each in messages if each.user_id and _can_wait(each.kind)}
    if not waiting:
        return {}
    until = {
        schedule.user_id: quiet_until(hours_of(schedule.user, schedule), now)
        for schedule in quiet_schedules(waiting.values())
    }
    return {key: moment for key, user in waiting.items() if (moment := until.get(user))}


def _can_wait(kind: str) -> bool:
    entry = CATALOGUE.get(kind)
    return entry is not None and not entry.urgent and not entry.is_required


def send_message(*, message_id: int, attempt: int, now: datetime) -> bool:
    """Send one waiting message, holding its row: whoever else comes finds it taken or sent.

    `attempt` is how often it was tried when it was lent: an order that comes again after its
    attempt is void, and so is what waited for somebody whose account is closed by now. What cannot
    be sent is tried again later, ever more slowly, and given up after eight attempts, or at once
    when nobody can ever receive it there; why is kept, without secrets.
    What went out is noted though the database dies meanwhile: it would come twice. Gives whether
    it went out.
    """
    receipts: list[str] = []

    def work() -> bool:
        # Who still holds it after a death is the connection that is lost: that ends.
        message = lock_message(message_id) if receipts else claim_message(message_id)
        waits = (DeliveryStatus.PENDING, attempt)
        if message is None or (message.status, message.attempts) != waits:
            return bool(receipts)
        # Signatures name the moment of this sending.
        message.attempts, message.sent_at = message.attempts + 1, now
        sender = SENDERS[message.channel]
        try:
            if not receipts:
                if message.user is not None and not message.user.is_active:
                    raise Outdated("the account is closed")
                with transaction.atomic():
                    receipts.append(sender.send(message)[:255])
        except Exception as error:
            if receipts:
                # It went out: the database is to blame.
                raise
            # One that cannot be written stops no other.
            _postpone(message, sender, error, now)
            return False
        _note_sent(message, receipts[0], now)
        return True

    return _in_spite_of_deaths(work, receipts)


def _in_spite_of_deaths(work: Callable[[], bool], receipts: list[str]) -> bool:
    """Do it again while the database is away, if something went out that it does not know of."""
    end = time.monotonic() + NOTED_WITHIN.total_seconds()
    while True:
        try:
            return run_transaction(work)
        except (OperationalError, InterfaceError) as error:
            is_hopeless = connection.in_atomic_block or time.monotonic() > end
            if not receipts or is_hopeless:
                raise
            logger.warning("message.not_noted", error=type(error).__name__)
            connection.close()
            time.sleep(PAUSE.total_seconds())


def _note_sent(message: Message, receipt: str, now: datetime) -> None:
    message.status, message.sent_at, message.last_error = DeliveryStatus.SENT, now, ""
    message.receipt = receipt
    message.save(update_fields=["status", "sent_at", "attempts", "last_error", "receipt"])
    if message.endpoint_id is not None:
        note_sent(message.endpoint_id)


def _postpone(message: Message, sender: Sender, error: Exception, now: datetime) -> None:
    message.last_error = _say_error(error, _secrets_of(sender, message))
    if isinstance(error, Outdated):
        message.status = DeliveryStatus.VOID
        message.save(update_fields=["status", "attempts", "last_error"])
        return
    logger.warning(
        "message.failed",
        message=message.pk,
        channel=message.channel,
        attempt=message.attempts,
        error=message.last_error,
    )
    if message.attempts >= MOST_ATTEMPTS or isinstance(error, Undeliverable):
        message.status = DeliveryStatus.FAILED
    else:
        wait = FIRST_WAIT * 2 ** (message.attempts - 1)
        message.next_attempt_at = now + wait * random.uniform(0.8, 1.2)  # noqa: S311
    message.save(update_fields=["status", "attempts", "last_error", "next_attempt_at"])
    if isinstance(error, NotYet):
        PushSubscription.objects.forget(error.gone)
    if message.endpoint_id is not None:
        note_failed(message.endpoint_id, message, is_gone=isinstance(error, Gone), now=now)


def _secrets_of(sender: Sender, message: Message) -> tuple[str, ...]:
    """What the error must not repeat; nothing when nobody can read it: then nothing was sent."""
    try:
        return sender.secrets(message)
    except CannotDecrypt:
        return ()


def _say_error(error: Exception, secrets: Iterable[str]) -> str:
    """What went wrong; servers repeat in their refusals what they were sent."""
    text = f"{type(error).__name__}: {error}"
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return _TOKEN.sub(REDACTED, text)[:1000]
