"""Telling people: who hears of an event, and what readers do with their notices."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import User
from booking.models import Booking, Message, Notification, OutboxEvent
from booking.notifications.bookings import words_for
from booking.notifications.catalogue import CATALOGUE, NAMED, Audience
from booking.notifications.named import named_words
from booking.notifications.wordings import Wordings
from booking.notifications.words import Words
from booking.queries.endpoints import resources_named
from booking.queries.notifications import (
    bookings_of_event,
    deciders_of,
    followers_of,
    people_by_key,
    people_of,
)
from booking.queries.reminders import is_outdated
from booking.services._telling import tell
from labitory.lib.db import run_transaction


def tell_people(*, event: OutboxEvent, now: datetime) -> None:
    """Tell of a booking event: one message a person and channel, however often it runs.

    The person a booking is for always gets the mail with its calendar file, unless they chose
    otherwise; nobody gets a notice of their own act.
    """
    bookings = bookings_of_event(event.payload["bookings"])
    if not bookings:
        return
    actor = User.objects.filter(pk=event.payload.get("actor")).first()
    audience = CATALOGUE[event.kind].audience
    reason = str(event.payload.get("reason", ""))
    wordings = Wordings([event.kind])

    def words(reader: User) -> Words:
        return words_for(
            kind=event.kind,
            bookings=bookings,
            actor=actor,
            reader=reader,
            reason=reason,
            wordings=wordings,
        )

    # Who must decide may have muted the resource; whose booking it is hears of it.
    looked_after = {each.resource_id for each in bookings} if audience is Audience.DECIDERS else ()
    readers = _readers(event, audience, bookings, now)
    tell(event=event, readers=readers, words=words, actor=actor, now=now, resources=looked_after)


def _readers(
    event: OutboxEvent, audience: Audience, bookings: Sequence[Booking], now: datetime
) -> list[User]:
    if audience is Audience.DECIDERS:
        return deciders_of(bookings, now=now)
    if audience is Audience.FORMER:
        return people_by_key(event.payload["people"])
    return people_of(bookings)


def tell_named(*, event: OutboxEvent, now: datetime) -> None:
    """Tell the people whom an event names; the actor gets no notice.

    A reminder of what is over or changed by now is told to nobody.
    """
    if is_outdated(event.payload, now):
        return
    actor = User.objects.filter(pk=event.payload.get("actor")).first()
    wordings = Wordings([event.kind])

    def words(reader: User) -> Words:
        return named_words(
            kind=event.kind,
            payload=event.payload,
            actor=actor,
            reader=reader,
            wordings=wordings,
        )

    readers = people_by_key(event.payload["people"])
    resources = _looked_after(event)
    tell(event=event, readers=readers, words=words, actor=actor, now=now, resources=resources)


def _looked_after(event: OutboxEvent) -> list[int]:
    """The instrument of what is told to who looks after it; of all else none is muted."""
    if not NAMED[event.kind].looked_after:
        return []
    name = str(event.payload.get("facts", {}).get("resource", ""))
    return [each.pk for each in resources_named(name=name)]


def tell_followers(*, event: OutboxEvent, now: datetime) -> None:
    """Tell those who follow a resource and still find it."""
    wordings = Wordings([event.kind])

    def words(reader: User) -> Words:
        return named_words(
            kind=event.kind,
            payload=event.payload,
            actor=None,
            reader=reader,
            wordings=wordings,
        )

    readers = followers_of(event.payload["resource"], now=now)
    tell(event=event, readers=readers, words=words, actor=None, now=now)


def tell_account(*, event: OutboxEvent, now: datetime) -> None:
    """Write the message of an account event to its owner, or to an address without an account."""
    to = {"address": event.payload.get("address", "")}
    owner = None if to["address"] else User.objects.filter(pk=event.payload["user"]).first()
    if not to["address"] and (owner is None or not owner.is_active):
        return
    message = Message(
        event=event,
        user=owner,
        channel=CATALOGUE[event.kind].channel,
        kind=event.kind,
        payload=event.payload,
        created_at=now,
        **to,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)


def mark_notices_read(*, user: User, now: datetime, notice_id: int | None = None) -> int:
    """Mark one of the person's own notices as read, or all of them; gives how many were not."""

    def work() -> int:
        unread = Notification.objects.filter(user=user, read_at=None)
        if notice_id is not None:
            unread = unread.filter(pk=notice_id)
        return unread.update(read_at=now)

    return run_transaction(work)
