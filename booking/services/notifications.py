"""Telling people: notices and mails from events, and what readers do with them."""

import base64
import random
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from accounts.models import User
from booking.enums import DeliveryStatus
from booking.locks import claim_email, claim_emails
from booking.models import Booking, EmailMessage, Notification, OutboxEvent
from booking.notifications.accounts import build_account_mail
from booking.notifications.catalogue import CATALOGUE, Audience, EventKind
from booking.notifications.messages import build_mail, words_for
from booking.notifications.named import build_named_mail, named_words
from booking.queries.notifications import (
    bookings_of_event,
    deciders_of,
    people_by_key,
    people_of,
)
from labitory.lib.db import run_transaction
from labitory.lib.text import REDACTED

logger = structlog.get_logger(__name__)

MOST_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=30)
# How long a mail is left to the worker that was asked to send it.
LOAN = timedelta(minutes=2)
BATCH = 500
# A token of a link, or what a mail server repeats of a login.
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{24,}")


def tell_people(*, event: OutboxEvent, now: datetime) -> None:
    """Write the notices and mails of a booking event: one of each a person, however often it runs.

    The person a booking is for always gets the mail with its calendar file; nobody gets a notice
    of their own act.
    """
    kind = CATALOGUE[event.kind]
    bookings = bookings_of_event(event.payload["bookings"])
    if not bookings:
        return
    actor = User.objects.filter(pk=event.payload.get("actor")).first()
    if kind.audience is Audience.DECIDERS:
        readers = deciders_of(bookings, now=now)
    elif kind.audience is Audience.FORMER:
        readers = people_by_key(event.payload["people"])
    else:
        readers = people_of(bookings)
    _write_notices(event, kind, bookings, actor, readers, now)
    if kind.mail:
        _write_mails(event, readers, now)


def tell_named(*, event: OutboxEvent, now: datetime) -> None:
    """Write the notices and mails of an event that names its readers; the actor gets no notice."""
    actor = User.objects.filter(pk=event.payload.get("actor")).first()
    readers = people_by_key(event.payload["people"])
    notices = []
    for reader in readers:
        if actor is not None and reader.pk == actor.pk:
            continue
        words = named_words(kind=event.kind, payload=event.payload, actor=actor, reader=reader)
        notices.append(
            Notification(
                event=event,
                user=reader,
                title=words.subject,
                body=words.text,
                url=words.path,
                created_at=now,
            )
        )
    Notification.objects.bulk_create(notices, ignore_conflicts=True)
    if CATALOGUE[event.kind].mail:
        _write_mails(event, readers, now)


def tell_account(*, event: OutboxEvent, now: datetime) -> None:
    """Write the mail of an account event to the account's owner, or to an address without one."""
    if address := event.payload.get("address"):
        mail = EmailMessage(
            event=event, address=address, kind=event.kind, payload=event.payload, created_at=now
        )
        EmailMessage.objects.bulk_create([mail], ignore_conflicts=True)
        return
    users = User.objects.filter(pk=event.payload["user"], is_active=True)
    _write_mails(event, list(users), now)


def _write_notices(
    event: OutboxEvent,
    kind: EventKind,
    bookings: list[Booking],
    actor: User | None,
    readers: Sequence[User],
    now: datetime,
) -> None:
    reason = str(event.payload.get("reason", ""))
    notices = []
    for reader in readers:
        if actor is not None and reader.pk == actor.pk:
            continue
        words = words_for(
            kind=event.kind, bookings=bookings, actor=actor, reader=reader, reason=reason
        )
        notices.append(
            Notification(
                event=event,
                user=reader,
                title=words.subject,
                body=words.text,
                url=words.path,
                created_at=now,
            )
        )
    if kind.notice:
        Notification.objects.bulk_create(notices, ignore_conflicts=True)


def _write_mails(event: OutboxEvent, readers: Sequence[User], now: datetime) -> None:
    EmailMessage.objects.bulk_create(
        (
            EmailMessage(
                event=event, user=reader, kind=event.kind, payload=event.payload, created_at=now
            )
            for reader in readers
        ),
        ignore_conflicts=True,
    )


def lend_emails(*, now: datetime) -> Iterator[tuple[int, int]]:
    """Give key and attempt number of each mail that may be tried now, oldest first.

    A mail is lent for two minutes: however often the workers are woken it is asked for once, and a
    worker that dies loses nothing.
    """

    def work() -> list[tuple[int, int]]:
        emails = claim_emails(now=now, limit=BATCH)
        ids = [email.pk for email in emails]
        EmailMessage.objects.filter(pk__in=ids).update(next_attempt_at=now + LOAN)
        return [(email.pk, email.attempts) for email in emails]

    while lent := run_transaction(work):
        yield from lent


def send_email(*, email_id: int, attempt: int, now: datetime) -> bool:
    """Send one waiting mail, holding its row: whoever else comes finds it taken or sent.

    `attempt` is how often it was tried when it was lent: an order that comes again after its
    attempt is void. A mail that cannot be sent is tried again later, ever more slowly, and given
    up after eight attempts; why is kept, without secrets. Gives whether the mail went out.
    """

    def work() -> bool:
        email = claim_email(email_id)
        if email is None or (email.status, email.attempts) != (DeliveryStatus.PENDING, attempt):
            return False
        email.attempts += 1
        try:
            with transaction.atomic():
                mail = _built(email)
            mail.send()
        except Exception as error:  # noqa: BLE001 - one mail that cannot be written stops no other
            _postpone(email, error, now)
            return False
        email.status, email.sent_at, email.last_error = DeliveryStatus.SENT, now, ""
        email.save(update_fields=["status", "sent_at", "attempts", "last_error"])
        return True

    return run_transaction(work)


def _built(email: EmailMessage) -> EmailMultiAlternatives:
    if email.kind.startswith("account."):
        return build_account_mail(email)
    actor = User.objects.filter(pk=email.payload.get("actor")).first()
    if CATALOGUE[email.kind].audience is Audience.NAMED:
        return build_named_mail(email, actor)
    return build_mail(email, bookings_of_event(email.payload.get("bookings", [])), actor)


def _postpone(email: EmailMessage, error: Exception, now: datetime) -> None:
    email.last_error = _say_error(error)
    logger.warning("email.failed", email=email.pk, attempt=email.attempts, error=email.last_error)
    if email.attempts >= MOST_ATTEMPTS:
        email.status = DeliveryStatus.FAILED
    else:
        wait = FIRST_WAIT * 2 ** (email.attempts - 1)
        email.next_attempt_at = now + wait * random.uniform(0.8, 1.2)  # noqa: S311
    email.save(update_fields=["status", "attempts", "last_error", "next_attempt_at"])


def _say_error(error: Exception) -> str:
    """What went wrong; servers repeat in their refusals what they were sent."""
    user, password = settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD
    text = f"{type(error).__name__}: {error}"
    if password:
        for secret in (password, f"\0{user}\0{password}"):
            for form in (secret, base64.b64encode(secret.encode()).decode()):
                text = text.replace(form, REDACTED)
    return _TOKEN.sub(REDACTED, text)[:1000]


def mark_notices_read(*, user: User, now: datetime, notice_id: int | None = None) -> int:
    """Mark one of the person's own notices as read, or all of them; gives how many were not."""

    def work() -> int:
        unread = Notification.objects.filter(user=user, read_at=None)
        if notice_id is not None:
            unread = unread.filter(pk=notice_id)
        return unread.update(read_at=now)

    return run_transaction(work)
