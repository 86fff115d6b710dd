"""The link in each mail by which its reader declines more of the kind, without a login."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.enums import Timing
from booking.models import Message
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.channels.base import Channel
from booking.notifications.topics import TOPICS, topic_of
from booking.notifications.words import outside
from booking.queries.reach import chosen_by

LASTS = timedelta(days=90)
DIGEST = "digest"
_DIGEST_LABEL = _("what came in the digest")
_SIGNER = Signer(salt="booking.declining")
_BEFORE = Signer(salt="booking.declining.before")


class LinkRefused(Exception):
    """The link does not count (any more); says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declinable:
    """What a link is about: whose mails, and of which kinds."""

    user: User
    label: str | Promise
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """The link of one mail, and the name of what it declines."""

    link: str
    label: str | Promise


def decline_of(message: Message) -> Decline | None:
    """The link of a mail; None for what nobody can do without, or who has no account."""
    if message.user is None or CATALOGUE[message.kind].is_required:
        return None
    label: str | Promise
    if CATALOGUE[message.kind].audience is Audience.DIGEST:
        word, label = f"{DIGEST} {message.event.public_id}", _DIGEST_LABEL
    elif topic := topic_of(message.kind):
        word, label = topic.key, topic.label
    else:
        return None
    token = _SIGNER.sign_object(
        {
            "user": str(message.user.public_id),
            "word": word,
            "at": int(message.created_at.timestamp()),
        }
    )
    return Decline(
        link=outside(reverse("booking:mails_decline", kwargs={"token": token})), label=label
    )


def read_token(token: str, *, now: datetime) -> Declinable:
    """What a link is about. Raises LinkRefused, in words, for one that does not count."""
    try:
        said = _SIGNER.unsign_object(token)
        user_id, word, sent = UUID(said["user"]), str(said["word"]), int(said["at"])
    except (BadSignature, ValueError, KeyError, TypeError) as error:
        raise LinkRefused(
            _("This link is not whole. Copy all of it, or log in and choose there.")
        ) from error
    if now - datetime.fromtimestamp(sent, tz=UTC) > LASTS:
        raise LinkRefused(
            _("This link is from an old mail and counts no more. Log in and choose there.")
        )
    people = User.objects.select_related("preferences")
    user = people.filter(public_id=user_id, is_active=True).first()
    found = None if user is None else _declinable(user, word)
    if found is None or not found.kinds:
        raise LinkRefused(_("There is nothing left that this link could stop."))
    return found


def _declinable(user: User, word: str) -> Declinable | None:
    name, _space, event_id = word.partition(" ")
    if name == DIGEST:
        gathered = Message.objects.filter(digest__event__public_id=event_id, user=user)
        kinds = gathered.order_by("kind").values_list("kind", flat=True).distinct()
        return Declinable(user=user, label=_DIGEST_LABEL, kinds=_optional(kinds))
    topic = next((each for each in TOPICS if each.key == name), None)
    if topic is None:
        return None
    return Declinable(user=user, label=topic.label, kinds=_optional(topic.kinds))


def _optional(kinds: Iterable[str]) -> tuple[str, ...]:
    return tuple(each for each in kinds if each in CATALOGUE and not CATALOGUE[each].is_required)


def timings_of(link: Declinable, channel: Channel) -> dict[str, Timing]:
    """When the person hears of each of the kinds by a channel."""
    chosen = chosen_by([link.user.pk], link.kinds)[link.user.pk]
    return {
        kind: chosen.timing(kind, channel.name, channel.default(CATALOGUE[kind]))
        for kind in link.kinds
    }


def sign_before(user: User, before: Mapping[str, Timing]) -> str:
    """What was chosen until now, for the page that may take it back."""
    said = {kind: timing.value for kind, timing in before.items()}
    return _BEFORE.sign_object({"user": str(user.public_id), "before": said})


def read_before(user: User, text: str) -> dict[str, Timing]:
    """What was chosen before; nothing when it is not known (any more)."""
    try:
        said = _BEFORE.unsign_object(text)
    except (BadSignature, ValueError):
        return {}
    if said.get("user") != str(user.public_id):
        return {}
    return {kind: Timing(timing) for kind, timing in said["before"].items()}
