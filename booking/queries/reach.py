"""What people chose to hear, by which channel and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from booking.enums import DeliveryStatus, Timing, WatchMode
from booking.models import Message, NotificationPreference, NotificationSchedule, ResourceWatch

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose and what the lab chose, by kind and channel."""

    own: Mapping[Choice, Timing]
    lab: Mapping[Choice, Timing]

    def timing(self, kind: str, channel: str, default: Timing) -> Timing:
        """The person's choice, else the lab's, else the catalogue's."""
        choice = (kind, channel)
        return self.own.get(choice) or self.lab.get(choice) or default


def chosen_by(users: Iterable[int], kinds: Iterable[str] | None = None) -> dict[int, Chosen]:
    """What each of the people chose for the kinds, or for all of them; one query."""
    keys = list(users)
    rows = NotificationPreference.objects.filter(Q(user__in=keys) | Q(user=None))
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    lab: dict[Choice, Timing] = {}
    own: dict[int, dict[Choice, Timing]] = {key: {} for key in keys}
    for user, kind, channel, timing in rows.values_list("user", "kind", "channel", "timing"):
        (lab if user is None else own[user])[kind, channel] = Timing(timing)
    return {key: Chosen(own[key], lab) for key in keys}


def lab_choices() -> dict[Choice, Timing]:
    """What the lab chose for everybody who did not."""
    rows = NotificationPreference.objects.filter(user=None)
    return {
        (kind, channel): Timing(timing)
        for kind, channel, timing in rows.values_list("kind", "channel", "timing")
    }


def schedules_of(users: Iterable[int]) -> dict[int, NotificationSchedule]:
    """The quiet hours and digests of those who chose any."""
    return {each.user_id: each for each in NotificationSchedule.objects.filter(user__in=users)}


def quiet_schedules(users: Iterable[int]) -> "QuerySet[NotificationSchedule]":
    """The quiet hours of those of the people who have any, with their zone."""
    found = NotificationSchedule.objects.filter(user__in=set(users), quiet_from__isnull=False)
    return found.select_related("user__preferences")


def schedule_of(user: User) -> NotificationSchedule:
    """One person's quiet hours and digest, as they are when nothing was chosen."""
    found = NotificationSchedule.objects.filter(user=user).first()
    return found or NotificationSchedule(user=user)


def watched_by(user: User) -> "QuerySet[ResourceWatch]":
    """What a person follows or muted, by name."""
    return ResourceWatch.objects.filter(user=user).select_related("resource__resource_type")


def sent_since(users: Iterable[int], since: datetime) -> dict[tuple[int, str], int]:
    """How many messages each of the people got by each channel, those that wait included."""
    rows = (
        Message.objects.filter(user__in=users, created_at__gt=since)
        .exclude(status__in=(DeliveryStatus.HELD, DeliveryStatus.GATHERED))
        .values_list("user", "channel")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return {(user, channel): n for user, channel, n in rows}


def held_for(*, now: datetime) -> list[tuple[int, str]]:
    """Whose digest is due, and by which channel."""
    due = Message.objects.filter(status=DeliveryStatus.HELD, next_attempt_at__lte=now)
    found = due.exclude(user=None).values_list("user", "channel").distinct().order_by("user")
    return [(user, channel) for user, channel in found if user is not None]


def muted_by(users: Iterable[int], resources: Iterable[int]) -> set[int]:
    """Who of them muted all of the resources."""
    wanted = set(resources)
    if not wanted:
        return set()
    rows = ResourceWatch.objects.filter(
        user__in=users, resource__in=wanted, mode=WatchMode.MUTE
    ).values_list("user", "resource")
    found: dict[int, set[int]] = {}
    for user, resource in rows:
        found.setdefault(user, set()).add(resource)
    return {user for user, muted in found.items() if muted == wanted}
