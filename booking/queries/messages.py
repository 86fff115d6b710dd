"""What was sent to whom: the log of all messages, and events that could not be told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from accounts.permissions import may
from booking.enums import DeliveryStatus
from booking.models import Message, Notification, OutboxEvent

Place = tuple[datetime, int]
MOST_PEOPLE = 50
OWN_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilters:
    """What to look for, from `since` up to `until`; empty texts do not filter.

    `person` is part of a name, a user name or an address; `kind` a kind of event or the beginning
    of some; `before` the place of the message after which to go on.
    """

    since: datetime
    until: datetime
    person: str = ""
    kind: str = ""
    channel: str = ""
    status: str = ""
    before: Place | None = None


def message_log(*, viewer: User, filters: MessageFilters) -> "QuerySet[Message]":
    """The messages that somebody looks for, the newest first; who may not look finds none."""
    if not may(viewer, "message.view"):
        return Message.objects.none()
    found = Message.objects.filter(created_at__gte=filters.since, created_at__lt=filters.until)
    if filters.person:
        found = found.filter(_to(filters.person))
    if filters.kind:
        found = found.filter(kind__startswith=filters.kind)
    if filters.channel:
        found = found.filter(channel=filters.channel)
    if filters.status:
        found = found.filter(status=filters.status)
    if filters.before:
        at, pk = filters.before
        # The first condition is implied by the second; it alone is answered by the index.
        found = found.filter(created_at__lte=at).filter(Q(created_at__lt=at) | Q(pk__lt=pk))
    return found.select_related("user", "endpoint").order_by("-created_at", "-pk")


def failed_messages(*, viewer: User, filters: MessageFilters) -> "QuerySet[Message]":
    """Those of them that were given up and whose reader is still there, or place still on."""
    is_there = Q(user=None) | Q(user__is_active=True)
    is_on = Q(endpoint=None) | Q(endpoint__is_active=True, endpoint__stopped_at=None)
    found = message_log(viewer=viewer, filters=filters)
    return found.filter(is_there, is_on, status=DeliveryStatus.FAILED)


def find_message(*, viewer: User, pk: int) -> Message | None:
    """One message by its number, with what its page needs."""
    if not may(viewer, "message.view"):
        return None
    found = Message.objects.select_related("user__preferences", "endpoint", "event", "digest")
    return found.filter(pk=pk).first()


def stuck_events(viewer: User) -> "QuerySet[OutboxEvent]":
    """Events whose telling failed and that wait for another try, the oldest first."""
    if not may(viewer, "message.view"):
        return OutboxEvent.objects.none()
    return OutboxEvent.objects.filter(dispatched_at=None, attempts__gt=0).order_by("pk")


def told_to(*, user: User, now: datetime, before: Place | None = None) -> "QuerySet[Message]":
    """What somebody was sent in the last 90 days, with the title of its notice where it has one."""
    notice = Notification.objects.filter(event=OuterRef("event"), user=OuterRef("user"))
    found = Message.objects.filter(user=user, created_at__gt=now - timedelta(days=OWN_DAYS))
    if before:
        at, pk = before
        found = found.filter(created_at__lte=at).filter(Q(created_at__lt=at) | Q(pk__lt=pk))
    return found.annotate(
        title=Subquery(notice.values("title")[:1]), path=Subquery(notice.values("url")[:1])
    ).order_by("-created_at", "-pk")


def _to(person: str) -> Q:
    """Messages to people of that name or address, and to the address without an account."""
    parts = person.replace("\x00", "").split()[:4]
    people = User.objects.all()
    for part in parts:
        people = people.filter(
            Q(first_name__icontains=part)
            | Q(last_name__icontains=part)
            | Q(username__icontains=part)
            | Q(email__icontains=part)
        )
    keys = list(people.order_by("pk").values_list("pk", flat=True)[:MOST_PEOPLE])
    # Nobody's name has one: without this the index of people answers alone.
    return Q(user__in=keys) | Q(address__iexact=person) if "@" in person else Q(user__in=keys)
