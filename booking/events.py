"""The outbox: an event is written with what it tells of, and told after the commit."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from booking.enums import WatchMode
from booking.models.endpoints import Endpoint
from booking.models.events import OutboxEvent
from booking.models.reach import ResourceWatch
from booking.models.resources import Resource

_wakers: list[Callable[[], None]] = []


def post_event(
    *,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
    not_before: datetime | None = None,
) -> OutboxEvent:
    """Put an event into the outbox, in the caller's transaction.

    `kind` is one of the catalogue (`booking.created`); the payload holds ids, never secrets.
    After the commit the dispatcher is woken; should that fail, the sweep finds the event. With
    `not_before` it waits until then, and the sweep finds it: what can still be undone.
    """
    event = draft_event(kind=kind, payload=payload, now=now, not_before=not_before)
    event.save(force_insert=True)
    return event


def draft_event(
    *,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
    not_before: datetime | None = None,
) -> OutboxEvent:
    """The same for who writes it with the other rows of the act, in the same transaction."""
    # robust: a broker that is away costs a log line, never the request.
    transaction.on_commit(wake_dispatcher, robust=True)
    return OutboxEvent(kind=kind, payload=dict(payload), created_at=now, next_attempt_at=not_before)


def post_notice(
    *,
    kind: str,
    people: Iterable[int],
    now: datetime,
    actor: User | None = None,
    path: str = "",
    facts: Mapping[str, Any] | None = None,
) -> OutboxEvent | None:
    """Tell people of something by an event that names them by key; nobody named is no event.

    `path` is where the link leads. A fact may be a moment (`{"at": iso}`), a period
    (`{"start": iso, "end": iso}`) or a day (`{"day": iso}`): each reader gets it in their own
    formats and zone.
    """
    named = sorted(set(people))
    if not named:
        return None
    return post_event(
        kind=kind,
        payload={
            "people": named,
            "actor": None if actor is None else actor.pk,
            "path": path,
            "facts": dict(facts or {}),
        },
        now=now,
    )


def post_followed(
    *, kind: str, resource: Resource, path: str, facts: Mapping[str, Any], now: datetime
) -> OutboxEvent | None:
    """Tell those who follow a resource, in words that name nobody; heard by none, no event.

    Chat rooms and webhooks hear of it whether anybody follows it or not.
    """
    followed = ResourceWatch.objects.filter(resource=resource, mode=WatchMode.FOLLOW)
    listening = Endpoint.objects.filter(is_active=True).order_by()
    if not followed.values("pk").union(listening.values("pk")).exists():
        return None
    payload = {"resource": resource.pk, "path": path, "facts": dict(facts)}
    return post_event(kind=kind, payload=payload, now=now)


def register_waker(waker: Callable[[], None]) -> None:
    """Name what is called after a commit that left events behind (the tasks register here)."""
    if waker not in _wakers:
        _wakers.append(waker)


def post_change(
    *resources: UUID, people: Collection[int] = (), now: datetime
) -> OutboxEvent | None:
    """Tell open pages that something changed here of which people hear later, or never.

    `resources` by public id, `people` by key.
    """
    if not resources:
        return None
    keys = sorted({str(each) for each in resources})
    payload = {"resources": keys, "people": sorted(set(people))}
    return post_event(kind="resource.changed", payload=payload, now=now)


def wake_dispatcher() -> None:
    """Tell the workers that there is something to do."""
    for waker in _wakers:
        waker()
