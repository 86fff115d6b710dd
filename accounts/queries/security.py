"""Who hears of alarms, and what a person sees of their own account's safety."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from audit.models import SecurityEvent
from audit.security_kinds import kind_words
from labitory.lib.agents import say_agent

# What a person may read of the facts of an event on their own account: nothing about others.
_OWN_FACTS = ("provider", "role", "where")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEvent:
    """One line of a person's own security log."""

    at: datetime
    words: str
    detail: str
    device: str
    address: str
    country: str
    by_other: bool


def alarmed_people() -> "QuerySet[User]":
    """Who gets a mail when an alarm rings: the system administrators whose accounts are open."""
    return User.objects.filter(
        Q(role=Role.SYSADMIN) | Q(is_superuser=True), is_active=True
    ).order_by("pk")


def own_events(
    user: User, *, before: tuple[datetime, int] | None = None, limit: int
) -> "QuerySet[SecurityEvent]":
    """The events of one's own account, newest first, from after a place in the list."""
    found = SecurityEvent.objects.filter(user_id=user.pk)
    if before:
        at, pk = before
        found = found.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    return found.order_by("-at", "-pk")[:limit]


def own_line(user: User, event: SecurityEvent) -> OwnEvent:
    """An event as its owner reads it; that another acted is said, but neither who nor whence."""
    by_other = event.actor_id is not None and event.actor_id != user.pk
    return OwnEvent(
        at=event.at,
        words=kind_words(event.kind),
        detail=_detail(event),
        device="" if by_other else say_agent(event.agent),
        address="" if by_other else event.address or "",
        country="" if by_other else event.country,
        by_other=by_other,
    )


def _detail(event: SecurityEvent) -> str:
    facts = event.facts
    # At a login the device is the browser, which is said anyway.
    names = _OWN_FACTS if event.kind == "login.succeeded" else ("device", *_OWN_FACTS)
    parts = [str(facts[name]) for name in names if facts.get(name)]
    if facts.get("failures"):
        number = facts["failures"]
        parts.append(ngettext("%(n)d failure", "%(n)d failures", number) % {"n": number})
    return ", ".join(parts)
