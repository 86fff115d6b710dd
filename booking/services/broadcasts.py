"""Telling many at once: announcements and alarms, who has read them, and the all clear."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from audit.services import record
from booking.errors import ActionRefused, NotAllowed
from booking.events import draft_event
from booking.locks import lock_broadcast
from booking.models import Broadcast, BroadcastReceipt, OutboxEvent
from booking.notifications.named import named_words
from booking.notifications.wordings import Wordings
from booking.notifications.words import Words
from booking.queries.broadcasts import SEND, Scope, audience, may_send, scope_of
from booking.services._telling import tell
from labitory.lib.db import run_transaction

# So many people are told in one transaction of the dispatcher.
READERS = 500
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be said, to whom, and how."""

    title: str
    text: str
    scope: Scope
    is_emergency: bool = False
    must_acknowledge: bool = False
    shown_until: datetime | None = None


def send_broadcast(*, actor: User, wanted: Wanted, now: datetime) -> Broadcast:
    """Announce something to all whom it is for now, in one transaction.

    Who they are is fixed by one statement; they are told afterwards, 500 at a time. An emergency
    always asks to be acknowledged.
    """
    if not may_send(actor, wanted.scope, is_emergency=wanted.is_emergency):
        raise _forbidden()
    if wanted.shown_until is not None and wanted.shown_until <= now:
        raise ActionRefused(
            code="broadcast.past",
            text=_("Choose a time to come, until which it is shown."),
            field="shown_until",
            status=422,
        )

    def work() -> Broadcast:
        scope = wanted.scope
        broadcast = Broadcast.objects.create(
            title=wanted.title,
            text=wanted.text,
            is_emergency=wanted.is_emergency,
            must_acknowledge=wanted.must_acknowledge or wanted.is_emergency,
            resource=scope.resource,
            location=scope.location,
            unit=scope.unit,
            roles=list(scope.roles),
            author=actor,
            created_at=now,
            shown_until=wanted.shown_until,
        )
        people = _write_receipts(broadcast, scope, now)
        if not people:
            raise ActionRefused(
                code="broadcast.nobody",
                text=_("Nobody is there whom it would reach. Choose a wider circle."),
                field="scope",
                status=422,
            )
        _post("alarm.raised" if wanted.is_emergency else "announcement.made", broadcast, actor, now)
        record(
            action="broadcast.alarm_raised" if wanted.is_emergency else "broadcast.sent",
            actor=actor,
            target=broadcast,
            now=now,
            facts={"count": people, "where": say_scope(scope)},
        )
        return broadcast

    return run_transaction(work)


def acknowledge(*, user: User, broadcast_id: UUID, now: datetime) -> bool:
    """Say that one has read it; the first time counts. Gives whether it was the first.

    Raises `BroadcastReceipt.DoesNotExist` when it was not for them.
    """

    def work() -> bool:
        own = BroadcastReceipt.objects.get(user=user, broadcast__public_id=broadcast_id)
        # By its key alone: a condition on another table would not be asked again of a row that
        # somebody else held.
        unread = BroadcastReceipt.objects.filter(pk=own.pk, acknowledged_at=None)
        return bool(unread.update(acknowledged_at=now))

    return run_transaction(work)


def remind(*, actor: User, broadcast_id: UUID, now: datetime) -> int:
    """Ask those again who have not acknowledged it, at most every ten minutes; gives how many."""

    def work() -> int:
        broadcast = _held(actor, broadcast_id)
        if not broadcast.must_acknowledge:
            raise ActionRefused(
                code="broadcast.unasked", text=_("Nobody was asked to acknowledge it.")
            )
        if broadcast.reminded_at is not None and now - broadcast.reminded_at < PATIENCE:
            raise ActionRefused(
                code="broadcast.reminded", text=_("They were reminded within ten minutes.")
            )
        kind = "alarm.reminded" if broadcast.is_emergency else "announcement.reminded"
        people = _post(kind, broadcast, actor, now, only_open=True)
        if not people:
            raise ActionRefused(code="broadcast.all_read", text=_("Everybody has acknowledged it."))
        broadcast.reminded_at = now
        broadcast.save(update_fields=["reminded_at"])
        facts = {"count": people}
        record(action="broadcast.repeated", actor=actor, target=broadcast, now=now, facts=facts)
        return people

    return run_transaction(work)


def end_broadcast(*, actor: User, broadcast_id: UUID, now: datetime) -> Broadcast:
    """Take it off all pages; after an emergency everybody is told that it is over."""

    def work() -> Broadcast:
        broadcast = _held(actor, broadcast_id)
        broadcast.ended_at = now
        broadcast.save(update_fields=["ended_at"])
        if broadcast.is_emergency:
            _post("alarm.ended", broadcast, actor, now)
        record(action="broadcast.ended", actor=actor, target=broadcast, now=now)
        return broadcast

    return run_transaction(work)


def tell_announced(*, event: OutboxEvent, now: datetime) -> None:
    """Tell those people whom one part of an announcement names, by the keys of their receipts."""
    payload = event.payload
    receipts = BroadcastReceipt.objects.filter(
        broadcast__public_id=payload["broadcast"], pk__range=(payload["first"], payload["last"])
    )
    if payload["only_open"]:
        receipts = receipts.filter(acknowledged_at=None)
    readers = list(
        User.objects.filter(pk__in=receipts.values("user"), is_active=True)
        .select_related("preferences")
        .order_by("pk")
    )
    actor = User.objects.filter(pk=payload["actor"]).first()
    wordings = Wordings([event.kind])

    def words(reader: User) -> Words:
        return named_words(
            kind=event.kind, payload=payload, actor=actor, reader=reader, wordings=wordings
        )

    tell(event=event, readers=readers, words=words, actor=actor, now=now)


def say_scope(scope: Scope) -> str:
    """Whom it is for, in words."""
    where = _("everybody")
    if scope.resource is not None:
        where = _("people at %(name)s") % {"name": scope.resource.name}
    elif scope.location:
        where = _("people at %(name)s") % {"name": scope.location}
    elif scope.unit is not None:
        where = _("people of %(name)s") % {"name": scope.unit.name}
    if not scope.roles:
        return where
    roles = ", ".join(str(Role(role).label) for role in scope.roles)
    return _("%(where)s (%(roles)s)") % {"where": where, "roles": roles}


def _write_receipts(broadcast: Broadcast, scope: Scope, now: datetime) -> int:
    """Fix who it is for in one statement, however many; gives how many."""
    found = audience(scope, now=now).order_by("pk").values_list("pk", flat=True)
    sql, params = found.query.sql_with_params()
    # Written by the query above; its values are parameters.
    chosen = f"SELECT %s, people.id FROM ({sql}) AS people (id)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO booking_broadcastreceipt (broadcast_id, user_id) {chosen}",
            [broadcast.pk, *params],
        )
        return int(cursor.rowcount)


def _post(
    kind: str, broadcast: Broadcast, actor: User, now: datetime, *, only_open: bool = False
) -> int:
    """Events for all whom it is for, or for those who have not acknowledged it; gives how many."""
    receipts = broadcast.receipts.order_by("pk")
    if only_open:
        receipts = receipts.filter(acknowledged_at=None)
    keys = list(receipts.values_list("pk", flat=True))
    parts = [keys[first : first + READERS] for first in range(0, len(keys), READERS)]
    OutboxEvent.objects.bulk_create(
        _part(kind, broadcast, actor, part, only_open=only_open, is_first=part is parts[0], now=now)
        for part in parts
    )
    return len(keys)


def _part(
    kind: str,
    broadcast: Broadcast,
    actor: User,
    keys: Sequence[int],
    *,
    only_open: bool,
    is_first: bool,
    now: datetime,
) -> OutboxEvent:
    payload = {
        "broadcast": str(broadcast.public_id),
        "first": keys[0],
        "last": keys[-1],
        "readers": len(keys),
        "only_open": only_open,
        "is_first": is_first,
        "actor": actor.pk,
        "path": reverse("booking:announcement", args=[broadcast.public_id]),
        "facts": {"title": broadcast.title, "text": broadcast.text},
    }
    return draft_event(kind=kind, payload=payload, now=now)


def _held(actor: User, public_id: UUID) -> Broadcast:
    """One that still stands, held, of somebody who may speak there, or whose own it is."""
    broadcast = lock_broadcast(public_id)
    scope = scope_of(broadcast)
    is_own = broadcast.author_id == actor.pk and actor.is_active
    if not is_own and not may_send(actor, scope, is_emergency=broadcast.is_emergency):
        raise _forbidden()
    if broadcast.ended_at is not None:
        raise ActionRefused(code="broadcast.over", text=_("It was ended already."))
    return broadcast


def _forbidden() -> NotAllowed:
    return NotAllowed(
        code="broadcast.forbidden",
        text=_("You may announce what concerns the instruments and units you look after."),
        needs=SEND,
    )
