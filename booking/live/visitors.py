"""Who opens a socket, and whether they still may have it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from accounts.authentication import person_of
from accounts.models import Session, User
from accounts.queries.sessions import time_left
from accounts.session_store import About, SessionStore, about
from booking.queries.hints import QUEUES, hidden_topics, user_topic, visible_topics
from booking.queries.screens import ended_displays, is_of_display, screen_topics, topics_in

ME = "me"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever opened a socket: a person by their session, or a screen by the pass of its page."""

    user_id: int | None = None
    session_id: UUID | None = None
    # The pass of a screen, and what it names: that it may hear of, and nothing else.
    screen: str = ""
    named: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Whose sockets are counted together: one person's, or all screens that show the same."""
        return " ".join(sorted(self.named)) if self.user_id is None else f"user {self.user_id}"

    def topic_of(self, word: str) -> str:
        """The topic that a page means; nobody can name another person's."""
        if word == ME:
            return "" if self.user_id is None else user_topic(self.user_id)
        return "" if word.startswith("user:") else word

    def word_of(self, topic: str) -> str:
        """What the page calls a topic."""
        is_own = self.user_id is not None and topic == user_topic(self.user_id)
        return ME if is_own else topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A socket as it is looked over: whose it is, and what it hears of."""

    visitor: Visitor
    topics: frozenset[str]


def find_visitor(scope: dict[str, Any], *, now: datetime) -> Visitor | None:
    """The person whose session the request carries, or the screen whose pass it does; or nobody."""
    screen = parse_qs(scope["query_string"].decode("latin-1")).get("pass", [""])[0]
    # A display is a screen also for a manager who looks at it: only so it hears of its end.
    if not is_of_display(screen):
        person = _find_person(_session_key(scope["headers"]), now)
        if person is not None:
            return person
    named = screen_topics(screen) if screen else frozenset()
    return Visitor(screen=screen, named=named) if named else None


def _session_key(headers: Iterable[tuple[bytes, bytes]]) -> str:
    sent = "; ".join(value.decode("latin-1") for name, value in headers if name == b"cookie")
    try:
        cookie = SimpleCookie(sent).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def _find_person(session_key: str, now: datetime) -> Visitor | None:
    """As a page would know them: while the session has its row and is not over."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user, known = person_of(request), about(request.session)
    if not isinstance(user, User) or known is None or not time_left(known, now):
        return None
    return Visitor(user_id=user.pk, session_id=known.public_id)


def allowed_topics(visitor: Visitor, asked: frozenset[str], *, now: datetime) -> frozenset[str]:
    """Those of the topics that they may hear of."""
    if visitor.user_id is None:
        return asked & screen_topics(visitor.screen)
    user = User.objects.filter(pk=visitor.user_id, is_active=True).first()
    return frozenset() if user is None else visible_topics(user, asked, now=now)


def still_allowed(heard: Sequence[Heard], *, now: datetime) -> list[frozenset[str] | None]:
    """For each what it may go on to hear of; None where the session or the pass is over.

    A handful of queries however many there are: most instruments are everybody's, and only who
    hears of others, or of the queues, is looked at one by one.
    """
    open_ids = _open_sessions([each.visitor.session_id for each in heard], now)
    topics = {topic for each in heard for topic in each.topics}
    hidden, ended = hidden_topics(topics), ended_displays(topics)
    doubtful = [each.visitor.user_id for each in heard if each.topics & (hidden | {QUEUES})]
    users = User.objects.in_bulk([key for key in doubtful if key is not None])
    found: list[frozenset[str] | None] = []
    for each in heard:
        visitor, doubted = each.visitor, each.topics & (hidden | {QUEUES})
        if visitor.user_id is None:
            found.append(_still_heard(each, hidden=hidden, ended=ended))
        elif visitor.session_id not in open_ids:
            found.append(None)
        elif not doubted:
            found.append(each.topics)
        else:
            user = users.get(visitor.user_id)
            kept = visible_topics(user, doubted, now=now) if user else frozenset()
            found.append((each.topics - doubted) | kept)
    return found


def _still_heard(
    heard: Heard, *, hidden: frozenset[str], ended: frozenset[str]
) -> frozenset[str] | None:
    """The same of a screen: until its pass is too old, its display is down, or all is hidden."""
    allowed = topics_in(heard.visitor.screen)
    if not allowed or heard.topics & ended:
        return None
    kept = (heard.topics & allowed) - hidden
    return None if heard.topics and not kept else kept


def _open_sessions(ids: Iterable[UUID | None], now: datetime) -> set[UUID]:
    rows = Session.objects.filter(
        public_id__in={key for key in ids if key is not None}, user__is_active=True
    ).values_list("public_id", "began_at", "seen_at")
    return {
        key
        for key, began_at, seen_at in rows
        if began_at is not None
        and seen_at is not None
        and time_left(About(public_id=key, began_at=began_at, seen_at=seen_at), now)
    }
