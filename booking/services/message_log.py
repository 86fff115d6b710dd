"""Acts on what was sent: sending again what failed, taking the log out, keeping who looked."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may
from audit.services import record
from audit.services.data_access import record_access
from audit.services.logs import Entry, record_many
from audit.services.security import record_security
from booking.enums import DeliveryStatus
from booking.errors import ActionRefused, NotAllowed
from booking.events import wake_dispatcher
from booking.locks import claim_failed, lock_event, lock_message
from booking.models import Message, OutboxEvent
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.topics import say_kind
from booking.notifications.words import reader_locale
from booking.queries.messages import MessageFilters, failed_messages, message_log
from labitory.lib.cells import write_rows
from labitory.lib.db import run_transaction
from labitory.lib.text import mask_address

# So many are sent again by one press; pressed again, the next ones.
MOST_AT_ONCE = 500
# So many lines of the log are read at once, and sent.
PORTION = 1000
COLUMNS = (
    *("number", "created_at", "sent_at", "kind", "message", "channel", "status"),
    *("person", "address", "place", "attempts", "error", "receipt"),
)


def note_messages_seen(*, viewer: User, people: Iterable[User], now: datetime) -> int:
    """Keep that somebody looked at what these people were sent; one's own leave no trace."""
    seen = {person.pk: person for person in people}
    if not seen.keys() - {viewer.pk}:
        return 0
    return run_transaction(
        lambda: record_access(viewer=viewer, subjects=seen.values(), what="messages", now=now)
    )


def messages_csv(*, actor: User, filters: MessageFilters, now: datetime) -> Iterator[str]:
    """What was sent as far as it fits the search, the newest first, in portions as they are read.

    Addresses stand in it as on the page: only their owners recognise them. Who took whose messages
    out is kept. Raises NotAllowed.
    """
    if not may(actor, "message.view"):
        raise NotAllowed(
            code="message.hidden",
            text=_("You may not see what was sent to whom."),
            needs="message.view",
        )
    found = message_log(viewer=actor, filters=filters).order_by()

    def work() -> None:
        people = User.objects.filter(pk__in=found.exclude(user=None).values("user"))
        record_access(viewer=actor, subjects=people, what="messages.file", now=now)
        facts = {"what": "messages", "rows": found.count()}
        record(action="messages.exported", actor=actor, target=actor, now=now, facts=facts)
        record_security(kind="data.exported", actor=actor, facts=facts, now=now)

    run_transaction(work)
    return _portions(actor, filters)


def _portions(actor: User, filters: MessageFilters) -> Iterator[str]:
    """The header, then portion by portion: no transaction lasts as long as somebody downloads."""
    yield write_rows([COLUMNS])
    while True:
        found = list(message_log(viewer=actor, filters=filters)[:PORTION])
        # The request is over by now: its language and zone with it.
        with reader_locale(actor):
            text = write_rows(_row(each) for each in found)
        yield text
        if len(found) < PORTION:
            return
        filters = replace(filters, before=(found[-1].created_at, found[-1].pk))


def _row(message: Message) -> tuple[str, ...]:
    address = message.user.email if message.user else message.address
    return (
        str(message.pk),
        *(_moment(each) for each in (message.created_at, message.sent_at)),
        message.kind,
        say_kind(message.kind) if message.kind in CATALOGUE else "",
        message.channel,
        message.status,
        str(message.user or ""),
        "" if message.endpoint else mask_address(address),
        str(message.endpoint or ""),
        str(message.attempts),
        message.last_error,
        message.receipt,
    )


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""


def resend_message(*, actor: User, message_id: int, now: datetime) -> Message:
    """Send one message again that was given up; what was sent is never sent a second time."""
    _require(actor)

    def work() -> Message:
        message = lock_message(message_id)
        if message.status != DeliveryStatus.FAILED:
            raise ActionRefused(
                code="message.not_failed",
                text=_("It is on its way or has arrived: only what failed is sent again."),
            )
        if message.user is not None and not message.user.is_active:
            raise ActionRefused(
                code="message.nobody", text=_("The account is closed: nobody would read it.")
            )
        place = message.endpoint
        if place is not None and (not place.is_active or place.stopped_at is not None):
            raise ActionRefused(
                code="endpoint.off",
                text=_("It is switched off: switch it on first, then send again what it missed."),
            )
        _put_back([message], actor, now)
        return message

    return run_transaction(work)


def resend_failed(*, actor: User, filters: MessageFilters, now: datetime) -> int:
    """Send again the newest 500 of what failed and fits the search; gives how many.

    What somebody else sends again at the same moment is left to them.
    """
    _require(actor)

    def work() -> int:
        keys = failed_messages(viewer=actor, filters=filters).values_list("pk", flat=True)
        messages = claim_failed(list(keys[:MOST_AT_ONCE]))
        _put_back(messages, actor, now)
        return len(messages)

    return run_transaction(work)


def retry_event(*, actor: User, event_id: UUID, now: datetime) -> OutboxEvent:
    """Try at once to tell of an event whose telling failed."""
    _require(actor)

    def work() -> OutboxEvent:
        event = lock_event(event_id)
        if event.dispatched_at is not None or not event.attempts:
            raise ActionRefused(
                code="event.not_stuck", text=_("It has been told by now, or was not tried yet.")
            )
        event.next_attempt_at = None
        event.save(update_fields=["next_attempt_at"])
        facts = {"what": event.kind, "error": event.last_error[:200]}
        record(action="event.retried", actor=actor, target=event, now=now, facts=facts)
        transaction.on_commit(wake_dispatcher, robust=True)
        return event

    return run_transaction(work)


def _put_back(messages: list[Message], actor: User, now: datetime) -> None:
    """Let the workers try them anew, with all attempts before them, and keep who asked."""
    if not messages:
        return
    entries = [
        Entry(
            action="message.resent",
            target=each,
            facts={
                "what": each.kind,
                "channel": each.channel,
                "user": str(each.user or each.endpoint or ""),
                "attempts": each.attempts,
                "error": each.last_error[:200],
            },
        )
        for each in messages
    ]
    record_many(entries, actor=actor, now=now)
    Message.objects.filter(pk__in=[each.pk for each in messages]).update(
        status=DeliveryStatus.PENDING, attempts=0, next_attempt_at=None
    )
    transaction.on_commit(wake_dispatcher, robust=True)


def _require(actor: User) -> None:
    if not may(actor, "message.resend"):
        raise NotAllowed(
            code="message.forbidden",
            text=_("You may not send messages again."),
            needs="message.resend",
        )
