"""Messages as pages show them."""

from dataclasses import dataclass, replace

import structlog

from booking.enums import DeliveryStatus
from booking.models import Message
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.channels import SENDERS
from booking.notifications.messages import words_of
from booking.notifications.topics import say_kind
from booking.notifications.words import Words

logger = structlog.get_logger(__name__)
_BADGES = {
    DeliveryStatus.PENDING: "pending",
    DeliveryStatus.SENT: "completed",
    DeliveryStatus.FAILED: "closed",
    DeliveryStatus.HELD: "later",
    DeliveryStatus.GATHERED: "later",
    DeliveryStatus.VOID: "later",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One message with its kind, channel and state in words."""

    message: Message
    words: str
    channel: str
    state: str
    badge: str

    @property
    def is_failed(self) -> bool:
        """Whether it was given up."""
        return self.message.status == DeliveryStatus.FAILED


def line_of(message: Message) -> MessageLine:
    """A message as a line; kinds and channels that are gone by now keep their own words."""
    status = DeliveryStatus(message.status)
    sender = SENDERS.get(message.channel)
    return MessageLine(
        message=message,
        words=say_kind(message.kind) if message.kind in CATALOGUE else message.kind,
        channel=str(sender.label) if sender else message.channel,
        state=str(status.label),
        badge=_BADGES[status],
    )


def shown_words(message: Message) -> Words | None:
    """What it would say now, without what opens an account; None when there is nothing to say."""
    entry = CATALOGUE.get(message.kind)
    if entry is None:
        return None
    try:
        words = words_of(message)
    except (LookupError, ValueError, TypeError) as error:
        # What it tells of is gone, or it goes to a place that writes its own words.
        logger.info("message.without_words", message=message.pk, error=type(error).__name__)
        return None
    if entry.audience is Audience.ACCOUNT:
        # The link may open the account once: it is for its owner alone.
        return replace(words, link="", path="")
    return words
