"""Which pages an event is news for, and who may hear of what."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from accounts.models import User
from booking.models import Booking, Notification, OutboxEvent, Resource
from booking.permissions import may_somewhere
from booking.queries.places import shown_to

QUEUES = "queues"
_RESOURCE, _USER, _DISPLAY = "resource:", "user:", "display:"
# Who may do any of these has a queue; who is only asked now and then hears it as their own.
_DECIDES = (
    "booking.approve",
    "resource.grant_access",
    "assessment.review",
    "training.manage",
)
# What changes how much waits for somebody.
_QUEUE_KINDS = (
    "booking.requested",
    "booking.approved",
    "booking.rejected",
    "booking.cancelled",
    "booking.rescheduled",
)
_QUEUE_TOPICS = ("approval.", "access.", "assessment.", "session.")


def resource_topic(public_id: UUID | str) -> str:
    """The topic of an instrument."""
    return f"{_RESOURCE}{public_id}"


def user_topic(key: int) -> str:
    """The topic of a person; a page calls its reader's `me`."""
    return f"{_USER}{key}"


def display_topic(public_id: UUID | str) -> str:
    """The topic of a display: that it was taken down."""
    return f"{_DISPLAY}{public_id}"


def topics_of(event: OutboxEvent) -> list[str]:
    """All that an event is news for: its instruments, its people and whom it told, the queues."""
    payload = event.payload
    resources = {str(key) for key in payload.get("resources", ())}
    resources |= {str(each["resource"]) for each in payload.get("freed", ())}
    people = {key for key in payload.get("people", ()) if isinstance(key, int)}
    people |= {key for key in (payload.get("user"), payload.get("actor")) if isinstance(key, int)}
    if bookings := payload.get("bookings"):
        booked, whose = _about(bookings)
        resources, people = resources | booked, people | whose
    people |= set(Notification.objects.filter(event=event).values_list("user", flat=True))
    topics = [resource_topic(key) for key in sorted(resources)]
    topics += [user_topic(key) for key in sorted(people)]
    topics += [display_topic(key) for key in payload.get("displays", ())]
    if event.kind in _QUEUE_KINDS or event.kind.startswith(_QUEUE_TOPICS):
        topics.append(QUEUES)
    return topics


def _about(bookings: Iterable[str]) -> tuple[set[str], set[int]]:
    """Their instruments with what is taken along with them, and their people."""
    rows = list(
        Booking.objects.filter(public_id__in=list(bookings)).values_list(
            "resource__public_id",
            "resource__links__linked__public_id",
            "user",
            "created_by",
            "attendees__user",
        )
    )
    resources = {str(key) for row in rows for key in row[:2] if key is not None}
    return resources, {key for row in rows for key in row[2:] if key is not None}


def visible_topics(viewer: User, asked: Collection[str], *, now: datetime) -> frozenset[str]:
    """Those of the topics that the person may hear of; one query at most."""
    allowed = {topic for topic in asked if topic == user_topic(viewer.pk)}
    if QUEUES in asked and has_queues(viewer):
        allowed.add(QUEUES)
    if keys := resource_ids(asked):
        shown = Resource.objects.filter(shown_to(viewer, now=now), public_id__in=keys)
        allowed |= {resource_topic(key) for key in shown.values_list("public_id", flat=True)}
    return frozenset(allowed)


def has_queues(viewer: User) -> bool:
    """Whether anything waits for this person by what they may do."""
    return any(may_somewhere(viewer, code) for code in _DECIDES)


def resource_ids(topics: Iterable[str]) -> set[UUID]:
    """The instruments among the topics; what is no id is nobody's."""
    return _ids(topics, _RESOURCE)


def display_ids(topics: Iterable[str]) -> set[UUID]:
    """The displays among the topics."""
    return _ids(topics, _DISPLAY)


def _ids(topics: Iterable[str], noun: str) -> set[UUID]:
    named = (topic.removeprefix(noun) for topic in topics if topic.startswith(noun))
    return {key for word in named if (key := _uuid(word))}


def hidden_topics(topics: Iterable[str]) -> frozenset[str]:
    """Those of the topics whose instrument is not for everybody, or is gone."""
    asked = {key: resource_topic(key) for key in resource_ids(topics)}
    found = Resource.objects.filter(public_id__in=asked, is_hidden=False)
    shown = set(found.values_list("public_id", flat=True))
    return frozenset(topic for key, topic in asked.items() if key not in shown)


def _uuid(word: str) -> UUID | None:
    try:
        key = UUID(word)
    except ValueError:
        return None
    return key if str(key) == word else None
