"""Who is told by which channel and when: one plan for every kind of event."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import prefetch_related_objects

from accounts.models import User
from booking.enums import DeliveryStatus, Timing
from booking.models import Message, Notification, NotificationSchedule, OutboxEvent
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import IN_APP, PERSONAL
from booking.notifications.timing import Hours, next_digest, quiet_until
from booking.notifications.words import Words
from booking.queries.reach import (
    Chosen,
    chosen_by,
    muted_by,
    schedules_of,
    sent_since,
)

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What the readers of one event chose."""

    chosen: dict[int, Chosen]
    schedules: dict[int, NotificationSchedule]
    sent: dict[tuple[int, str], int] = field(default_factory=dict)


def tell(
    *,
    event: OutboxEvent,
    readers: Sequence[User],
    words: Callable[[User], Words],
    actor: User | None,
    now: datetime,
    resources: Iterable[int] = (),
) -> None:
    """Write each reader's notice and messages; written twice, there is still one of each.

    The actor gets no notice. `resources` are those which the readers look after or follow: who
    muted them hears nothing, unless it is urgent. What is booked is never muted.
    """
    kind = CATALOGUE[event.kind]
    keys = [each.pk for each in readers]
    muted = set() if kind.urgent else muted_by(keys, resources)
    heard = [each for each in readers if each.pk not in muted]
    chosen = _everything(event.kind, keys) if kind.everywhere else chosen_by(keys, [event.kind])
    noticed = [
        each
        for each in heard
        if (actor is None or each.pk != actor.pk)
        and chosen[each.pk].timing(event.kind, IN_APP.name, IN_APP.default(kind)) is Timing.NOW
    ]
    _write_notices(event, noticed, words, now)
    _read_addresses(event.kind, heard, chosen)
    wishes = _Wishes(
        chosen, schedules_of(keys), {} if kind.urgent else sent_since(keys, now - HOUR)
    )
    messages = [
        message
        for reader in heard
        for name in PERSONAL
        if (message := _planned(event, reader, name, wishes, now))
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)


def _everything(kind: str, keys: Iterable[int]) -> dict[int, Chosen]:
    """In an emergency nobody has chosen anything but to hear of it everywhere."""
    every = Chosen({(kind, name): Timing.NOW for name in (IN_APP.name, *PERSONAL)}, {})
    return dict.fromkeys(keys, every)


def _write_notices(
    event: OutboxEvent, readers: Sequence[User], words: Callable[[User], Words], now: datetime
) -> None:
    notices = []
    for reader in readers:
        said = words(reader)
        notices.append(
            Notification(
                event=event,
                user=reader,
                title=said.subject,
                body=said.text,
                url=said.path,
                created_at=now,
            )
        )
    Notification.objects.bulk_create(notices, ignore_conflicts=True)


def _read_addresses(name: str, readers: Sequence[User], chosen: dict[int, Chosen]) -> None:
    """Where the readers are reached, for all at once, by each channel that anybody wants."""
    kind = CATALOGUE[name]
    wanted = [
        relation
        for channel in PERSONAL.values()
        if channel.relations and channel.is_ready()
        if any(
            chosen[each.pk].timing(name, channel.name, channel.default(kind)) is not Timing.OFF
            for each in readers
        )
        for relation in channel.relations
    ]
    prefetch_related_objects(list(readers), *wanted)


def _planned(
    event: OutboxEvent, reader: User, name: str, wishes: _Wishes, now: datetime
) -> Message | None:
    """The message of one reader by one channel, or None when there is to be none."""
    kind, channel = CATALOGUE[event.kind], PERSONAL[name]
    default = channel.default(kind)
    timing = wishes.chosen[reader.pk].timing(event.kind, name, default)
    if timing is Timing.OFF or not channel.is_ready() or not channel.reaches(reader):
        return None
    message = Message(
        event=event,
        user=reader,
        channel=name,
        kind=event.kind,
        payload=event.payload,
        created_at=now,
    )
    if kind.urgent:
        return message
    hours = hours_of(reader, wishes.schedules.get(reader.pk))
    if timing is not Timing.NOW:
        message.status = DeliveryStatus.HELD
        message.next_attempt_at = next_digest(hours, timing, now)
    elif not kind.calendar and wishes.sent.get((reader.pk, name), 0) >= channel.most_an_hour:
        # A flood becomes one message; files for calendars always go out. All of it waits for the
        # same moment: what each waited for alone would come one by one as it was kept.
        message.status = DeliveryStatus.HELD
        flooded = now.replace(minute=0, second=0, microsecond=0) + HOUR
        message.next_attempt_at = quiet_until(hours, flooded) or flooded
    else:
        message.next_attempt_at = quiet_until(hours, now)
    return message


def hours_of(reader: User, schedule: NotificationSchedule | None) -> Hours:
    """A person's quiet hours and digest on the clock of their zone."""
    zone = ZoneInfo(reader.preferences.time_zone or settings.LAB_TIME_ZONE)
    if schedule is None:
        return Hours(zone=zone)
    return Hours(
        zone=zone,
        quiet_from=schedule.quiet_from,
        quiet_until=schedule.quiet_until,
        digest_at=schedule.digest_at,
        digest_weekday=schedule.digest_weekday,
    )
